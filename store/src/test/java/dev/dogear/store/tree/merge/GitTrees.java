package dev.dogear.store.tree.merge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.tree.merge.GitOracle.GitFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Trees of a git repository with all that is in them, read level by level. */
final class GitTrees {
    private static final String DIRECTORY = "40000";

    /** What stands behind a conflict marker names a side or a commit, as each program likes. */
    private static final Pattern LABEL = Pattern.compile("(?m)^(<{7,}|\\|{7,}|>{7,}) .*$");

    private final Map<String, byte[]> objects = new HashMap<>();

    private GitTrees() {}

    private record Named(String mode, String name, String id) {}

    static GitTrees read(Path repository, Collection<String> trees) throws IOException, InterruptedException {
        GitTrees read = new GitTrees();
        Set<String> wanted = new LinkedHashSet<>(trees);
        Set<String> directories = new LinkedHashSet<>(trees);
        while (!wanted.isEmpty()) {
            read.load(repository, wanted);
            Set<String> below = new LinkedHashSet<>();
            Set<String> next = new LinkedHashSet<>();
            for (String id : directories) {
                for (Named entry : read.entries(id)) {
                    next.add(entry.id);
                    if (entry.mode.equals(DIRECTORY)) {
                        below.add(entry.id);
                    }
                }
            }
            next.removeAll(read.objects.keySet());
            wanted = next;
            directories = below;
        }
        return read;
    }

    private void load(Path repository, Set<String> ids) throws IOException, InterruptedException {
        byte[] out = GitOracle.run(repository, (String.join("\n", ids) + "\n").getBytes(UTF_8), "cat-file", "--batch");
        int at = 0;
        while (at < out.length) {
            int line = at;
            while (out[line] != '\n') {
                line++;
            }
            String[] head = new String(out, at, line - at, ISO_8859_1).split(" ", 3);
            int length = Integer.parseInt(head[2]);
            objects.put(head[0], Arrays.copyOfRange(out, line + 1, line + 1 + length));
            at = line + 1 + length + 1;
        }
    }

    /** Mode, a blank, name, NUL, 20 bytes of id; and the next. */
    private List<Named> entries(String id) {
        byte[] tree = Objects.requireNonNull(objects.get(id));
        List<Named> entries = new ArrayList<>();
        int at = 0;
        while (at < tree.length) {
            int end = at;
            while (tree[end] != 0) {
                end++;
            }
            String[] head = new String(tree, at, end - at, UTF_8).split(" ", 2);
            StringBuilder hex = new StringBuilder();
            for (int i = 1; i <= 20; i++) {
                hex.append(Character.forDigit((tree[end + i] >> 4) & 15, 16));
                hex.append(Character.forDigit(tree[end + i] & 15, 16));
            }
            entries.add(new Named(head[0], head[1], hex.toString()));
            at = end + 21;
        }
        return entries;
    }

    /** All files of one tree, by path. */
    SortedMap<String, GitFile> files(String tree) {
        SortedMap<String, GitFile> files = new TreeMap<>();
        Map<String, String> open = new LinkedHashMap<>(Map.of("", tree));
        while (!open.isEmpty()) {
            Map<String, String> below = new LinkedHashMap<>();
            open.forEach((path, id) -> entries(id).forEach(entry -> {
                if (entry.mode.equals(DIRECTORY)) {
                    below.put(path + entry.name + "/", entry.id);
                } else {
                    byte[] content = Objects.requireNonNull(objects.get(entry.id));
                    files.put(path + entry.name, new GitFile(entry.mode, unlabelled(content)));
                }
            }));
            open = below;
        }
        return files;
    }

    /** The content without what stands behind conflict markers. */
    static String unlabelled(byte[] content) {
        return LABEL.matcher(new String(content, ISO_8859_1)).replaceAll("$1");
    }
}
