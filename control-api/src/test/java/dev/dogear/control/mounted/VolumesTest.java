package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bookmarks' directories shown elsewhere, for users of their own. Needs root. */
final class VolumesTest {
    private static final int ANN = 64_001;
    private static final int BEN = 64_002;
    private static final int ROUNDS = 200;

    @TempDir
    Path folder;

    @BeforeEach
    void letOthersWalkTo() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path make(RunningDogear dogear, String bookmark, Path folder) {
        Path directory = folder.resolve(bookmark.replace('/', '-'));
        dogear.cli("mount", "app/" + bookmark, directory.toString());
        return directory;
    }

    private static void give(Path directory, int user) throws IOException {
        Files.setAttribute(directory, "unix:uid", user);
        Files.setAttribute(directory, "unix:gid", user);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }

    private static void prepare(RunningDogear dogear) {
        dogear.cli("repo", "create", "app");
        for (String bookmark : List.of("session/1", "session/2")) {
            dogear.cli("bookmark", "create", "app", bookmark, "--from", "main");
        }
    }

    private static void checkpoint(RunningDogear dogear, String bookmark) {
        dogear.call(
                "POST",
                "/v1/local/app/bookmarks/" + bookmark.replace("/", "%2F") + "/checkpoint",
                Map.of("message", "x"));
    }

