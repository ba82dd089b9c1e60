package dev.dogear.store.exchange;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Files of the host as import and export see them. Names are any bytes: the JDK keeps those of a path it was given or
 * read, but shows them only percent-encoded in the path's URI.
 */
final class HostPaths {
    private static final char UNDECODABLE = '\uFFFD';

    private HostPaths() {}

    /**
     * What lstat tells.
     *
     * @param mode with type bits
     * @param links number of names
     */
    record Stat(int mode, int uid, int gid, int links, long inode, long device, long size, Instant modified) {}

    /** lstat. */
    static Stat stat(Path file) throws IOException {
        Map<String, Object> found = Files.readAttributes(
                file, "unix:mode,uid,gid,nlink,ino,rdev,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        return new Stat(
                number(found, "mode").intValue(),
                number(found, "uid").intValue(),
                number(found, "gid").intValue(),
                number(found, "nlink").intValue(),
                number(found, "ino").longValue(),
                number(found, "rdev").longValue(),
                number(found, "size").longValue(),
                ((FileTime) requireNonNull(found.get("lastModifiedTime"))).toInstant());
    }

    private static Number number(Map<String, Object> found, String key) {
        return (Number) requireNonNull(found.get(key));
    }

    /** The bytes of the last name of a path. */
    static byte[] nameBytes(Path file) {
        return bytes(requireNonNull(file.getFileName()));
    }

    /** The bytes of a path as it was read. */
    static byte[] bytes(Path path) {
        String text = path.toString();
        if (text.indexOf(UNDECODABLE) < 0) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        String base = Path.of("").toUri().getRawPath();
        String encoded = path.toUri().getRawPath();
        return decode(path.isAbsolute() ? encoded : encoded.substring(base.length()));
    }

    /** The child of {@code directory} whose name is those bytes. */
    static Path child(Path directory, byte[] name) {
        String text = new String(name, StandardCharsets.UTF_8);
        if (text.indexOf(UNDECODABLE) < 0) {
            return directory.resolve(text);
        }
        StringBuilder encoded = new StringBuilder(directory.toUri().getRawPath());
        if (encoded.charAt(encoded.length() - 1) != '/') {
            encoded.append('/');
        }
        for (byte b : name) {
            encoded.append(String.format("%%%02X", b));
        }
        return Path.of(URI.create("file://" + encoded));
    }

    /** The path that is those bytes, as a symbolic link holds them. */
    static Path path(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf(UNDECODABLE) < 0) {
            return Path.of(text);
        }
        Path root = Path.of("/");
        Path absolute = child(root, bytes);
        return bytes[0] == '/' ? absolute : root.relativize(absolute);
    }

    private static byte[] decode(String encoded) {
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes[length++] = (byte) Integer.parseInt(encoded.substring(i + 1, i + 3), 16);
                i += 2;
            } else {
                bytes[length++] = (byte) encoded.charAt(i);
            }
        }
        return java.util.Arrays.copyOf(bytes, length);
    }

    /** The {@code user.} attributes of a file or directory; none where the host keeps none. */
    static Map<String, byte[]> xattrs(Path file) throws IOException {
        Map<String, byte[]> values = new TreeMap<>();
        UserDefinedFileAttributeView view = xattrView(file);
        if (view == null) {
            return values;
        }
        try {
            for (String name : view.list()) {
                ByteBuffer value = ByteBuffer.allocate(view.size(name));
                view.read(name, value);
                values.put("user." + name, value.array());
            }
        } catch (FileSystemException e) {
            // Symbolic links, FIFOs and some file systems have no user attributes.
            return Map.of();
        }
        return values;
    }

    static @Nullable UserDefinedFileAttributeView xattrView(Path file) {
        return Files.getFileAttributeView(file, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    /** What the operating system said, in words. */
    static String reason(IOException e) {
        if (e instanceof FileSystemException fse) {
            String reason = fse.getReason();
            return fse.getFile() + ": " + (reason == null ? e.getClass().getSimpleName() : reason);
        }
        return String.valueOf(e.getMessage());
    }
}
