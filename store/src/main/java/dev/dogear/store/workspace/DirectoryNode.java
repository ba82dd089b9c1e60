package dev.dogear.store.workspace;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A directory: a stored tree, and over it the names whose entries may differ from it. Belongs to the workspace's names
 * lock.
 *
 * <p>Invariant: a directory whose overlay holds anything, or whose own attributes are edited, is in the overlay of the
 * directory above it, so that a freeze finds every edit from the root down.
 */
public final class DirectoryNode extends Node {
    private static final int UNKNOWN = -1;

    private @Nullable ContentRef stored;
    private final NavigableMap<Name, Optional<Node>> overlay = new TreeMap<>();
    private long entries;
    private int subdirectories;
    private final AtomicInteger loadedChildren = new AtomicInteger();
    private volatile int generation;

    DirectoryNode(Workspace workspace, TreeEntry entry) {
        super(workspace, entry);
        this.stored = entry.content();
        this.entries = entry.size();
        this.subdirectories = entry.size() == 0 ? 0 : UNKNOWN;
    }

    /**
     * How often it was removed since it came into memory. A kernel that removed a directory holds it for dead whatever it
     * is told later; brought back by an undo it must be another one to the kernel, though it has the same number.
     */
    public int generation() {
        return generation;
    }

    /** A program removed it: from its name, it is gone for good. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // under the names lock, as all changes of names
    void removed() {
        generation++;
    }

    /** It was known by that generation before this process. */
    public void recall(int known) {
        generation = Math.max(generation, known);
    }

    @Nullable
    ContentRef stored() {
        return stored;
    }

    /** The tree below the overlay is now another one. */
    void setStored(@Nullable ContentRef tree) {
        stored = tree;
    }

    /** Becomes what a stored tree says: no edits left. */
    @Override
    void show(TreeEntry entry) {
        super.show(entry);
        stored = entry.content();
        entries = entry.size();
        subdirectories = entry.size() == 0 ? 0 : UNKNOWN;
        overlay.clear();
    }

    /** Changed names: to the node that has it now, or to empty where there is none any more. */
    NavigableMap<Name, Optional<Node>> overlay() {
        return overlay;
    }

    /** Number of names in it. */
    long entries() {
        return entries;
    }

    /** One name more (1) or less (-1), of {@code node}. */
    void count(Node node, int change) {
        entries += change;
        if (node instanceof DirectoryNode && subdirectories != UNKNOWN) {
            subdirectories += change;
        }
    }

    /** Number of directories in it; negative if nobody counted yet. */
    int subdirectories() {
        return subdirectories;
    }

    void setSubdirectories(int count) {
        subdirectories = count;
    }

    /** Nodes in memory that are in this directory: it stays in memory itself while there are any. */
    AtomicInteger loadedChildren() {
        return loadedChildren;
    }

    boolean isRoot() {
        return fileId() == TreeEntry.ROOT_FILE_ID;
    }

    /** Whether it was removed: nothing can be made in it any more. */
    boolean isRemoved() {
        return !isRoot() && places().isEmpty();
    }

    @Override
    TreeEntry entry() {
        return TreeEntry.directory(fileId(), attributes(), entries, stored);
    }
}
