package dev.dogear.store.history;

import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.AttributeChange;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.EditLog;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.NewFile;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Edits a live workspace by paths, as a program on the mount would, without a mount. */
public final class LiveFiles {
    private final Workspace workspace;

    public LiveFiles(Workspace workspace) {
        this.workspace = workspace;
    }

    /** Makes or replaces the whole content of a file, and the directories above it. */
    public void write(String path, String text) throws PosixException {
        write(path, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same for any bytes. */
    public void write(String path, byte[] content) throws PosixException {
        edit(() -> {
            TreePath at = TreePath.parse(path);
            DirectoryNode parent = directory(at.parent());
            Node there = find(parent, at.name());
            FileNode file =
                    there == null ? workspace.createFile(parent, at.name(), new NewFile(0644, 0, 0)) : (FileNode) there;
            workspace.change(file, new AttributeChange(null, null, null, 0L, null, null, null));
            workspace.write(file, 0, direct(content));
        });
    }

    /** Adds to the end of a file there is. */
    public void append(String path, String text) throws PosixException {
        edit(() -> {
            FileNode file = (FileNode) node(path);
            workspace.write(file, workspace.attributes(file).size(), direct(text.getBytes(StandardCharsets.UTF_8)));
        });
    }

    public void mkdir(String path) throws PosixException {
        edit(() -> directory(TreePath.parse(path)));
    }

    public void delete(String path) throws PosixException {
        edit(() -> {
            TreePath at = TreePath.parse(path);
            DirectoryNode parent = directory(at.parent());
            if (workspace.lookup(parent, at.name()) instanceof DirectoryNode) {
                workspace.removeDirectory(parent, at.name(), EditLog.Cause.NONE);
            } else {
                workspace.unlink(parent, at.name(), EditLog.Cause.NONE);
            }
        });
    }

    public void rename(String from, String to) throws PosixException {
        edit(() -> {
            TreePath source = TreePath.parse(from);
            TreePath target = TreePath.parse(to);
            workspace.rename(directory(source.parent()), source.name(), directory(target.parent()), target.name(), 0);
        });
    }

    /** Makes a symbolic link. */
    public void symlink(String path, String target) throws PosixException {
        edit(() -> {
            TreePath at = TreePath.parse(path);
            workspace.createSymlink(
                    directory(at.parent()),
                    at.name(),
                    target.getBytes(StandardCharsets.UTF_8),
                    new NewFile(0777, 0, 0));
        });
    }

    public void chmod(String path, int mode) throws PosixException {
        edit(() -> workspace.change(node(path), new AttributeChange(mode, null, null, null, null, null, null)));
    }

    /** Sets an extended attribute. */
    public void xattr(String path, String name, String value) throws PosixException {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        edit(() -> workspace.setXattr(node(path), name, bytes, 0, EditLog.Cause.NONE));
    }

    /** Where a symbolic link leads, or null if there is none. */
    public @Nullable String target(String path) throws PosixException {
        Node node = open(path);
        return node.type() == EntryType.SYMLINK
                ? new String(inside(() -> workspace.readLink(node)), StandardCharsets.UTF_8)
                : null;
    }

    /** Gives a file there is another name. */
    public void link(String file, String name) throws PosixException {
        edit(() -> {
            TreePath at = TreePath.parse(name);
            workspace.link(node(file), directory(at.parent()), at.name());
        });
    }

    /** When the content of a file changed. */
    public Timestamp mtime(String path) throws PosixException {
        return inside(() -> workspace.attributes(node(path)).attributes().mtime());
    }

    /** The content of a file in UTF-8, or null if there is no regular file. */
    public @Nullable String read(String path) throws PosixException {
        try {
            return open(path) instanceof FileNode file ? text(file) : null;
        } catch (PosixException e) {
            return null;
        }
    }

    /** The node at a path, held as an open file is, for looking at it after it moved or went. */
    public Node open(String path) throws PosixException {
        return inside(() -> {
            Node node = node(path);
            workspace.retain(node);
            return node;
        });
    }

    /** The content of a node. */
    public String text(FileNode file) throws PosixException {
        return new String(bytes(file), StandardCharsets.UTF_8);
    }

    /** The same for any bytes. */
    public byte[] bytes(FileNode file) throws PosixException {
        return inside(() -> {
            ByteBuffer content =
                    ByteBuffer.allocateDirect((int) workspace.attributes(file).size());
            workspace.read(file, 0, content);
            byte[] bytes = new byte[content.flip().remaining()];
            content.get(bytes);
            return bytes;
        });
    }

    /** Every file and its content, directories with a slash and no content. */
    public SortedMap<String, String> all() throws PosixException {
        SortedMap<String, String> found = new TreeMap<>();
        edit(() -> {
            collect(workspace.root(), "", found);
        });
        return found;
    }

    /**
     * Every path and what is there: directories with a slash and nothing, links as {@code -> target}, files with {@code x } or
     * {@code - } before the text, as anybody may execute them or nobody.
     */
    public SortedMap<String, String> states() throws PosixException {
        SortedMap<String, String> found = new TreeMap<>();
        edit(() -> {
            states(workspace.root(), "", found);
        });
        return found;
    }

    private void states(DirectoryNode directory, String prefix, SortedMap<String, String> found) throws PosixException {
        List<Name> names = new ArrayList<>();
        workspace.list(directory, 0, (name, fileId, typeBits, cookie) -> {
            names.add(name);
            return true;
        });
        for (Name name : names) {
            Node node = workspace.lookup(directory, name);
            if (node instanceof DirectoryNode below) {
                found.put(prefix + name + "/", "");
                states(below, prefix + name + "/", found);
            } else if (node instanceof FileNode file) {
                boolean executable = (workspace.attributes(file).attributes().mode() & 0100) != 0;
                found.put(prefix + name, (executable ? "x " : "- ") + text(file));
            } else {
                found.put(prefix + name, "-> " + new String(workspace.readLink(node), StandardCharsets.UTF_8));
            }
        }
    }

    private void collect(DirectoryNode directory, String prefix, SortedMap<String, String> found)
            throws PosixException {
        TreeMap<String, Name> names = new TreeMap<>();
        workspace.list(directory, 0, (name, fileId, typeBits, cookie) -> {
            names.put(name.toString(), name);
            return true;
        });
        for (var entry : names.entrySet()) {
            Node node = workspace.lookup(directory, entry.getValue());
            if (node instanceof DirectoryNode below) {
                found.put(prefix + entry.getKey() + "/", "");
                collect(below, prefix + entry.getKey() + "/", found);
            } else if (node instanceof FileNode file) {
                found.put(prefix + entry.getKey(), text(file));
            }
        }
    }

    private Node node(String path) throws PosixException {
        Node node = workspace.root();
        for (Name name : TreePath.parse(path).names()) {
            node = workspace.lookup((DirectoryNode) node, name);
        }
        return node;
    }

    private DirectoryNode directory(TreePath path) throws PosixException {
        DirectoryNode directory = workspace.root();
        for (Name name : path.names()) {
            Node below = find(directory, name);
            directory = below == null
                    ? workspace.createDirectory(directory, name, new NewFile(0755, 0, 0))
                    : (DirectoryNode) below;
        }
        return directory;
    }

    private @Nullable Node find(DirectoryNode directory, Name name) {
        try {
            return workspace.lookup(directory, name);
        } catch (PosixException e) {
            return null;
        }
    }

    private static ByteBuffer direct(byte[] content) {
        return ByteBuffer.allocateDirect(content.length).put(content).flip();
    }

    private interface Edit {
        void run() throws PosixException;
    }

    private interface Look<T> {
        T run() throws PosixException;
    }

    private void edit(Edit edit) throws PosixException {
        workspace.gate().enter();
        try {
            edit.run();
        } finally {
            workspace.gate().leave();
        }
    }

    private <T> T inside(Look<T> call) throws PosixException {
        workspace.gate().enter();
        try {
            return call.run();
        } finally {
            workspace.gate().leave();
        }
    }
}
