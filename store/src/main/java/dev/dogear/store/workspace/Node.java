package dev.dogear.store.workspace;

/** A file of any type in a workspace, loaded into memory. The same file is the same node for as long as it exists. */
public abstract sealed class Node permits DirectoryNode, FileNode, OtherNode {
    /** The file's number in its repository. */
    public int fileId() {
        throw new UnsupportedOperationException();
    }

    /** The workspace it belongs to. */
    public Workspace workspace() {
        throw new UnsupportedOperationException();
    }
}
