package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Answers;
import dev.dogear.store.change.Authoring.Amendment;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Metadata;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Person;
import dev.dogear.store.config.Rules;
import dev.dogear.store.exchange.FileWrites;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.Descendants;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.history.log.MergeInputs;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.merge.MergeOptions;
import dev.dogear.store.tree.merge.TreeMerge;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Gives a change other content under the same id. What bookmarks have on top of it is rebased: the difference between the
 * change before and after is merged into each change that follows, and into the edits of each bookmark, which stay edits.
 * A conflict refuses the whole.
 */
final class AmendVerb {
    private final LiveRepository repository;
    private final Amendment request;
    private final String by;
    private final Instant now;

    /** Another verb moved what was looked at: all is looked at again. */
    private static final class Raced extends RuntimeException {
        private static final long serialVersionUID = 1;

        Raced() {
            super("amended or built upon meanwhile", null, false, false);
        }
    }

    /**
     * The commits to be, by those they take the place of.
     *
     * @param root the new root of the amended change that they were made for
     */
    private record Rewritten(Root root, Map<ObjectId, Change> commits) {}

    AmendVerb(LiveRepository repository, Amendment request, String by) {
        this.repository = repository;
        this.request = request;
        this.by = by;
        this.now = repository.now();
    }

    /** @throws MergeConflictException if there is more than one answer for a path */
    Change run() {
        CreateChangeVerb.requireRoom(repository, request.files());
        while (true) {
            Change target = target();
            Descendants descendants = Descendants.of(repository.history(), target);
            try {
                return repository.exclusively(descendants.bookmarks(), () -> amend(target, descendants));
            } catch (Raced e) {
                // Looked at again.
            }
        }
    }

    private Change target() {
        if (request.change().equals(ChangeId.VIRTUAL_ROOT)) {
            throw new StoreException(Kind.INVALID, "The virtual root cannot be amended: there is no change yet.");
        }
        Change target = repository.history().change(request.change());
        if (target == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no change " + request.change());
        }
        if (request.expectedCommit() != null && !request.expectedCommit().equals(target.commitId())) {
            throw new StoreException(
                    Kind.STALE,
                    "The change " + target.id() + " is at commit " + target.commitId() + ", not at "
                            + request.expectedCommit());
        }
        return target;
    }

    private Change amend(Change target, Descendants descendants) {
        if (!descendants.isCurrent()) {
            throw new Raced();
        }
        Switching switching = new Switching(repository, descendants.bookmarks());
        switching.settle();
        Rewritten prepared = rewritten(target, descendants, newRoot(target, switching::settled));
        Change amended = found(prepared, target);
        if (request.absorbed() == null && amended.commit().equals(target.commit())) {
            return target;
        }
        Rewritten[] made = {prepared};
        switching.run(gathered -> {
            Root root = newRoot(target, bookmark -> gathered.live(bookmark).root());
            if (!root.equals(prepared.root()) && request.absorbed() != null) {
                made[0] = rewritten(target, descendants, root);
            }
            return plan(gathered, descendants, made[0]);
        });
        return found(made[0], target);
    }

    private static Change found(Rewritten rewritten, Change old) {
        Change change = rewritten.commits().get(old.commit());
        if (change == null) {
            throw new IllegalStateException("not rewritten: " + old.id());
        }
        return change;
    }

    /** Where a bookmark's root is known from. */
    private interface Shown {
        Root of(String bookmark);
    }

    private Root newRoot(Change target, Shown shown) {
        Root start = target.root();
        if (request.absorbed() != null) {
            BookmarkState state = repository.bookmark(request.absorbed());
            if (!state.commit().equals(target.commit())) {
                throw new StoreException(
                        Kind.STALE,
                        "The bookmark " + request.absorbed() + " points at " + state.change() + ", not at "
                                + target.id());
            }
            start = shown.of(request.absorbed());
        }
        ObjectTable objects = repository.history().objects();
        IntSupplier fileIds = repository.workspaces()::newFileId;
        Root root = new FileWrites(objects, start, fileIds, Timestamp.of(now)).apply(request.files());
        Answers answers = new Answers(objects, Timestamp.of(now), fileIds);
        for (Merging.Answer answer : request.answers()) {
            root = answers.apply(root, answer);
        }
        if (!request.files().isEmpty()) {
            repository.workspaces().quota().requireNames(start, root);
        }
        return root;
    }

