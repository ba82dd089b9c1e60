package dev.dogear.control.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks at everything a daemon needs of its host. */
public final class Doctor {
    private static final int KERNEL_LEAST = 504;
    private static final int KERNEL_GOOD = 609;
    private static final long OPEN_FILES_GOOD = 4096;
    private static final long ROOM_LEAST = 256L << 20;
    private static final long ROOM_GOOD = 2L << 30;
    private static final int SOCKET_PATH_BYTES_MAX = 107;
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);
    private static final Set<PosixFilePermission> OWNER_ALL = PosixFilePermissions.fromString("rwx------");

    private final Path root;
    private final Places places;
    private final Asking asking;

    /** Where the daemon keeps, shows and answers. */
    public record Places(Path data, Path mount, Path socket) {}

    /**
     * What this process is.
     *
     * @param encoding how it spells the names of files
     */
    public record Asking(boolean isRoot, String encoding) {}

    /** @param root of the host's files; {@code /} but in tests */
    public Doctor(Path root, Places places, Asking asking) {
        this.root = root;
        this.places = places;
        this.asking = asking;
    }

    /** Everything, whether something is wrong with it or not. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        findings.add(kernel());
        findings.add(device());
        findings.add(mounting());
        findings.add(uring());
        findings.add(openFiles());
        findings.add(addresses());
        findings.add(locale());
        findings.add(mountpoint());
        findings.add(socket());
        findings.add(room());
        return findings;
    }

    private Finding kernel() {
        String release = read("proc/sys/kernel/osrelease").strip();
        Matcher matcher = RELEASE.matcher(release);
        int number =
                matcher.matches() ? Integer.parseInt(matcher.group(1)) * 100 + Integer.parseInt(matcher.group(2)) : 0;
        if (number < KERNEL_LEAST) {
            return Finding.fault(
                    "kernel",
                    "Linux " + release + " lacks what Dogear needs of FUSE",
                    "Run Linux 5.4 or later, better 6.9.");
        }
        return number < KERNEL_GOOD
                ? Finding.warning(
                        "kernel",
                        "Linux " + release + " cannot be asked to send requests again after a daemon's death",
                        "Nothing is lost without it; Linux 6.9 has it.")
                : Finding.fine("kernel", "Linux " + release);
    }

    private Finding device() {
        Path device = root.resolve("dev/fuse");
        if (!Files.exists(device)) {
            return Finding.fault(
                    "fuse",
                    "/dev/fuse is not there",
                    "Load the module: modprobe fuse. In a container: start it with --device /dev/fuse.");
        }
        return Files.isReadable(device) && Files.isWritable(device)
                ? Finding.fine("fuse", "/dev/fuse can be opened")
                : Finding.fault("fuse", "/dev/fuse may not be opened", "Let everybody open it: chmod 666 /dev/fuse");
    }

    private Finding mounting() {
        if (asking.isRoot()) {
            return Finding.fine("mounting", "root mounts by itself");
        }
        boolean program = List.of("bin", "usr/bin", "usr/local/bin").stream()
                .anyMatch(folder -> Files.isExecutable(root.resolve(folder).resolve("fusermount3")));
        if (!program) {
            return Finding.fault(
                    "mounting",
                    "there is no fusermount3, without which only root can mount",
                    "Install it: apt install fuse3, dnf install fuse3 or apk add fuse3");
        }
        boolean others =
                read("etc/fuse.conf").lines().anyMatch(line -> line.strip().equals("user_allow_other"));
        return others
                ? Finding.fine("mounting", "fusermount3 mounts, also with --allow-other")
                : Finding.warning(
                        "mounting",
                        "up --allow-other will be refused",
                        "If you need it, add the line user_allow_other to /etc/fuse.conf.");
    }

    private Finding uring() {
        String enabled = read("sys/module/fuse/parameters/enable_uring").strip();
        return enabled.equals("Y") || enabled.equals("1")
                ? Finding.fine("io_uring", "up --transport io-uring can be chosen")
                : Finding.fine("io_uring", "not offered by this kernel for FUSE; the usual way is used");
    }

    private Finding openFiles() {
        long most = limit("Max open files");
        return most < OPEN_FILES_GOOD
                ? Finding.warning(
                        "open files",
                        "a process may have " + most + " files open, too few for many repositories at once",
                        "Raise the limit before dogear up: ulimit -n " + OPEN_FILES_GOOD)
                : Finding.fine("open files", "as many as needed");
    }

    private Finding addresses() {
        long most = limit("Max address space");
        return most < Long.MAX_VALUE
                ? Finding.fault(
                        "addresses",
                        "a process may use " + most + " bytes of addresses; maps of the stored data need far more",
                        "Take the limit away before dogear up: ulimit -v unlimited")
                : Finding.fine("addresses", "not limited");
    }

    /** A limit of this process; the largest number if there is none. */
    private long limit(String name) {
        for (String line : read("proc/self/limits").lines().toList()) {
            if (line.startsWith(name)) {
                String soft = line.substring(name.length()).strip().split("\\s+", 2)[0];
                return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
            }
        }
        return Long.MAX_VALUE;
    }

    private Finding locale() {
        return asking.encoding().equalsIgnoreCase("UTF-8")
                ? Finding.fine("locale", "names are UTF-8")
                : Finding.fault(
                        "locale",
                        "names are spelled in " + asking.encoding()
                                + ": paths with other letters cannot be given to the command, nor imported",
                        "Set the locale to one of UTF-8: export LC_ALL=C.UTF-8");
    }

    private Finding mountpoint() {
        Path mount = places.mount();
        try {
            if (Files.exists(mount, LinkOption.NOFOLLOW_LINKS)) {
                Files.readAttributes(mount, "unix:*", LinkOption.NOFOLLOW_LINKS);
            } else if (isListedMount(mount)) {
                return stale(mount);
            }
        } catch (IOException e) {
            return stale(mount);
        }
        return Files.exists(mount) && !Files.isDirectory(mount)
                ? Finding.fault("mount", mount + " is no directory", "Move it away, or choose another --mount.")
                : Finding.fine("mount", mount + " can be mounted on");
    }

    private static Finding stale(Path mount) {
        return Finding.fault(
                "mount",
                mount + " is the mount of a daemon that is gone",
                "End it: fusermount3 -u " + mount + " (as root: umount -l " + mount + ")");
    }

    private boolean isListedMount(Path mount) {
        return read("proc/self/mounts").lines().anyMatch(line -> line.contains(" " + mount + " fuse"));
    }

    private Finding socket() {
        Path socket = places.socket();
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > SOCKET_PATH_BYTES_MAX) {
            return Finding.fault(
                    "socket",
                    "the path is longer than " + SOCKET_PATH_BYTES_MAX + " bytes: " + socket,
                    "Choose a shorter one with --socket or DOGEAR_SOCKET.");
        }
        Path folder = socket.toAbsolutePath().getParent();
        try {
            boolean closed = folder != null
                    && (!Files.exists(folder) || OWNER_ALL.containsAll(Files.getPosixFilePermissions(folder)));
            return closed
                    ? Finding.fine("socket", socket + " can be served")
                    : Finding.fault(
                            "socket", "its folder is open to others: " + folder, "Close it: chmod 700 " + folder);
        } catch (IOException e) {
            return Finding.fault(
                    "socket", "its folder cannot be looked at: " + e.getMessage(), "Choose another --socket.");
        }
    }

    private Finding room() {
        Path data = places.data();
        Path there = existing(data);
        if (there == null || !Files.isWritable(there)) {
            return Finding.fault(
                    "disk", "nothing can be written in " + data, "Choose another --data, or change its owner.");
        }
        try {
            long room = Files.getFileStore(there).getUsableSpace();
            String text = (room >> 20) + " MiB are free in " + there;
            return room < ROOM_LEAST
                    ? Finding.fault("disk", text, "Free some room, or choose another --data.")
                    : room < ROOM_GOOD ? Finding.warning("disk", text, "Free some room.") : Finding.fine("disk", text);
        } catch (IOException e) {
            return Finding.fault(
                    "disk", "the file system of " + there + " fails: " + e.getMessage(), "Look at its log: dmesg");
        }
    }

    private static @Nullable Path existing(Path path) {
        Path there = path.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there;
    }

    /** Empty if it cannot be read. */
    private String read(String path) {
        try {
            return Files.readString(root.resolve(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
