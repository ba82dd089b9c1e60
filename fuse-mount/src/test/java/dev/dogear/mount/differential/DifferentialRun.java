package dev.dogear.mount.differential;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Does the same operations in two directories and stops at the first difference, with the seed, the step and what came
 * before. The reference is a file system that is right by definition.
 */
final class DifferentialRun {
    private static final int REMEMBERED = 30;
    private static final int CHECK_EVERY = 25;
    /** How many of these checks are one that reads everything, and how many one that reads it anew. */
    private static final int WHOLE_EVERY = 4;

    private static final int ANEW_EVERY = 8;
    private static final int UNSEEN_EVERY = 10;

    private final long seed;
    private final Predicate<String> leftOut;
    private final Deque<String> last = new ArrayDeque<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int checks;

    DifferentialRun(long seed) {
        this(seed, operation -> false);
    }

    /** @param leftOut says by its text which operation is not done, since the subject is known not to have it */
    DifferentialRun(long seed, Predicate<String> leftOut) {
        this.seed = seed;
        this.leftOut = leftOut;
    }

    /**
     * For trying by hand, or one of several: REFERENCE SUBJECT SEED COUNT, the first two empty directories; then, if there are
     * others at work, the two directories they share.
     */
    public static void main(String[] arguments) {
        long seed = Long.parseLong(arguments[2]);
        DifferentialRun run = new DifferentialRun(seed);
        SharedWork shared = new SharedWork(seed);
        run.run(Path.of(arguments[0]), Path.of(arguments[1]), Integer.parseInt(arguments[3]), () -> {
            if (arguments.length > 4) {
                inBoth(shared, Path.of(arguments[4]), Path.of(arguments[5]));
            }
        });
        System.out.println("alike; operations that succeeded and failed: " + run.outcomes);
    }

    private static void inBoth(SharedWork shared, Path reference, Path subject) {
        int umask = LibC.calls().umask(0);
        try (Target right = new Target(reference);
                Target seen = new Target(subject)) {
            shared.run(step -> {
                step.accept(right);
                step.accept(seen);
            });
        }
        LibC.calls().umask(umask);
    }

    /** @throws AssertionError at the first difference */
    void run(Path reference, Path subject, int count) {
        run(reference, subject, count, () -> {});
    }

    /**
     * The same, with something done now and then that must not be seen in the subject.
     *
     * @throws AssertionError at the first difference
     */
    void run(Path reference, Path subject, int count, Runnable unseen) {
        LibC.ownUmask();
        try (Target expected = new Target(reference);
                Target actual = new Target(subject)) {
            RandomOperations operations = new RandomOperations(seed, expected);
            for (int step = 0; step < count; step++) {
                Operation next = operations.next();
                if (!leftOut.test(next.text())) {
                    step(next, expected, actual, step);
                }
                if (step % CHECK_EVERY == CHECK_EVERY - 1) {
                    operations.paths().know(compare(expected, actual, step, next()));
                    if (checks % UNSEEN_EVERY == 0) {
                        unseen.run();
                    }
                }
            }
            compare(expected, actual, count, TreeState.Look.ANEW);
        }
    }

    private void step(Operation operation, Target expected, Target actual, int step) {
        Operation.Outcome right = operation.on(expected);
        Operation.Outcome seen = operation.on(actual);
        String verb = operation.text().split(" ", 2)[0];
        outcomes.merge(verb + (right.result() < 0 ? " refused" : " done"), 1, Integer::sum);
        last.add(step + " " + operation + " = " + right.result() + " " + right.read());
        if (last.size() > REMEMBERED) {
            last.remove();
        }
        if (!right.equals(seen)) {
            fail(step, operation + "\n  reference " + right + "\n  subject   " + seen);
        }
    }

    private TreeState.Look next() {
        int check = checks++;
        if (check % WHOLE_EVERY != 0) {
            return TreeState.Look.GLANCE;
        }
        return check % ANEW_EVERY == 0 ? TreeState.Look.ANEW : TreeState.Look.WHOLE;
    }

    private TreeState compare(Target expected, Target actual, int step, TreeState.Look look) {
        TreeState right = TreeState.of(expected, look);
        TreeState seen = TreeState.of(actual, look);
        String difference = TreeState.difference(right, seen);
        if (!difference.isEmpty()) {
            fail(step, "the directories differ" + difference);
        }
        return right;
    }

    private void fail(int step, String what) {
        throw new AssertionError(
                "seed " + seed + ", step " + step + ": " + what + "\nlast operations:\n  " + String.join("\n  ", last));
    }
}
