package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Operation;
import dev.dogear.store.history.log.Ancestry;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.proposal.Proposal.Approval;
import dev.dogear.store.proposal.Proposal.Diff;
import dev.dogear.store.proposal.Proposal.Last;
import dev.dogear.store.proposal.Proposal.Side;
import dev.dogear.store.proposal.Proposal.State;
import dev.dogear.store.proposal.Proposal.Who;
import dev.dogear.store.proposal.Proposals;
import dev.dogear.store.proposal.Standing;
import dev.dogear.store.workspace.Workspace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Proposes, approves and rejects. None of it moves a bookmark: each is an operation that says so, published with the
 * proposal's row under the locks of both bookmarks, so that nobody moves them meanwhile.
 */
final class ProposalVerbs {
    private static final int TEXT_CHARACTERS_MAX = 10_000;

    private final LiveRepository repository;
    private final Proposals proposals;

    ProposalVerbs(LiveRepository repository) {
        this.repository = repository;
        this.proposals = repository.proposals();
    }

    /** @throws StoreException NOT_FOUND; INVALID; ALREADY_EXISTS if there is one of these bookmarks that is open */
    Proposal propose(String source, String target, String message, Who by) {
        requireShort(message);
        if (source.equals(target)) {
            throw new StoreException(Kind.INVALID, "A bookmark cannot be merged into itself: " + source);
        }
        return repository.exclusively(List.of(source, target), () -> {
            BookmarkState from = repository.bookmark(source);
            BookmarkState into = repository.bookmark(target);
            Proposal open = proposals.open(from.number(), into.number());
            if (open != null) {
                throw new StoreException(
                        Kind.ALREADY_EXISTS,
                        "Proposal " + open.number() + " is to merge " + source + " into " + target + " already.");
            }
            Diff diff = diff(from, into);
            Set<String> movers = movers(source, from, into);
            Instant now = repository.now();
            return publish(
                    Operation.Kind.PROPOSE,
                    by,
                    List.of(unmoved(source, from), unmoved(target, into)),
                    (operation, at) -> Proposal.begun(
                            proposals.next(),
                            new Side(source, from.number()),
                            new Side(target, into.number()),
                            by,
                            message,
                            now,
                            diff,
                            movers));
        });
    }

    /**
     * Accepts what the source has now.
     *
     * @param head the commit that was looked at, as people see it
     * @throws StoreException NOT_FOUND; STALE if it is closed, if the source is at another commit or has edits; FORBIDDEN if
     *     it has to be somebody else
     */
    Proposal approve(long number, String head, Who by) {
        Proposal first = proposals.get(number);
        return repository.exclusively(names(first), () -> {
            Proposal proposal = requireOpen(number);
            BookmarkState from = side(proposal.source());
            BookmarkState into = side(proposal.target());
            requireSeen(proposal, from, head);
            if (repository.rules().approverDiffers() && proposal.isOf(by)) {
                throw new StoreException(
                        Kind.FORBIDDEN,
                        "Somebody else has to approve proposal " + number + ": " + by.name()
                                + " proposed it or moved its bookmark.");
            }
            Diff diff = diff(from, into);
            return publish(
                    Operation.Kind.APPROVE,
                    by,
                    List.of(
                            unmoved(proposal.source().bookmark(), from),
                            unmoved(proposal.target().bookmark(), into)),
                    (operation, at) -> proposal.approved(new Approval(by, at, diff, operation, 0)));
        });
    }

    private void requireSeen(Proposal proposal, BookmarkState from, String head) {
        String source = proposal.source().bookmark();
        String present = repository.history().commit(from.commit()).commitId();
        if (!present.equals(head)) {
            throw new StoreException(
                    Kind.STALE,
                    "The bookmark " + source + " is at commit " + present + ", not at " + head
                            + ": look at the proposal again.");
        }
        Workspace workspace = repository.workspace(from);
        repository.viewer().push(workspace);
        if (!repository.edits(from, repository.settle(workspace)).isEmpty()) {
            throw new StoreException(
                    Kind.STALE,
                    "The bookmark " + source + " has edits, which nobody can accept before they are checkpointed.");
        }
    }

