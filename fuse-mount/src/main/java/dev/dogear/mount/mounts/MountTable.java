package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is mounted, as {@code /proc/self/mountinfo} says: reading it asks no file system anything. */
record MountTable(List<Row> rows) {
    /**
     * One mount.
     *
     * @param device major:minor, the same for all mounts of one file system
     * @param root the directory of the file system that is mounted
     */
    record Row(String device, String root, String mountpoint, Set<String> options, String type) {}

    static MountTable read() {
        try {
            return parse(Files.readAllLines(Path.of("/proc/self/mountinfo"), ISO_8859_1));
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "cannot read /proc/self/mountinfo", e);
        }
    }

    static MountTable parse(List<String> lines) {
        List<Row> rows = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            int dash = List.of(fields).indexOf("-");
            if (dash >= 6 && fields.length > dash + 1) {
                rows.add(new Row(
                        fields[2],
                        unescape(fields[3]),
                        unescape(fields[4]),
                        Set.of(fields[5].split(",", -1)),
                        fields[dash + 1]));
            }
        }
        return new MountTable(List.copyOf(rows));
    }

    /** What is mounted last at that path. */
    Optional<Row> at(Path mountpoint) {
        String text = mountpoint.toString();
        return rows.stream().filter(row -> row.mountpoint().equals(text)).reduce((first, second) -> second);
    }

    /** The mounts of that file system. */
    List<Row> ofDevice(String device) {
        return rows.stream().filter(row -> row.device().equals(device)).toList();
    }

    /** Blanks, tabs, newlines and backslashes are three octal digits. */
    private static String unescape(String field) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                bytes.write(Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                bytes.write(field.charAt(i));
            }
        }
        return bytes.toString(UTF_8);
    }
}
