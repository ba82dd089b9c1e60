package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Random;

/** A tree on the host's own disk with everything a tree can have: this project's sources and all that is odd. */
final class SampleTree {
    private static final String SOCKET = "odd/socket";

    /** For rsync: tar knows no sockets, and of a FIFO with two names it makes two. */
    static final String[] NOT_IN_TAR = {"--exclude=/" + SOCKET, "--exclude=/odd/links/other/fifo"};

    private SampleTree() {}

    static void make(Path folder, long seed) throws IOException {
        Files.createDirectories(folder);
        Path project = projectRoot();
        for (String module : new String[] {"store", "fuse-mount", "control-api"}) {
            Command.of("cp", "-a", "--parents", module + "/src", module + "/pom.xml", folder.toString())
                    .in(project)
                    .run();
        }
        Path odd = Files.createDirectory(folder.resolve("odd"));
        // The shell makes the names: the JVM's own encoding may not be able to.
        Command.of("sh", "-c", ODD_NAMES).in(odd).run();
        Command.of("sh", "-c", ODD_FILES).in(odd).run();
        data(odd, new Random(seed));
        attributes(odd);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(folder.resolve(SOCKET)));
        }
        // Last, since making entries gave the directories new times.
        Command.of("sh", "-c", TIMES).in(odd).run();
    }

    private static final String ODD_NAMES = """
            set -e
            echo 1 > "$(printf 'line\\nbreak')"
            echo 2 > "$(printf 'bytes\\377\\376\\200')"
            echo 3 > "$(printf 'caf\\303\\251')"
            echo 4 > "$(printf 'cafe\\314\\201')"
            echo 5 > ./-dash
            echo 6 > ' blank '
            echo 7 > '*'
            echo 8 > 'back\\slash'
            echo 9 > "$(printf '%0255d' 0)"
            mkdir "$(printf '%0255d' 1)" ' d ' 'empty directory'
            echo 10 > ' d '/.hidden
            deep=deep
            for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do deep=$deep/$i; done
            mkdir -p "$deep"
            echo bottom > "$deep/file"
            """;

    private static final String ODD_FILES = """
            set -e
            ln -s nowhere dangling
            ln -s /absolute/path absolute
            ln -s . self
            ln -s "$(printf 'x%.0s' $(seq 1 1000))" long-link
            mkfifo fifo
            mkdir links links/other
            echo linked > links/one
            ln links/one links/two
            ln links/one links/other/three
            ln -s target links/soft
            ln -P links/soft links/hard-link-of-soft
            mkfifo links/fifo && ln links/fifo links/other/fifo
            : > empty
            for mode in 0000 0444 0640 0755 4755 2755 1777 7777; do echo $mode > mode-$mode; chmod $mode mode-$mode; done
            mkdir sticky set-group && chmod 1777 sticky && chmod 2770 set-group
            echo other > owned && chown 1234:4321 owned && chown -h 12345:54321 dangling
            truncate -s 10M sparse
            printf tail >> sparse
            mkdir many
            for i in $(seq 1 1500); do echo $i > many/$i; done
            """;

    private static final String TIMES = """
            set -e
            touch -d '1969-12-31 23:59:59.000000001 UTC' -- -dash
            touch -d '1970-01-01 00:00:00 UTC' empty
            touch -d '2100-06-01 12:00:00.999999999 UTC' ' blank '
            touch -h -d '2001-02-03 04:05:06.123456789 UTC' dangling
            touch -d '2010-01-01 00:00:00.5 UTC' links 'empty directory' .
            """;

    private static void data(Path odd, Random random) throws IOException {
        for (int size : new int[] {4095, 4096, 4097, 65536, 65537, 131072, 1 << 20, (5 << 20) + 3}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Files.write(odd.resolve("random-" + size), bytes);
        }
        try (FileChannel file =
                FileChannel.open(odd.resolve("holes"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 20; i++) {
                file.write(ByteBuffer.wrap(("piece " + i).getBytes(UTF_8)), random.nextInt(1 << 24));
            }
        }
    }

    private static void attributes(Path odd) throws IOException {
        set(odd.resolve("owned"), "user.short", "value");
        set(odd.resolve("owned"), "user.empty", "");
        set(odd.resolve("owned"), "user.long", "v".repeat(3000));
        set(odd.resolve("links/two"), "user.linked", "one for all names");
        set(odd.resolve("sticky"), "user.directory", "too");
    }

    private static void set(Path file, String name, String value) throws IOException {
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
                .write(name.substring("user.".length()), ByteBuffer.wrap(value.getBytes(UTF_8)));
    }

    static Path projectRoot() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("fuse-mount"))) {
                return folder;
            }
        }
        throw new IllegalStateException("run from within the project");
    }
}
