package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel's side of a real mount: what it remembers, and that it forgets what it must. */
@Timeout(120)
class LiveMountTest {
    @TempDir
    Path folder;

    MountedStore mounted;
    Path main;

    /** What a mount by another transport is started with. */
    String[] options() {
        return new String[0];
    }

    @BeforeEach
    void start() throws IOException {
        mounted = MountedStore.start(folder, options());
        mounted.ask("repository repo");
        main = mounted.bookmark("repo", "main");
    }

    @AfterEach
    void stop() throws IOException {
        mounted.close();
    }

    @Test
    void undoIsSeenThroughOpenFiles() throws IOException {
        Path file = main.resolve("file");
        Files.writeString(file, "first content");
        FileTime then = Files.getLastModifiedTime(file);
        mounted.ask("checkpoint repo main");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ)) {
            Files.writeString(file, "2nd");
            Files.writeString(main.resolve("new"), "x");
            mounted.ask("checkpoint repo main");
            assertEquals(3, open.size());
            assertEquals("2nd", text(open, 100));

            mounted.ask("undo repo main 0");
            assertEquals("first content", text(open, 100));
            assertEquals("first content", Files.readString(file));
            assertEquals(then, Files.getLastModifiedTime(file));
            assertFalse(Files.exists(main.resolve("new")));

            mounted.ask("redo repo main");
            assertEquals("2nd", text(open, 100));
            assertEquals(3, Files.size(file));
            assertTrue(Files.exists(main.resolve("new")));
        }
    }

    @Test
    void undoIsSeenThroughMappings() throws IOException {
        Path file = main.resolve("file");
        Files.writeString(file, "first content");
        mounted.ask("checkpoint repo main");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ)) {
            MappedByteBuffer map = open.map(FileChannel.MapMode.READ_ONLY, 0, 3);
            Files.writeString(file, "2nd");
            mounted.ask("checkpoint repo main");
            assertEquals('2', map.get(0));
            mounted.ask("undo repo main 0");
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
        assertEquals("1 files", mounted.ask("checkpoint repo main"));
    }

    @Test
    void anAppendAfterAnUndoGoesToTheEnd() throws IOException {
        Path log = Files.writeString(main.resolve("log"), "one");
        mounted.ask("checkpoint repo main");
        try (FileChannel open = FileChannel.open(log, StandardOpenOption.APPEND)) {
            open.write(ByteBuffer.wrap(" two".getBytes(UTF_8)));
            mounted.ask("undo repo main 0");
            open.write(ByteBuffer.wrap(" three".getBytes(UTF_8)));
            assertEquals("one three", Files.readString(log));
        }
    }

    @Test
    void aCheckpointHoldsWhatOpenFilesWereWritten() throws IOException {
        Path file = main.resolve("log");
        try (FileChannel open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            open.write(ByteBuffer.wrap("one ".getBytes(UTF_8)));
            assertEquals("1 files", mounted.ask("checkpoint repo main"));
            open.write(ByteBuffer.wrap("two".getBytes(UTF_8)));
            assertEquals("one two", Files.readString(file));
            mounted.ask("undo repo main 0");
            assertEquals("one ", Files.readString(file));
        }
        mounted.ask("redo repo main");
        assertEquals("one two", Files.readString(file), "undo keeps the edits there were");
    }

    @Test
    void namesComeAndGo() throws IOException {
        Path session = mounted.bookmark("repo", "session/1");
        assertFalse(Files.exists(session));
        mounted.ask("bookmark repo session/1 main");
        assertTrue(Files.isDirectory(session));
        Files.writeString(session.resolve("a"), "x");
        mounted.ask("forget-bookmark repo session/1");
        assertFalse(Files.exists(session));
        mounted.ask("repository other");
        assertTrue(Files.isDirectory(mounted.bookmark("other", "main")));
        mounted.ask("forget-repository other");
        assertFalse(Files.exists(mounted.bookmark("other", "main")));
    }

    @Test
    void volumesAreCoherentWithTheMount() throws IOException {
        Path volume = folder.resolve("volume");
        Path readOnly = folder.resolve("read-only");
        mounted.ask("bind repo/main " + volume);
        mounted.ask("bind repo/main " + readOnly + " ro");
        Files.writeString(volume.resolve("a"), "by volume");
        assertEquals("by volume", Files.readString(main.resolve("a")));
        Files.writeString(main.resolve("a"), "by mount");
        assertEquals("by mount", Files.readString(volume.resolve("a")));
        assertEquals("by mount", Files.readString(readOnly.resolve("a")));
        assertThrows(IOException.class, () -> Files.writeString(readOnly.resolve("a"), "x"));
        assertThrows(IOException.class, () -> mounted.ask("bind repo/main " + volume), "mounted already");
        mounted.ask("checkpoint repo main");
        Files.writeString(volume.resolve("a"), "later");
        mounted.ask("undo repo main 0");
        assertEquals("by mount", Files.readString(volume.resolve("a")));
        mounted.ask("unbind " + volume);
        assertFalse(Files.exists(volume.resolve("a")));
        assertThrows(IOException.class, () -> mounted.ask("unbind " + volume));
    }

    @Test
    void aDeadMountIsToldApart() throws IOException, InterruptedException {
        Files.writeString(main.resolve("kept"), "x");
        assertThrows(IOException.class, () -> MountedStore.start(folder, options()), "in use");
        mounted.kill();
        mounted = MountedStore.start(folder, options());
        assertEquals("x", Files.readString(main.resolve("kept")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7.31", "7.33", "7.36", "7.38", "7.40", "7.44"})
    void anOldKernelIsServed(String protocol) throws IOException {
        mounted.close();
        mounted = MountedStore.start(folder, protocol, "others");
        assertTrue(mounted.ask("spoken").contains("protocol=" + protocol));
        Files.writeString(main.resolve("a"), "one");
        mounted.ask("checkpoint repo main");
        Files.writeString(main.resolve("a"), "other");
        mounted.ask("undo repo main 0");
        assertEquals("one", Files.readString(main.resolve("a")));
    }

    private static String text(FileChannel channel, int most) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(most);
        channel.read(buffer, 0);
        return new String(buffer.array(), 0, buffer.position(), UTF_8);
    }
}
