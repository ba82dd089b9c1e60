package dev.dogear.control.mounted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk below the data folder loses, at random moments and right after a flush, all that was not flushed. What an
 * fsync or a verb answered for is back, nothing is half there, and of closed files nothing older than 5 s is lost.
 */
final class PowerCutTest {
    private static final int CUTS = Integer.getInteger("dogear.rounds", 4);
    private static final long DISK_BYTES = 1L << 30;
    private static final int LOAD_MS_MIN = 50;
    private static final int LOAD_MS_MAX = 1_500;
    /** Every so often it takes long enough for the journal's flush of its own. */
    private static final int LONG_EVERY = 4;

    private static final int LONG_MS = 7_000;
    /** Of so many cuts one is followed by a look at everything there ever was, as the last one is. */
    private static final int ALL_EVERY = 20;

    private static final int FLUSHES_MAX = 60;
    private static final int HANG_SECONDS = 30;

    @TempDir
    Path folder;

    @Test
    void whatWasPromisedIsBackAfterAPowerCut() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("PowerCutTest: dogear.seed=" + seed + " dogear.rounds=" + CUTS);
        SplittableRandom random = new SplittableRandom(seed);
        try (LoopDisk disk = LoopDisk.create(folder, DISK_BYTES)) {
            Path around = Files.createDirectory(folder.resolve("dogear"));
            Files.createSymbolicLink(
                    around.resolve("data"), Files.createDirectory(disk.path().resolve("data")));
            try (RunningDogear dogear = RunningDogear.start(around)) {
                PowerLoad load = new PowerLoad(dogear, random);
                for (int cut = 1; cut <= CUTS; cut++) {
                    runAndCut(dogear, disk, load, cut, random);
                    dogear.kill9();
                    dogear.unmountDead();
                    disk.powerUp();
                    dogear.restart();
                    assertEquals(
                            List.of(),
                            load.compare(cut % ALL_EVERY == 0 || cut == CUTS),
                            "after cut " + cut + " of seed " + seed);
                    JsonNode report = dogear.call("POST", "/v1/local/check", null);
                    assertEquals("[]", report.get("problems").toString(), "check after cut " + cut);
                }
                System.out.println("PowerCutTest: " + load.acknowledged());
            }
        }
    }

    private void runAndCut(RunningDogear dogear, LoopDisk disk, PowerLoad load, int round, SplittableRandom random)
            throws Exception {
        LoopDisk.Cutter cutter = disk.cutter();
        CountDownLatch moment = new CountDownLatch(1);
        boolean atFlush = random.nextBoolean();
        List<Thread> threads = load.start(atFlush ? 1 + random.nextInt(FLUSHES_MAX) : Integer.MAX_VALUE, () -> {
            load.powerGoes();
            cutter.cut();
            moment.countDown();
        });
        if (!atFlush) {
            int ms = round % LONG_EVERY == 0 ? LONG_MS : random.nextInt(LOAD_MS_MIN, LOAD_MS_MAX);
            TimeUnit.MILLISECONDS.sleep(ms);
            load.powerGoes();
            cutter.cut();
            moment.countDown();
        }
        assertTrue(moment.await(HANG_SECONDS, TimeUnit.SECONDS), "nobody cut the power");
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(HANG_SECONDS));
            assertFalse(thread.isAlive(), () -> thread.getName() + " hangs");
        }
        load.requireNoFailure();
        assertErrorsAreTold(dogear, round);
    }

    /** No success is reported for what cannot be made durable, and the reason is there to read. */
    private static void assertErrorsAreTold(RunningDogear dogear, int round) {
        Path late = dogear.mount().resolve("power/main/late" + round);
        assertThrows(IOException.class, () -> {
            try (FileChannel channel = FileChannel.open(late, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[100]));
                channel.force(true);
            }
        });
        assertTrue(dogear.tryCall("POST", "/v1/local/power/bookmarks/main/checkpoint", null)
                        .status()
                >= 400);
        List<String> reasons = new ArrayList<>();
        dogear.call("GET", "/v1/local/status", null)
                .get("repositories")
                .forEach(repository -> reasons.add(repository.get("read_only").asText()));
        assertTrue(reasons.get(0).contains("journal"), reasons.toString());
    }
}
