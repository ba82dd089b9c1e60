package dev.dogear.store.exchange;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.LinkedFile;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes a stored tree to a host directory or a tar archive: walks it once, parents before children. */
public final class TreeExport {
    private static final int BUFFER_BYTES = 1 << 18;

    private final ObjectTable objects;
    private final Progress progress;
    private long files;
    private long bytes;

    /** Where the files go. */
    interface Sink extends AutoCloseable {
        /** A directory; its times are for {@link #leave}. */
        void enter(TreePath path, TreeEntry entry) throws IOException;

        /** All of the directory has been written. */
        void leave(TreePath path, TreeEntry entry) throws IOException;

        /** A file of any other type. */
        void file(TreePath path, TreeEntry entry, Content content) throws IOException;

        /** One more name of the file written at {@code first}. */
        void link(TreePath path, TreePath first, TreeEntry entry) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Writes a file's content. */
    @FunctionalInterface
    interface Content {
        /** All bytes, holes as zeros. */
        void to(OutputStream out) throws IOException;
    }

    public TreeExport(ObjectTable objects, Progress progress) {
        this.objects = objects;
        this.progress = progress;
    }

    /** The first name of a file with several, which the others are links to. */
    private record Written(TreePath path, TreeEntry entry) {}

    /** @throws StoreException ALREADY_EXISTS if the directory is not empty or the archive is there, IO */
    public void write(Root root, Path to) {
        try (Sink sink = isArchive(to) ? new TarSink(to) : new DirectorySink(to)) {
            walk(root, TreePath.ROOT, root.directory(), sink, new HashMap<>());
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The export to " + to + " failed: " + HostPaths.reason(e), e);
        }
        progress.at(files, bytes);
    }

    private static boolean isArchive(Path to) {
        String name = to.toString();
        return name.endsWith(".tar") || name.endsWith(".tar.gz") || name.endsWith(".tgz");
    }

    private void walk(Root root, TreePath path, TreeEntry directory, Sink sink, Map<Integer, Written> linked)
            throws IOException {
        sink.enter(path, directory);
        List<Map.Entry<Name, TreeEntry>> entries = new ArrayList<>();
        Trees.list(objects, directory.content(), 0, (name, entry) -> entries.add(Map.entry(name, entry)));
        for (Map.Entry<Name, TreeEntry> child : entries) {
            TreePath childPath = path.child(child.getKey());
            TreeEntry entry = child.getValue();
            if (entry.type() == EntryType.DIRECTORY) {
                walk(root, childPath, entry, sink, linked);
            } else if (entry.type() == EntryType.LINKED) {
                writeLinked(root, childPath, entry, sink, linked);
            } else {
                sink.file(childPath, entry, content(entry));
            }
            if (++files % 256 == 0) {
                progress.at(files, bytes);
            }
        }
        sink.leave(path, directory);
    }

    private void writeLinked(Root root, TreePath path, TreeEntry entry, Sink sink, Map<Integer, Written> linked)
            throws IOException {
        Written written = linked.get(entry.fileId());
        if (written != null) {
            sink.link(path, written.path, written.entry);
            return;
        }
        LinkedFile file = LinkTable.find(objects, root.links(), entry.fileId());
        if (file == null) {
            throw new StoreException(Kind.CORRUPT, "The linked file " + entry.fileId() + " is not in the link table");
        }
        sink.file(path, file.entry(), content(file.entry()));
        linked.put(entry.fileId(), new Written(path, file.entry()));
    }

    private Content content(TreeEntry entry) {
        return out -> {
            StoredContent stored = new StoredContent(objects, entry.content(), entry.size());
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            for (long at = 0; at < entry.size(); at += buffer.limit()) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, entry.size() - at));
                stored.read(at, buffer);
                out.write(buffer.array(), 0, buffer.limit());
            }
            bytes += entry.size();
        };
    }
}
