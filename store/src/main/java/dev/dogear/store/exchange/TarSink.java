package dev.dogear.store.exchange;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes a tree as a POSIX (pax) tar archive, compressed if its name says so. Sockets are left out, as tar does. */
final class TarSink implements TreeExport.Sink {
    private final TarArchiveOutputStream tar;

    TarSink(Path archive) throws IOException {
        OutputStream file = new BufferedOutputStream(
                Files.newOutputStream(archive, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        boolean compressed = !archive.toString().endsWith(".tar");
        tar = new TarArchiveOutputStream(compressed ? new GZIPOutputStream(file) : file, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    @Override
    public void enter(TreePath path, TreeEntry entry) throws IOException {
        put(header(path.isRoot() ? "./" : path + "/", TarConstants.LF_DIR, entry));
    }

    @Override
    public void leave(TreePath path, TreeEntry entry) {}

    @Override
    public void file(TreePath path, TreeEntry entry, TreeExport.Content content) throws IOException {
        if (entry.type() == EntryType.SOCKET) {
            return;
        }
        TarArchiveEntry header = header(path.toString(), typeFlag(entry.type()), entry);
        if (entry.type() == EntryType.SYMLINK) {
            header.setLinkName(new String(entry.payload(), StandardCharsets.UTF_8));
        }
        if (entry.type() != EntryType.FILE) {
            put(header);
            return;
        }
        header.setSize(entry.size());
        tar.putArchiveEntry(header);
        content.to(tar);
        tar.closeArchiveEntry();
    }

    @Override
    public void link(TreePath path, TreePath first, TreeEntry entry) throws IOException {
        TarArchiveEntry header = header(path.toString(), TarConstants.LF_LINK, entry);
        header.setLinkName(first.toString());
        put(header);
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    private void put(TarArchiveEntry header) throws IOException {
        tar.putArchiveEntry(header);
        tar.closeArchiveEntry();
    }

    private static byte typeFlag(EntryType type) {
        return switch (type) {
            case SYMLINK -> TarConstants.LF_SYMLINK;
            case FIFO -> TarConstants.LF_FIFO;
            case CHARACTER_DEVICE -> TarConstants.LF_CHR;
            case BLOCK_DEVICE -> TarConstants.LF_BLK;
            default -> TarConstants.LF_NORMAL;
        };
    }

    private static TarArchiveEntry header(String name, byte type, TreeEntry entry) {
        TarArchiveEntry header = new TarArchiveEntry(name, type, true);
        Attributes attributes = entry.attributes();
        header.setMode(attributes.mode());
        header.setUserId(attributes.uid());
        header.setGroupId(attributes.gid());
        header.setLastModifiedTime(FileTime.from(attributes.mtime().toInstant()));
        attributes
                .xattrs()
                .asMap()
                .forEach((key, value) ->
                        header.addPaxHeader("SCHILY.xattr." + key, new String(value, StandardCharsets.UTF_8)));
        return header;
    }
}
