package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.change.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the verbs of a repository are to do, on maps in memory: paths to files ({@link ModelFile}, directories with a slash at
 * the end), names to states, and a list of operations.
 */
// Commits are known by their identity, as they are by their ids in a store; what goes back swaps before and after; maps
// are sorted ones throughout.
@SuppressWarnings({"ReferenceEquality", "ArgumentSelectionDefectChecker", "NonApiType", "NullableOptional"})
final class HistoryModel {
    final TreeMap<String, State> bookmarks = new TreeMap<>();
    /** What each directory shows, by the bookmark's number: a bookmark that comes back has its own. */
    final Map<Integer, TreeMap<String, String>> live = new HashMap<>();

    private final List<Op> operations = new ArrayList<>();
    private final Map<Object, Commit> newest = new HashMap<>();
    private int numbers;

    /** A merge of renames or of directories that went: what it comes to is for other tests to say. Nothing is changed. */
    static final class NotForetold extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A verb that is to be refused, with nothing changed. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A change as stored: {@code id} is the same object in all commits of it. */
    record Commit(Object id, ImmutableSortedMap<String, String> tree, ImmutableList<Commit> parents, String message) {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public String toString() {
            return message;
        }
    }

    record State(int number, Commit head, ImmutableSortedMap<String, String> shown, int position, int redo) {
        State restored(int nextRedo) {
            return new State(number, head, shown, position, nextRedo);
        }

        State showing(ImmutableSortedMap<String, String> tree) {
            return new State(number, head, tree, position, redo);
        }
    }

    record Step(
            String bookmark,
            @Nullable State before,
            @Nullable State after) {}

    record Amended(Commit before, Commit after) {}

    record Op(Kind kind, List<Step> steps, List<Amended> amended) {
        @Nullable
        Step step(String bookmark) {
            return steps.stream()
                    .filter(step -> step.bookmark().equals(bookmark))
                    .findFirst()
                    .orElse(null);
        }
    }

    HistoryModel(String first) {
        Commit root = new Commit(new Object(), ImmutableSortedMap.of(), ImmutableList.of(), "");
        newest.put(root.id(), root);
        State state = new State(numbers++, root, root.tree(), 0, 0);
        live.put(state.number(), new TreeMap<>());
        bookmarks.put(first, state);
        operations.add(new Op(Kind.CREATE, List.of(), List.of()));
    }

    State state(String bookmark) {
        return Objects.requireNonNull(bookmarks.get(bookmark));
    }

    TreeMap<String, String> shown(String bookmark) {
        return Objects.requireNonNull(live.get(state(bookmark).number()));
    }

    boolean hasEdits(String bookmark) {
        return !ModelFile.shown(shown(bookmark))
                .equals(ModelFile.shown(state(bookmark).head().tree()));
    }

    /** Messages of the changes a bookmark is made of, sorted: their order is not what is tested here. */
    List<String> log(String bookmark) {
        List<String> messages = new ArrayList<>();
        ancestors(state(bookmark).head()).forEach(commit -> messages.add(commit.message()));
        messages.remove("");
        messages.sort(Comparator.naturalOrder());
        return messages;
    }

    private State before(String bookmark) {
        return state(bookmark).showing(ImmutableSortedMap.copyOf(shown(bookmark)));
    }

    private Commit commit(SortedMap<String, String> tree, List<Commit> parents, String message) {
        Commit commit =
                new Commit(new Object(), ImmutableSortedMap.copyOf(tree), ImmutableList.copyOf(parents), message);
        newest.put(commit.id(), commit);
        return commit;
    }

    private int next() {
        return operations.size() + 1;
    }

    private void publish(Kind kind, List<Step> steps, List<Amended> amended) {
        operations.add(new Op(kind, steps, amended));
        amended.forEach(each -> newest.put(each.after().id(), each.after()));
        for (Step step : steps) {
            if (step.after() == null) {
                bookmarks.remove(step.bookmark());
            } else {
                bookmarks.put(step.bookmark(), step.after());
                live.put(step.after().number(), new TreeMap<>(step.after().shown()));
            }
        }
    }

    private Op operation(int number) {
        return operations.get(number - 1);
    }

    private State moved(State state, Commit to) {
        return new State(state.number(), to, to.tree(), next(), 0);
    }

    void checkpoint(String bookmark, String message) {
        State state = state(bookmark);
        if (hasEdits(bookmark)) {
            Commit made = commit(shown(bookmark), List.of(state.head()), message);
            Step step = new Step(bookmark, state.showing(state.head().tree()), moved(state, made));
            publish(Kind.CHECKPOINT, List.of(step), List.of());
        }
    }

