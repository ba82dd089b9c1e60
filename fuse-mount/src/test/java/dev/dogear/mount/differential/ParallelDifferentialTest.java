package dev.dogear.mount.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.mount.mounts.MountedStore;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several processes at once, each comparing a directory of its own in the mount with one of the host while all of them work
 * in one more directory, with checkpoints in between.
 */
final class ParallelDifferentialTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 1000);
    private static final int PROCESSES = 3;
    private static final long SEED = Long.getLong("dogear.seed", 11);

    @TempDir
    Path folder;

    @Test
    void processesDoNotDisturbEachOther() throws IOException, InterruptedException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (MountedStore mounted = MountedStore.start(folder, "others")) {
            mounted.ask("repository work");
            Path subject = mounted.bookmark("work", "main");
            Path reference = Files.createDirectory(folder.resolve("reference"));
            try (Target right = new Target(shared(reference));
                    Target seen = new Target(shared(subject))) {
                SharedWork.prepare(right);
                SharedWork.prepare(seen);
                List<Process> workers = new ArrayList<>();
                for (int worker = 0; worker < PROCESSES; worker++) {
                    workers.add(start(worker, reference, subject));
                }
                await(workers, mounted);
                assertEquals(lines(reference), lines(subject));
                // What was appended is the same, but in another order.
                Files.delete(reference.resolve("shared/log/all"));
                Files.delete(subject.resolve("shared/log/all"));
                assertEquals(
                        "",
                        TreeState.difference(
                                TreeState.of(right, TreeState.Look.WHOLE), TreeState.of(seen, TreeState.Look.ANEW)));
            }
        }
    }

    private static Path shared(Path directory) throws IOException {
        return Files.createDirectory(directory.resolve("shared"));
    }

    private static List<String> lines(Path directory) throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve("shared/log/all"));
        assertTrue(lines.size() >= PROCESSES, lines.toString());
        return lines.stream().sorted().toList();
    }

    private Process start(int worker, Path reference, Path subject) throws IOException {
        String name = "worker-" + worker;
        List<String> words = List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path", ""),
                DifferentialRun.class.getName(),
                Files.createDirectory(reference.resolve(name)).toString(),
                Files.createDirectory(subject.resolve(name)).toString(),
                Long.toString(SEED + worker),
                Integer.toString(ROUNDS),
                reference.resolve("shared").toString(),
                subject.resolve("shared").toString());
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(new File(folder.toFile(), name + ".txt"))
                .start();
    }

    private void await(List<Process> workers, MountedStore mounted) throws IOException, InterruptedException {
        for (int worker = 0; worker < workers.size(); worker++) {
            while (!workers.get(worker).waitFor(1, TimeUnit.SECONDS)) {
                mounted.ask("checkpoint work main");
            }
            int ended = workers.get(worker).exitValue();
            assertEquals(0, ended, Files.readString(folder.resolve("worker-" + worker + ".txt")));
        }
    }
}
