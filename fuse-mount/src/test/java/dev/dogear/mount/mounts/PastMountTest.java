package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** History as paths: the trees of changes beside the bookmarks, through each transport. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start() comes first
final class PastMountTest {
    @TempDir
    Path folder;

    private MountedStore mounted;
    private Path repository;
    private Path main;
    private String first;

    private void start(String transport) throws IOException, InterruptedException {
        mounted = MountedStore.start(folder, transport);
        mounted.ask("repository repo");
        repository = mounted.mountpoint().resolve("repo");
        main = repository.resolve("main");
        Path source = Files.createDirectory(main.resolve("src"));
        Files.writeString(source.resolve("a"), "needle one\n");
        Files.writeString(source.resolve("script"), "#!/bin/sh\necho run\n");
        Files.setAttribute(source.resolve("script"), "unix:mode", 0755);
        Files.createLink(source.resolve("linked"), source.resolve("a"));
        Files.createSymbolicLink(source.resolve("link"), Path.of("a"));
        Files.setAttribute(source.resolve("a"), "user:note", ByteBuffer.wrap("kept".getBytes(UTF_8)));
        Files.setLastModifiedTime(source, FileTime.fromMillis(1_000_000));
        mounted.ask("checkpoint repo main");
        first = mounted.ask("change repo main");
        Files.writeString(source.resolve("a"), "two\n");
        Files.delete(source.resolve("script"));
        mounted.ask("checkpoint repo main");
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE, MountOptions.IO_URING})
    void toolsReadTheTreesOfChanges(String transport) throws IOException, InterruptedException {
        start(transport);
        try {
            Path then = repository.resolve("@" + first);
            assertEquals(List.of("main"), listed(repository), "not listed");
            for (String name : List.of("@" + first, "@" + first.substring(0, 8), "@main~1")) {
                assertEquals("needle one\n", Files.readString(repository.resolve(name + "/src/a")));
            }
            assertEquals("two\n", Files.readString(repository.resolve("@main~0/src/a")));
            for (String name : List.of("@main~9", "@nobody~1", "@" + "k".repeat(32), "@", "@/x")) {
                assertFalse(Files.exists(repository.resolve(name)), name);
            }
            assertEquals(0, run("grep", "-rq", "needle", then.toString()));
            assertEquals(
                    1,
                    run("grep", "-rq", "needle", repository.resolve("@main~0").toString()));
            assertEquals(
                    0,
                    run(
                            "diff",
                            "-r",
                            main.toString(),
                            repository.resolve("@main~0").toString()));
            assertEquals(1, run("diff", "-r", main.toString(), then.toString()));
            assertEquals(2, (int) Files.getAttribute(then.resolve("src/a"), "unix:nlink"));
            assertEquals(Path.of("a"), Files.readSymbolicLink(then.resolve("src/link")));
            assertEquals(
                    Files.getAttribute(then.resolve("src/a"), "unix:ino"),
                    Files.getAttribute(then.resolve("src/linked"), "unix:ino"));

            assertEquals(
                    0,
                    run(
                            "cp",
                            "-a",
                            then.resolve("src").toString(),
                            main.resolve("restored").toString()));
            assertEquals(
                    0,
                    run(
                            "diff",
                            "-r",
                            then.resolve("src").toString(),
                            main.resolve("restored").toString()));
            assertEquals(FileTime.fromMillis(1_000_000), Files.getLastModifiedTime(main.resolve("restored")));
            assertEquals(2, (int) Files.getAttribute(main.resolve("restored/a"), "unix:nlink"));
            assertEquals("kept", note(main.resolve("restored/a")));
            assertTrue(Files.isExecutable(main.resolve("restored/script")));
        } finally {
            mounted.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE})
    void nothingIsWrittenThere(String transport) throws IOException, InterruptedException {
        start(transport);
        try {
            Path then = repository.resolve("@" + first + "/src");
            assertReadOnly(() -> Files.writeString(then.resolve("a"), "x"));
            assertReadOnly(() -> Files.writeString(then.resolve("new"), "x"));
            assertReadOnly(() -> Files.createDirectory(then.resolve("new")));
            assertReadOnly(() -> Files.delete(then.resolve("a")));
            assertReadOnly(() -> Files.move(then.resolve("a"), then.resolve("b")));
            assertReadOnly(() -> Files.setAttribute(then.resolve("a"), "unix:mode", 0600));
            assertReadOnly(() -> Files.setAttribute(then.resolve("a"), "user:x", ByteBuffer.allocate(1)));
            assertReadOnly(() -> Files.createLink(then.resolve("new"), then.resolve("a")));
            assertEquals("needle one\n", Files.readString(then.resolve("a")));
        } finally {
            mounted.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL, MountOptions.JNR_FUSE})
    void namesFollowTheirBookmarks(String transport) throws IOException, InterruptedException {
        start(transport);
        try {
            Path before = repository.resolve("@main~1/src/a");
            assertEquals("needle one\n", Files.readString(before));
            try (FileChannel open = FileChannel.open(before)) {
                Files.writeString(main.resolve("src/a"), "three\n");
                mounted.ask("checkpoint repo main");
                assertEquals("two\n", Files.readString(before));
                ByteBuffer text = ByteBuffer.allocate(100);
                open.read(text, 0);
                assertEquals("needle one\n", new String(text.array(), 0, text.position(), UTF_8), "what is open stays");
            }
            mounted.ask("undo repo main 0");
            assertEquals("needle one\n", Files.readString(before));

            mounted.ask("bookmark repo session/1 main");
            Path session = repository.resolve("@session/1~1/src/a");
            assertEquals("needle one\n", Files.readString(session));
            assertEquals(List.of(), listed(repository.resolve("@session")));
            mounted.ask("forget-bookmark repo session/1");
            assertFalse(Files.exists(session));
            assertFalse(Files.exists(repository.resolve("@session")));
        } finally {
            mounted.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MountOptions.KERNEL})
    void inodeNumbersAreForEver(String transport) throws IOException, InterruptedException {
        start(transport);
        try {
            Path then = repository.resolve("@" + first + "/src/a");
            long inode = (long) Files.getAttribute(then, "unix:ino");
            assertNotEquals(inode, (long) Files.getAttribute(main.resolve("src/a"), "unix:ino"));
            assertEquals(inode, (long) Files.getAttribute(repository.resolve("@main~1/src/a"), "unix:ino"));
            mounted.close();
            mounted = MountedStore.start(folder, transport);
            assertEquals(inode, (long) Files.getAttribute(then, "unix:ino"));
        } finally {
            mounted.close();
        }
    }

    private interface Refused {
        void run() throws IOException;
    }

    private static void assertReadOnly(Refused edit) {
        String text = String.valueOf(assertThrows(IOException.class, edit::run).getMessage());
        assertTrue(text.contains("Read-only file system"), text);
    }

    private static List<String> listed(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).sorted().collect(Collectors.toList());
        }
    }

    private static String note(Path file) throws IOException {
        return new String((byte[]) Files.getAttribute(file, "user:note"), UTF_8);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
