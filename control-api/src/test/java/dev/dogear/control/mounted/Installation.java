package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The program under test as it is installed: jars with archives of their classes, with which a JVM starts in half the time. Made once for
 * what was compiled, and used by all runs of that.
 */
final class Installation {
    private static final Path PLACE = Path.of("target", "installed").toAbsolutePath();
    private static final Installation OWN = make();

    private final Path folder;
    private final String classPath;

    private Installation(Path folder, String classPath) {
        this.folder = folder;
        this.classPath = classPath;
    }

    /** Of the class path of this test. */
    static Installation own() {
        return OWN;
    }

    String classPath() {
        return classPath;
    }

    /** Makes a JVM use the archive for the daemon. */
    String daemonArchive() {
        return "-XX:SharedArchiveFile=" + folder.resolve("daemon.jsa");
    }

    /** The same for the command. */
    String commandArchive() {
        return "-XX:SharedArchiveFile=" + folder.resolve("command.jsa");
    }

    private static Installation make() {
        try {
            List<Path> entries = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                if (!entry.isEmpty() && Files.exists(Path.of(entry))) {
                    entries.add(Path.of(entry).toAbsolutePath());
                }
            }
            Files.createDirectories(PLACE);
            Path folder = PLACE.resolve(Long.toHexString(state(entries)));
            String classPath = classPath(entries, folder);
            try (FileChannel lock =
                    FileChannel.open(PLACE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock();
                if (!Files.exists(folder)) {
                    install(entries, folder, classPath);
                }
            }
            return new Installation(folder, classPath);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A number that is another one as soon as anything was compiled. */
    private static long state(List<Path> entries) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(System.getProperty("java.home").getBytes(UTF_8));
        for (Path entry : entries) {
            try (Stream<Path> files = Files.walk(entry)) {
                for (Path file : files.sorted().toList()) {
                    sum.update((file + " " + Files.getLastModifiedTime(file).toMillis()).getBytes(UTF_8));
                }
            }
        }
        return sum.getValue();
    }

    private static String classPath(List<Path> entries, Path folder) {
        List<String> jars = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            Path jar = jar(entries, folder, i);
            jars.add((jar == null ? entries.get(i) : jar).toString());
        }
        return String.join(File.pathSeparator, jars);
    }

    /** In the place of a folder of classes; null for what is a jar already. */
    private static @Nullable Path jar(List<Path> entries, Path folder, int number) {
        return Files.isDirectory(entries.get(number)) ? folder.resolve("classes" + number + ".jar") : null;
    }

    private static void install(List<Path> entries, Path folder, String classPath) throws IOException {
        Command.of("sh", "-c", "rm -rf \"$0\"/*/", PLACE.toString()).run(); // of what is compiled no more
        Path made = Files.createDirectory(PLACE.resolve("new"));
        for (int i = 0; i < entries.size(); i++) {
            Path jar = jar(entries, made, i);
            if (jar != null) {
                pack(entries.get(i), jar);
            }
        }
        Files.move(made, folder, StandardCopyOption.ATOMIC_MOVE);
        Path work = Files.createTempDirectory("rehearsal");
        archive(folder, "daemon", classPath, "dev.dogear.control.daemon.Rehearsal", work.toString());
        archive(folder, "command", classPath, "dev.dogear.control.cli.Dogear", "archive-classes");
        Command.of("rm", "-rf", work.toString()).run();
    }

    private static void archive(Path folder, String name, String classPath, String program, String argument) {
        Command.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:disable",
                        "-XX:+UseSerialGC",
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:ArchiveClassesAtExit=" + folder.resolve(name + ".jsa"),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        program,
                        argument)
                .run();
    }

    /** Without compression: it is read more often than written. */
    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            zip.setLevel(0);
            for (Path file : files.sorted().toList()) {
                String name = classes.relativize(file).toString();
                if (!Files.isDirectory(file)) {
                    zip.putNextEntry(new ZipEntry(name));
                    Files.copy(file, zip);
                } else if (!name.isEmpty()) {
                    zip.putNextEntry(new ZipEntry(name + "/"));
                }
            }
        }
    }
}
