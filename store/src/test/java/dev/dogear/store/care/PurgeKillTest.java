package dev.dogear.store.care;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.change.Change;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A purge that a death cuts off has not begun, or is gone on with by the next process. */
final class PurgeKillTest {
    private static final String SECRET = "ghp_0123456789-leaked-token";
    private static final String STARS = "*".repeat(SECRET.length());
    private static final int MICROS_MAX = 400_000;

    @TempDir
    Path data;

    private @Nullable Change head;

    private void fill() throws Exception {
        try (CaredStore store = new CaredStore(data)) {
            for (int i = 0; i < 20; i++) {
                store.files("main").write("f" + i, "is " + SECRET + " " + i);
                store.files("main").write("n" + i, CaredStore.noise(i, 20_000));
                head = store.checkpoint("main", "c" + i);
            }
            store.files("main").write("edit", "edit " + SECRET);
        }
    }

    private int die(String when) throws Exception {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledPurge.class.getName(),
                        data.toString(),
                        SECRET,
                        when)
                .inheritIO()
                .start();
        return child.waitFor();
    }

    private List<String> grep() throws Exception {
        return PurgeTest.grep(data, SECRET.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers whether the purge has happened. */
    private boolean assertAllOrNothing(String when) throws Exception {
        boolean purged;
        try (CaredStore store = new CaredStore(data)) {
            store.store().finishPurges();
            purged = !store.repository()
                    .resolve("main")
                    .commit()
                    .equals(requireNonNull(head).commit());
            String shown = purged ? STARS : SECRET;
            assertEquals("is " + shown + " 7", store.files("main").read("f7"), when);
            assertEquals("edit " + shown, store.files("main").read("edit"), when);
            assertEquals(1, store.objectFolders().size(), when + store.objectFolders());
            if (purged) {
                assertEquals(List.of(), grep(), when);
            }
            store.check();
            new Purge(store.repository(), PurgeTest.content(SECRET), (stage, done, total) -> {}).run();
            assertEquals(List.of(), grep(), when);
            assertEquals("is " + STARS + " 7", store.files("main").read("f7"), when);
        }
        return purged;
    }

    @ParameterizedTest
    @EnumSource(Purge.Point.class)
    void atEachStep(Purge.Point point) throws Exception {
        fill();
        assertEquals(KilledPurge.DEAD, die(point.name()));
        assertEquals(point.compareTo(Purge.Point.REPLACED) >= 0, assertAllOrNothing(point.name()));
    }

    @Test
    void atAnyMoment() throws Exception {
        int rounds = Integer.getInteger("dogear.rounds", 4);
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        fill();
        for (int round = 0; round < rounds; round++) {
            String micros = Integer.toString(random.nextInt(MICROS_MAX));
            int end = die(micros);
            assertTrue(end == KilledPurge.DEAD || end == KilledPurge.DONE, "ended with " + end);
            boolean purged = assertAllOrNothing("seed " + seed + ", after " + micros + " microseconds");
            assertTrue(purged || end == KilledPurge.DEAD);
            // The next round has something to purge again.
            try (CaredStore store = new CaredStore(data)) {
                store.files("main").write("f7", "is " + SECRET + " 7");
                store.files("main").write("edit", "edit " + SECRET);
                head = store.checkpoint("main", "again");
            }
        }
    }
}
