package dev.dogear.store.workspace;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.TreeEntry;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** A regular file. Its lock guards content and attributes; readers share it. */
public final class FileNode extends Node {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final FileContent content;
    private final AtomicInteger handles = new AtomicInteger();
    private final AtomicInteger writableHandles = new AtomicInteger();

    /** Made without a name and never given one: the only file without names that may get one. */
    private volatile boolean unnamed;

    FileNode(Workspace workspace, TreeEntry entry) {
        super(workspace, entry);
        this.content = new FileContent(workspace.context(), new FileContent.Stored(entry.content(), entry.size()));
    }

    ReentrantReadWriteLock lock() {
        return lock;
    }

    FileContent content() {
        return content;
    }

    /** Handles open on it. */
    AtomicInteger handles() {
        return handles;
    }

    AtomicInteger writableHandles() {
        return writableHandles;
    }

    boolean isUnnamed() {
        return unnamed;
    }

    void setUnnamed(boolean unnamed) {
        this.unnamed = unnamed;
    }

    @Override
    boolean isHeld() {
        return super.isHeld() || handles.get() > 0;
    }

    @Override
    void show(TreeEntry entry) {
        super.show(entry);
        content.restore(new FileContent.Stored(entry.content(), entry.size()), entry.size(), new TreeMap<>());
        unnamed = false;
    }

    /** With the stored content, which is not the present one if that is edited. */
    @Override
    TreeEntry entry() {
        return TreeEntry.file(
                fileId(), attributes(), content.size(), content.stored().ref());
    }

    /** The file with its content as it is now, stored if it was not. Gate closed. */
    public TreeEntry stored(ObjectTable table) {
        return holding(content.seal().store(table));
    }

    /** Has that content from now on, and no edits. Gate closed; to be told to the viewer. */
    public Viewer.Stale take(TreeEntry file) {
        boolean resized = content.size() != file.size();
        content.restore(new FileContent.Stored(file.content(), file.size()), file.size(), new TreeMap<>());
        return new Viewer.Stale.Inode(this, true, resized);
    }

    /** Has no content from now on; likewise. */
    public Viewer.Stale empty() {
        return take(entry().withContent(0, null));
    }

    /** Whether a program may read it though it has no name any more. */
    boolean mayBeOpen() {
        return handles.get() > 0 || isInherited();
    }

    /** An entry of this file with other stored content. */
    TreeEntry holding(FileContent.Stored stored) {
        return TreeEntry.file(fileId(), attributes(), stored.size(), stored.ref());
    }
}
