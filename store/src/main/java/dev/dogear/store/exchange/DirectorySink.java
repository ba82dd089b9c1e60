package dev.dogear.store.exchange;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.stream.Stream;

/** Writes a tree into a new or empty directory of the host. Owners are set as far as the process may. */
final class DirectorySink implements TreeExport.Sink {
    private final Path top;

    DirectorySink(Path top) throws IOException {
        Files.createDirectories(top);
        try (Stream<Path> there = Files.list(top)) {
            if (there.findAny().isPresent()) {
                throw new StoreException(Kind.ALREADY_EXISTS, "The directory to export to is not empty: " + top);
            }
        }
        this.top = top.toRealPath();
    }

    @Override
    public void enter(TreePath path, TreeEntry entry) throws IOException {
        if (!path.isRoot()) {
            Files.createDirectory(at(path));
        }
    }

    @Override
    public void leave(TreePath path, TreeEntry entry) throws IOException {
        setAttributes(at(path), entry);
    }

    @Override
    public void file(TreePath path, TreeEntry entry, TreeExport.Content content) throws IOException {
        Path file = at(path);
        if (entry.type() == EntryType.FILE) {
            try (OutputStream out = Files.newOutputStream(file)) {
                content.to(out);
            }
        } else if (entry.type() == EntryType.SYMLINK) {
            Files.createSymbolicLink(file, HostPaths.path(entry.payload()));
        } else {
            makeNode(file, entry);
        }
        setAttributes(file, entry);
    }

    @Override
    public void link(TreePath path, TreePath first, TreeEntry entry) throws IOException {
        Files.createLink(at(path), at(first));
    }

    @Override
    public void close() {}

    private Path at(TreePath path) {
        Path file = top;
        for (Name name : path.names()) {
            file = HostPaths.child(file, name.toBytes());
        }
        return file;
    }

    /** The JDK makes no FIFOs; the host's mkfifo does. Sockets and devices mean nothing in a copy and are refused. */
    private static void makeNode(Path file, TreeEntry entry) throws IOException {
        if (entry.type() != EntryType.FIFO) {
            throw new StoreException(
                    Kind.INVALID, "A socket or device cannot be exported to a directory, use an archive: " + file);
        }
        try {
            int status = new ProcessBuilder("mkfifo", file.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IOException("mkfifo failed with status " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void setAttributes(Path file, TreeEntry entry) throws IOException {
        Attributes attributes = entry.attributes();
        try {
            Files.setAttribute(file, "unix:uid", attributes.uid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", attributes.gid(), LinkOption.NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            // Only root may give files away; the copy then belongs to whoever exports.
        }
        if (entry.type() != EntryType.SYMLINK) {
            UserDefinedFileAttributeView view = HostPaths.xattrView(file);
            for (var xattr : attributes.xattrs().asMap().entrySet()) {
                if (view != null && xattr.getKey().startsWith("user.")) {
                    view.write(xattr.getKey().substring("user.".length()), ByteBuffer.wrap(xattr.getValue()));
                }
            }
            Files.setAttribute(file, "unix:mode", attributes.mode(), LinkOption.NOFOLLOW_LINKS);
        }
        FileTime mtime = FileTime.from(attributes.mtime().toInstant());
        try {
            Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(mtime, null, null);
        } catch (FileSystemException e) {
            if (entry.type() != EntryType.SYMLINK) {
                throw e;
            }
            // Not every JDK can set the times of a symbolic link.
        }
    }
}
