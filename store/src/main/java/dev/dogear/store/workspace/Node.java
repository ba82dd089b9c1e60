package dev.dogear.store.workspace;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A file of any type in a workspace, loaded into memory. The same file is the same node for as long as it exists.
 *
 * <p>Places belong to the workspace's names lock; attributes to it too, but of a regular file to the file's own lock.
 * Both are read without a lock where one moment's value is enough.
 */
public abstract sealed class Node permits DirectoryNode, FileNode, OtherNode {
    /** One name of a file. */
    record Place(DirectoryNode directory, Name name) {}

    /**
     * The names of a file, in the order they came. It has one as a rule, so only the others take a set, in which 65,000 are
     * no slower to change than two.
     */
    static final class Places {
        private volatile @Nullable Place first;
        private volatile int size;
        private @Nullable Set<Place> others;

        int size() {
            return size;
        }

        boolean isEmpty() {
            return first == null;
        }

        /** The oldest of them; null if there is none. */
        @Nullable
        Place first() {
            return first;
        }

        /** As of now. */
        synchronized List<Place> all() {
            List<Place> all = new ArrayList<>(size);
            if (first != null) {
                all.add(first);
            }
            if (others != null) {
                all.addAll(others);
            }
            return all;
        }

        private synchronized void add(Place place) {
            if (first == null) {
                first = place;
            } else {
                others = others == null ? new LinkedHashSet<>() : others;
                others.add(place);
            }
            size++;
        }

        private synchronized boolean remove(Place place) {
            boolean known = place.equals(first);
            if (!known && (others == null || !others.remove(place))) {
                return false;
            }
            if (known) {
                Iterator<Place> next = others == null ? Collections.emptyIterator() : others.iterator();
                first = next.hasNext() ? next.next() : null;
                if (first != null) {
                    next.remove();
                }
            }
            if (others != null && others.isEmpty()) {
                others = null;
            }
            size--;
            return true;
        }

        private synchronized void clear() {
            first = null;
            others = null;
            size = 0;
        }
    }

    private final Workspace workspace;
    private final int fileId;
    private final EntryType type;

    /** Its names: none for the root and for a file without a name; more than one make it LINKED in its directories. */
    private final Places places = new Places();

    private volatile Attributes attributes;
    private volatile Timestamp atime;

    /** LSN of its last edit; below the workspace's cut means the stored tree has it as it is. */
    private volatile long stamp = -1;

    /** The epoch in which a BIND of it was journaled and it was marked as edited; another number than the workspace's: not yet. */
    private volatile int preparedEpoch;

    private final AtomicLong retained = new AtomicLong();

    Node(Workspace workspace, TreeEntry entry) {
        this.workspace = workspace;
        this.fileId = entry.fileId();
        this.type = entry.type();
        this.attributes = entry.attributes();
        this.atime = entry.attributes().mtime();
    }

    /** The file's number in its repository. */
    public int fileId() {
        return fileId;
    }

    /** The workspace it belongs to. */
    public Workspace workspace() {
        return workspace;
    }

    /** Never LINKED. */
    public EntryType type() {
        return type;
    }

    /** Its entry in a stored tree, were it stored now as a file with one name; edited content is left out. */
    abstract TreeEntry entry();

    Places places() {
        return places;
    }

    void addPlace(Place place) {
        places.add(place);
        place.directory().loadedChildren().incrementAndGet();
        noteIfHeld();
    }

    void removePlace(Place place) {
        if (!places.remove(place)) {
            throw new IllegalStateException("file " + fileId + " has no name " + place.name());
        }
        place.directory().loadedChildren().decrementAndGet();
        noteIfHeld();
    }

    private void noteIfHeld() {
        if (retained.get() > 0) {
            note();
        }
    }

    /** Tells a successor where it is. Names lock held, shared at least. */
    void note() {
        Place place = places.first();
        if (place == null) {
            workspace.context().succession().unnamed(this);
        } else {
            workspace
                    .context()
                    .succession()
                    .placed(this, place.directory().fileId(), place.name().toBytes());
        }
    }

    void clearPlaces() {
        places.all().forEach(place -> place.directory().loadedChildren().decrementAndGet());
        places.clear();
    }

    Attributes attributes() {
        return attributes;
    }

    Timestamp atime() {
        return atime;
    }

    /** Sets attributes as part of the edit at {@code lsn}. */
    void edit(Attributes newAttributes, long lsn) {
        attributes = newAttributes;
        raiseStamp(lsn);
    }

    /** Notes an edit at {@code lsn} that left the attributes alone. */
    synchronized void raiseStamp(long lsn) {
        stamp = Math.max(stamp, lsn);
    }

    void setAtime(Timestamp time) {
        atime = time;
    }

    /** Takes what the stored tree says of it: no edit. */
    void take(Attributes stored) {
        attributes = stored;
        atime = stored.mtime();
        settle();
    }

    /** Has the stored tree's attributes, and content if it has any, whatever it had before: no edit. */
    void show(TreeEntry entry) {
        take(entry.attributes());
    }

    /** Is as the stored tree has it. */
    void settle() {
        stamp = -1;
        preparedEpoch = 0;
    }

    long stamp() {
        return stamp;
    }

    int preparedEpoch() {
        return preparedEpoch;
    }

    void setPreparedEpoch(int epoch) {
        preparedEpoch = epoch;
    }

    /** More than anybody counts: held since before this process, nobody knows how often. */
    private static final long INHERITED = 1L << 50;

    /** One more answer named it. Names lock free or held shared; not exclusively by another's wish. */
    boolean retainIfHeld() {
        return retained.getAndUpdate(held -> held == 0 ? 0 : held + 1) != 0;
    }

    /** The first answer that names it. Names lock held, shared at least. */
    void retainFirst() {
        synchronized (retained) {
            if (retained.getAndIncrement() == 0) {
                if (workspace.context().succession().holds(this)) {
                    retained.addAndGet(INHERITED);
                }
                note();
            }
        }
    }

    /** It is held since before this process. */
    void adopt() {
        synchronized (retained) {
            if (retained.get() < INHERITED) {
                retained.addAndGet(INHERITED);
            }
        }
    }

    /**
     * Takes back answers that named it. More than were counted means all there ever were: those from before this process
     * are known to nobody.
     *
     * @return whether nobody holds it now
     */
    boolean release(long count) {
        synchronized (retained) {
            long left = retained.updateAndGet(held -> {
                long since = held >= INHERITED ? held - INHERITED : held;
                return count > since ? 0 : held - count;
            });
            if (left == 0) {
                workspace.context().succession().gone(this);
            }
            return left == 0;
        }
    }

    AtomicLong retained() {
        return retained;
    }

    /** Whether it is held since before this process, where nobody counted what was open. */
    boolean isInherited() {
        return retained.get() >= INHERITED;
    }

    /** Whether somebody outside holds it. */
    boolean isHeld() {
        return retained.get() > 0;
    }
}
