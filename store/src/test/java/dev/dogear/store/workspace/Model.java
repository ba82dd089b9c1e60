package dev.dogear.store.workspace;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A file system as simple as can be, to compare with: a tree of objects, ext4's rules. */
final class Model {
    /** A file of any type. */
    static final class Item {
        int fileId;
        final EntryType type;
        Attributes attributes;
        int links;
        byte[] content = {};
        final Map<String, Item> children = new TreeMap<>();

        Item(int fileId, EntryType type, Attributes attributes) {
            this.fileId = fileId;
            this.type = type;
            this.attributes = attributes;
        }

        boolean isDirectory() {
            return type == EntryType.DIRECTORY;
        }

        int linkCount() {
            return isDirectory()
                    ? 2
                            + (int) children.values().stream()
                                    .filter(Item::isDirectory)
                                    .count()
                    : links;
        }
    }

    Item root = new Item(TreeEntry.ROOT_FILE_ID, EntryType.DIRECTORY, Attributes.NONE.withMode(0755));

    static String describe(int fileId, EntryType type, Attributes attributes, int links, String content) {
        return type + " #" + fileId + " " + Integer.toOctalString(attributes.mode()) + " " + attributes.uid() + ":"
                + attributes.gid() + " m" + attributes.mtime().seconds() + " c"
                + attributes.ctime().seconds() + " x"
                + attributes.xattrs().asMap().keySet() + " n" + links + " "
                + (content.length() > 200 ? content.length() + "~" + content.hashCode() : content);
    }

    Map<String, String> dump() {
        Map<String, String> all = new TreeMap<>();
        dump(root, "", all);
        return all;
    }

    private static void dump(Item item, String path, Map<String, String> all) {
        all.put(
                path,
                describe(
                        item.fileId,
                        item.type,
                        item.attributes,
                        item.linkCount(),
                        new String(item.content, java.nio.charset.StandardCharsets.UTF_8)));
        item.children.forEach((name, child) -> dump(child, path + "/" + name, all));
    }

    Model copy() {
        Model copied = new Model();
        copied.root = copy(root, new IdentityHashMap<>());
        return copied;
    }

    private static Item copy(Item item, Map<Item, Item> done) {
        Item known = done.get(item);
        if (known != null) {
            return known;
        }
        Item copied = new Item(item.fileId, item.type, item.attributes);
        done.put(item, copied);
        copied.links = item.links;
        copied.content = item.content;
        item.children.forEach((name, child) -> copied.children.put(name, copy(child, done)));
        return copied;
    }

    Item at(List<String> path) {
        Item at = root;
        for (String name : path) {
            at = Objects.requireNonNull(at.children.get(name));
        }
        return at;
    }

    List<List<String>> directories() {
        List<List<String>> found = new ArrayList<>();
        collect(root, List.of(), found, true);
        return found;
    }

    List<List<String>> files() {
        List<List<String>> found = new ArrayList<>();
        collect(root, List.of(), found, false);
        return found;
    }

    private static void collect(Item item, List<String> path, List<List<String>> found, boolean directories) {
        if (item.isDirectory() == directories) {
            found.add(path);
        }
        item.children.forEach((name, child) -> {
            List<String> below = new ArrayList<>(path);
            below.add(name);
            collect(child, below, found, directories);
        });
    }

    private static void check(boolean holds, Errno errno) throws PosixException {
        if (!holds) {
            throw new PosixException(errno);
        }
    }

    private static void touch(Item directory, Timestamp now) {
        directory.attributes = directory.attributes.withTimes(now, now);
    }

    private static void change(Item item, Timestamp now) {
        item.attributes = item.attributes.withTimes(item.attributes.mtime(), now);
    }

    Item create(Item directory, String name, EntryType type, int mode, Timestamp now) throws PosixException {
        check(!directory.children.containsKey(name), Errno.EEXIST);
        boolean setGid = (directory.attributes.mode() & 02000) != 0;
        int gid = setGid ? directory.attributes.gid() : 1000;
        int bits = setGid && type == EntryType.DIRECTORY ? mode | 02000 : mode;
        Item item = new Item(
                0, type, Attributes.NONE.withMode(bits).withOwner(1000, gid).withTimes(now, now));
        item.links = 1;
        directory.children.put(name, item);
        touch(directory, now);
        return item;
    }

    void link(Item item, Item directory, String name, Timestamp now) throws PosixException {
        check(!directory.children.containsKey(name), Errno.EEXIST);
        check(!item.isDirectory(), Errno.EPERM);
        check(item.links > 0, Errno.ENOENT);
        directory.children.put(name, item);
        item.links++;
        change(item, now);
        touch(directory, now);
    }

    void unlink(Item directory, String name, boolean rmdir, Timestamp now) throws PosixException {
        Item item = directory.children.get(name);
        if (item == null) {
            throw new PosixException(Errno.ENOENT);
        }
        if (item.isDirectory()) {
            check(rmdir, Errno.EISDIR);
            check(item.children.isEmpty(), Errno.ENOTEMPTY);
        } else {
            check(!rmdir, Errno.ENOTDIR);
        }
        directory.children.remove(name);
        item.links--;
        change(item, now);
        touch(directory, now);
    }

    private static boolean isBelow(Item item, Item ancestor) {
        return item == ancestor || ancestor.children.values().stream().anyMatch(child -> isBelow(item, child));
    }

    void rename(Item from, String name, Item to, String newName, int flags, Timestamp now) throws PosixException {
        boolean exchange = flags == 2;
        Item source = from.children.get(name);
        Item target = to.children.get(newName);
        if (source == null) {
            throw new PosixException(Errno.ENOENT);
        }
        check(target == null || flags != 1, Errno.EEXIST);
        check(target != null || !exchange, Errno.ENOENT);
        check(!source.isDirectory() || !isBelow(to, source), Errno.EINVAL);
        if (target != null && target.isDirectory() && isBelow(from, target)) {
            throw new PosixException(exchange ? Errno.EINVAL : Errno.ENOTEMPTY);
        }
        if (source == target) {
            return;
        }
        if (target != null && !exchange) {
            if (source.isDirectory()) {
                check(target.isDirectory(), Errno.ENOTDIR);
                check(target.children.isEmpty(), Errno.ENOTEMPTY);
            } else {
                check(!target.isDirectory(), Errno.EISDIR);
            }
        }
        from.children.remove(name);
        to.children.put(newName, source);
        change(source, now);
        if (target != null) {
            change(target, now);
            if (exchange) {
                from.children.put(name, target);
            } else {
                target.links--;
            }
        }
        touch(from, now);
        touch(to, now);
    }
}
