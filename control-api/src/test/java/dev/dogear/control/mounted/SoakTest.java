package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A day's work in short: sessions that come and go, each with edits, builds, checkpoints, undo and redo, and merged at its
 * end, while another thread checkpoints every bookmark each second. What the processes hold is as much at the end as it
 * was in the middle.
 */
final class SoakTest {
    private static final int SECONDS = Integer.getInteger("dogear.rounds", 45);
    private static final int BUILDERS = 2;
    private static final int SAMPLES = 16;
    private static final long TICK_MS = 1000;
    private static final String BOOKMARKS = "/v1/local/soak/bookmarks";

    @TempDir
    Path folder;

    private volatile boolean over;

    @Test
    void nothingGrows() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("SoakTest: seed " + seed + ", " + SECONDS + " s");
        SplittableRandom random = new SplittableRandom(seed);
        try (RunningDogear dogear = RunningDogear.startKept(folder)) {
            dogear.call("POST", "/v1/local/repos", Map.of("name", "soak"));
            List<Builder> builders = new ArrayList<>();
            for (int i = 0; i < BUILDERS; i++) {
                builders.add(new Builder(dogear, i, random.split()));
            }
            List<Thread> threads = new ArrayList<>();
            builders.forEach(builder -> threads.add(new Thread(builder, "builder")));
            threads.add(new Thread(() -> tick(dogear, builders), "ticker"));
            threads.forEach(thread -> thread.setDaemon(true));
            threads.forEach(Thread::start);
            List<Held> samples = sample(dogear, builders);
            over = true;
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(Command.SECONDS_MAX));
                assertTrue(!thread.isAlive(), thread.getName() + " hangs");
            }
            builders.forEach(Builder::rethrow);
            builders.forEach(builder -> System.out.println("SoakTest: " + builder));
            assertFlat(samples);
        }
    }

    private List<Held> sample(RunningDogear dogear, List<Builder> builders) throws InterruptedException, IOException {
        List<Held> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES && builders.stream().allMatch(Builder::isWell); i++) {
            TimeUnit.MILLISECONDS.sleep(TimeUnit.SECONDS.toMillis(SECONDS) / SAMPLES);
            samples.add(Held.by(dogear));
        }
        return samples;
    }

    /** The second quarter, when all is warm, beside the last. */
    private static void assertFlat(List<Held> samples) {
        samples.forEach(each -> System.out.println("SoakTest: " + each));
        Held middle = Held.median(samples.subList(samples.size() / 4, samples.size() / 2));
        Held end = Held.median(samples.subList(samples.size() * 3 / 4, samples.size()));
        assertEquals("", end.growthOver(middle));
    }

    /** The checkpoints that nobody waits for. */
    private void tick(RunningDogear dogear, List<Builder> builders) {
        while (!over) {
            builders.forEach(Builder::checkpointIfFree);
            dogear.call("POST", BOOKMARKS + "/main/checkpoint", Map.of("message", "tick"));
            try {
                TimeUnit.MILLISECONDS.sleep(TICK_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Someone with one session after the other; of each the project is merged into main. */
    private final class Builder implements Runnable {
        private static final int CLASSES = 12;

        /** Arguments: javac, java, number of classes. Prints the sum that the classes hold. */
        private static final String BUILD = """
                set -e
                rm -rf out && mkdir out
                "$0" -J-Xmx128m -J-XX:TieredStopAtLevel=1 -d out src/*.java
                tar cf out.tar out && rm -rf out && tar xf out.tar && rm out.tar
                "$1" -Xmx64m -XX:TieredStopAtLevel=1 -cp out Main
                """;

        private final RunningDogear dogear;
        private final String project;
        private final SplittableRandom random;
        private final int[] numbers = new int[CLASSES];

        /** Held while a verb needs to know which checkpoint is the last. */
        private final ReentrantLock verbs = new ReentrantLock();

        private volatile @Nullable String session;
        private int sessions;
        private int builds;
        private volatile @Nullable Throwable failure;

        Builder(RunningDogear dogear, int number, SplittableRandom random) {
            this.dogear = dogear;
            this.project = "project" + number;
            this.random = random;
        }

        boolean isWell() {
            return failure == null;
        }

        void rethrow() {
            if (failure != null) {
                throw new AssertionError(project + ": " + failure, failure);
            }
        }

        void checkpointIfFree() {
            if (!verbs.tryLock()) {
                return;
            }
            try {
                String name = session;
                if (name != null) {
                    verb(name, "checkpoint", Map.of("message", "tick"));
                }
            } catch (RuntimeException | AssertionError e) {
                failure = e;
            } finally {
                verbs.unlock();
            }
        }

        @Override
        public void run() {
            try {
                while (!over && isWell()) {
                    session();
                }
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }

        private void session() throws IOException {
            sessions++;
            String name = "session/" + project + "-" + sessions;
            dogear.call("POST", BOOKMARKS, Map.of("name", name, "from", "main"));
            session = name;
            Path home = dogear.mount().resolve("soak").resolve(name).resolve(project);
            for (int prompt = 0; prompt < 3 && !over; prompt++) {
                edit(home);
                build(home);
                if (random.nextInt(2) == 0) {
                    undoAndRedo(name, home);
                }
            }
            String last = listing(home);
            merge(name);
            assertEquals(last, listing(dogear.mount().resolve("soak/main").resolve(project)));
        }

        private void merge(String name) {
            verbs.lock();
            try {
                session = null;
                dogear.call(
                        "POST", BOOKMARKS + "/merge", Map.of("target", "main", "source", name, "delete_source", true));
            } finally {
                verbs.unlock();
            }
        }

        /** Sources anew, some by replacing, as editors do. */
        private void edit(Path home) throws IOException {
            Path sources = Files.createDirectories(home.resolve("src"));
            StringBuilder sum = new StringBuilder("0");
            for (int i = 0; i < CLASSES; i++) {
                if (random.nextInt(3) == 0 || !Files.exists(sources.resolve("C" + i + ".java"))) {
                    numbers[i] = random.nextInt(1000);
                    Path fresh = sources.resolve("C" + i + ".new");
                    Files.writeString(fresh, "final class C" + i + " { static final int N = " + numbers[i] + "; }\n");
                    dogear.command("mv", fresh.toString(), sources + "/C" + i + ".java")
                            .run();
                }
                sum.append(" + C").append(i).append(".N");
            }
            Files.writeString(
                    sources.resolve("Main.java"),
                    "final class Main { public static void main(String[] a) { System.out.println(" + sum + "); } }\n");
        }

        private void build(Path home) {
            Path bin = Path.of(System.getProperty("java.home"), "bin");
            String sum = dogear.command("sh", "-c", BUILD, bin.resolve("javac") + "", bin.resolve("java") + "")
                    .in(home)
                    .run();
            assertEquals(Arrays.stream(numbers).sum() + "\n", sum);
            builds++;
        }

        private void undoAndRedo(String name, Path home) {
            verbs.lock();
            try {
                verb(name, "checkpoint", Map.of("message", "prompt " + builds));
                String before = listing(home);
                dogear.command("sh", "-c", "rm -r out; echo broken > src/Main.java; mv src gone")
                        .in(home)
                        .run();
                verb(name, "checkpoint", Map.of("message", "a bad prompt"));
                String bad = listing(home);
                verb(name, "undo", Map.of());
                assertEquals(before, listing(home));
                verb(name, "redo", Map.of());
                assertEquals(bad, listing(home));
                verb(name, "undo", Map.of());
                assertEquals(before, listing(home));
            } finally {
                verbs.unlock();
            }
        }

        private void verb(String name, String verb, Map<String, String> body) {
            dogear.call("POST", BOOKMARKS + "/" + name.replace("/", "%2F") + "/" + verb, body);
        }

        private String listing(Path home) {
            return dogear.command("sh", "-c", "find . -type f | LC_ALL=C sort | xargs sha256sum")
                    .in(home)
                    .run();
        }

        @Override
        public String toString() {
            return project + ": " + sessions + " sessions, " + builds + " builds";
        }
    }
}
