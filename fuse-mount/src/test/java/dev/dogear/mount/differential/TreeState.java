package dev.dogear.mount.differential;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that can be seen of a target, as lines of text by path, so that two can be compared and told apart. */
final class TreeState {
    /** Times set by the test are before this; all others are the clock's and only have to be that. */
    static final long SET_BEFORE = 1_500_000_000;

    /** More than any list of names or value of these tests; each call copies all of it. */
    private static final int BUFFER = 8 * 1024;

    private static final int NAME_AT = 19;
    private static final int ACCESS_MODE = 3;
    private static final int FADV_DONTNEED = 4;
    private static final int F_GETFL = 3;
    private static final String[] SHOWN = shown();

    /** How closely to look. */
    enum Look {
        /** Names, links and what stat tells. */
        GLANCE,
        /** Extended attributes and content, too. */
        WHOLE,
        /** Content read anew from the file system, as far as the kernel has written it. */
        ANEW
    }

    private final Target target;
    private final Look look;
    private final TreeMap<String, String> lines = new TreeMap<>();
    private final List<byte[]> files = new ArrayList<>();
    private final List<byte[]> directories = new ArrayList<>();
    private final List<byte[]> others = new ArrayList<>();
    private final byte[] buffer = new byte[BUFFER];
    private final Map<Long, String> firstName = new HashMap<>();

    private TreeState(Target target, Look look) {
        this.target = target;
        this.look = look;
    }

    static TreeState of(Target target, Look look) {
        TreeState state = new TreeState(target, look);
        state.add(new byte[0]);
        for (int slot = 0; slot < Target.SLOTS; slot++) {
            state.addSlot(slot);
        }
        return state;
    }

    /** What is at a path and below it. */
    static TreeState below(Target target, byte[] path) {
        TreeState state = new TreeState(target, Look.GLANCE);
        state.add(path);
        return state;
    }

    /** Paths of regular files. */
    List<byte[]> files() {
        return files;
    }

    /** Paths of directories, the top (an empty path) among them. */
    List<byte[]> directories() {
        return directories;
    }

    /** Paths of all that is neither. */
    List<byte[]> others() {
        return others;
    }

    /** Empty if they are alike, else what differs. */
    static String difference(TreeState reference, TreeState subject) {
        StringBuilder report = new StringBuilder();
        TreeMap<String, String> all = new TreeMap<>(reference.lines);
        all.putAll(subject.lines);
        for (String path : all.keySet()) {
            String expected = reference.lines.getOrDefault(path, "absent");
            String actual = subject.lines.getOrDefault(path, "absent");
            if (!expected.equals(actual)) {
                report.append("\n  ").append(path);
                report.append("\n    reference ").append(expected);
                report.append("\n    subject   ").append(actual);
            }
        }
        return report.toString();
    }

    private void add(byte[] path) {
        Stat[] found = new Stat[1];
        String text = show(path);
        long result = Stat.ofPath(target.at(path), found);
        if (result < 0) {
            lines.put(text, "errno " + -result);
            return;
        }
        Stat stat = found[0];
        StringBuilder line = new StringBuilder(describe(stat));
        line.append(" same as ").append(firstName.computeIfAbsent(stat.inode(), inode -> text));
        line.append(look == Look.GLANCE ? "" : xattrs(path));
        (stat.isFile() ? files : stat.isDirectory() ? directories : others).add(path);
        if (stat.isLink()) {
            line.append(" -> ").append(link(path));
        } else if (stat.isFile() && look != Look.GLANCE) {
            line.append(content(path, stat));
        }
        lines.put(text, line.toString());
        if (stat.isDirectory()) {
            addEntries(path, text);
        }
    }

    private void addSlot(int slot) {
        Stat[] found = new Stat[1];
        if (!target.isOpen(slot) || Stat.ofDescriptor(target.descriptor(slot), found) < 0) {
            return;
        }
        Stat stat = found[0];
        String line = describe(stat) + " same as " + firstName.getOrDefault(stat.inode(), "nothing");
        int flags = (int) LibC.checked(LibC.calls().fcntl(target.descriptor(slot), F_GETFL, 0));
        if (stat.isFile() && (flags & ACCESS_MODE) != 1 && look != Look.GLANCE) {
            line += " content " + FileDigest.of(target.descriptor(slot), stat.size());
        }
        lines.put("descriptor " + slot, line);
    }

