package dev.dogear.control.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts with something wrong, made of files in a folder. */
final class DoctorTest {
    private static final Doctor.Asking ROOT = new Doctor.Asking(true, "UTF-8");

    @TempDir
    private Path host;

    @BeforeEach
    void makeAHealthyHost() throws IOException {
        put("proc/sys/kernel/osrelease", "6.12.4-arch1\n");
        put("proc/self/limits", """
                Limit      Soft Limit   Hard Limit
                Max open files     65536   65536   files
                Max address space     unlimited   unlimited   bytes
                """);
        put("dev/fuse", "");
        put("etc/fuse.conf", "# x\nuser_allow_other\n");
        put("usr/bin/fusermount3", "");
        Files.setPosixFilePermissions(
                host.resolve("usr/bin/fusermount3"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void nothingIsWrongWithAHealthyHost() {
        for (Doctor.Asking asking : List.of(ROOT, new Doctor.Asking(false, "UTF-8"))) {
            for (Finding finding : examine(asking)) {
                assertEquals(
                        finding.weight() == Finding.Weight.FINE, finding.mend().isEmpty(), finding.toString());
                // How much room there is, is the test machine's business.
                assertTrue(
                        finding.weight() == Finding.Weight.FINE
                                || finding.about().equals("disk"),
                        finding.toString());
            }
        }
    }

    @Test
    void withoutTheDevice() throws IOException {
        Files.delete(host.resolve("dev/fuse"));
        assertTrue(fault("fuse", ROOT).mend().contains("modprobe fuse"));
    }

    @Test
    void anOldKernel() throws IOException {
        put("proc/sys/kernel/osrelease", "4.19.0\n");
        fault("kernel", ROOT);
        put("proc/sys/kernel/osrelease", "5.15.0-91-generic\n");
        assertEquals(Finding.Weight.WARNING, about("kernel", ROOT).weight());
    }

    @Test
    void anOrdinaryUserWithoutFusermount() throws IOException {
        Doctor.Asking user = new Doctor.Asking(false, "UTF-8");
        Files.delete(host.resolve("etc/fuse.conf"));
        assertEquals(Finding.Weight.WARNING, about("mounting", user).weight());
        Files.delete(host.resolve("usr/bin/fusermount3"));
        assertTrue(fault("mounting", user).mend().contains("install fuse3"));
        assertEquals(Finding.Weight.FINE, about("mounting", ROOT).weight());
    }

    @Test
    void limits() throws IOException {
        put("proc/self/limits", "Max open files     1024   4096   files\nMax address space   1000   1000  bytes\n");
        assertEquals(Finding.Weight.WARNING, about("open files", ROOT).weight());
        assertTrue(fault("addresses", ROOT).mend().contains("ulimit -v unlimited"));
    }

    @Test
    void aLocaleThatIsNotUtf8() {
        assertTrue(fault("locale", new Doctor.Asking(true, "ANSI_X3.4-1968"))
                .mend()
                .contains("C.UTF-8"));
    }

    @Test
    void placesThatWillNotDo() throws IOException {
        put("mount", "a file");
        fault("mount", ROOT);
        Files.createDirectories(host.resolve("run"));
        Files.setPosixFilePermissions(host.resolve("run"), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertTrue(fault("socket", ROOT).mend().contains("chmod 700"));
    }

    @Test
    void aMountWhoseDaemonIsGone() throws IOException {
        put("proc/self/mounts", "dogear " + host.resolve("mount") + " fuse.dogear rw 0 0\n");
        assertTrue(fault("mount", ROOT).mend().contains("fusermount3 -u"));
    }

    private Finding fault(String about, Doctor.Asking asking) {
        Finding finding = about(about, asking);
        assertEquals(Finding.Weight.FAULT, finding.weight(), finding.toString());
        assertFalse(finding.mend().isEmpty());
        return finding;
    }

    private Finding about(String about, Doctor.Asking asking) {
        return examine(asking).stream()
                .filter(finding -> finding.about().equals(about))
                .findFirst()
                .orElseThrow();
    }

    private List<Finding> examine(Doctor.Asking asking) {
        Doctor.Places places =
                new Doctor.Places(host.resolve("data"), host.resolve("mount"), host.resolve("run/control.sock"));
        return new Doctor(host, places, asking).examine();
    }

    private void put(String path, String text) throws IOException {
        Path file = host.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
