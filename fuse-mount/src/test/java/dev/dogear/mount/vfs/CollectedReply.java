package dev.dogear.mount.vfs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A reply with room for a number of entries, which remembers them. */
final class CollectedReply implements DirectoryReply {
    final List<Shown> shown = new ArrayList<>();
    private final int room;

    /** One entry; node is -1 where none was given. */
    record Shown(String name, long inode, long node, long cookie) {}

    CollectedReply(int room) {
        this.room = room;
    }

    @Override
    public boolean add(byte[] name, long inode, long cookie, int typeBits) {
        return keep(new Shown(new String(name, StandardCharsets.ISO_8859_1), inode, -1, cookie));
    }

    @Override
    public boolean addPlus(byte[] name, Entry entry, long cookie) {
        return keep(new Shown(
                new String(name, StandardCharsets.ISO_8859_1),
                entry.attributes().inode(),
                entry.node(),
                cookie));
    }

    List<String> names() {
        return shown.stream().map(Shown::name).toList();
    }

    private boolean keep(Shown entry) {
        return shown.size() < room && shown.add(entry);
    }
}
