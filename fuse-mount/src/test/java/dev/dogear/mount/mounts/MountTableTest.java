package dev.dogear.mount.mounts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountTableTest {
    @Test
    void readsRowsWithBlanksAndWithoutOptionalFields() {
        MountTable table = MountTable.parse(List.of(
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue",
                "37 35 0:45 /repo/ma\\040in /home/a\\040b/m\\303\\274 ro,nosuid - fuse.dogear dogear rw,user_id=0",
                "38 35 0:46 / /mnt2 rw - tmpfs none rw"));
        assertEquals(
                new MountTable.Row("0:45", "/repo/ma in", "/home/a b/mü", Set.of("ro", "nosuid"), "fuse.dogear"),
                table.ofDevice("0:45").get(0));
        assertEquals("tmpfs", table.at(Path.of("/mnt2")).orElseThrow().type(), "the last one is on top");
        assertTrue(table.at(Path.of("/elsewhere")).isEmpty());
    }

    @Test
    void mountPointsThatAreNoneAreRefused(@TempDir Path folder) throws IOException {
        assertEquals(folder.toRealPath().resolve("new"), Mountpoint.prepare(folder.resolve("new")));
        Files.writeString(folder.resolve("file"), "x");
        assertRefused("not a directory", folder.resolve("file"));
        assertRefused("not empty", folder);
    }

    @Test
    void protocolVersionsAreChecked() {
        MountOptions options = MountOptions.at(Path.of("/m")).protocol("7.31");
        assertEquals(31, options.highestMinor());
        assertThrows(IllegalArgumentException.class, () -> options.protocol("7.30"));
        assertThrows(IllegalArgumentException.class, () -> options.protocol("8.31"));
    }

    private static void assertRefused(String why, Path mountpoint) {
        StoreException e = assertThrows(StoreException.class, () -> Mountpoint.prepare(mountpoint));
        assertEquals(StoreException.Kind.INVALID, e.kind());
        assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
    }
}
