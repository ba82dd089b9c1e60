package dev.dogear.store.history;

import static dev.dogear.store.history.LiveStore.BY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operations on one repository at the same time: the log has each one that was acknowledged, and explains the outcome. */
class ConcurrentOperationsTest {
    private static final int ROUNDS = 40;

    @TempDir
    Path data;

    /** What must be in the log because a verb answered: by a description of it. */
    private final Map<String, Predicate<Operation>> acknowledged = new ConcurrentHashMap<>();

    private final AtomicInteger moves = new AtomicInteger();

    /** One verb; answers whether it was carried out. */
    private interface Verb {
        boolean run(int round) throws Exception;
    }

    @Test
    void noneIsLost() throws Exception {
        try (LiveStore store = new LiveStore(data.resolve("data"))) {
            Repository repository = store.repository();
            store.files("main").write("shared.txt", "one\n");
            ChangeId first = store.checkpoint("main", "first").id();
            for (String name : List.of("session/1", "session/2")) {
                repository.createBookmark(name, first, BY);
            }
            runTogether(
                    round -> checkpoint(store, "main", round),
                    round -> checkpoint(store, "session/1", round),
                    round -> merge(repository, "main", "session/1", round),
                    round -> merge(repository, "session/2", "main", round),
                    round -> move(repository, "session/2", first),
                    round -> undo(repository, round));
            List<Operation> log = new ArrayList<>(repository.operations(0, Integer.MAX_VALUE));
            Collections.reverse(log);
            checkAcknowledged(log);
            checkOutcome(log, repository);
        }
    }

    private void runTogether(Verb... verbs) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(verbs.length);
        // A round that finds nothing to do is over at once: without waiting, one verb's could all be over before there
        // is anything.
        Phaser round = new Phaser(verbs.length);
        try {
            List<Callable<Integer>> tasks = new ArrayList<>();
            for (Verb verb : verbs) {
                tasks.add(() -> rounds(verb, round));
            }
            for (Future<Integer> done : threads.invokeAll(tasks)) {
                assertTrue(done.get() > 0, "every verb was carried out at least once");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static int rounds(Verb verb, Phaser together) throws Exception {
        int done = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                together.arriveAndAwaitAdvance();
                done += attempt(verb, round) ? 1 : 0;
            }
        } finally {
            together.arriveAndDeregister();
        }
        return done;
    }

    private static boolean attempt(Verb verb, int round) throws Exception {
        try {
            return verb.run(round);
        } catch (StoreException e) {
            // Refused, for a conflict or because another one came first: that is no acknowledgement.
            assertTrue(
                    e.kind() == StoreException.Kind.STALE || e.kind() == StoreException.Kind.MERGE_CONFLICT,
                    e.toString());
            return false;
        }
    }

    private boolean checkpoint(LiveStore store, String bookmark, int round) throws Exception {
        store.files(bookmark).write(bookmark + "-" + round + ".txt", "round " + round + "\n");
        CheckpointResult result = store.repository().checkpoint(bookmark, CheckpointRequest.of("round " + round), BY);
        if (!result.unchanged()) {
            expect(
                    "checkpoint",
                    Operation.Kind.CHECKPOINT,
                    bookmark,
                    result.change().id());
        }
        return !result.unchanged();
    }

    private boolean merge(Repository repository, String target, String source, int round) {
        MergeResult result =
                repository.merge(new MergeRequest(target, source, false, "merge " + round, null, null), BY);
        if (!result.noOp()) {
            acknowledged.put(
                    "merge " + round + " into " + target,
                    operation -> operation.kind() == Operation.Kind.MERGE
                            && operation.moves().stream()
                                    .anyMatch(move -> move.bookmark().equals(target)
                                            && repository
                                                    .change(Objects.requireNonNull(move.to()))
                                                    .message()
                                                    .equals("merge " + round)));
        }
        return !result.noOp();
    }

    private boolean move(Repository repository, String bookmark, ChangeId to) {
        repository.moveBookmark(bookmark, to, null, BY);
        moves.incrementAndGet();
        return true;
    }

    /** Any operation there is. */
    private boolean undo(Repository repository, int round) {
        List<Operation> newest = repository.operations(0, 8);
        Operation chosen = newest.get(new Random(round).nextInt(newest.size()));
        if (chosen.kind() == Operation.Kind.CREATE || chosen.kind() == Operation.Kind.CREATE_BOOKMARK) {
            return false;
        }
        Operation undo = repository.undoOperation(chosen.number(), false, BY).operation();
        acknowledged.put("undo " + undo.number(), undo::equals);
        return true;
    }

    private void expect(String what, Operation.Kind kind, String bookmark, ChangeId to) {
        acknowledged.put(
                what + " " + to,
                operation -> operation.kind() == kind
                        && operation.moves().stream()
                                .anyMatch(move -> move.bookmark().equals(bookmark)
                                        && to.equals(Objects.requireNonNull(move.to()))));
    }

    private void checkAcknowledged(List<Operation> log) {
        assertEquals(
                LongStream.rangeClosed(1, log.size()).boxed().toList(),
                log.stream().map(Operation::number).toList());
        acknowledged.forEach(
                (what, test) -> assertEquals(1, log.stream().filter(test).count(), what));
        assertEquals(
                moves.get(),
                log.stream()
                        .filter(operation -> operation.kind() == Operation.Kind.MOVE)
                        .count());
    }

    /** Each operation begins where the one before it on that bookmark ended, and the last one ends where it is. */
    private static void checkOutcome(List<Operation> log, Repository repository) {
        Map<String, ChangeId> at = new HashMap<>();
        for (Operation operation : log) {
            for (Operation.Move move : operation.moves()) {
                ChangeId from = at.get(move.bookmark());
                if (move.from() == null) {
                    assertNull(from, "operation " + operation.number());
                } else {
                    assertEquals(from, move.from(), "operation " + operation.number() + " of " + move.bookmark());
                }
                at.put(move.bookmark(), move.to());
            }
        }
        at.values().removeIf(Objects::isNull);
        assertEquals(at, repository.bookmarks().stream().collect(Collectors.toMap(Bookmark::name, Bookmark::change)));
    }
}
