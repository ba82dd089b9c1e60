package dev.dogear.store.history.log;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.change.Answers;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Merging;
import dev.dogear.store.object.DecodedObjects;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.ScratchTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.merge.MergeOptions;
import dev.dogear.store.tree.merge.MergedTree;
import dev.dogear.store.tree.merge.PathRestore;
import dev.dogear.store.tree.merge.TreeMerge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What two bookmarks' states give when merged: from their histories and roots to a root with its conflicts. */
public final class MergeInputs {
    private final HistoryTables history;
    private final Ancestry ancestry;
    private final ObjectTable table;
    private final MergeOptions options;
    /** Merged bases that are in {@code table} and not in the repository. */
    private final Map<ImmutableList<ObjectId>, Root> ownBases;

    private MergeInputs(
            HistoryTables history,
            MergeOptions options,
            ObjectTable table,
            Map<ImmutableList<ObjectId>, Root> ownBases) {
        this.history = history;
        this.ancestry = new Ancestry(history);
        this.table = new DecodedObjects(table);
        this.options = options;
        this.ownBases = ownBases;
    }

    /** Writes to the repository. */
    public static MergeInputs of(HistoryTables history, MergeOptions options) {
        return new MergeInputs(history, options, history.objects(), history.mergedBases());
    }

    /** For looking only: what is written is gone with it. */
    public static MergeInputs looking(HistoryTables history, MergeOptions options) {
        return new MergeInputs(history, options, new ScratchTable(history.objects()), new HashMap<>());
    }

    /** Where what these merges made can be read. */
    public ObjectTable table() {
        return table;
    }

    /** Whether all changes of {@code theirs} are in {@code ours}. */
    public boolean isAncestor(BookmarkState theirs, BookmarkState ours) {
        return ancestry.isAncestor(commit(theirs), commit(ours));
    }

    private Change commit(BookmarkState state) {
        return history.commit(state.commit());
    }

    /** The two states, edits included, with all that they changed. */
    public MergedTree merge(BookmarkState ours, Root oursRoot, BookmarkState theirs, Root theirsRoot) {
        return TreeMerge.merge(table, base(ours, theirs), oursRoot, theirsRoot, options);
    }

    /** The tree both sides began with. */
    public Root base(BookmarkState ours, BookmarkState theirs) {
        return base(ancestry.mergeBases(commit(ours), commit(theirs)));
    }

    /** Whether that tree is there, or has to be merged first. */
    public boolean isBaseKnown(BookmarkState ours, BookmarkState theirs) {
        List<Change> ancestors = ancestry.mergeBases(commit(ours), commit(theirs));
        return ancestors.size() == 1 || history.mergedBases().containsKey(commits(ancestors));
    }

    private static ImmutableList<ObjectId> commits(List<Change> changes) {
        return changes.stream().map(Change::commit).collect(ImmutableList.toImmutableList());
    }

    /** Several nearest common ancestors are first merged with each other. */
    private Root base(List<Change> ancestors) {
        Change first = ancestors.get(0);
        if (ancestors.size() == 1) {
            return first.root();
        }
        ImmutableList<ObjectId> asked = commits(ancestors);
        Root known = history.mergedBases().getOrDefault(asked, ownBases.get(asked));
        if (known != null) {
            return known;
        }
        Root root = first.root();
        for (Change next : ancestors.subList(1, ancestors.size())) {
            Root below = base(ancestry.mergeBases(first, next));
            // What they disagree on is in the tree so that each answer to it is an edit; it is no conflict of the base.
            root = TreeMerge.merge(table, below, root, next.root(), options.mergingBases())
                    .root()
                    .withConflicts(null);
        }
        ownBases.put(asked, root);
        return root;
    }

    /**
     * What a merge as it was asked for gives.
     *
     * @throws MergeConflictException if conflicts are left that may not be stored
     */
    public MergedTree asked(MergedTree whole, Root target, Merging.How how) {
        Root root = whole.root();
        List<Conflict> conflicts = whole.conflicts();
        if (!how.paths().isEmpty()) {
            List<Conflict> concerned = conflicts.stream()
                    .filter(conflict -> how.paths().stream().anyMatch(path -> concerns(conflict, path)))
                    .toList();
            Set<TreePath> paths = new TreeSet<>(how.paths());
            paths.removeIf(path -> concerned.stream().anyMatch(conflict -> concerns(conflict, path))
                    && isNowhere(target, path)
                    && isNowhere(whole.root(), path));
            concerned.forEach(conflict -> paths.add(conflict.path()));
            conflicts = concerned;
            root = new PathRestore(table, target, root, options.time(), options.fileIds()).of(paths);
        }
        Answers answers = new Answers(table, options.time(), options.fileIds());
        for (Merging.Answer answer : how.answers()) {
            root = answers.apply(root, answer);
        }
        List<TreePath> answered =
                how.answers().stream().map(Merging.Answer::path).toList();
        ImmutableList<Conflict> left = conflicts.stream()
                .filter(conflict -> !answered.contains(conflict.path()))
                .collect(ImmutableList.toImmutableList());
        if (!left.isEmpty() && !how.allowConflicted()) {
            throw new MergeConflictException(Merging.told(table, left));
        }
        return new MergedTree(root, left);
    }

    private boolean isNowhere(Root root, TreePath path) {
        return Trees.find(table, root, path) == null;
    }

    /** Whether a conflict is of what is at a path or below, be it shown elsewhere, as what was renamed or moved aside is. */
    private static boolean concerns(Conflict conflict, TreePath path) {
        return conflict.path().startsWith(path)
                || Stream.of(conflict.bases(), conflict.sides())
                        .flatMap(List::stream)
                        .anyMatch(version ->
                                version.entry() != null && version.path().startsWith(path));
    }

    /** @throws MergeConflictException unless there is one answer for every path */
    public static Root clean(ObjectTable table, MergedTree merged) {
        if (!merged.isClean()) {
            throw new MergeConflictException(Merging.told(table, merged.conflicts()));
        }
        return merged.root();
    }
}
