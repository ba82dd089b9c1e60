package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.MergePreview;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.history.log.MergeInputs;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.RootDiff;
import dev.dogear.store.tree.merge.MergeOptions;
import dev.dogear.store.tree.merge.MergedTree;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins the source bookmark's state, edits included, into the target's. The three-way merge is made with writers running;
 * only if edits arrived meanwhile is it made again with the gates closed.
 */
final class MergeVerb {
    /** How often ancestors are merged before the bookmarks are locked for it. */
    private static final int TRIES = 3;

    private final LiveRepository repository;
    private final MergeRequest request;
    private final String by;
    private final Once once;
    private final ProposalVerbs proposals;

    /** A merge of two live roots, valid while they are what the bookmarks show. */
    private record Prepared(Root target, Root source, MergedTree merged) {}

    /** @param key null: as often as it is asked for */
    MergeVerb(LiveRepository repository, MergeRequest request, String by, @Nullable String key) {
        this.once = Once.of(repository, key, "merge", by, request.target(), request.source());
        this.repository = repository;
        this.request = request;
        this.by = by;
        this.proposals = new ProposalVerbs(repository);
    }

    MergeResult run() {
        try {
            return withBaseKnown();
        } catch (MergeConflictException e) {
            List<TreePath> paths =
                    e.paths().stream().map(each -> each.conflict().path()).toList();
            repository.conflictNews().refused(repository.now(), by, request.target(), request.source(), paths);
            throw e;
        }
    }

    /**
     * Merges several common ancestors while others still use the bookmarks: that is most of the work, and it is kept. Done again
     * if they are others by the time the bookmarks are its own; not for ever.
     */
    private MergeResult withBaseKnown() {
        for (int tries = 0; tries < TRIES; tries++) {
            Optional<MergeResult> merged = exclusively(
                    () -> ofBoth(inputs()::isBaseKnown).orElse(true) ? Optional.of(merge()) : Optional.empty());
            if (merged.isPresent()) {
                return merged.get();
            }
            repository.undisturbed(() -> ofBoth(inputs()::base));
        }
        return exclusively(this::merge);
    }

    /** Of both bookmarks' states, if they are there: what was merged before may have deleted its source. */
    private <T> Optional<T> ofBoth(BiFunction<BookmarkState, BookmarkState, T> asked) {
        BookmarkState target = repository.history().bookmarks().get(request.target());
        BookmarkState source = repository.history().bookmarks().get(request.source());
        return target == null || source == null ? Optional.empty() : Optional.of(asked.apply(target, source));
    }

    /** What {@link #run} would do, conflicts included; nothing is stored or moved. */
    MergePreview preview() {
        return exclusively(() -> {
            BookmarkState target = side(request.target(), request.expectedTarget());
            BookmarkState source = side(request.source(), request.expectedSource());
            Switching switching = new Switching(repository, List.of(request.target(), request.source()));
            switching.settle();
            admit(target, source, switching.settled(request.source()));
            MergeInputs looking = MergeInputs.looking(repository.history(), options());
            Prepared prepared = prepare(switching, target, source, looking);
            MergedTree merged = prepared.merged();
            return new MergePreview(
                    isNoOp(target, source, prepared),
                    RootDiff.between(looking.table(), prepared.target(), merged.root()),
                    Merging.told(looking.table(), merged.conflicts()));
        });
    }

    private <T> T exclusively(Supplier<T> verb) {
        if (request.target().equals(request.source())) {
            throw new StoreException(Kind.INVALID, "A bookmark cannot be merged into itself: " + request.target());
        }
        return repository.exclusively(List.of(request.target(), request.source()), verb);
    }

    private BookmarkState side(String bookmark, @Nullable ChangeId expected) {
        BookmarkState state = repository.bookmark(bookmark);
        LiveRepository.requireAt(bookmark, state, expected);
        return state;
    }

    private MergeResult merge() {
        Once.Done done = once.done();
        if (done != null) {
            return result(done);
        }
        BookmarkState target = side(request.target(), request.expectedTarget());
        BookmarkState source = side(request.source(), request.expectedSource());
        Switching switching = new Switching(repository, List.of(request.target(), request.source()));
        switching.settle();
        admit(target, source, switching.settled(request.source()));
        Prepared prepared = prepare(switching, target, source, inputs());
        if (!request.deleteSource() && isNoOp(target, source, prepared)) {
            once.rememberNothing(target.commit());
            return new MergeResult(repository.history().commit(target.commit()), true, false);
        }
        boolean[] noOp = {false};
        switching.run(gathered -> {
            Switching.Live into = gathered.live(request.target());
            Switching.Live from = gathered.live(request.source());
            boolean current =
                    prepared.target().equals(into.root()) && prepared.source().equals(from.root());
            Prepared now = current ? prepared : merged(into.state(), into.root(), from.state(), from.root(), inputs());
            noOp[0] = isNoOp(into.state(), from.state(), now);
            return plan(gathered, noOp[0] ? null : now.merged().root());
        });
        BookmarkState after = repository.bookmark(request.target());
        return new MergeResult(repository.history().commit(after.commit()), noOp[0], request.deleteSource());
    }

    private MergeResult result(Once.Done done) {
        LoggedOperation.Step source = done.operation() == 0
                ? null
                : repository.history().operation(done.operation()).step(request.source());
        return new MergeResult(
                repository.history().commit(done.commit()), done.noOp(), source != null && source.after() == null);
    }