    void create(String bookmark, String from) {
        Commit head = Objects.requireNonNull(newest.get(state(from).head().id()));
        State state = new State(numbers++, head, head.tree(), 0, 0);
        publish(Kind.CREATE_BOOKMARK, List.of(new Step(bookmark, null, state)), List.of());
    }

    void move(String bookmark, String to) {
        Commit head = Objects.requireNonNull(newest.get(state(to).head().id()));
        publish(Kind.MOVE, List.of(new Step(bookmark, before(bookmark), moved(state(bookmark), head))), List.of());
    }

    void delete(String bookmark) {
        publish(Kind.DELETE_BOOKMARK, List.of(new Step(bookmark, before(bookmark), null)), List.of());
    }

    void undo(String bookmark, int checkpoints) {
        if (!bookmarks.containsKey(bookmark)) {
            revive(bookmark);
        } else if (checkpoints == 0 && hasEdits(bookmark)) {
            showing(bookmark, state(bookmark).head().tree());
        } else {
            int reverted = checkpoints == 0 ? state(bookmark).position() : nthCheckpoint(bookmark, checkpoints);
            refuseIf(reverted == 0);
            revert(Kind.UNDO, bookmark, reverted);
        }
    }

    /** What a path would be after an undo of it alone; refused if there is nothing to undo. */
    Map<String, String> pathBase(String bookmark) {
        if (hasEdits(bookmark)) {
            return state(bookmark).head().tree();
        }
        refuseIf(state(bookmark).position() == 0);
        State before = Objects.requireNonNull(
                        operation(state(bookmark).position()).step(bookmark))
                .before();
        return Objects.requireNonNull(before).shown();
    }

    /** Whether a path, a folder with all in it, is the same in both. */
    static boolean sameAt(Map<String, String> left, Map<String, String> right, String path) {
        return ModelFile.shown(at(left, path)).equals(ModelFile.shown(at(right, path)));
    }

    private static TreeMap<String, String> at(Map<String, String> tree, String path) {
        TreeMap<String, String> part = new TreeMap<>(tree);
        part.keySet().removeIf(each -> !each.equals(path) && !each.startsWith(path + "/"));
        return part;
    }

    void undoPath(String bookmark, String path) {
        TreeMap<String, String> back = at(pathBase(bookmark), path);
        TreeMap<String, String> tree = new TreeMap<>(shown(bookmark));
        tree.keySet().removeAll(at(tree, path).keySet());
        for (int end = path.indexOf('/'); end > 0 && !back.isEmpty(); end = path.indexOf('/', end + 1)) {
            refuseIf(tree.containsKey(path.substring(0, end)));
            tree.putIfAbsent(path.substring(0, end + 1), ModelFile.directory());
        }
        back.forEach((each, file) -> tree.put(each, ModelFile.again(file)));
        showing(bookmark, ImmutableSortedMap.copyOf(tree));
    }

    /** The number of an operation that moved one bookmark, which is there yet, and amended nothing; 0 if that one did not. */
    int revertible(int number) {
        Op operation = operation(number);
        if (operation.steps().size() != 1 || !operation.amended().isEmpty()) {
            return 0;
        }
        Step step = operation.steps().get(0);
        State current = bookmarks.get(step.bookmark());
        State after = step.after();
        boolean there = step.before() != null && after != null && current != null;
        return there
                        && Objects.requireNonNull(current).number()
                                == Objects.requireNonNull(after).number()
                ? number
                : 0;
    }

    int newestOperation() {
        return operations.size();
    }

    /** What an operation did is taken back, or out of what followed. */
    void revertOperation(int number) {
        Step step = operation(number).steps().get(0);
        String bookmark = step.bookmark();
        State before = Objects.requireNonNull(step.before());
        State after = Objects.requireNonNull(step.after());
        State current = state(bookmark);
        boolean nothingFollowed = current.head() == after.head()
                && ModelFile.shown(shown(bookmark)).equals(ModelFile.shown(after.shown()));
        if (nothingFollowed) {
            publish(Kind.UNDO, List.of(new Step(bookmark, before(bookmark), before.restored(next()))), List.of());
            return;
        }
        TreeMap<String, String> without = merged(after.shown(), shown(bookmark), before.shown());
        refuseIf(ModelFile.shown(without).equals(ModelFile.shown(shown(bookmark))));
        Commit below = hasEdits(bookmark)
                ? commit(shown(bookmark), List.of(current.head()), "edits before an undo")
                : current.head();
        Commit made = commit(without, List.of(below), "Undo operation " + number + ".");
        publish(Kind.UNDO, List.of(new Step(bookmark, before(bookmark), moved(current, made))), List.of());
    }