    /** @throws StoreException NOT_FOUND; STALE if it is closed already */
    Proposal reject(long number, String reason, Who by) {
        requireShort(reason);
        Proposal first = proposals.get(number);
        return repository.exclusively(names(first), () -> {
            Proposal proposal = requireOpen(number);
            BookmarkState from = sideOrNull(proposal.source());
            BookmarkState into = sideOrNull(proposal.target());
            Diff diff = from == null || into == null ? proposal.diff() : diff(from, into);
            List<LoggedOperation.Step> steps = new ArrayList<>();
            if (from != null) {
                steps.add(unmoved(proposal.source().bookmark(), from));
            }
            if (into != null) {
                steps.add(unmoved(proposal.target().bookmark(), into));
            }
            return publish(
                    Operation.Kind.REJECT,
                    by,
                    steps,
                    (operation, at) ->
                            proposal.become(State.REJECTED, diff, new Last(operation, by.name(), at, reason)));
        });
    }

    private Proposal publish(
            Operation.Kind kind, Who by, List<LoggedOperation.Step> steps, BiFunction<Long, Instant, Proposal> made) {
        Instant now = repository.now();
        List<Row> rows = new ArrayList<>();
        Proposal[] result = new Proposal[1];
        repository
                .publish(rows, number -> {
                    Proposal proposal = made.apply(number, now);
                    result[0] = proposal;
                    rows.add(Proposals.row(proposal));
                    return new LoggedOperation(number, kind, by.name(), now, 0, null, ImmutableList.copyOf(steps))
                            .about(proposal.number());
                })
                .await();
        return Objects.requireNonNull(result[0]);
    }

    private static LoggedOperation.Step unmoved(String bookmark, BookmarkState state) {
        return new LoggedOperation.Step(bookmark, state, state);
    }

    private static List<String> names(Proposal proposal) {
        return List.of(proposal.source().bookmark(), proposal.target().bookmark());
    }

    private Proposal requireOpen(long number) {
        Proposal proposal = proposals.get(number);
        if (!proposal.isOpen()) {
            throw new StoreException(
                    Kind.STALE,
                    "Proposal " + number + " is " + text(proposal.state()) + " since operation "
                            + proposal.last().operation() + "; make another one.");
        }
        return proposal;
    }

