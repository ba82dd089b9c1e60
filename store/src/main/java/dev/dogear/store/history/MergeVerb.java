package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.ConflictPath;
import dev.dogear.store.change.Verbs.MergePreview;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import dev.dogear.store.history.log.Ancestry;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.merge.Conflict;
import dev.dogear.store.tree.merge.MergeOptions;
import dev.dogear.store.tree.merge.MergedTree;
import dev.dogear.store.tree.merge.TreeMerge;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins the source bookmark's state, edits included, into the target's. The three-way merge is made with writers running;
 * only if edits arrived meanwhile is it made again with the gates closed.
 */
final class MergeVerb {
    private final LiveRepository repository;
    private final Ancestry ancestry;
    private final MergeRequest request;
    private final String by;
    private final MergeOptions options;
    private final Once once;

    /** A merge of two live roots, valid while they are what the bookmarks show. */
    private record Prepared(Root target, Root source, Root merged) {}

    /** @param key null: as often as it is asked for */
    MergeVerb(LiveRepository repository, MergeRequest request, String by, @Nullable String key) {
        this.once = Once.of(repository, key, "merge", by, request.target(), request.source());
        this.repository = repository;
        this.ancestry = new Ancestry(repository.history());
        this.request = request;
        this.by = by;
        this.options = new MergeOptions(
                Timestamp.of(repository.now()), request.target(), request.source(), repository.workspaces()::newFileId);
    }

    MergeResult run() {
        return exclusively(this::merge);
    }

    /** What {@link #run} would do, conflicts included; nothing is stored or moved. */
    MergePreview preview() {
        return exclusively(() -> {
            BookmarkState target = side(request.target(), request.expectedTarget());
            BookmarkState source = side(request.source(), request.expectedSource());
            Switching switching = new Switching(repository, List.of(request.target(), request.source()));
            switching.settle();
            Prepared prepared = prepare(switching, target, source);
            return new MergePreview(
                    isNoOp(target, source, prepared.source()),
                    TreeDiff.between(repository.history().objects(), prepared.target(), prepared.merged()));
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
        Prepared prepared = prepare(switching, target, source);
        if (!request.deleteSource() && isNoOp(target, source, prepared.source())) {
            once.rememberNothing(target.commit());
            return new MergeResult(repository.history().commit(target.commit()), true, false);
        }
        boolean[] noOp = {false};
        switching.run(gathered -> {
            Switching.Live into = gathered.live(request.target());
            Switching.Live from = gathered.live(request.source());
            noOp[0] = isNoOp(into.state(), from.state(), from.root());
            return plan(gathered, noOp[0] ? null : mergedNow(prepared, into, from));
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

    private Root mergedNow(Prepared prepared, Switching.Live into, Switching.Live from) {
        boolean current =
                prepared.target().equals(into.root()) && prepared.source().equals(from.root());
        return current ? prepared.merged() : merged(into.state(), into.root(), from.state(), from.root());
    }

    private Prepared prepare(Switching switching, BookmarkState target, BookmarkState source) {
        Root targetRoot = switching.settled(request.target());
        Root sourceRoot = switching.settled(request.source());
        return new Prepared(targetRoot, sourceRoot, merged(target, targetRoot, source, sourceRoot));
    }

    /** Nothing of the source is missing in the target. */
    private boolean isNoOp(BookmarkState target, BookmarkState source, Root sourceRoot) {
        Change head = repository.history().commit(target.commit());
        Change other = repository.history().commit(source.commit());
        return repository.edits(source, sourceRoot).isEmpty() && ancestry.isAncestor(other, head);
    }

    private Root merged(BookmarkState target, Root targetRoot, BookmarkState source, Root sourceRoot) {
        Change ours = repository.history().commit(target.commit());
        Change theirs = repository.history().commit(source.commit());
        MergedTree merged = threeWay(base(ancestry.mergeBases(ours, theirs)), targetRoot, sourceRoot);
        return clean(merged);
    }

    /** @throws MergeConflictException unless there is one answer for every path */
    static Root clean(MergedTree merged) {
        if (!merged.conflicts().isEmpty()) {
            throw new MergeConflictException(
                    merged.conflicts().stream().map(MergeVerb::describe).collect(ImmutableList.toImmutableList()));
        }
        return merged.root();
    }

    private MergedTree threeWay(Root base, Root ours, Root theirs) {
        return TreeMerge.merge(repository.history().objects(), base, ours, theirs, options);
    }

    /** The tree both sides began with; several nearest common ancestors are first merged with each other. */
    private Root base(List<Change> bases) {
        Change first = bases.get(0);
        Root root = first.root();
        for (Change next : bases.subList(1, bases.size())) {
            Root below = base(ancestry.mergeBases(first, next));
            root = threeWay(below, root, next.root()).root();
        }
        return root;
    }

    private static ConflictPath describe(Conflict conflict) {
        return new ConflictPath(conflict.path(), conflict.kind().text());
    }

    /** @param merged null if there was nothing to merge */
    private Switching.Plan plan(Switching gathered, @Nullable Root merged) {
        Switching.Live into = gathered.live(request.target());
        Switching.Live from = gathered.live(request.source());
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
            return new LoggedOperation(number, Operation.Kind.MERGE, by, now, 0, null, steps.build());
        };
    }

    private Change store(Root merged, Change ours, Change theirs, List<Row> rows) {
        Change draft = repository.draft(merged, List.of(ours, theirs), List.of(), LiveRepository.person(by), message());
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
}
