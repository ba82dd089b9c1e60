package dev.dogear.store.proposal;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.object.ObjectId;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One bookmark put up for being merged into another, and what was said to it.
 *
 * @param number 1, 2, 3… in the repository
 * @param state what became of it
 * @param former the state it is in again once the operation of {@code last} is reverted
 * @param author who proposed it
 * @param message why; may be empty
 * @param at when it was proposed
 * @param diff what it was about when it was proposed or closed; while it is open the bookmarks say that
 * @param movers the names of all who moved the source; its author is one of them
 * @param approvals oldest first, at most one of each person that still counts
 * @param last what changed the state last
 */
public record Proposal(
        long number,
        State state,
        State former,
        Side source,
        Side target,
        Who author,
        String message,
        Instant at,
        Diff diff,
        ImmutableSet<String> movers,
        ImmutableList<Approval> approvals,
        Last last) {
    /** What became of a proposal. The code is stored: never renumber. */
    public enum State {
        /** It waits for approvals or for its merge. */
        OPEN(1),
        /** Its source was merged into its target. */
        MERGED(2),
        /** Somebody said no. */
        REJECTED(3),
        /** One of its bookmarks was deleted. */
        WITHDRAWN(4);

        private final int code;

        State(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        static State ofCode(int code) {
            for (State state : values()) {
                if (state.code == code) {
                    return state;
                }
            }
            throw new IllegalArgumentException("no proposal has the state " + code);
        }
    }

    /** A bookmark of it: another one that gets the same name later has another number. */
    public record Side(String bookmark, int number) {}

    /**
     * Who did something.
     *
     * @param name as the operation log has it
     * @param identity without doubt: the user or the key
     */
    public record Who(String name, String identity) {}

    /**
     * What is to be merged.
     *
     * @param base the nearest common ancestor of source and target; the diff begins there
     * @param head where the source points; the diff ends there
     */
    public record Diff(ChangeId base, ObjectId baseCommit, ChangeId head, ObjectId headCommit) {}

    /**
     * That somebody accepts a diff.
     *
     * @param operation the number of the operation that recorded it
     * @param endedBy the operation since which it counts no more, 0 while it does
     */
    public record Approval(Who by, Instant at, Diff diff, long operation, long endedBy) {
        Approval ended(long by) {
            return endedBy == 0 ? new Approval(this.by, at, diff, operation, by) : this;
        }
    }

    /**
     * What changed the state last.
     *
     * @param operation its number, 0 if nothing did yet
     * @param reason what who did it said; may be empty
     */
    public record Last(long operation, String by, Instant at, String reason) {}

    /**
     * As it begins.
     *
     * @param movers who brought the source to where it is
     */
    public static Proposal begun(
            long number,
            Side source,
            Side target,
            Who author,
            String message,
            Instant at,
            Diff diff,
            Set<String> movers) {
        ImmutableSet<String> all =
                ImmutableSet.<String>builder().add(author.name()).addAll(movers).build();
        Last last = new Last(0, author.name(), at, "");
        return new Proposal(
                number,
                State.OPEN,
                State.OPEN,
                source,
                target,
                author,
                message,
                at,
                diff,
                all,
                ImmutableList.of(),
                last);
    }

    /** Whether it waits for something. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether somebody is the one who made it, or made a part of it: by name, since the operation log has no more. */
    public boolean isOf(Who who) {
        return author.identity().equals(who.identity()) || movers.contains(who.name());
    }

    /** The approval of that person that counts still, or null. */
    public @Nullable Approval approvalOf(Who who) {
        return approvals.stream()
                .filter(each -> each.endedBy() == 0 && each.by().identity().equals(who.identity()))
                .findFirst()
                .orElse(null);
    }

    /** With that approval instead of an earlier one of the same person. */
    public Proposal approved(Approval approval) {
        ImmutableList.Builder<Approval> now = ImmutableList.builder();
        for (Approval each : approvals) {
            boolean same = each.by().identity().equals(approval.by().identity());
            now.add(same ? each.ended(approval.operation()) : each);
        }
        return with(state, former, diff, movers, now.add(approval).build(), last);
    }

    /** In another state, which a revert of the operation takes back. */
    public Proposal become(State next, Diff diffNow, Last by) {
        return with(next, state, diffNow, movers, approvals, by);
    }

    /** The source was moved, so nobody has accepted what it has now. */
    Proposal moved(String by, long operation) {
        ImmutableSet<String> all =
                ImmutableSet.<String>builder().addAll(movers).add(by).build();
        return with(state, former, diff, all, ended(operation), last);
    }

    /** Back in the state before the last one, since what had changed it was reverted. Who accepted it is asked again. */
    Proposal reverted(Last by) {
        return with(former, state, diff, movers, ended(by.operation()), by);
    }

    private ImmutableList<Approval> ended(long operation) {
        return approvals.stream().map(each -> each.ended(operation)).collect(ImmutableList.toImmutableList());
    }

    private Proposal with(
            State nextState,
            State nextFormer,
            Diff nextDiff,
            ImmutableSet<String> nextMovers,
            ImmutableList<Approval> nextApprovals,
            Last nextLast) {
        return new Proposal(
                number,
                nextState,
                nextFormer,
                source,
                target,
                author,
                message,
                at,
                nextDiff,
                nextMovers,
                nextApprovals,
                nextLast);
    }
}
