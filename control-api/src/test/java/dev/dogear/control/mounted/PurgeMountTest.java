package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A purge while programs have the files open: they see it when the command ends, and the data folder has no byte of it. */
final class PurgeMountTest {
    private static final String SECRET = "sk-live-51HxQm-never-commit-this";
    private static final String STARS = "*".repeat(SECRET.length());

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    @Test
    void everyProgramSeesItAndNoFileHasIt() throws IOException {
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.call("POST", "/v1/local/repos", Map.of("name", "app"));
            Path main = dogear.mount().resolve("app/main");
            Files.writeString(main.resolve("app.conf"), "a = 1\nkey = " + SECRET + "\n");
            Files.writeString(main.resolve("key"), SECRET + "\n");
            Files.writeString(main.resolve("other"), "untouched\n");
            dogear.cli("checkpoint", "app/main", "-m", "prompt: use " + SECRET);
            Files.writeString(main.resolve("other"), "more\n");
            dogear.cli("checkpoint", "app/main", "-m", "second");
            Path past = dogear.mount().resolve("app/@main~1/app.conf");
            Path kept = folder.resolve("leaked");
            Files.writeString(kept, SECRET + "\n");
            assertFalse(grep(dogear.data()).isEmpty(), "it was there, or the search is none");
            try (RandomAccessFile open =
                            new RandomAccessFile(main.resolve("app.conf").toFile(), "rw");
                    RandomAccessFile whole =
                            new RandomAccessFile(main.resolve("key").toFile(), "r");
                    RandomAccessFile looked = new RandomAccessFile(past.toFile(), "r")) {
                MappedByteBuffer map = open.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, open.length());
                String shown = "a = 1\nkey = " + STARS + "\n";
                assertEquals(shown.replace(STARS, SECRET), read(open));
                assertEquals(shown.replace(STARS, SECRET), text(map));
                assertEquals(shown.replace(STARS, SECRET), read(looked));
                assertEquals(SECRET + "\n", read(whole));

                String rehearsed = dogear.cli("purge", "app", "--content", kept.toString(), "--dry-run");
                assertTrue(rehearsed.startsWith("2 changes would be rewritten, 1 paths"), rehearsed);
                CliResult unsure = dogear.tryCli("purge", "app", "--content", kept.toString());
                assertEquals(2, unsure.exit(), unsure.describe());
                String said = dogear.cli("purge", "app", "--content", kept.toString(), "--yes");
                assertTrue(said.contains("  D key\n") && said.contains("  M app.conf\n"), said);
                assertTrue(said.contains("nothing is left of it"), said);

                assertEquals(List.of(), grep(dogear.data()));
                assertEquals(shown, read(open));
                assertEquals(shown, text(map));
                assertEquals(shown, read(looked));
                assertEquals("", read(whole));
                assertFalse(Files.exists(main.resolve("key")));
                assertEquals("more\n", Files.readString(main.resolve("other")));
                open.seek(0);
                open.writeBytes("A");
            }
            assertEquals("A = 1\nkey = " + STARS + "\n", Files.readString(main.resolve("app.conf")));
            assertTrue(dogear.cli("log", "app/main").contains("prompt: use " + STARS));
            dogear.kill9();
            assertEquals("A = 1\nkey = " + STARS + "\n", Files.readString(main.resolve("app.conf")));
            dogear.cli("undo", "app/main", "--checkpoints", "1");
            assertEquals("untouched\n", Files.readString(main.resolve("other")));
            assertEquals(List.of(), grep(dogear.data()));
        }
    }

    @Test
    void filesOfAPurgedRepositoryAreEmpty() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(Files.createDirectories(folder.resolve("all")))) {
            dogear.call("POST", "/v1/local/repos", Map.of("name", "gone"));
            Path file = dogear.mount().resolve("gone/main/file");
            Files.writeString(file, SECRET);
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
                assertEquals(SECRET, read(open));
                String said = dogear.cli("purge", "gone", "--all", "--yes");
                assertTrue(said.startsWith("Gone for good: gone"), said);
                assertEquals("", read(open));
            }
            assertEquals(List.of(), grep(dogear.data()));
            assertEquals(3, dogear.tryCli("repo", "restore", "gone").exit());
            assertFalse(Files.exists(file));
        }
    }

    private static String read(RandomAccessFile file) throws IOException {
        byte[] bytes = new byte[(int) file.length()];
        file.seek(0);
        file.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String text(MappedByteBuffer map) {
        byte[] bytes = new byte[map.capacity()];
        map.get(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** All files of the data folder, the daemon's own logs included. */
    private static List<String> grep(Path data) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET)) {
                    found.add(data.relativize(file).toString());
                }
            }
        }
        return found;
    }
}
