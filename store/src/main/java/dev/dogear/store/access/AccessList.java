package dev.dogear.store.access;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.Xattrs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;

/**
 * An access control list, kept as the extended attribute that the kernel makes of it. Checking who may do what is the
 * kernel's; here is what a list does to a file's mode, a mode to the list, and a directory's default list to what is made
 * in it.
 *
 * <p>Invariant: owner's, owning group's and others' entry are there once each, and a mask if anybody is named.
 */
public final class AccessList {
    /** The extended attribute with a file's own list; absent where the mode says it all. */
    public static final String ACCESS = "system.posix_acl_access";

    /** The extended attribute with what is made in a directory gets. */
    public static final String DEFAULT = "system.posix_acl_default";

    private static final int VERSION = 2;
    private static final int HEADER_BYTES = Integer.BYTES;
    private static final int ITEM_BYTES = 8;
    private static final int OWNER = 1;
    private static final int NAMED_USER = 2;
    private static final int GROUP = 4;
    private static final int NAMED_GROUP = 8;
    private static final int MASK = 16;
    private static final int OTHERS = 32;
    private static final int ALL = 7;
    private static final int PERMISSIONS = 0777;

    private final List<Item> items;

    private record Item(int tag, int permissions, int id) {}

    private AccessList(List<Item> items) {
        this.items = items;
    }

    /**
     * The list of an extended attribute's value.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static AccessList of(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (value.length < HEADER_BYTES || value.length % ITEM_BYTES != HEADER_BYTES || in.getInt() != VERSION) {
            throw new IllegalArgumentException("no access control list");
        }
        List<Item> items = new ArrayList<>();
        while (in.hasRemaining()) {
            items.add(new Item(in.getShort(), in.getShort() & ALL, in.getInt()));
        }
        AccessList list = new AccessList(List.copyOf(items));
        boolean named = list.count(NAMED_USER) + list.count(NAMED_GROUP) > 0;
        if (list.count(OWNER) != 1
                || list.count(GROUP) != 1
                || list.count(OTHERS) != 1
                || list.count(MASK) > 1
                || (named && list.count(MASK) == 0)) {
            throw new IllegalArgumentException("an access control list that lacks an entry or has one twice");
        }
        return list;
    }

    /** Whether a value says: no list. */
    public static boolean isEmpty(byte[] value) {
        return value.length <= HEADER_BYTES;
    }

    /** The value of the extended attribute. */
    public byte[] toBytes() {
        ByteBuffer out =
                ByteBuffer.allocate(HEADER_BYTES + items.size() * ITEM_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(VERSION);
        for (Item item : items) {
            out.putShort((short) item.tag).putShort((short) item.permissions).putInt(item.id);
        }
        return out.array();
    }

    /** What a file's attributes become when its list is set: the mode follows, and a list that says no more than it goes. */
    public static Attributes set(Attributes old, byte[] value) {
        AccessList list = of(value);
        Attributes changed = old.withMode((old.mode() & ~PERMISSIONS) | list.mode());
        return changed.withXattrs(
                list.isOnlyMode() ? old.xattrs().without(ACCESS) : old.xattrs().with(ACCESS, list.toBytes()));
    }

    /** What chmod makes of a file's attributes: the owner's, the mask's (or group's) and others' entries follow the mode. */
    public static Attributes chmod(Attributes old, int mode) {
        byte[] value = old.xattrs().get(ACCESS);
        Attributes changed = old.withMode(mode);
        if (value == null) {
            return changed;
        }
        AccessList list = of(value).withPermissions((permissions, now) -> now, mode);
        return changed.withXattrs(old.xattrs().with(ACCESS, list.toBytes()));
    }

    /**
     * The attributes of a new file or directory: by the directory's default list if it has one, else by the umask.
     *
     * @param blank with the mode as it was asked for
     */
    public static Attributes inherit(Attributes blank, int umask, Attributes directory, boolean isDirectory) {
        byte[] value = directory.xattrs().get(DEFAULT);
        if (value == null) {
            return blank.withMode(blank.mode() & ~(umask & PERMISSIONS));
        }
        AccessList list = of(value).withPermissions((permissions, asked) -> permissions & asked, blank.mode());
        Xattrs xattrs = list.isOnlyMode() ? blank.xattrs() : blank.xattrs().with(ACCESS, list.toBytes());
        if (isDirectory) {
            xattrs = xattrs.with(DEFAULT, value);
        }
        return blank.withMode((blank.mode() & ~PERMISSIONS) | list.mode()).withXattrs(xattrs);
    }

    /** The nine permission bits that stand for it. */
    private int mode() {
        int group = permissions(count(MASK) > 0 ? MASK : GROUP);
        return permissions(OWNER) << 6 | group << 3 | permissions(OTHERS);
    }

    private boolean isOnlyMode() {
        return items.size() == 3;
    }

    /** Each entry that the mode stands for becomes what the operator says of it and of the mode's bits. */
    private AccessList withPermissions(IntBinaryOperator change, int mode) {
        int group = count(MASK) > 0 ? MASK : GROUP;
        List<Item> changed = new ArrayList<>();
        for (Item item : items) {
            int bits = item.permissions;
            if (item.tag == OWNER) {
                bits = change.applyAsInt(bits, mode >> 6 & ALL);
            } else if (item.tag == group) {
                bits = change.applyAsInt(bits, mode >> 3 & ALL);
            } else if (item.tag == OTHERS) {
                bits = change.applyAsInt(bits, mode & ALL);
            }
            changed.add(new Item(item.tag, bits, item.id));
        }
        return new AccessList(changed);
    }

    private int permissions(int tag) {
        return items.stream()
                .filter(item -> item.tag == tag)
                .mapToInt(Item::permissions)
                .findFirst()
                .orElse(0);
    }

    private long count(int tag) {
        return items.stream().filter(item -> item.tag == tag).count();
    }
}
