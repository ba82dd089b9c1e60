package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's side of a real mount: what it remembers, and that it forgets what it must. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveMountTest {
    /** One daemon serves all tests of a class: each has a repository of its own. */
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    MountedStore mounted;
    Path main;
    private int repositories;
    private String repo = "";

    /** What a mount by another transport is started with. */
    String[] options() {
        return new String[0];
    }

    @BeforeAll
    void start() throws IOException {
        mounted = MountedStore.start(shared, options());
    }

    @BeforeEach
    void createRepository() throws IOException {
        repo = "repo" + ++repositories;
        mounted.ask("repository " + repo);
        main = mounted.bookmark(repo, "main");
    }

    @AfterAll
    void stop() throws IOException {
        mounted.close();
    }

    /** Has the daemon do something, where {@code repo} is this test's repository. */
    String ask(String command) throws IOException {
        return mounted.ask(command.replaceFirst("\\brepo\\b", repo));
    }

    /** Another daemon goes on with the data of this one. */
    void startAgain(String... options) throws IOException {
        mounted.close();
        mounted = MountedStore.start(shared, options);
    }

    @Test
    void undoIsSeenThroughOpenFiles() throws IOException {
        Path file = main.resolve("file");
        Files.writeString(file, "first content");
        FileTime then = Files.getLastModifiedTime(file);
        ask("checkpoint repo main");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ)) {
            Files.writeString(file, "2nd");
            Files.writeString(main.resolve("new"), "x");
            ask("checkpoint repo main");
            assertEquals(3, open.size());
            assertEquals("2nd", text(open, 100));

            ask("undo repo main 0");
            assertEquals("first content", text(open, 100));
            assertEquals("first content", Files.readString(file));
            assertEquals(then, Files.getLastModifiedTime(file));
            assertFalse(Files.exists(main.resolve("new")));

            ask("redo repo main");
            assertEquals("2nd", text(open, 100));
            assertEquals(3, Files.size(file));
            assertTrue(Files.exists(main.resolve("new")));
        }
    }

    @Test
    void undoIsSeenThroughMappings() throws IOException {
        Path file = main.resolve("file");
        Files.writeString(file, "first content");
        ask("checkpoint repo main");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ)) {
            MappedByteBuffer map = open.map(FileChannel.MapMode.READ_ONLY, 0, 3);
            Files.writeString(file, "2nd");
            ask("checkpoint repo main");
            assertEquals('2', map.get(0));
            ask("undo repo main 0");
            assertEquals('f', map.get(0));
        }
    }

    @Test
    void whatIsRemovedWhileOpenGoesOn() throws IOException {
        Path folder = Files.createDirectory(main.resolve("folder"));
        Path file = Files.writeString(folder.resolve("file"), "kept");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Files.delete(file);
            assertEquals("kept", text(open, 100));
            assertEquals(4, open.size());
            try (Stream<Path> listed = Files.list(folder)) {
                assertEquals(0, listed.count(), "no name is left behind");
            }
            Files.delete(folder);
            open.write(ByteBuffer.wrap("more".getBytes(UTF_8)), 4);
            assertEquals("keptmore", text(open, 100));
        }
    }

    @Test
    void whatIsReplacedWhileOpenIsReadOn() throws IOException {
        Path file = Files.writeString(main.resolve("file"), "old");
        Path other = Files.writeString(main.resolve("other"), "new");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ)) {
            Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
            assertEquals("old", text(open, 100));
            assertEquals("new", Files.readString(file));
        }
        assertEquals("1 files", ask("checkpoint repo main"));
    }

    @Test
    void anAppendAfterAnUndoGoesToTheEnd() throws IOException {
        Path log = Files.writeString(main.resolve("log"), "one");
        ask("checkpoint repo main");
        try (FileChannel open = FileChannel.open(log, StandardOpenOption.APPEND)) {
            open.write(ByteBuffer.wrap(" two".getBytes(UTF_8)));
            ask("undo repo main 0");
            open.write(ByteBuffer.wrap(" three".getBytes(UTF_8)));
            assertEquals("one three", Files.readString(log));
        }
    }

    /** It is an edit of the new state, though the kernel did not know the new size yet. */
    @Test
    void anAppendDuringAnUndoIsKept() throws Exception {
        Path log = Files.writeString(main.resolve("log"), "one");
        ask("checkpoint repo main");
        Path gate = folder.resolve("gate");
        try (FileChannel open = FileChannel.open(log, StandardOpenOption.WRITE)) {
            open.write(ByteBuffer.wrap(" and much more".getBytes(UTF_8)), 3);
            ask("hold " + gate);
            CompletableFuture<Void> appended = CompletableFuture.runAsync(() -> append(open, gate));
            ask("undo repo main 0");
            appended.get();
            assertTrue(open.size() >= 8, "the size went back over what was written: " + open.size());
        }
        String text = Files.readString(log);
        assertTrue(text.endsWith(" late"), text);
        assertEquals("1 files", ask("checkpoint repo main"));
        assertEquals(text, Files.readString(log));
    }

    /** Once the daemon waits at the gate, which is opened then. */
    private static void append(FileChannel open, Path gate) {
        try {
            while (!Files.exists(gate)) {
                Thread.onSpinWait();
            }
            open.write(ByteBuffer.wrap(" late".getBytes(UTF_8)), open.size());
            Files.delete(gate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCheckpointHoldsWhatOpenFilesWereWritten() throws IOException {
        Path file = main.resolve("log");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            open.write(ByteBuffer.wrap("one ".getBytes(UTF_8)));
            assertEquals("1 files", ask("checkpoint repo main"));
            open.write(ByteBuffer.wrap("two".getBytes(UTF_8)));
            assertEquals("one two", Files.readString(file));
            ask("undo repo main 0");
            assertEquals("one ", Files.readString(file));
        }
        ask("redo repo main");
        assertEquals("one two", Files.readString(file), "undo keeps the edits there were");
    }

    /** ext4 would try, and fill the disk. */
    @Test
    void moreThanTheDiskHasIsNotAllocated() throws IOException, InterruptedException {
        Path file = main.resolve("large");
        long most = Files.getFileStore(folder).getTotalSpace();
        Process allocate = new ProcessBuilder("fallocate", "-l", Long.toString(2 * most), file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(allocate.getInputStream().readAllBytes(), UTF_8);
        assertEquals(1, allocate.waitFor(), said);
        assertTrue(said.contains("No space left on device"), said);
        assertEquals(0, Files.size(file));
    }

    @Test
    void namesComeAndGo() throws IOException {
        Path session = mounted.bookmark(repo, "session/1");
        assertFalse(Files.exists(session));
        ask("bookmark repo session/1 main");
        assertTrue(Files.isDirectory(session));
        Files.writeString(session.resolve("a"), "x");
        ask("forget-bookmark repo session/1");
        assertFalse(Files.exists(session));
        ask("repository other");
        assertTrue(Files.isDirectory(mounted.bookmark("other", "main")));
        ask("forget-repository other");
        assertFalse(Files.exists(mounted.bookmark("other", "main")));
    }

    @Test
    void volumesAreCoherentWithTheMount() throws IOException {
        Path volume = folder.resolve("volume");
        Path readOnly = folder.resolve("read-only");
        ask("bind repo/main " + volume);
        ask("bind repo/main " + readOnly + " ro");
        Files.writeString(volume.resolve("a"), "by volume");
        assertEquals("by volume", Files.readString(main.resolve("a")));
        Files.writeString(main.resolve("a"), "by mount");
        assertEquals("by mount", Files.readString(volume.resolve("a")));
        assertEquals("by mount", Files.readString(readOnly.resolve("a")));
        assertThrows(IOException.class, () -> Files.writeString(readOnly.resolve("a"), "x"));
        assertThrows(IOException.class, () -> ask("bind repo/main " + volume), "mounted already");
        ask("checkpoint repo main");
        Files.writeString(volume.resolve("a"), "later");
        ask("undo repo main 0");
        assertEquals("by mount", Files.readString(volume.resolve("a")));
        ask("unbind " + volume);
        assertFalse(Files.exists(volume.resolve("a")));
        assertThrows(IOException.class, () -> ask("unbind " + volume));
        ask("unbind " + readOnly);
    }

    @Test
    void aProtectedBookmarkIsReadOnly() throws IOException {
        Path volume = folder.resolve("volume");
        Path file = Files.writeString(main.resolve("file"), "kept");
        ask("bind repo/main " + volume);
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertThrows(IOException.class, () -> ask("protect repo main"), "there are edits");
            ask("checkpoint repo main");
            ask("bookmark repo session main");
            ask("protect repo main");
            // The kernel takes it into its cache without asking, and is refused when it hands it on.
            assertThrows(IOException.class, () -> {
                open.write(ByteBuffer.wrap("lost, and longer".getBytes(UTF_8)), 0);
                open.force(true);
            });
            for (Path directory : new Path[] {main, volume}) {
                Path there = directory.resolve("file");
                assertReadOnly(() -> Files.writeString(there, "x"));
                assertReadOnly(() -> Files.writeString(there, "x", StandardOpenOption.APPEND));
                assertReadOnly(() -> Files.writeString(directory.resolve("new"), "x"));
                assertReadOnly(() -> Files.createDirectory(directory.resolve("new")));
                assertReadOnly(() -> Files.delete(there));
                assertReadOnly(() -> Files.move(there, directory.resolve("new")));
                assertReadOnly(() -> Files.createSymbolicLink(directory.resolve("new"), Path.of("file")));
                assertReadOnly(() -> Files.setLastModifiedTime(there, FileTime.fromMillis(0)));
                assertReadOnly(() -> Files.setAttribute(there, "unix:mode", 0600));
                assertReadOnly(() -> Files.setAttribute(there, "user:x", ByteBuffer.wrap(new byte[1])));
            }
            assertSoonReads("kept", file);
        }
        Files.writeString(mounted.bookmark(repo, "session").resolve("file"), "merged and longer");
        ask("merge repo main session");
        assertEquals("merged and longer", Files.readString(file));
        assertEquals("merged and longer", Files.readString(volume.resolve("file")));
        ask("unprotect repo main");
        Files.writeString(file, "free");
        assertEquals("free", Files.readString(volume.resolve("file")));
        ask("unbind " + volume);
    }

    private interface Refused {
        void run() throws IOException;
    }

    private static void assertReadOnly(Refused edit) {
        String text = String.valueOf(assertThrows(IOException.class, edit::run).getMessage());
        assertTrue(text.contains("Read-only file system"), text);
    }

    /** What was refused is forgotten by another thread. */
    private static void assertSoonReads(String text, Path file) throws IOException {
        for (int tries = 100; tries > 0 && !text.equals(Files.readString(file)); tries--) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        assertEquals(text, Files.readString(file));
    }

    @Test
    void aDeadMountIsToldApart() throws IOException, InterruptedException {
        Files.writeString(main.resolve("kept"), "x");
        assertThrows(IOException.class, () -> MountedStore.start(shared, options()), "in use");
        mounted.kill();
        mounted = MountedStore.start(shared, options());
        assertEquals("x", Files.readString(main.resolve("kept")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7.31", "7.33", "7.36", "7.38", "7.40", "7.44"})
    void anOldKernelIsServed(String protocol) throws IOException {
        startAgain(protocol, "others");
        assertTrue(ask("spoken").contains("protocol=" + protocol));
        Files.writeString(main.resolve("a"), "one");
        ask("checkpoint repo main");
        Files.writeString(main.resolve("a"), "other");
        ask("undo repo main 0");
        assertEquals("one", Files.readString(main.resolve("a")));
        startAgain(options());
    }

    private static String text(FileChannel channel, int most) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(most);
        channel.read(buffer, 0);
        return new String(buffer.array(), 0, buffer.position(), UTF_8);
    }
}
