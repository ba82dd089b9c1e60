package dev.dogear.mount.differential;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Chooses names and paths: mostly ones that exist, few enough that operations meet. */
final class RandomPaths {
    private static final List<byte[]> NAMES = names();

    private final SplittableRandom random;
    private List<byte[]> files = List.of();
    private List<byte[]> directories = List.of();
    private List<byte[]> others = List.of();

    RandomPaths(SplittableRandom random) {
        this.random = random;
    }

    private static List<byte[]> names() {
        List<byte[]> names = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d", "e", "f.txt", ".hidden", "-rf", "a b", "\n")) {
            names.add(TreeState.latin(name));
        }
        names.add(new byte[] {(byte) 0xff, (byte) 0xfe});
        names.add(TreeState.latin("\u00c3\u00a4"));
        SplittableRandom fixed = new SplittableRandom(255);
        for (int i = 0; i < 3; i++) {
            byte[] longest = new byte[255];
            for (int at = 0; at < longest.length; at++) {
                int value = fixed.nextInt(1, 256);
                longest[at] = (byte) (value == '/' ? '_' : value);
            }
            names.add(longest);
        }
        return names;
    }

    /** Tells which paths there are now. */
    void know(TreeState state) {
        files = state.files();
        directories = state.directories();
        others = state.others();
    }

    int knownCount() {
        return files.size() + directories.size() + others.size();
    }

    /** A path that perhaps exists. */
    byte[] any() {
        int choice = random.nextInt(20);
        if (choice < 10) {
            return of(files);
        }
        if (choice < 14) {
            return of(directories);
        }
        return choice < 17 ? of(others) : fresh();
    }

    /** Mostly a regular file. */
    byte[] file() {
        return random.nextInt(10) == 0 ? any() : of(files);
    }

    /** Mostly a directory, an empty one as likely as not. */
    byte[] directory() {
        return random.nextInt(10) == 0 ? any() : of(directories);
    }

    /** Mostly neither. */
    byte[] other() {
        return random.nextInt(10) == 0 ? any() : of(others);
    }

    /** A path that perhaps does not exist, in a directory that perhaps does. */
    byte[] fresh() {
        int choice = random.nextInt(1000);
        if (choice < 4) {
            return odd(choice);
        }
        byte[] name = NAMES.get(random.nextInt(NAMES.size()));
        if (choice < 30) {
            return TreeState.join(of(others), name);
        }
        return TreeState.join(choice < 60 ? of(files) : of(directories), name);
    }

    private byte[] of(List<byte[]> paths) {
        return paths.isEmpty() ? NAMES.get(random.nextInt(NAMES.size())) : paths.get(random.nextInt(paths.size()));
    }

    /** What may be written into a symbolic link: never a way out of the tree. */
    byte[] linkTarget() {
        int choice = random.nextInt(20);
        if (choice == 0) {
            byte[] longest = new byte[4095];
            Arrays.fill(longest, (byte) 'x');
            return longest;
        }
        return choice < 10 ? NAMES.get(random.nextInt(NAMES.size())) : fresh();
    }

    private byte[] odd(int choice) {
        return switch (choice) {
            case 0 -> filled(256);
            case 1 -> TreeState.join(any(), filled(256));
            case 2 -> new byte[0];
            default -> TreeState.join(any(), new byte[] {'.'});
        };
    }

    private static byte[] filled(int length) {
        byte[] name = new byte[length];
        Arrays.fill(name, (byte) 'n');
        return name;
    }
}