    @Test
    void eachUserHasItsOwnAndNotTheOthers() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder, "--allow-other")) {
            prepare(dogear);
            Path one = make(dogear, "session/1", folder);
            Path two = make(dogear, "session/2", folder);
            give(one, ANN);
            give(dogear.mount().resolve("app/session/2"), BEN); // the same directory, by its other path
            work(dogear, ANN, one, two, dogear.mount().resolve("app/session/1"));
            work(dogear, BEN, two, one, dogear.mount().resolve("app/session/2"));
            Path main = dogear.mount().resolve("app/session");
            assertEquals("of " + ANN + "\n", Files.readString(main.resolve("1/d/file")));
            assertEquals("of " + BEN + "\n", Files.readString(main.resolve("2/d/file")));
            assertEquals(ANN, Files.getAttribute(main.resolve("1/d/file"), "unix:uid"));
            dogear.cli("umount", one.toString());
            dogear.cli("umount", two.toString());
            assertEquals(0, list(one).size());
        }
    }

    /** The user writes in {@code own}, by both of its paths, and is refused in {@code others}. */
    private static void work(RunningDogear dogear, int user, Path own, Path others, Path inMain) {
        String script =
                "set -e; umask 077; mkdir d; echo of " + user + " > d/file; mv d/file d/moved; ln d/moved d/file;"
                        + " rm d/moved; chmod 600 d/file; ln -s d/file link; cat link; ls -A; cat \"$1/d/file\"";
        String said = dogear.command(
                        ShellInside.as(user, "/bin/sh", "-c", "cd \"$0\" && " + script, own + "", inMain + "")
                                .toArray(String[]::new))
                .run();
        assertEquals("of " + user + "\nd\nlink\nof " + user + "\n", said);
        for (String refused :
                List.of("ls \"$0\"", "cat \"$0/d/file\"", "echo x > \"$0/new\"", "cd \"$0\"", "stat \"$0/d\"")) {
            CliResult result = dogear.command(ShellInside.as(user, "/bin/sh", "-c", refused, others + "")
                            .toArray(String[]::new))
                    .tryRun();
            assertTrue(result.exit() != 0, refused + " is allowed: " + result.describe());
            assertTrue(
                    result.err().contains("Permission denied") || result.err().contains("can't cd"), result.describe());
        }
    }

    @Test
    void aVolumeAndTheMainMountAreOneDirectory() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder, "--allow-other")) {
            prepare(dogear);
            Path volume = make(dogear, "session/1", folder);
            Path main = dogear.mount().resolve("app/session/1");
            assertEquals(Files.getAttribute(main, "unix:ino"), Files.getAttribute(volume, "unix:ino"));
            Files.writeString(volume.resolve("a"), "");
            Files.writeString(main.resolve("b"), "");
            try (FileChannel inVolume = append(volume.resolve("a"));
                    FileChannel seenInMain = FileChannel.open(main.resolve("a"));
                    FileChannel inMain = append(main.resolve("b"));
                    FileChannel seenInVolume = FileChannel.open(volume.resolve("b"))) {
                for (int i = 0; i < ROUNDS; i++) {
                    String line = "line " + i + "\n";
                    inVolume.write(ByteBuffer.wrap(line.getBytes(UTF_8)));
                    inMain.write(ByteBuffer.wrap(line.getBytes(UTF_8)));
                    assertEquals(inVolume.size(), Files.size(main.resolve("a")));
                    assertEquals(inMain.size(), Files.size(volume.resolve("b")));
                    assertEquals(line, read(seenInMain, line.length()));
                    assertEquals(line, read(seenInVolume, line.length()));
                    Files.createFile(volume.resolve("v" + i));
                    Files.createFile(main.resolve("m" + i));
                    assertTrue(Files.exists(main.resolve("v" + i)) && Files.exists(volume.resolve("m" + i)));
                    if (i % 2 == 0) {
                        Files.move(volume.resolve("m" + i), volume.resolve("v" + i + "x"));
                        Files.delete(main.resolve("v" + i));
                        assertFalse(Files.exists(volume.resolve("v" + i)) || Files.exists(main.resolve("m" + i)));
                    }
                }
            }
            assertEquals(list(main), list(volume));
            assertEquals(Files.readString(main.resolve("a")), Files.readString(volume.resolve("b")));
        }
    }

    private static FileChannel append(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    private static String read(FileChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        channel.read(buffer);
        return new String(buffer.array(), 0, buffer.position(), UTF_8);
    }

    private static List<String> list(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aVolumeStaysValidOverCheckpointUndoAndMerge() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder, "--allow-other")) {
            prepare(dogear);
            Path volume = make(dogear, "session/1", folder);
            give(volume, ANN);
            checkpoint(dogear, "session/1");
            try (ShellInside shell = ShellInside.start(volume, ANN)) {
                String ok = "";
                assertEquals(ok, shell.tell("mkdir -p deep/er && cd deep/er && echo one > file && exec 3< file"));
                String place = volume.resolve("deep/er").toString();
                checkpoint(dogear, "session/1");
                assertEquals(place + "\none\none", shell.tell("pwd -P; cat file; cat /proc/self/fd/3"));
                assertEquals(ok, shell.tell("echo two > file; echo new > added"));
                assertEquals("two", shell.tell("cat /proc/self/fd/3"));
                dogear.cli("undo", "app/session/1");
                assertEquals(place + "\none\none\nfile", shell.tell("pwd -P; cat file; cat /proc/self/fd/3; ls"));
                dogear.cli("redo", "app/session/1");
                assertEquals(place + "\ntwo\nadded\nfile", shell.tell("pwd -P; cat file; ls"));
                checkpoint(dogear, "session/1");
                mergeBothWays(dogear, shell, place);
                assertEquals("more", shell.tell("cd ../.. && echo more > deep/er/file && cat /proc/self/fd/3"));
                assertEquals("more\n", Files.readString(dogear.mount().resolve("app/session/1/deep/er/file")));
            }
            dogear.cli("umount", volume.toString());
        }
    }

    private static void mergeBothWays(RunningDogear dogear, ShellInside shell, String place) throws IOException {
        Path other = dogear.mount().resolve("app/session/2");
        Files.writeString(other.resolve("theirs"), "from 2\n");
        checkpoint(dogear, "session/2");
        dogear.cli("merge", "app", "--into", "session/1", "--from", "session/2");
        assertEquals(place + "\nfrom 2\ntwo\nadded\nfile", shell.tell("pwd -P; cat ../../theirs; cat file; ls"));
        dogear.cli("merge", "app", "--into", "main", "--from", "session/1");
        assertEquals(place + "\ntwo\nadded\nfile", shell.tell("pwd -P; cat file; ls"));
        assertEquals("two\n", Files.readString(dogear.mount().resolve("app/main/deep/er/file")));
    }

    @Test
    void volumesAreListedReadOnlyIfAskedAndUnmountedCleanly() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            prepare(dogear);
            Files.writeString(dogear.mount().resolve("app/main/file"), "text");
            Path readOnly = folder.resolve("ro");
            dogear.cli("mount", "app/main", readOnly.toString(), "--read-only");
            Path whole = folder.resolve("whole");
            dogear.cli("mount", "app", whole.toString());
            assertEquals("text", Files.readString(readOnly.resolve("file")));
            for (String name : List.of("file", "new")) {
                FileSystemException error =
                        assertThrows(FileSystemException.class, () -> Files.writeString(readOnly.resolve(name), "x"));
                assertTrue(String.valueOf(error.getReason()).contains("Read-only"), error.toString());
            }
            Files.writeString(dogear.mount().resolve("app/main/file"), "longer text");
            assertEquals("longer text", Files.readString(readOnly.resolve("file")));
            assertEquals("longer text", Files.readString(whole.resolve("main/file")));
            JsonNode mounts = dogear.call("GET", "/v1/local/mounts", null).get("mounts");
            assertEquals(2, mounts.size(), mounts.toString());
            String listed = dogear.cli("mounts");
            assertTrue(listed.contains(readOnly + "") && listed.contains("app/main") && listed.contains("ro"), listed);
            CliResult twice = dogear.tryCli("mount", "app/main", readOnly.toString());
            assertTrue(twice.exit() != 0 && !twice.err().isBlank(), twice.describe());
            CliResult unknown =
                    dogear.tryCli("mount", "app/nobody", folder.resolve("x").toString());
            assertTrue(unknown.exit() != 0 && unknown.err().contains("nobody"), unknown.describe());
            dogear.cli("umount", readOnly.toString());
            CliResult none = dogear.tryCli("umount", readOnly.toString());
            assertTrue(none.exit() != 0 && none.err().contains(readOnly.toString()), none.describe());
            busy(dogear, whole);
            assertEquals("longer text", Files.readString(dogear.mount().resolve("app/main/file")));
        }
    }

    /** A volume in use goes out of sight; who is inside goes on until he leaves. */
    private static void busy(RunningDogear dogear, Path whole) throws IOException {
        try (ShellInside shell = ShellInside.start(whole.resolve("main"), 0)) {
            assertEquals("", shell.tell("exec 3> inside"));
            dogear.cli("umount", whole.toString());
            assertEquals(List.of(), list(whole));
            assertEquals("longer text", shell.tell("echo hidden >&3; cat file; cat inside >/dev/null"));
        }
        assertEquals("hidden\n", Files.readString(dogear.mount().resolve("app/main/inside")));
    }
}
