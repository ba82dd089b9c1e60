package dev.dogear.mount.handover;

import dev.dogear.mount.handover.NodeLog.Kind;
import dev.dogear.mount.handover.NodeLog.Line;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** What the kernel knows from earlier daemons, as their log says. */
public final class Inherited implements NodeLog.Visitor {
    /**
     * Where a node was.
     *
     * @param directory its node; 0 if the node had no name
     * @param generation of the node
     * @param isDirectory of a node without a name
     */
    public record Place(long directory, byte[] name, int generation, boolean isDirectory) {}

    /** A file open for writing. */
    public record Opened(long handle, long node) {}

    /** A name above bookmarks the kernel was told. */
    public record Shown(long level, byte[] name, long node) {}

    private final NodeLog log;

    /** Positions in the log, plus one. */
    private final LongMap places = new LongMap();

    private final LongMap levels = new LongMap();
    private final Map<Long, Long> opened = new HashMap<>();
    private final LongMap openedAt = new LongMap();
    private final List<Long> shown = new ArrayList<>();

    Inherited(NodeLog log) {
        this.log = log;
    }

    @Override
    public void record(long at, Kind kind, long a, long b) {
        switch (kind) {
            case PLACED, UNNAMED -> places.put(a, at + 1);
            case GONE -> places.remove(a);
            case LEVEL -> levels.put(a, at + 1);
            case SHOWN -> shown.add(at);
            case OPENED -> {
                opened.put(a, b);
                openedAt.put(a, at + 1);
            }
            case CLOSED -> {
                opened.remove(a);
                openedAt.remove(a);
            }
            default -> {}
        }
    }

    /** Whether the kernel knew nothing. */
    public boolean isEmpty() {
        synchronized (log) {
            return places.size() == 0 && shown.isEmpty();
        }
    }

    /** Whether the kernel knows the node since before this daemon. */
    public boolean holds(long node) {
        synchronized (log) {
            return places.get(node) != 0;
        }
    }

    /** Where the node was, or null if the kernel did not know it. */
    public @Nullable Place place(long node) {
        synchronized (log) {
            long at = places.get(node);
            if (at == 0) {
                return null;
            }
            Line record = log.read(at - 1);
            return record.kind() == Kind.PLACED
                    ? new Place(record.b(), record.name(), record.c(), false)
                    : new Place(0, record.name(), 0, record.c() == 1);
        }
    }

    /** What the id of a directory above bookmarks was made from, or null. */
    public byte @Nullable [] level(long id) {
        synchronized (log) {
            long at = levels.get(id);
            return at == 0 ? null : log.read(at - 1).name();
        }
    }

    /** Shows the nodes the kernel still knows. Nothing is locked meanwhile. */
    public void forEachNode(LongConsumer consumer) {
        List<Long> nodes = new ArrayList<>();
        synchronized (log) {
            places.forEachKey(nodes::add);
        }
        nodes.forEach(consumer::accept);
    }

    /** The files that were open for writing. */
    public List<Opened> opened() {
        synchronized (log) {
            List<Opened> all = new ArrayList<>();
            opened.forEach((handle, node) -> all.add(new Opened(handle, node)));
            return all;
        }
    }

    /** The names above bookmarks. */
    public List<Shown> shown() {
        synchronized (log) {
            List<Shown> all = new ArrayList<>();
            for (long at : shown) {
                Line record = log.read(at);
                all.add(new Shown(record.a(), record.name(), record.b()));
            }
            return all;
        }
    }

    /** Whether that handle for writing is open. */
    public boolean isOpen(long handle) {
        synchronized (log) {
            return opened.containsKey(handle);
        }
    }

    void forget(long node) {
        places.remove(node);
    }

    void forgetHandle(long handle) {
        opened.remove(handle);
    }

    /** Where the records are that still say something, the first one first. */
    long[] positions() {
        LongMap all = new LongMap();
        for (LongMap map : List.of(places, levels, openedAt)) {
            for (long at : map.sortedValues()) {
                all.put(at, at);
            }
        }
        shown.forEach(at -> all.put(at + 1, at + 1));
        long[] positions = all.sortedValues();
        for (int i = 0; i < positions.length; i++) {
            positions[i]--;
        }
        return positions;
    }

    /** The log was copied: {@code now} has the new positions. */
    void moved(Inherited now) {
        List<Long> nodes = new ArrayList<>();
        places.forEachKey(nodes::add);
        nodes.forEach(node -> places.put(node, now.places.get(node)));
        List<Long> ids = new ArrayList<>();
        levels.forEachKey(ids::add);
        ids.forEach(id -> levels.put(id, now.levels.get(id)));
        shown.clear();
        shown.addAll(now.shown);
    }
}
