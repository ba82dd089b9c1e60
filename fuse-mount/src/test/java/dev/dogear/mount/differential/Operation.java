package dev.dogear.mount.differential;

import java.util.function.Function;

/** Something that is done to each target alike. */
record Operation(String text, Function<Target, Outcome> action) {
    /** What a program sees of it: a result or negative errno, and what was read. */
    record Outcome(long result, String read) {
        Outcome(long result) {
            this(result, "");
        }
    }

    Outcome on(Target target) {
        return action.apply(target);
    }

    @Override
    public String toString() {
        return text;
    }
}