    /** A write into a FIFO stamps it on ext4; a FUSE server hears nothing of it, so its mtime is left out. */
    private static String describe(Stat stat) {
        String mtime = "clock";
        if (stat.isFifo()) {
            mtime = "any";
        } else if (stat.mtimeSeconds() < SET_BEFORE) {
            mtime = stat.mtimeSeconds() + " s " + stat.mtimeNanos() + " ns";
        }
        String size = stat.isDirectory() ? "" : " size " + stat.size();
        return "mode " + Integer.toOctalString(stat.mode()) + " links " + stat.links() + " owner " + stat.uid() + ":"
                + stat.gid() + size + " mtime " + mtime;
    }

    private String content(byte[] path, Stat stat) {
        long fd = LibC.checked(LibC.calls().openat(LibC.AT_FDCWD, target.at(path), LibC.O_CLOEXEC, 0));
        if (fd < 0) {
            return " open: errno " + -fd;
        }
        if (look == Look.ANEW) {
            LibC.calls().posix_fadvise((int) fd, 0, 0, FADV_DONTNEED);
        }
        String digest = FileDigest.of((int) fd, stat.size());
        LibC.calls().close((int) fd);
        return " content " + digest;
    }

    private String link(byte[] path) {
        long length = LibC.checked(LibC.calls().readlinkat(LibC.AT_FDCWD, target.at(path), buffer, buffer.length));
        return length < 0 ? "errno " + -length : show(Arrays.copyOf(buffer, (int) length));
    }

    private String xattrs(byte[] path) {
        long length = LibC.checked(LibC.calls().llistxattr(target.at(path), buffer, buffer.length));
        if (length <= 0) {
            return length == 0 ? "" : " xattrs errno " + -length;
        }
        byte[] names = Arrays.copyOf(buffer, (int) length);
        TreeMap<String, String> found = new TreeMap<>();
        for (int start = 0; start < length; ) {
            int end = start;
            while (names[end] != 0) {
                end++;
            }
            byte[] name = Arrays.copyOfRange(names, start, end + 1);
            long size = LibC.checked(LibC.calls().lgetxattr(target.at(path), name, buffer, buffer.length));
            found.put(
                    show(Arrays.copyOfRange(names, start, end)),
                    size < 0 ? "errno " + -size : show(Arrays.copyOf(buffer, (int) size)));
            start = end + 1;
        }
        return " xattrs " + found;
    }

    private void addEntries(byte[] path, String text) {
        long fd =
                LibC.checked(LibC.calls().openat(LibC.AT_FDCWD, target.at(path), LibC.O_CLOEXEC | LibC.O_DIRECTORY, 0));
        if (fd < 0) {
            lines.put(text + "/", "open: errno " + -fd);
            return;
        }
        TreeMap<String, byte[]> names = new TreeMap<>();
        String failure = entries((int) fd, path, names);
        LibC.calls().close((int) fd);
        lines.put(text + "/", failure + names.keySet());
        for (byte[] name : names.values()) {
            if (name.length > 0) {
                add(name);
            }
        }
    }

    /** Fills names and types of a directory; the paths are empty for {@code .} and {@code ..}. */
    private String entries(int fd, byte[] path, Map<String, byte[]> names) {
        while (true) {
            long length = LibC.checked(LibC.calls().getdents64(fd, buffer, buffer.length));
            if (length <= 0) {
                return length == 0 ? "" : "errno " + -length + " after ";
            }
            for (int at = 0; at < length; ) {
                int end = at + NAME_AT;
                while (buffer[end] != 0) {
                    end++;
                }
                byte[] name = Arrays.copyOfRange(buffer, at + NAME_AT, end);
                String key = show(name) + " type " + buffer[at + NAME_AT - 1];
                byte[] below = name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'))
                        ? new byte[0]
                        : join(path, name);
                if (names.put(key, below) != null) {
                    return "twice: " + key + " in ";
                }
                at += (buffer[at + 16] & 0xff) | (buffer[at + 17] & 0xff) << 8;
            }
        }
    }

    static byte[] join(byte[] directory, byte[] name) {
        if (directory.length == 0) {
            return name;
        }
        byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length);
        path[directory.length] = '/';
        System.arraycopy(name, 0, path, directory.length + 1, name.length);
        return path;
    }

    /** The bytes as text, those that are not printable as escapes; long ones cut in the middle. */
    static String show(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(SHOWN[b & 0xff]);
        }
        if (text.length() > 200) {
            int hash = Arrays.hashCode(bytes);
            return text.substring(0, 40) + "…" + bytes.length + " bytes, hash " + Integer.toHexString(hash);
        }
        return text.isEmpty() ? "(top)" : text.toString();
    }

    private static String[] shown() {
        String[] all = new String[256];
        for (int b = 0; b < all.length; b++) {
            boolean printable = b > ' ' && b < 127;
            all[b] = printable ? Character.toString(b) : "\\x" + HexFormat.of().toHexDigits((byte) b);
        }
        return all;
    }

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