    private static String text(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static void requireShort(String text) {
        if (text.length() > TEXT_CHARACTERS_MAX) {
            throw new StoreException(
                    Kind.INVALID, "The message of a proposal has at most " + TEXT_CHARACTERS_MAX + " characters.");
        }
    }

    private @Nullable BookmarkState sideOrNull(Side side) {
        BookmarkState state = repository.history().bookmarks().get(side.bookmark());
        return state == null || state.number() != side.number() ? null : state;
    }

    /** @throws StoreException STALE if it is gone, or another one has its name */
    private BookmarkState side(Side side) {
        BookmarkState state = sideOrNull(side);
        if (state == null) {
            throw new StoreException(Kind.STALE, "The bookmark " + side.bookmark() + " of the proposal is gone.");
        }
        return state;
    }

    private Diff diff(BookmarkState from, BookmarkState into) {
        Change head = repository.history().commit(from.commit());
        Change base = new Ancestry(repository.history())
                .mergeBases(repository.history().commit(into.commit()), head)
                .get(0);
        return new Diff(base.id(), base.commit(), head.id(), head.commit());
    }

    /**
     * The names of all who moved a bookmark since it was made, as far as the log reaches; who made it only if that was at
     * what the target does not have.
     */
    private Set<String> movers(String bookmark, BookmarkState state, BookmarkState target) {
        Set<String> names = new LinkedHashSet<>();
        repository.history().newestFirst(Long.MAX_VALUE, operation -> {
            boolean since = !operation.at().isBefore(state.created());
            if (since && moves(operation, bookmark, state.number(), target)) {
                names.add(operation.by());
            }
            return since;
        });
        return names;
    }

    private boolean moves(LoggedOperation operation, String bookmark, int number, BookmarkState target) {
        LoggedOperation.Step step = operation.step(bookmark);
        BookmarkState before = step == null ? null : step.before();
        BookmarkState after = step == null ? null : step.after();
        if (after == null || after.number() != number) {
            return false;
        }
        if (before != null) {
            return !before.commit().equals(after.commit());
        }
        HistoryTables history = repository.history();
        return operation.kind() == Operation.Kind.CREATE_BOOKMARK
                && !new Ancestry(history).isAncestor(history.commit(after.commit()), history.commit(target.commit()));
    }

    /** What there is to say of a proposal now. */
    Standing standing(Proposal proposal) {
        BookmarkState from = sideOrNull(proposal.source());
        BookmarkState into = sideOrNull(proposal.target());
        if (!proposal.isOpen() || from == null || into == null) {
            return new Standing(proposal.diff(), 0, 0, counted(proposal, null));
        }
        return new Standing(
                diff(from, into),
                repository.editCount(from),
                isProtected(into) ? repository.rules().approvals() : 0,
                counted(proposal, from));
    }

    private boolean isProtected(BookmarkState state) {
        return repository.protection().covers(state.number());
    }

    /** The approvals that count for what the source points at. */
    private ImmutableList<Approval> counted(Proposal proposal, @Nullable BookmarkState from) {
        boolean differs = repository.rules().approverDiffers();
        return proposal.approvals().stream()
                .filter(each -> each.endedBy() == 0
                        && (from == null || each.diff().headCommit().equals(from.commit()))
                        && !(differs && proposal.isOf(each.by())))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * The proposal that a merge closes, or null.
     *
     * @param edited whether the source has edits, which would be merged along
     * @throws StoreException NOT_APPROVED, with what is missing, if the target asks for approvals
     */
    @Nullable
    Proposal admit(String source, BookmarkState from, BookmarkState into, BooleanSupplier edited, Merging.How how) {
        Proposal open = proposals.open(from.number(), into.number());
        int needed = isProtected(into) ? repository.rules().approvals() : 0;
        if (needed > 0) {
            String missing = missing(open, source, from, edited, how, needed);
            if (missing != null) {
                throw new StoreException(Kind.NOT_APPROVED, missing);
            }
        }
        return how.paths().isEmpty() ? open : null;
    }

    private @Nullable String missing(
            @Nullable Proposal open,
            String source,
            BookmarkState from,
            BooleanSupplier edited,
            Merging.How how,
            int needed) {
        if (open == null) {
            return "A merge into this protected bookmark needs " + needed + " approvals, and there is no proposal of "
                    + source + ": make one with dogear propose.";
        }
        if (edited.getAsBoolean()) {
            return "The bookmark " + source
                    + " has edits, which nobody has accepted: checkpoint them and ask for approvals, or undo them.";
        }
        if (!how.paths().isEmpty() || !how.answers().isEmpty()) {
            return "What was approved is the whole of proposal " + open.number()
                    + ": it is merged without paths or resolutions. Merge the target into " + source
                    + " to resolve conflicts there.";
        }
        ImmutableList<Approval> counted = counted(open, from);
        if (counted.size() >= needed) {
            return null;
        }
        String names = counted.stream().map(each -> each.by().name()).collect(Collectors.joining(", "));
        String head = repository.history().commit(from.commit()).commitId();
        return "Proposal " + open.number() + " needs " + needed + " approvals of commit " + head + " and has "
                + counted.size() + (names.isEmpty() ? "" : " (" + names + ")")
                + (open.approvals().size() > counted.size()
                        ? "; others are of a state before, or of who proposed or made it."
                        : ".");
    }

    /** The row by which a merge closes its proposal. */
    Row merged(Proposal proposal, BookmarkState from, BookmarkState into, LoggedOperation merge) {
        Last last = new Last(merge.number(), merge.by(), merge.at(), "");
        return Proposals.row(proposal.become(State.MERGED, diff(from, into), last));
    }
}
