package dev.dogear.store.exchange;

import com.google.common.base.Splitter;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Xattrs;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads a host directory or a tar archive into the store. Symbolic links are copied, never followed. */
public final class TreeImport {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String PAX_XATTR = "SCHILY.xattr.";

    private final ObjectTable objects;
    private final IntSupplier fileIds;
    private final Progress progress;
    private long files;
    private long bytes;

    public TreeImport(ObjectTable objects, IntSupplier fileIds, Progress progress) {
        this.objects = objects;
        this.fileIds = fileIds;
        this.progress = progress;
    }

    /** @throws StoreException NOT_FOUND, INVALID or IO; nothing is visible then */
    public Root read(Path from, Root before) {
        TreeBuilder builder = new TreeBuilder(objects, fileIds, before.directory());
        try {
            if (Files.isDirectory(from)) {
                readDirectory(from, TreePath.ROOT, builder, new HashMap<>());
            } else if (Files.isRegularFile(from)) {
                readTar(from, builder);
            } else {
                throw new StoreException(Kind.NOT_FOUND, "There is no directory or archive to import at " + from);
            }
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The import of " + from + " failed: " + HostPaths.reason(e), e);
        }
        progress.at(files, bytes);
        return builder.build(before);
    }

    private void readDirectory(Path directory, TreePath path, TreeBuilder builder, Map<Long, TreeBuilder.Item> linked)
            throws IOException {
        HostPaths.Stat stat = HostPaths.stat(directory);
        builder.directory(path, TreeEntry.directory(0, attributes(stat, directory), 0, null));
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                TreePath childPath = path.child(Name.of(HostPaths.nameBytes(child)));
                if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
                    readDirectory(child, childPath, builder, linked);
                } else {
                    builder.file(childPath, item(child, linked));
                    count(0);
                }
            }
        }
    }

    private TreeBuilder.Item item(Path file, Map<Long, TreeBuilder.Item> linked) throws IOException {
        HostPaths.Stat stat = HostPaths.stat(file);
        Long key = stat.links() > 1 ? stat.inode() : null;
        TreeBuilder.Item known = key == null ? null : linked.get(key);
        if (known != null) {
            return known;
        }
        TreeBuilder.Item item = new TreeBuilder.Item(entry(file, stat));
        if (key != null) {
            linked.put(key, item);
        }
        return item;
    }

    private TreeEntry entry(Path file, HostPaths.Stat stat) throws IOException {
        EntryType type = EntryType.ofMode(stat.mode());
        Attributes attributes = attributes(stat, file);
        return switch (type) {
            case FILE -> {
                try (InputStream content = Files.newInputStream(file)) {
                    yield content(content, stat.size(), attributes);
                }
            }
            case SYMLINK -> TreeEntry.symlink(0, attributes, HostPaths.bytes(Files.readSymbolicLink(file)));
            case CHARACTER_DEVICE, BLOCK_DEVICE ->
                TreeEntry.special(
                        0,
                        type,
                        attributes,
                        ByteBuffer.allocate(Long.BYTES).putLong(stat.device()).array());
            default -> TreeEntry.special(0, type, attributes, new byte[0]);
        };
    }

    private TreeEntry content(InputStream content, long expectedSize, Attributes attributes) throws IOException {
        ContentWriter writer = new ContentWriter(objects, expectedSize);
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        for (int read; (read = content.read(buffer)) > 0; ) {
            writer.data(ByteBuffer.wrap(buffer, 0, read));
            size += read;
        }
        bytes += size;
        ContentRef stored = writer.finish();
        return TreeEntry.file(0, attributes, size, stored);
    }

    private void count(int more) {
        files += 1 + more;
        if (files % 256 == 0) {
            progress.at(files, bytes);
        }
    }

    private static Attributes attributes(HostPaths.Stat stat, Path file) throws IOException {
        Timestamp mtime = Timestamp.of(stat.modified());
        return new Attributes(
                stat.mode() & Attributes.MODE_MASK,
                stat.uid(),
                stat.gid(),
                mtime,
                mtime,
                Xattrs.of(HostPaths.xattrs(file)));
    }

    private void readTar(Path archive, TreeBuilder builder) throws IOException {
        String name = archive.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean compressed = name.endsWith(".gz") || name.endsWith(".tgz");
        if (!compressed && !name.endsWith(".tar")) {
            throw new StoreException(
                    Kind.INVALID, "An archive to import is named *.tar, *.tar.gz or *.tgz: " + archive.getFileName());
        }
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), BUFFER_BYTES);
                InputStream plain = compressed ? new GZIPInputStream(file, BUFFER_BYTES) : file;
                TarArchiveInputStream tar = new TarArchiveInputStream(plain, "UTF-8")) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                readTarEntry(tar, entry, builder);
                count(0);
            }
        }
    }

    private void readTarEntry(TarArchiveInputStream tar, TarArchiveEntry entry, TreeBuilder builder)
            throws IOException {
        TreePath path = archivePath(entry.getName());
        Attributes attributes = attributes(entry);
        if (entry.isDirectory()) {
            builder.directory(path, TreeEntry.directory(0, attributes, 0, null));
        } else if (path.isRoot()) {
            throw new StoreException(Kind.INVALID, "The archive holds a file without a name");
        } else if (entry.isLink()) {
            TreeBuilder.Item target = builder.find(archivePath(entry.getLinkName()));
            if (target == null) {
                throw new StoreException(
                        Kind.INVALID, "The archive links " + path + " to a file it does not hold before it");
            }
            builder.file(path, target);
        } else {
            builder.file(path, new TreeBuilder.Item(tarEntry(tar, entry, attributes)));
        }
    }

    private TreeEntry tarEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Attributes attributes)
            throws IOException {
        if (entry.isSymbolicLink()) {
            return TreeEntry.symlink(0, attributes, entry.getLinkName().getBytes(StandardCharsets.UTF_8));
        }
        if (entry.isFIFO()) {
            return TreeEntry.special(0, EntryType.FIFO, attributes, new byte[0]);
        }
        if (entry.isCharacterDevice() || entry.isBlockDevice()) {
            throw new StoreException(
                    Kind.INVALID, "A device node cannot be imported from an archive: " + entry.getName());
        }
        return content(tar, entry.getRealSize(), attributes);
    }

    private static Attributes attributes(TarArchiveEntry entry) {
        Instant moment = entry.getLastModifiedTime().toInstant();
        Map<String, byte[]> xattrs = new TreeMap<>();
        entry.getExtraPaxHeaders().forEach((key, value) -> {
            if (key.startsWith(PAX_XATTR + "user.")) {
                xattrs.put(key.substring(PAX_XATTR.length()), value.getBytes(StandardCharsets.UTF_8));
            }
        });
        Timestamp mtime = Timestamp.of(moment);
        return new Attributes(
                entry.getMode() & Attributes.MODE_MASK,
                (int) entry.getLongUserId(),
                (int) entry.getLongGroupId(),
                mtime,
                mtime,
                Xattrs.of(xattrs));
    }

    /** A path of an archive: no way out of it, whatever it says. */
    private static TreePath archivePath(String text) {
        StringBuilder clean = new StringBuilder();
        for (String part : Splitter.on('/').split(text)) {
            if (part.equals("..")) {
                throw new StoreException(Kind.INVALID, "The archive holds a path that leads out of it: " + text);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append(clean.isEmpty() ? "" : "/").append(part);
            }
        }
        try {
            return TreePath.parse(clean.toString());
        } catch (IllegalArgumentException e) {
            throw new StoreException(Kind.INVALID, "The archive holds a path that is no legal name: " + text, e);
        }
    }
}