    private Prepared prepare(Switching switching, BookmarkState target, BookmarkState source, MergeInputs inputs) {
        return merged(target, switching.settled(request.target()), source, switching.settled(request.source()), inputs);
    }

    /** Nothing of the source is missing in the target. */
    private boolean isNoOp(BookmarkState target, BookmarkState source, Prepared prepared) {
        if (request.how().isOneParent()) {
            return prepared.merged().root().equals(prepared.target());
        }
        return repository.edits(source, prepared.source()).isEmpty() && inputs().isAncestor(source, target);
    }

    private MergeInputs inputs() {
        return MergeInputs.of(repository.history(), options());
    }

    private MergeOptions options() {
        return options(repository, request.target(), request.source());
    }

    private static MergeOptions options(LiveRepository repository, String ours, String theirs) {
        return new MergeOptions(Timestamp.of(repository.now()), ours, theirs, repository.workspaces()::newFileId);
    }

    /** The proposal that this merge closes, or null. */
    private @Nullable Proposal admit(BookmarkState target, BookmarkState source, Root sourceRoot) {
        BooleanSupplier edited = () -> !repository.edits(source, sourceRoot).isEmpty();
        return proposals.admit(request.source(), source, target, edited, request.how());
    }

    /** A protected bookmark shows no conflicts. */
    private void requireUnconflicted(Root merged) {
        boolean isProtected = repository
                .protection()
                .covers(repository.bookmark(request.target()).number());
        if (isProtected && merged.conflicts() != null) {
            throw new StoreException(
                    Kind.FORBIDDEN,
                    "The bookmark " + request.target()
                            + " is protected and takes no conflicts: resolve them in the source first.");
        }
    }

    private Prepared merged(
            BookmarkState target, Root targetRoot, BookmarkState source, Root sourceRoot, MergeInputs inputs) {
        MergedTree whole = inputs.merge(target, targetRoot, source, sourceRoot);
        MergedTree merged = inputs.asked(whole, targetRoot, request.how());
        requireUnconflicted(merged.root());
        return new Prepared(targetRoot, sourceRoot, merged);
    }

    /** @param merged null if there was nothing to merge */
    private Switching.Plan plan(Switching gathered, @Nullable Root merged) {
        Switching.Live into = gathered.live(request.target());
        Switching.Live from = gathered.live(request.source());
        // Again, now that nobody can edit the source any more.
        Proposal proposal = admit(into.state(), from.state(), from.root());
        Change ours = checkpointed(gathered, into);
        Change theirs = checkpointed(gathered, from);
        Change result = merged == null ? ours : store(merged, ours, theirs, gathered.rows());
        Instant now = repository.now();
        return number -> {
            once.remember(gathered.rows(), new Once.Done(number, result.commit(), merged == null));
            ImmutableList.Builder<LoggedOperation.Step> steps = ImmutableList.builder();
            steps.add(Switching.step(request.target(), into, into.state().movedTo(result, number, now)));
            if (request.deleteSource()) {
                steps.add(Switching.step(request.source(), from, null));
            } else if (!theirs.commit().equals(from.state().commit())) {
                steps.add(Switching.step(request.source(), from, from.state().movedTo(theirs, number, now)));
            }
            LoggedOperation merge = new LoggedOperation(number, Operation.Kind.MERGE, by, now, 0, null, steps.build());
            if (proposal == null) {
                return merge;
            }
            gathered.rows().add(proposals.merged(proposal, from.state(), into.state(), merge));
            return merge.about(proposal.number());
        };
    }

    private Change store(Root merged, Change ours, Change theirs, List<Row> rows) {
        List<Change> parents = request.how().isOneParent() ? List.of(ours) : List.of(ours, theirs);
        Change draft = repository.draft(merged, parents, List.of(), LiveRepository.person(by), message());
        return repository.history().store(draft, rows);
    }

    /** The edits of one side as a change of their own, or the change there is. */
    private Change checkpointed(Switching gathered, Switching.Live side) {
        Change saved = gathered.saveAside(side, by, "edits before a merge");
        return saved != null ? saved : repository.history().commit(side.state().commit());
    }

    private String message() {
        String message = request.message();
        return message != null ? message : "Merge " + request.source() + " into " + request.target();
    }

    /** Which of all other bookmarks would conflict with this one, edits included; at the cost of a merge each that stores nothing. */
    static List<Merging.Overlap> overlaps(LiveRepository repository, String bookmark, Predicate<String> looked) {
        Root ours = repository.liveRoot(bookmark);
        BookmarkState state = repository.bookmark(bookmark);
        ImmutableList.Builder<Merging.Overlap> overlaps = ImmutableList.builder();
        for (var other : List.copyOf(repository.history().bookmarks().all().keySet())) {
            if (!other.equals(bookmark) && looked.test(other)) {
                overlap(repository, bookmark, state, ours, other, overlaps);
            }
        }
        return overlaps.build();
    }

    private static void overlap(
            LiveRepository repository,
            String bookmark,
            BookmarkState state,
            Root ours,
            String other,
            ImmutableList.Builder<Merging.Overlap> overlaps) {
        MergedTree merged;
        try {
            Root theirs = repository.liveRoot(other);
            merged = MergeInputs.looking(repository.history(), options(repository, bookmark, other))
                    .merge(state, ours, repository.bookmark(other), theirs);
        } catch (StoreException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                // It was deleted meanwhile.
                return;
            }
            throw e;
        }
        if (!merged.isClean()) {
            overlaps.add(new Merging.Overlap(other, merged.conflicts()));
        }
    }
}