    private void showing(String bookmark, ImmutableSortedMap<String, String> tree) {
        State after = state(bookmark).showing(tree).restored(next());
        publish(Kind.UNDO, List.of(new Step(bookmark, before(bookmark), after)), List.of());
    }

    private int nthCheckpoint(String bookmark, int checkpoints) {
        int at = state(bookmark).position();
        for (int seen = 0; at != 0; ) {
            if (operation(at).kind() == Kind.CHECKPOINT && ++seen == checkpoints) {
                return at;
            }
            State before = Objects.requireNonNull(operation(at).step(bookmark)).before();
            at = before == null ? 0 : before.position();
        }
        return 0;
    }

    void redo(String bookmark) {
        State state = state(bookmark);
        refuseIf(state.redo() == 0 || !ModelFile.shown(state.shown()).equals(ModelFile.shown(shown(bookmark))));
        revert(Kind.REDO, bookmark, state.redo());
    }

    private void revive(String bookmark) {
        for (int number = operations.size(); number > 0; number--) {
            Step step = operation(number).step(bookmark);
            if (step != null && step.after() == null) {
                refuseIf(operation(number).kind() == Kind.MERGE);
                State back = Objects.requireNonNull(step.before()).restored(next());
                publish(Kind.UNDO, List.of(new Step(bookmark, null, back)), List.of());
                return;
            }
        }
        throw new Refused();
    }

    private void revert(Kind kind, String bookmark, int reverted) {
        Op operation = operation(reverted);
        List<Step> back = new ArrayList<>();
        for (Step step : operation.steps()) {
            Step way = step.bookmark().equals(bookmark) ? own(kind, step) : companion(step);
            if (way != null) {
                back.add(way);
            }
        }
        Map<Object, Amended> amended = new LinkedHashMap<>();
        for (Amended each : operation.amended()) {
            if (newest.get(each.after().id()) == each.after()) {
                amended.put(each.after().id(), new Amended(each.after(), each.before()));
            }
        }
        for (Step step : back) {
            Commit head = step.after() == null ? null : step.after().head();
            Commit now = head == null ? null : newest.get(head.id());
            if (head != null && now != null && now != head) {
                amended.putIfAbsent(head.id(), new Amended(now, head));
            }
        }
        publish(kind, back, List.copyOf(amended.values()));
    }

    private Step own(Kind kind, Step step) {
        State before = step.before();
        refuseIf(before == null && kind == Kind.UNDO);
        State after = before == null ? null : before.restored(kind == Kind.UNDO ? next() : before.redo());
        return new Step(step.bookmark(), before(step.bookmark()), after);
    }

    private @Nullable Step companion(Step step) {
        State before = step.before();
        State after = step.after();
        State current = bookmarks.get(step.bookmark());
        if (current == null) {
            return after != null || before == null
                    ? null
                    : new Step(step.bookmark(), null, before.restored(before.redo()));
        }
        refuseIf(after == null);
        if (Objects.requireNonNull(after).head() != current.head() || after.number() != current.number()) {
            return null;
        }
        return new Step(
                step.bookmark(), before(step.bookmark()), before == null ? null : before.restored(before.redo()));
    }

    /** Whether the nearest common ancestor is one; a merge of others is not foretold here. */
    boolean isPlain(String target, String source) {
        return mergeBases(state(target).head(), state(source).head()).size() == 1;
    }

    void merge(String target, String source, boolean delete, String message) {
        State into = state(target);
        State from = state(source);
        boolean noOp = !hasEdits(source) && ancestors(into.head()).contains(from.head());
        if (noOp && !delete) {
            return;
        }
        Commit base = mergeBases(into.head(), from.head()).iterator().next();
        TreeMap<String, String> tree = noOp ? shown(target) : merged(base.tree(), shown(target), shown(source));
        Commit ours = checkpointed(target);
        Commit theirs = checkpointed(source);
        Commit result = noOp ? ours : commit(tree, List.of(ours, theirs), message);
        List<Step> steps = new ArrayList<>();
        steps.add(new Step(target, before(target), moved(into, result)));
        if (delete) {
            steps.add(new Step(source, before(source), null));
        } else if (theirs != from.head()) {
            steps.add(new Step(source, before(source), moved(from, theirs)));
        }
        publish(Kind.MERGE, steps, List.of());
    }

