package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many repositories cost little each, and the daemon has only some of them open. */
final class ManyRepositoriesTest {
    private static final int REPOSITORIES = Integer.getInteger("dogear.rounds", 100);
    private static final long EACH_BYTES_MAX = 128 << 10;
    private static final int DESCRIPTORS_MAX = 700;
    private static final int EDITED = 10;

    @TempDir
    Path folder;

    private static String name(int i) {
        return String.format("repository-%04d", i);
    }

    @Test
    void manyRepositoriesAreCheapAndAllUsable() throws IOException {
        try (RunningDogear dogear = RunningDogear.start(folder)) {
            long before = allocated(dogear.data());
            create(dogear);
            long each = (allocated(dogear.data()) - before) / REPOSITORIES;
            System.out.println("ManyRepositoriesTest: " + each / 1024 + " KiB each");
            assertTrue(each <= EACH_BYTES_MAX, each + " bytes each");
            Set<String> names = IntStream.range(0, REPOSITORIES)
                    .mapToObj(ManyRepositoriesTest::name)
                    .collect(Collectors.toSet());
            assertEquals(names, list(dogear.mount()));
            assertFewDescriptors(dogear, "after creation");
            useAll(dogear);
            assertFewDescriptors(dogear, "after all were used");
            dogear.cli("status");
            assertFewDescriptors(dogear, "after status");
            dogear.restart();
            for (int i = 0; i < REPOSITORIES; i++) {
                assertEquals("edit " + i, Files.readString(dogear.mount().resolve(name(i) + "/main/file")));
            }
            assertFewDescriptors(dogear, "after a restart");
        }
    }

    private static void create(RunningDogear dogear) {
        long start = System.nanoTime();
        for (int i = 0; i < REPOSITORIES; i++) {
            dogear.call("POST", "/v1/local/repos", Map.of("name", name(i)));
        }
        double ms = (System.nanoTime() - start) / 1e6 / REPOSITORIES;
        System.out.printf(
                Locale.ROOT, "ManyRepositoriesTest: %d repositories, %.1f ms each (goal: 20 ms)%n", REPOSITORIES, ms);
    }

    /** Writes into each; all but a few are then checkpointed, and a file held open stays valid over it. */
    private static void useAll(RunningDogear dogear) throws IOException {
        for (int i = 0; i < REPOSITORIES; i++) {
            Files.writeString(dogear.mount().resolve(name(i) + "/main/file"), "edit " + i);
            if (i >= EDITED) {
                dogear.call("POST", "/v1/local/" + name(i) + "/bookmarks/main/checkpoint", Map.of("message", "edit"));
            }
        }
        for (int i = 0; i < REPOSITORIES; i++) {
            Path main = dogear.mount().resolve(name(i) + "/main");
            assertEquals("edit " + i, Files.readString(main.resolve("file")));
            assertEquals(Set.of("file"), list(main));
        }
    }

    private static void assertFewDescriptors(RunningDogear dogear, String when) throws IOException {
        int open = list(Path.of("/proc/" + dogear.pid() + "/fd")).size();
        System.out.println("ManyRepositoriesTest: " + open + " descriptors " + when);
        assertTrue(open <= DESCRIPTORS_MAX, open + " descriptors " + when);
    }

    private static Set<String> list(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static long allocated(Path folder) {
        return Long.parseLong(Command.of("du", "-s", "--block-size=1", folder.toString())
                .run()
                .split("\\s", 2)[0]);
    }
}
