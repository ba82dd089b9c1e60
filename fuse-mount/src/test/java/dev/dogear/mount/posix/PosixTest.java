package dev.dogear.mount.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.mounts.MountedStore;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Probes of system calls, errno by errno and state by state: each is run in a directory of the host's ext4 and in a
 * bookmark's, and has to print the same. They are programs of their own, in Python, since they fork, change users and map files.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PosixTest {
    private static final String SHARED = "probe.py";

    /** What differs, as the README says: case, what ext4 prints, what the mount prints. */
    private static final List<String> KNOWN = List.of(
            // The kernel stamps ctime by itself after any setxattr.
            "times_of_files | changed: f - | changed: f c",
            // The kernel sends no mtime when the size stays, and keeps its own.
            "times_of_files | changed: f mc | changed: f -",
            // The kernel reads from its cache and tells nobody.
            "times_of_files | changed: s a, f c | changed: s -, f c",
            "access_times | changed: f a | changed: f -",
            "access_times | changed: d a | changed: d -",
            "access_times | changed: s a | changed: s -");

    @TempDir
    static Path folder;

    private MountedStore mounted;

    /** What the mount is started with. */
    String[] options() {
        return new String[] {"others", protocol()};
    }

    @BeforeAll
    void mount() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        mounted = MountedStore.start(folder, options());
        mounted.ask("repository work");
    }

    /** The newest that the kernel is to speak. */
    String protocol() {
        return "7." + Negotiation.NEWEST_MINOR;
    }

    /** Cases that are left out. */
    List<String> leftOut() {
        return List.of();
    }

    /** What differs besides, in the same form. */
    List<String> knownOfTheProtocol() {
        return List.of();
    }

    @AfterAll
    void unmount() throws IOException {
        mounted.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"names", "content", "attributes", "rights", "processes"})
    void theMountAnswersAsExt4(String topic) throws IOException, InterruptedException {
        Path reference = Files.createDirectory(folder.resolve("reference-" + topic));
        Path subject = Files.createDirectory(mounted.bookmark("work", "main").resolve(topic));
        List<String> expected = probe(topic, reference);
        List<String> actual = probe(topic, subject);
        TreeSet<String> differences = new TreeSet<>();
        String section = "";
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            String right = expected.get(i);
            section = right.startsWith(" ") ? section : right;
            if (!right.equals(actual.get(i))) {
                String difference =
                        section + " | " + right.strip() + " | " + actual.get(i).strip();
                boolean known =
                        KNOWN.contains(difference) || knownOfTheProtocol().contains(difference);
                differences.add(known ? "" : difference + " (after " + expected.get(i - 1) + ")");
            }
        }
        differences.remove("");
        assertEquals("", String.join("\n", differences));
        assertEquals(expected.size(), actual.size());
        assertTrue(expected.size() > 50, "the probe did not run: " + expected);
    }

    private List<String> probe(String topic, Path directory) throws IOException, InterruptedException {
        Path scripts = Files.createDirectories(folder.resolve("scripts"));
        for (String name : List.of(SHARED, topic + ".py")) {
            try (InputStream script = Objects.requireNonNull(
                    PosixTest.class.getResourceAsStream("/dev/dogear/mount/posix/" + name), name)) {
                Files.write(scripts.resolve(name), script.readAllBytes());
            }
        }
        Path kept = Files.createTempFile(folder, topic, ".txt");
        List<String> command = new ArrayList<>(
                List.of("python3", "-B", scripts.resolve(topic + ".py").toString(), directory.toString()));
        leftOut().forEach(name -> command.add("-" + name));
        Process process = new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectOutput(kept.toFile())
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(kept, UTF_8));
        lines.add("ended with " + process.waitFor());
        return lines;
    }
}