    private Rewritten rewritten(Change target, Descendants descendants, Root root) {
        Map<ObjectId, Change> commits = new LinkedHashMap<>();
        commits.put(target.commit(), repository.history().storeCommit(amended(target, root)));
        for (Change old : descendants.inOrder()) {
            commits.put(old.commit(), rebased(old, commits));
        }
        return new Rewritten(root, commits);
    }

    private Change amended(Change target, Root root) {
        String message = request.message() == null ? target.message() : request.message();
        message = Metadata.with(message, request.metadata());
        if (!message.equals(target.message())) {
            Rules.requireMetadata(repository.settings().now(), message);
        }
        ImmutableList<Person> authors = request.people().authors().isEmpty()
                ? target.authors()
                : request.people().authors();
        boolean same =
                message.equals(target.message()) && authors.equals(target.authors()) && root.equals(target.root());
        Person committer = request.people().committer();
        if (committer == null) {
            committer = same ? target.committer() : LiveRepository.person(by);
        }
        return new Change(
                target.id(),
                target.commit(),
                target.parents(),
                root,
                authors,
                committer,
                message,
                target.created(),
                target.generation());
    }

    private Change rebased(Change old, Map<ObjectId, Change> commits) {
        Root root = old.root();
        ImmutableList.Builder<ObjectId> parents = ImmutableList.builder();
        for (ObjectId parent : old.parents()) {
            Change moved = commits.get(parent);
            parents.add(moved == null ? parent : moved.commit());
            if (moved != null) {
                root = merged(
                        repository.history().commit(parent).root(),
                        root,
                        moved.root(),
                        old.id().toString());
            }
        }
        return repository
                .history()
                .storeCommit(new Change(
                        old.id(),
                        old.commit(),
                        parents.build(),
                        root,
                        old.authors(),
                        old.committer(),
                        old.message(),
                        old.created(),
                        old.generation()));
    }

    private Root merged(Root base, Root ours, Root theirs, String name) {
        if (base.equals(theirs)) {
            return ours;
        }
        if (base.equals(ours)) {
            return theirs;
        }
        MergeOptions options = new MergeOptions(
                Timestamp.of(now), name, "amended " + request.change(), repository.workspaces()::newFileId);
        return MergeInputs.clean(
                repository.history().objects(),
                TreeMerge.merge(repository.history().objects(), base, ours, theirs, options));
    }

    private Switching.Plan plan(Switching gathered, Descendants descendants, Rewritten rewritten) {
        Map<String, BookmarkState> after = new LinkedHashMap<>();
        for (String bookmark : descendants.bookmarks()) {
            Switching.Live live = gathered.live(bookmark);
            Change old = repository.history().commit(live.state().commit());
            Change head = found(rewritten, old);
            Root shown = bookmark.equals(request.absorbed())
                    ? head.root()
                    : merged(old.root(), live.root(), head.root(), "edits in " + bookmark);
            after.put(bookmark, live.state().movedTo(head, 0, now).showing(shown));
        }
        ImmutableList<LoggedOperation.Amended> amended = amendments(rewritten);
        return number -> {
            if (!descendants.isCurrent()) {
                throw new Raced();
            }
            List<LoggedOperation.Step> steps = new ArrayList<>();
            after.forEach((bookmark, state) ->
                    steps.add(Switching.step(bookmark, gathered.live(bookmark), state.after(number))));
            return new LoggedOperation(
                    number, Operation.Kind.AMEND, by, now, 0, null, ImmutableList.copyOf(steps), amended);
        };
    }

    private static ImmutableList<LoggedOperation.Amended> amendments(Rewritten rewritten) {
        ImmutableList.Builder<LoggedOperation.Amended> amended = ImmutableList.builder();
        rewritten.commits().forEach((old, change) -> {
            if (!old.equals(change.commit())) {
                amended.add(new LoggedOperation.Amended(change.id(), old, change.commit()));
            }
        });
        return amended.build();
    }
}
