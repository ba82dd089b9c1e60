package dev.dogear.store.tree.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Differences that git applies, merges as git makes them. */
final class TextTest {
    private static final TextMerge.Labels LABELS = new TextMerge.Labels("main", "base", "topic");
    private static final int ROUNDS = Math.min(200, Integer.getInteger("dogear.rounds", 25));

    @TempDir
    Path folder;

    @Test
    void hunksHaveContextAndNumbers() {
        String before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        String after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12";
        List<Hunk> hunks = TextDiff.hunks(bytes(before), bytes(after), 1);
        assertEquals(2, hunks.size());
        assertEquals("4,3 4,3  4|-5|+five| 6|", describe(hunks.get(0)));
        assertEquals("11,2 11,2  11|-12|+12|\\ No newline at end of file|", describe(hunks.get(1)));
        assertEquals(
                "0,0 1,1 +a|",
                describe(TextDiff.hunks(bytes(""), bytes("a\n"), 3).get(0)));
        assertEquals(
                "1,1 0,0 -a|",
                describe(TextDiff.hunks(bytes("a\n"), bytes(""), 3).get(0)));
        assertEquals(List.of(), TextDiff.hunks(bytes(before), bytes(before), 3));
    }

    private static String describe(Hunk hunk) {
        StringBuilder text = new StringBuilder();
        text.append(hunk.oldStart()).append(',').append(hunk.oldLines()).append(' ');
        text.append(hunk.newStart()).append(',').append(hunk.newLines()).append(' ');
        hunk.lines().forEach(line -> text.append(line.kind().sign())
                .append(new String(line.bytes(), UTF_8))
                .append('|'));
        return text.toString();
    }

    @Test
    void binaryIsANulEarlyOn() {
        assertFalse(TextDiff.isBinary(bytes("text \u00fc")));
        assertTrue(TextDiff.isBinary(new byte[] {'a', 0}));
        byte[] late = bytes("x".repeat(8001));
        late[8000] = 0;
        assertFalse(TextDiff.isBinary(late));
    }

    @Test
    void mergesKeepBothSides() {
        assertMerge("1\n2\n3\n", "one\n2\n3\n", "1\n2\nthree", "one\n2\nthree", 0);
        assertMerge("1\n2\n3\n", "1\n2\nx\n", "1\n2\nx\n", "1\n2\nx\n", 0);
        assertMerge(
                "1\n2\n",
                "a\n2\n",
                "1\nb\n",
                "<<<<<<< main\na\n2\n||||||| base\n1\n2\n=======\n1\nb\n>>>>>>> topic\n",
                1);
    }

    @Test
    void markersAreLongerThanWhatIsThere() {
        TextMerge.Merged merged = TextMerge.merge(bytes("1\n"), bytes("<<<<<<<<<\n"), bytes("3"), LABELS);
        assertTrue(new String(merged.content(), UTF_8).startsWith("<".repeat(10) + " main\n"));
        assertTrue(new String(merged.content(), UTF_8).endsWith("3\n" + ">".repeat(10) + " topic\n"));
    }

    private static void assertMerge(String base, String ours, String theirs, String expected, int conflicts) {
        TextMerge.Merged merged = TextMerge.merge(bytes(base), bytes(ours), bytes(theirs), LABELS);
        assertEquals(expected, new String(merged.content(), UTF_8));
        assertEquals(conflicts, merged.conflicts());
    }

    @Test
    void gitAppliesWhatWeWrite() throws Exception {
        long seed = Long.getLong("dogear.seed", 11);
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(seed + round);
            String name = random.nextInt(3) == 0 ? "with blank \"\u00fc\"" : "plain";
            byte[] left = lines(random, List.of());
            byte[] right = lines(random, List.of(new String(left, UTF_8).split("(?<=\n)", -1)));
            Patch.@Nullable Side before =
                    random.nextInt(5) == 0 ? null : new Patch.Side(bytes(name), mode(random), left);
            Patch.@Nullable Side after = random.nextInt(5) == 0 && before != null
                    ? null
                    : new Patch.Side(bytes(random.nextInt(4) == 0 ? "moved " + name : name), mode(random), right);
            assertApplies(
                    Files.createDirectory(folder.resolve("round" + round)), before, after, "seed " + (seed + round));
        }
    }

    private static void assertApplies(Path work, Patch.@Nullable Side before, Patch.@Nullable Side after, String what)
            throws Exception {
        if (before != null) {
            Path file = work.resolve(new String(before.path(), UTF_8));
            Files.write(file, before.content());
            Files.setPosixFilePermissions(
                    file, PosixFilePermissions.fromString(before.mode() == 0100755 ? "rwxr-xr-x" : "rw-r--r--"));
        }
        byte[] patch = Patch.of(before, after);
        if (patch.length == 0) {
            return;
        }
        Process git = new ProcessBuilder("git", "apply", "-p1", "-")
                .directory(work.toFile())
                .redirectErrorStream(true)
                .start();
        try (var in = git.getOutputStream()) {
            in.write(patch);
        }
        String said = new String(git.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, git.waitFor(), () -> what + ": " + said + "\n" + new String(patch, UTF_8));
        List<String> names = new ArrayList<>();
        try (var files = Files.list(work)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        assertEquals(after == null ? List.of() : List.of(new String(after.path(), UTF_8)), names, what);
        if (after != null) {
            Path file = work.resolve(new String(after.path(), UTF_8));
            assertArrayEquals(after.content(), Files.readAllBytes(file), what);
            assertEquals(after.mode() == 0100755, Files.isExecutable(file), what);
        }
    }

    private static int mode(Random random) {
        return random.nextInt(4) == 0 ? 0100755 : 0100644;
    }

    private static byte[] lines(Random random, List<String> old) {
        StringBuilder text = new StringBuilder();
        for (String line : old) {
            if (random.nextInt(8) > 0) {
                text.append(line);
            }
            if (random.nextInt(8) == 0) {
                text.append("new ").append(random.nextInt(100)).append('\n');
            }
        }
        for (int i = random.nextInt(old.isEmpty() ? 30 : 2); i > 0; i--) {
            text.append("line ").append(random.nextInt(100)).append('\n');
        }
        return bytes(random.nextInt(3) == 0 ? text.toString().strip() : text.toString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
