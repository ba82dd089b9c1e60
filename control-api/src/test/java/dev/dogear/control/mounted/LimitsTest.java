package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is set of a repository, in the mount: a limit is an error to the one who writes, and loses nothing of anybody. */
final class LimitsTest {
    private static final int FILE_BYTES = 500_000;

    @TempDir
    Path folder;

    private RunningDogear dogear;
    private Path main;

    @BeforeEach
    void start() throws IOException {
        dogear = RunningDogear.start(Files.createDirectories(folder.resolve("d")));
        dogear.cli("repo", "create", "app");
        main = dogear.mount().resolve("app/main");
    }

    @AfterEach
    void close() {
        dogear.close();
    }

    @Test
    void aFullRepositoryIsAnErrorAndLosesNothing() throws IOException {
        dogear.cli("config", "app", "bytes=8M", "retention=1s");
        dogear.cli("bookmark", "create", "app", "session/1");
        Path directory = dogear.mount().resolve("app/session/1");
        SyncedFiles files = new SyncedFiles(directory, 11);
        String reason = files.fill("file", FILE_BYTES, number -> {});
        assertNotNull(reason, "the repository is full, but no writer was told");
        assertTrue(reason.contains("quota exceeded"), reason);
        assertNotNull(files.fill("small", 10_000, number -> {}), "nor told of the last bytes");
        assertTrue(files.count() >= 8 && files.count() <= 80, "whole files: " + files.count());
        files.stillThere("when full");
        List<String> df = dogear.command("df", "-B1", "--output=size,avail", directory.toString())
                .run()
                .lines()
                .toList();
        List<String> figures = Splitter.onPattern(" +").splitToList(df.get(1).strip());
        assertEquals(8 << 20, Long.parseLong(figures.get(0)), df.toString());
        assertTrue(Long.parseLong(figures.get(1)) < 300_000, df.toString());
        Path first = files.first();
        assertTrue(failure(() -> Files.createFile(directory.resolve("new"))).contains("quota exceeded"));
        assertTrue(
                failure(() -> Files.createDirectory(directory.resolve("dir"))).contains("quota exceeded"));
        // Opened for writing the file would be truncated first, and what is written then refused.
        assertTrue(failure(() -> Files.write(first, new byte[10])).contains("quota exceeded"));
        files.stillThere("after a write that was refused");
        dogear.cli("checkpoint", "app/session/1", "-m", "full");
        dogear.restart();
        files.stillThere("after a restart");
        dogear.cli("bookmark", "delete", "app", "session/1");
        files = new SyncedFiles(main, 12);
        dogear.cli("checkpoint", "app/main", "-m", "later", "--allow-empty");
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2));
        dogear.cli("gc", "app");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
        files.write("after gc", FILE_BYTES);
        files.stillThere("after gc");
        dogear.cli("config", "app", "--unset", "bytes");
        files.write("without a limit", 20 * FILE_BYTES);
        files.stillThere("without a limit");
    }

    private interface Io {
        void run() throws IOException;
    }

    private static String failure(Io work) {
        return String.valueOf(assertThrows(IOException.class, work::run).getMessage());
    }

    @Test
    void aBookmarkShowsNoMoreNamesThanItMay() throws IOException {
        Files.createDirectories(main.resolve("d/e"));
        Files.writeString(main.resolve("d/e/1"), "1");
        dogear.cli("checkpoint", "app/main", "-m", "three names");
        Files.writeString(main.resolve("2"), "2");
        dogear.cli("config", "app", "files=6");
        Files.createSymbolicLink(main.resolve("link"), Path.of("2"));
        Files.createLink(main.resolve("3"), main.resolve("2"));
        full("six names, of which three are edits");
        dogear.cli("checkpoint", "app/main", "-m", "six names");
        full("after a checkpoint");
        Files.move(main.resolve("2"), main.resolve("4"));
        full("after a rename");
        Files.delete(main.resolve("link"));
        Files.writeString(main.resolve("5"), "5");
        full("one gone, one made");
        dogear.cli("undo", "app/main");
        full("after an undo of edits");
        dogear.cli("undo", "app/main", "--checkpoints", "1");
        for (String name : new String[] {"a", "b", "c"}) {
            Files.createDirectory(main.resolve(name));
        }
        full("three names and three more");
        dogear.restart();
        full("after a restart");
        Files.delete(main.resolve("a"));
        Files.createDirectory(main.resolve("again"));
        full("counted anew");
        Path in = Files.createDirectories(folder.resolve("in/many"));
        for (int i = 0; i < 6; i++) {
            Files.createFile(in.resolve("f" + i));
        }
        CliResult refused =
                dogear.tryCli("import", "app", in.resolve("..").normalize().toString());
        assertTrue(
                refused.exit() != 0 && refused.describe().contains("6 files, directories and links"),
                refused.describe());
        dogear.cli("config", "app", "--unset", "files");
        Files.createFile(main.resolve("free"));
    }

    private void full(String when) {
        assertTrue(failure(() -> Files.createFile(main.resolve("more"))).contains("quota exceeded"), when);
        assertTrue(failure(() -> Files.createDirectory(main.resolve("more"))).contains("quota exceeded"), when);
        assertTrue(
                failure(() -> Files.createLink(main.resolve("more"), main.resolve("d/e/1")))
                        .contains("quota"),
                when);
        assertFalse(Files.exists(main.resolve("more")), when);
    }

    @Test
    void aFileIsNoLongerThanItMayBe() throws IOException {
        dogear.cli("config", "app", "file.bytes=1M");
        Path file = main.resolve("f");
        Files.write(file, new byte[1 << 20]);
        tooLarge("truncate", "-s", "2M", file.toString());
        tooLarge("fallocate", "-l", "2M", file.toString());
        assertEquals(1 << 20, Files.size(file));
        tooLarge("dd", "if=/dev/zero", "of=" + main.resolve("g"), "bs=64K", "count=32", "conv=fsync");
        assertTrue(Files.size(main.resolve("g")) <= 2 << 20);
        dogear.cli("config", "app", "file.bytes=512K");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1}), (1 << 20) - 1);
            channel.force(true);
        }
        assertEquals(1, Files.readAllBytes(file)[(1 << 20) - 1], "within its length");
    }

    private void tooLarge(String... words) {
        CliResult said = dogear.command(words).tryRun();
        assertTrue(said.exit() != 0 && said.describe().contains("too large"), said.describe());
    }

    @Test
    void aCheckpointFromInsideHasTheMetadataThatIsAskedFor() throws IOException {
        dogear.cli("config", "app", "metadata=run");
        Files.writeString(main.resolve("a"), "one");
        CliResult refused = dogear.command("sh", "-c", "echo 'prompt: x' > .dogear/checkpoint")
                .in(main)
                .tryRun();
        assertTrue(refused.exit() != 0, refused.describe());
        String why = Files.readString(main.resolve(".dogear/error"));
        assertTrue(why.contains("The metadata run is missing"), why);
        assertFalse(dogear.cli("log", "app/main").contains("prompt: x"));
        dogear.command("sh", "-c", "printf 'prompt: x\n\nrun: 7\n' | cat > .dogear/checkpoint")
                .in(main)
                .run();
        assertTrue(dogear.cli("log", "app/main", "--meta", "run=7").contains("prompt: x"));
    }
}
