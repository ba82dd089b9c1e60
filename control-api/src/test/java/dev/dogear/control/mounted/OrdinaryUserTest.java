package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without root: the mount is made by fusermount3, and all else is the same. */
final class OrdinaryUserTest {
    /** The account nobody: fusermount3 wants one with a name. */
    private static final int UID = 65_534;

    /** As udev leaves it; on a machine without, it is root's alone. */
    private static final Path DEVICE = Path.of("/dev/fuse");

    @TempDir
    Path folder;

    private Account user = Account.own();
    private Path home = Path.of("");
    private Set<PosixFilePermission> rights = Set.of();

    @BeforeEach
    void makeHome() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        user = Account.ordinary(UID, Files.createDirectory(folder.resolve("installation")));
        home = Files.createDirectory(folder.resolve("home"));
    }

    @BeforeEach
    void openDevice() throws IOException {
        rights = Files.getPosixFilePermissions(DEVICE);
        Files.setPosixFilePermissions(DEVICE, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @AfterEach
    void closeDevice() throws IOException {
        Files.setPosixFilePermissions(DEVICE, rights);
    }

    private static String in(RunningDogear dogear, String bookmark, String script) {
        // The account changes directory by itself: nobody else may.
        Path directory = dogear.mount().resolve(bookmark);
        return dogear.command("sh", "-ec", "cd \"$0\"; " + script, directory.toString())
                .with("HOME", "/")
                .run();
    }

    @Test
    void aSessionFromEditToMerge() throws IOException {
        try (RunningDogear dogear = RunningDogear.startFor(user, home)) {
            dogear.cli("repo", "create", "shop");
            in(dogear, "shop/main", "echo one > file; sync file");
            dogear.cli("checkpoint", "shop/main", "-m", "first");
            dogear.cli("bookmark", "create", "shop", "session/1", "--from", "main");
            in(dogear, "shop/session/1", "sed -i s/one/two/ file; mkdir d; ln file d/linked; git init -q d/repo");
            assertEquals(UID + "\n", in(dogear, "shop/session/1", "stat -c %u d/linked"));
            dogear.cli("checkpoint", "shop/session/1", "-m", "prompt");
            in(dogear, "shop/session/1", "rm -r d");
            dogear.cli("undo", "shop/session/1");
            assertEquals("two\n", in(dogear, "shop/session/1", "cat d/linked"));
            dogear.cli("merge", "shop", "--into", "main", "--from", "session/1", "--delete-source");
            assertEquals("two\n", in(dogear, "shop/main", "cat file"));
        }
    }

    @Test
    void theKeeperServesUsersToo() throws IOException {
        try (RunningDogear dogear = RunningDogear.startFor(user, home)) {
            dogear.cli("repo", "create", "shop");
            in(dogear, "shop/main", "echo one > file");
            int epoch = dogear.epoch();
            ProcessHandle.of(dogear.pid()).orElseThrow().destroyForcibly();
            assertEquals("one\n", in(dogear, "shop/main", "cat file"));
            dogear.awaitEpochAfter(epoch);
        }
    }

    /** Not even root, whom the kernel takes for a stranger here. */
    @Test
    void nobodyElseComesIn() throws IOException {
        try (RunningDogear dogear = RunningDogear.startFor(user, home)) {
            dogear.cli("repo", "create", "shop");
            in(dogear, "shop/main", "echo one > file");
            CliResult seen =
                    Command.of("cat", dogear.mount() + "/shop/main/file").tryRun();
            assertNotEquals(0, seen.exit());
            assertTrue(seen.err().contains("Permission denied"), seen.err());
        }
    }

    /** Each says what would have to be different. */
    @Test
    void whatOnlyRootMayHaveIsRefused() throws IOException {
        try (RunningDogear dogear = RunningDogear.startFor(user, home)) {
            dogear.cli("repo", "create", "shop");
            refused(dogear, "root", "mount", "shop/main", home.resolve("volume").toString());
            refused(dogear, "only root", up("--suid"));
            refused(dogear, "only root", up("--dev"));
            if (!configured()) {
                refused(dogear, "user_allow_other", up("--allow-other"));
            }
        }
    }

    @Test
    void aClosedDeviceIsNamed() throws IOException {
        Files.setPosixFilePermissions(DEVICE, PosixFilePermissions.fromString("rw-------"));
        AssertionError refused = assertThrows(AssertionError.class, () -> RunningDogear.startFor(user, home));
        assertTrue(refused.toString().contains("chmod 666 /dev/fuse"), refused::toString);
    }

    private static boolean configured() throws IOException {
        Path configuration = Path.of("/etc/fuse.conf");
        return Files.exists(configuration) && Files.readAllLines(configuration).contains("user_allow_other");
    }

    /** A second one beside the first. */
    private String[] up(String flag) {
        return new String[] {
            "up",
            "--data=" + home.resolve("data2"),
            "--mount=" + home.resolve("mount2"),
            "--socket=" + home.resolve("run/socket2"),
            flag
        };
    }

    private static void refused(RunningDogear dogear, String reason, String... words) {
        CliResult result = dogear.tryCli(words);
        assertNotEquals(0, result.exit());
        assertTrue(result.err().contains(reason), result.err());
    }
}
