package dev.dogear.store.access;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.tree.Attributes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What lists and modes do to each other, without a kernel; with one, the mount is compared with ext4. */
final class AccessListTest {
    private static final int OWNER = 1;
    private static final int USER = 2;
    private static final int GROUP = 4;
    private static final int MASK = 16;
    private static final int OTHERS = 32;
    private static final byte[] WIDE = list(
            new int[] {OWNER, 6}, new int[] {USER, 7}, new int[] {GROUP, 4}, new int[] {MASK, 6}, new int[] {OTHERS, 0
            });
    private static final byte[] PLAIN = list(new int[] {OWNER, 7}, new int[] {GROUP, 5}, new int[] {OTHERS, 4});
    private static final Attributes FILE = Attributes.NONE.withMode(04755);

    @Test
    void theModeFollowsTheList() {
        Attributes set = AccessList.set(FILE, WIDE);
        assertEquals(04660, set.mode(), "the mask stands in the group's place");
        assertArrayEquals(WIDE, set.xattrs().get(AccessList.ACCESS));
    }

    @Test
    void aListThatSaysNoMoreThanTheModeIsNotKept() {
        Attributes set = AccessList.set(AccessList.set(FILE, WIDE), PLAIN);
        assertEquals(04754, set.mode());
        assertTrue(set.xattrs().isEmpty());
    }

    @Test
    void theListFollowsChmod() {
        Attributes changed = AccessList.chmod(AccessList.set(FILE, WIDE), 0751);
        assertEquals(0751, changed.mode());
        assertArrayEquals(
                list(new int[] {OWNER, 7}, new int[] {USER, 7}, new int[] {GROUP, 4}, new int[] {MASK, 5}, new int[] {
                    OTHERS, 1
                }),
                changed.xattrs().get(AccessList.ACCESS));
        assertEquals(0600, AccessList.chmod(FILE, 0600).mode());
    }

    @Test
    void theUmaskCountsOnlyWithoutADefaultList() {
        Attributes blank = Attributes.NONE.withMode(0666);
        Attributes bare = Attributes.NONE.withMode(0777);
        assertEquals(0644, AccessList.inherit(blank, 022, bare, false).mode());
        Attributes listed = bare.withXattrs(bare.xattrs().with(AccessList.DEFAULT, WIDE));
        Attributes file = AccessList.inherit(blank, 022, listed, false);
        assertEquals(0660, file.mode());
        assertNull(file.xattrs().get(AccessList.DEFAULT));
        Attributes directory = AccessList.inherit(blank.withMode(02700), 022, listed, true);
        assertEquals(02600, directory.mode());
        assertArrayEquals(WIDE, directory.xattrs().get(AccessList.DEFAULT));
    }

    @Test
    void whatIsNoListIsRefused() {
        assertTrue(AccessList.isEmpty(new byte[0]) && AccessList.isEmpty(list()));
        for (byte[] bad : new byte[][] {
            list(new int[] {OWNER, 7}, new int[] {GROUP, 5}),
            list(new int[] {OWNER, 7}, new int[] {OWNER, 7}, new int[] {GROUP, 5}, new int[] {OTHERS, 4}),
            list(new int[] {OWNER, 7}, new int[] {USER, 7}, new int[] {GROUP, 5}, new int[] {OTHERS, 4}),
            Arrays.copyOf(WIDE, WIDE.length - 1),
            new byte[WIDE.length]
        }) {
            assertThrows(IllegalArgumentException.class, () -> AccessList.of(bad));
        }
    }

    /** Tags and permissions; users are number 1000. */
    private static byte[] list(int[]... items) {
        ByteBuffer out = ByteBuffer.allocate(4 + 8 * items.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(2);
        for (int[] item : items) {
            out.putShort((short) item[0]).putShort((short) item[1]).putInt(item[0] == USER ? 1000 : -1);
        }
        return out.array();
    }
}
