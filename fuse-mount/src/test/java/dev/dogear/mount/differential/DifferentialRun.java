package dev.dogear.mount.differential;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Does the same operations in two directories and stops at the first difference, with the seed, the step and what came
 * before. The reference is a file system that is right by definition.
 */
final class DifferentialRun {
    private static final int REMEMBERED = 30;
    private static final int CHECK_EVERY = 25;
    private static final int DROP_EVERY = 4;

    private final long seed;
    private final RandomOperations operations;
    private final Deque<String> last = new ArrayDeque<>();
    private int checks;

    DifferentialRun(long seed) {
        this.seed = seed;
        this.operations = new RandomOperations(seed);
    }

    /** @throws AssertionError at the first difference */
    void run(Path reference, Path subject, int count) {
        LibC.calls().umask(0);
        try (Target expected = new Target(reference);
                Target actual = new Target(subject)) {
            for (int step = 0; step < count; step++) {
                step(expected, actual, step);
                if (step % CHECK_EVERY == CHECK_EVERY - 1) {
                    compare(expected, actual, step);
                }
            }
            compare(expected, actual, count);
        }
    }

    private void step(Target expected, Target actual, int step) {
        Operation operation = operations.next();
        Operation.Outcome right = operation.on(expected);
        Operation.Outcome seen = operation.on(actual);
        last.add(step + " " + operation + " = " + right.result() + " " + right.read());
        if (last.size() > REMEMBERED) {
            last.remove();
        }
        if (!right.equals(seen)) {
            fail(step, operation + "\n  reference " + right + "\n  subject   " + seen);
        }
    }

    private void compare(Target expected, Target actual, int step) {
        TreeState right = TreeState.of(expected, false);
        TreeState seen = TreeState.of(actual, checks++ % DROP_EVERY == 0);
        operations.paths().know(right.paths());
        String difference = TreeState.difference(right, seen);
        if (!difference.isEmpty()) {
            fail(step, "the directories differ" + difference);
        }
    }

    private void fail(int step, String what) {
        throw new AssertionError(
                "seed " + seed + ", step " + step + ": " + what + "\nlast operations:\n  " + String.join("\n  ", last));
    }
}