    private Commit checkpointed(String bookmark) {
        return hasEdits(bookmark)
                ? commit(shown(bookmark), List.of(state(bookmark).head()), "edits before a merge")
                : state(bookmark).head();
    }

    /** @param edit of the change's tree; null: the bookmark's edits go into it */
    void amend(String bookmark, String message, @Nullable Consumer<TreeMap<String, String>> edit) {
        Commit head = state(bookmark).head();
        Commit target = Objects.requireNonNull(newest.get(head.id()));
        refuseIf(edit == null && target != head);
        TreeMap<String, String> tree = new TreeMap<>(edit == null ? shown(bookmark) : target.tree());
        if (edit != null) {
            edit.accept(tree);
        }
        Map<Commit, Commit> rewritten = new LinkedHashMap<>();
        rewritten.put(target, new Commit(target.id(), ImmutableSortedMap.copyOf(tree), target.parents(), message));
        List<Step> steps = new ArrayList<>();
        for (String name : List.copyOf(bookmarks.keySet())) {
            State state = state(name);
            if (ancestors(state.head()).contains(target)) {
                Commit after = rebased(state.head(), rewritten);
                TreeMap<String, String> shown = edit == null && name.equals(bookmark)
                        ? new TreeMap<>(after.tree())
                        : merged(state.head().tree(), shown(name), after.tree());
                steps.add(new Step(name, before(name), moved(state, after).showing(ImmutableSortedMap.copyOf(shown))));
            }
        }
        List<Amended> amended = new ArrayList<>();
        rewritten.forEach((old, made) -> {
            if (old != made) {
                amended.add(new Amended(old, made));
            }
        });
        publish(Kind.AMEND, steps, amended);
    }

    private Commit rebased(Commit old, Map<Commit, Commit> rewritten) {
        Commit known = rewritten.get(old);
        if (known != null) {
            return known;
        }
        TreeMap<String, String> tree = new TreeMap<>(old.tree());
        List<Commit> parents = new ArrayList<>();
        boolean moved = false;
        for (Commit parent : old.parents()) {
            Commit after = rebased(parent, rewritten);
            parents.add(after);
            moved |= after != parent;
            tree = merged(parent.tree(), tree, after.tree());
        }
        Commit made = moved
                ? new Commit(old.id(), ImmutableSortedMap.copyOf(tree), ImmutableList.copyOf(parents), old.message())
                : old;
        rewritten.put(old, made);
        return made;
    }

    private static TreeMap<String, String> merged(
            Map<String, String> base, Map<String, String> ours, Map<String, String> theirs) {
        if (ModelFile.shown(base).equals(ModelFile.shown(theirs))) {
            return new TreeMap<>(ours);
        }
        if (ModelFile.shown(base).equals(ModelFile.shown(ours))) {
            return new TreeMap<>(theirs);
        }
        if (!ModelFile.isPlain(base, ours) || !ModelFile.isPlain(base, theirs) || !ModelFile.fit(ours, theirs)) {
            throw new NotForetold();
        }
        TreeMap<String, String> result = new TreeMap<>();
        Set<String> paths = new TreeSet<>(base.keySet());
        paths.addAll(ours.keySet());
        paths.addAll(theirs.keySet());
        for (String path : paths) {
            @Nullable Optional<String> merged = ModelFile.merged(base.get(path), ours.get(path), theirs.get(path));
            refuseIf(merged == null);
            Objects.requireNonNull(merged).ifPresent(file -> result.put(path, file));
        }
        return result;
    }

    private static Set<Commit> ancestors(Commit commit) {
        Set<Commit> seen = new HashSet<>();
        List<Commit> open = new ArrayList<>(List.of(commit));
        while (!open.isEmpty()) {
            Commit next = open.remove(open.size() - 1);
            if (seen.add(next)) {
                open.addAll(next.parents());
            }
        }
        return seen;
    }

    private static Set<Commit> mergeBases(Commit ours, Commit theirs) {
        Set<Commit> common = ancestors(ours);
        common.retainAll(ancestors(theirs));
        Set<Commit> bases = new HashSet<>(common);
        for (Commit each : common) {
            for (Commit parent : each.parents()) {
                bases.remove(parent);
            }
        }
        return bases;
    }

    private static void refuseIf(boolean refused) {
        if (refused) {
            throw new Refused();
        }
    }
}
