package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Set-id bits and device nodes work in root's mounts where root says so, and nowhere else. */
final class TrustedMountTest {
    private static final String MAKE = """
            mknod zero c 1 5
            cp /usr/bin/id id
            chown 12345 id
            chmod 4755 id
            """;

    @TempDir
    Path folder;

    @Test
    void theyWorkWhereRootSaysSo() {
        try (RunningDogear dogear = RunningDogear.start(folder, "--suid", "--dev")) {
            make(dogear);
            assertEquals("12345\n", in(dogear, "./id -u").out());
            assertEquals("4\n", in(dogear, "head -c 4 zero | wc -c").out());
        }
    }

    @Test
    void elsewhereTheyDoNot() {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            make(dogear);
            assertEquals("0\n", in(dogear, "./id -u").out());
            assertNotEquals(0, in(dogear, "head -c 4 < zero").exit());
        }
    }

    private static void make(RunningDogear dogear) {
        dogear.cli("repo", "create", "one");
        assertEquals(0, in(dogear, MAKE).exit());
        dogear.cli("checkpoint", "one/main", "-m", "all of it is kept");
    }

    private static CliResult in(RunningDogear dogear, String script) {
        return dogear.command("sh", "-ec", script)
                .in(dogear.mount().resolve("one/main"))
                .tryRun();
    }
}
