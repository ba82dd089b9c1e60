package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Operation;
import dev.dogear.store.object.ObjectId;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An operation as the log keeps it: enough to revert it exactly.
 *
 * @param saved the change that keeps edits aside which the operation took from view, if any
 * @param reverts the operation this one undoes or does again, 0 for none
 * @param amended changes that got another commit, and with them every bookmark of {@code steps} on top of one
 * @param proposal the number of the proposal it is about, 0 for none
 */
public record LoggedOperation(
        long number,
        Operation.Kind kind,
        String by,
        Instant at,
        long reverts,
        @Nullable ChangeId saved,
        ImmutableList<Step> steps,
        ImmutableList<Amended> amended,
        long proposal) {

    /** One that is about no proposal. */
    public LoggedOperation(
            long number,
            Operation.Kind kind,
            String by,
            Instant at,
            long reverts,
            @Nullable ChangeId saved,
            ImmutableList<Step> steps,
            ImmutableList<Amended> amended) {
        this(number, kind, by, at, reverts, saved, steps, amended, 0);
    }

    /** One that gave no change another commit. */
    public LoggedOperation(
            long number,
            Operation.Kind kind,
            String by,
            Instant at,
            long reverts,
            @Nullable ChangeId saved,
            ImmutableList<Step> steps) {
        this(number, kind, by, at, reverts, saved, steps, ImmutableList.of(), 0);
    }

    /** The same, about that proposal. */
    public LoggedOperation about(long number) {
        return new LoggedOperation(this.number, kind, by, at, reverts, saved, steps, amended, number);
    }

    /** Which commit a change id stood for before and after. */
    public record Amended(ChangeId change, ObjectId before, ObjectId after) {
        /** The way back. */
        public Amended reversed() {
            return new Amended(change, after, before);
        }
    }

    /**
     * What the operation did to one bookmark.
     *
     * @param before null if it made the bookmark
     * @param after null if it deleted it
     */
    public record Step(
            String bookmark,
            @Nullable BookmarkState before,
            @Nullable BookmarkState after) {
        /** The same with other states. */
        Step map(UnaryOperator<BookmarkState> change) {
            return new Step(
                    bookmark, before == null ? null : change.apply(before), after == null ? null : change.apply(after));
        }
    }

    /** What it did to that bookmark, or null. */
    @Nullable
    public Step step(String bookmark) {
        return steps.stream()
                .filter(step -> step.bookmark().equals(bookmark))
                .findFirst()
                .orElse(null);
    }

    /** The operation as the outside sees it. */
    public Operation summary() {
        ImmutableList<Operation.Move> moves = steps.stream()
                .map(step -> new Operation.Move(step.bookmark(), changeOf(step.before()), changeOf(step.after())))
                .collect(ImmutableList.toImmutableList());
        return new Operation(number, kind, by, at, moves, reverts, saved, proposal);
    }

    private static @Nullable ChangeId changeOf(@Nullable BookmarkState state) {
        return state == null ? null : state.change();
    }
}
