package dev.dogear.control.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.control.LiveTest;
import dev.dogear.control.RawHttp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * 64 clients mix checkpoints, merges, lists and diffs on 16 bookmarks of one repository, over the socket: no answered
 * checkpoint is lost, nobody waits for ever, and many clients get more durable checkpoints a second than one.
 */
final class ManyClientsTest extends LiveTest {
    private static final int CLIENTS = 64;
    private static final int BOOKMARKS = 16;
    private static final int SECONDS = Integer.getInteger("dogear.rounds", 4);
    private static final long ENDED_WITHIN_SECONDS = 600;
    private static final String R = "/v1/local/app";
    private static final String RAW = "application/octet-stream";

    private final long seed = Long.getLong("dogear.seed", System.nanoTime());
    private final Map<String, Set<String>> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, List<Long>> took = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();

    @Test
    void noUpdateIsLostAndNobodyWaitsForEver() throws Exception {
        System.out.println("ManyClientsTest: dogear.seed=" + seed + " dogear.rounds=" + SECONDS);
        RawHttp http = live.http();
        http.post("/v1/local/repos", "{\"name\":\"app\"}");
        for (int i = 0; i < BOOKMARKS; i++) {
            http.post(R + "/bookmarks", "{\"name\":\"s/" + i + "\",\"from\":\"main\"}");
        }
        double one = checkpointsPerSecond(1);
        double many = checkpointsPerSecond(CLIENTS);
        System.out.printf(
                "ManyClientsTest: durable checkpoints a second: %.0f by 1 client, %.0f by %d%n", one, many, CLIENTS);
        run(CLIENTS, SECONDS * 1000L, this::mixed);
        took.forEach(ManyClientsTest::tell);
        for (int i = 0; i < BOOKMARKS; i++) {
            verify(http, "s/" + i);
        }
        assertTrue(many > one, "group commit shows: " + one + " " + many);
    }

    /** One step of a client. */
    private interface Step {
        void run(RawHttp http, SplittableRandom random) throws IOException;
    }

    private double checkpointsPerSecond(int clients) throws Exception {
        long before = numbers.get();
        long begin = System.nanoTime();
        run(clients, Math.max(1000, SECONDS * 200L), (http, random) -> checkpoint(http, random.nextInt(BOOKMARKS)));
        return (numbers.get() - before) / ((System.nanoTime() - begin) / 1e9);
    }

    private void run(int clients, long milliseconds, Step step) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(clients);
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
            List<Future<Object>> all = new ArrayList<>();
            SplittableRandom seeds = new SplittableRandom(seed + clients);
            for (int i = 0; i < clients; i++) {
                SplittableRandom random = seeds.split();
                Callable<Object> client = () -> {
                    RawHttp http = live.http();
                    while (System.nanoTime() < end) {
                        step.run(http, random);
                    }
                    return "";
                };
                all.add(executor.submit(client));
            }
            for (Future<Object> each : all) {
                each.get(milliseconds + TimeUnit.SECONDS.toMillis(ENDED_WITHIN_SECONDS), TimeUnit.MILLISECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private void mixed(RawHttp http, SplittableRandom random) throws IOException {
        int bookmark = random.nextInt(BOOKMARKS);
        int what = random.nextInt(10);
        if (what < 5) {
            checkpoint(http, bookmark);
        } else if (what < 6) {
            int source = random.nextInt(BOOKMARKS);
            if (source != bookmark) {
                ask(
                        "merge",
                        () -> http.post(
                                R + "/bookmarks/merge",
                                "{\"target\":\"s/" + bookmark + "\",\"source\":\"s/" + source + "\"}"),
                        Set.of(200));
            }
        } else if (what < 8) {
            ask("list", () -> http.get(R + "/bookmarks"), Set.of(200));
        } else {
            ask("diff", () -> http.get(R + "/diff?base=main&head=s/" + bookmark), Set.of(200));
        }
    }

    /** Each checkpoint adds a file of its own number. */
    private void checkpoint(RawHttp http, int bookmark) throws IOException {
        String name = "s/" + bookmark;
        String file = "n" + numbers.incrementAndGet();
        live.write("app", name, file, file);
        ask(
                "checkpoint",
                () -> http.post(R + "/bookmarks/s%2F" + bookmark + "/checkpoint", "{\"message\":\"" + file + "\"}"),
                Set.of(200));
        acknowledged.computeIfAbsent(name, key -> ConcurrentHashMap.newKeySet()).add(file);
    }

    private void ask(String kind, Callable<RawHttp.Reply> call, Set<Integer> statuses) throws IOException {
        long begin = System.nanoTime();
        RawHttp.Reply reply;
        try {
            reply = call.call();
        } catch (Exception e) {
            throw new IOException(kind, e);
        }
        assertTrue(statuses.contains(reply.status()), kind + " " + reply.status() + " " + reply.body());
        List<Long> times = took.computeIfAbsent(kind, key -> new ArrayList<>());
        synchronized (times) {
            times.add(System.nanoTime() - begin);
        }
    }

    private static void tell(String kind, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "ManyClientsTest: %-10s %6d calls, ms p50 %.1f p90 %.1f p99 %.1f max %.1f%n",
                kind,
                sorted.length,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 9 / 10] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                Arrays.stream(sorted).max().orElse(0) / 1e6);
    }

    /** What was answered is in the bookmark's change, with its content. Asked for file by file: a listing may end before. */
    private void verify(RawHttp http, String bookmark) throws IOException {
        Set<String> lost = new TreeSet<>();
        for (String file : acknowledged.getOrDefault(bookmark, Set.of())) {
            RawHttp.Reply reply = http.get(R + "/content?revision=" + bookmark + "&path=" + file, "Accept: " + RAW);
            if (reply.status() != 200 || !reply.body().equals(file)) {
                lost.add(file);
            }
        }
        assertEquals(Set.of(), lost, "acknowledged and lost in " + bookmark + ", seed " + seed);
    }
}
