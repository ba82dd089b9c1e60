package dev.dogear.store.care;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Upkeep;
import dev.dogear.store.history.log.HistoryPurge;
import dev.dogear.store.lmdb.Rewrite;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.ScratchTable;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.conflict.RootObjects;
import dev.dogear.store.tree.purge.EntryPurge;
import dev.dogear.store.tree.purge.PurgeRules;
import dev.dogear.store.tree.purge.RootPurge;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes paths, contents or deleted bookmarks out of a repository for good: out of every change, operation, live workspace, of
 * objects, rows and journal. Changes that held it keep their ids and get other commits. Cannot be undone.
 *
 * <p>No verb runs meanwhile, and at the end all gates are closed for as long as it takes to write the rows anew. The rename
 * in {@link Rewrite#finish} is the moment it happens: a death before it leaves all as it was, after it the next opening goes on
 * with what is left to do, the journal's erasure.
 */
public final class Purge {
    /** Moments a test may come in between. */
    enum Point {
        REWRITTEN,
        COPIED,
        ROLLED,
        REPLACED,
        ERASED
    }

    /**
     * What is to go.
     *
     * @param rules which paths and contents
     * @param bookmarks names of deleted bookmarks, which cannot be restored afterwards
     */
    public record Request(PurgeRules rules, List<String> bookmarks) {}

    /**
     * What went, or would.
     *
     * @param changes that got another commit
     * @param commits that others took the place of
     * @param forgottenCommits that only deleted bookmarks led to
     * @param removed paths of files that went, in order, at most 1,000
     * @param overwritten paths of files, targets or attributes of which a part was overwritten, likewise
     * @param elsewhere paths where contents of what went are still, since they were not named
     * @param proof what was looked at afterwards; null for a rehearsal
     */
    public record Report(
            int changes,
            long commits,
            int forgottenCommits,
            List<String> removed,
            List<String> overwritten,
            List<String> elsewhere,
            PurgeProof.@Nullable Seen proof) {
        /** Whether there was nothing to be purged. */
        public boolean isEmpty() {
            return commits == 0 && forgottenCommits == 0 && removed.isEmpty() && overwritten.isEmpty();
        }
    }

    private static final int TRIES = 100;
    private static final int TELL_EVERY = 1_000;

    private final Repository repository;
    private final Request request;
    private final Upkeep upkeep;
    private final Tables tables;
    private final GarbageCollector.Progress progress;
    private final Consumer<Point> points;

    public Purge(Repository repository, Request request, GarbageCollector.Progress progress) {
        this(repository, request, progress, point -> {});
    }

    Purge(Repository repository, Request request, GarbageCollector.Progress progress, Consumer<Point> points) {
        this.repository = repository;
        this.request = request;
        this.upkeep = repository.upkeep();
        this.tables = repository.tables();
        this.progress = progress;
        this.points = points;
    }

    /**
     * What it works with while no verb runs.
     *
     * @param forgotten numbers of the deleted bookmarks that go
     * @param markedRoots what was marked with all it refers to
     * @param markedCommits likewise
     */
    private record Work(
            RootPurge roots,
            HistoryPurge history,
            Set<Integer> forgotten,
            Set<Root> markedRoots,
            Set<ObjectId> markedCommits) {
        /** What a workspace is to show. */
        Root shown(Workspace workspace) {
            return forgotten.contains(workspace.number()) ? Roots.EMPTY : roots.apply(workspace.base());
        }
    }

    /**
     * Purges, and looks for what is left.
     *
     * @throws StoreException NOT_FOUND for a deleted bookmark there is none of; NO_SPACE; IN_USE; IO if something was found left
     */
    public Report run() {
        Map<Workspace, List<Viewer.Stale>> stale = new LinkedHashMap<>();
        Report done = tables.undisturbed(() -> upkeep.betweenVerbs(() -> purge(stale)));
        Viewer viewer = upkeep.viewer();
        stale.forEach(viewer::forget);
        return done;
    }

    /** What {@link #run} would find now; changes nothing. */
    public Report rehearse() {
        upkeep.workspaces().forEach(upkeep.viewer()::push);
        return tables.undisturbed(() -> upkeep.betweenVerbs(() -> {
            upkeep.workspaces().forEach(upkeep::settle);
            Work work = work(new ScratchTable(repository.objects()));
            rewriteRows(work);
            return report(work, List.of(), null);
        }));
    }

    private Work work(ObjectTable table) {
        Set<Integer> forgotten = new HashSet<>();
        for (String bookmark : request.bookmarks()) {
            Set<Integer> numbers = upkeep.deleted(bookmark);
            if (numbers.isEmpty()) {
                throw new StoreException(
                        Kind.NOT_FOUND,
                        "There is no deleted bookmark " + bookmark + ", or none any more. One that is there is deleted"
                                + " first: dogear bookmark delete");
            }
            forgotten.addAll(numbers);
        }
        RootPurge roots = new RootPurge(table, request.rules());
        HistoryPurge history = upkeep.purge(table, roots, request.rules().secrets(), forgotten);
        return new Work(roots, history, forgotten, new HashSet<>(), new HashSet<>());
    }

    private Report purge(Map<Workspace, List<Viewer.Stale>> stale) {
        tables.sweep();
        upkeep.workspaces().forEach(upkeep.viewer()::push);
        upkeep.workspaces().forEach(upkeep::settle);
        Work work = work(repository.objects());
        rewriteRows(work);
        tables.fold(0);
        points.accept(Point.REWRITTEN);
        List<String> elsewhere;
        try (Rewrite rewrite = tables.rewrite()) {
            mark(work, rewrite);
            rewrite.copy(done -> progress.at("copying", done, rewrite.marked()));
            points.accept(Point.COPIED);
            progress.at("replacing", 0, 0);
            replace(work, rewrite, stale);
            rewrite.complete();
            elsewhere = PurgeProof.elsewhere(repository, work.roots.found().goneContents());
        }
        points.accept(Point.REPLACED);
        if (!tables.erase()) {
            throw new IllegalStateException("a workspace needs the journal from before the purge");
        }
        points.accept(Point.ERASED);
        progress.at("verifying", 0, 0);
        PurgeProof.Seen seen = new PurgeProof(repository, request.rules(), progress).look();
        return report(work, elsewhere, seen);
    }

    private static Report report(Work work, List<String> elsewhere, PurgeProof.@Nullable Seen seen) {
        EntryPurge found = work.roots.found();
        return new Report(
                work.history.rewrittenChanges(),
                work.history.rewrittenCommits(),
                work.history.abandonedCommits(),
                found.removedPaths(),
                found.overwrittenPaths(),
                elsewhere,
                seen);
    }

    /** Every row once, so that all that is new is stored. */
    private void rewriteRows(Work work) {
        long[] rows = {0};
        for (Table table : HistoryPurge.order()) {
            upkeep.rows(table, row -> {
                work.history.row(row);
                if (++rows[0] % TELL_EVERY == 0) {
                    progress.at("rewriting", rows[0], 0);
                }
            });
        }
        upkeep.workspaces().forEach(work::shown);
    }

    /** What the rows lead to as they will be. */
    private void mark(Work work, Rewrite rewrite) {
        for (Table table : HistoryPurge.order()) {
            upkeep.rows(
                    table,
                    row -> HistoryPurge.references(
                            work.history.row(row),
                            root -> mark(work, root, rewrite),
                            commit -> mark(work, commit, rewrite)));
        }
        for (Workspace workspace : upkeep.workspaces()) {
            mark(work, work.shown(workspace), rewrite);
        }
    }

    /** A commit with all it follows. */
    private void mark(Work work, ObjectId commit, Rewrite rewrite) {
        upkeep.follow(commit, next -> {
            Change change = work.markedCommits.add(next) ? upkeep.commit(next) : null;
            boolean stored = change != null && !change.id().equals(ChangeId.VIRTUAL_ROOT);
            if (change != null && stored) {
                rewrite.mark(next);
                mark(work, change.root(), rewrite);
            }
            return stored;
        });
    }

    private void mark(Work work, Root root, Rewrite rewrite) {
        if (work.markedRoots.add(root)) {
            RootObjects.visit(repository.objects(), root, rewrite::mark);
            progress.at("marking", rewrite.marked(), 0);
        }
    }

    /** The one moment: nobody edits. When it is over, nobody reads what is gone. */
    private void replace(Work work, Rewrite rewrite, Map<Workspace, List<Viewer.Stale>> stale) {
        List<Workspace> closed = new ArrayList<>();
        try {
            for (Workspace workspace : upkeep.workspaces()) {
                close(workspace, closed);
            }
            upkeep.pastTrees().forEach(workspace -> close(workspace, closed));
            closed.forEach(workspace -> stale.put(workspace, new ArrayList<>()));
            for (int tries = 0; !tryReplace(work, rewrite, closed, stale); tries++) {
                if (tries == TRIES) {
                    throw new StoreException(Kind.IN_USE, "The repository is too busy to be purged; try again");
                }
            }
        } finally {
            closed.forEach(workspace -> workspace.gate().open());
        }
    }

    private static void close(Workspace workspace, List<Workspace> closed) {
        workspace.gate().close();
        closed.add(workspace);
    }

    private boolean tryReplace(
            Work work, Rewrite rewrite, List<Workspace> closed, Map<Workspace, List<Viewer.Stale>> stale) {
        List<Workspace> live = upkeep.workspaces();
        live.forEach(upkeep::settle);
        live.forEach(workspace -> purgeUnnamed(work, workspace, stale));
        rewriteRows(work);
        tables.fold(0);
        mark(work, rewrite);
        for (Workspace workspace : live) {
            for (FileNode file : workspace.unnamedFiles()) {
                RootObjects.visit(repository.objects(), file.stored(repository.objects()), rewrite::mark);
            }
        }
        rewrite.copy(done -> {});
        tables.journal().roll();
        long rolled = tables.journal().tail();
        points.accept(Point.ROLLED);
        Map<Workspace, Root> shown = new LinkedHashMap<>();
        Map<Integer, Long> cuts = new HashMap<>();
        for (Workspace workspace : live) {
            shown.put(workspace, work.shown(workspace));
            // Files without a name are journaled anew, above the cut.
            cuts.put(workspace.number(), workspace.freeze().cut());
        }
        tables.journal().flush();
        if (!rewrite.finish(rolled, row -> withCut(work.history.row(row), cuts, rolled))) {
            return false;
        }
        upkeep.reload();
        shown.forEach((workspace, root) -> show(workspace, root, stale));
        for (Workspace past : upkeep.pastTrees()) {
            if (!closed.contains(past)) {
                close(past, closed);
            }
            Root root = upkeep.pastRoot(past);
            past.freeze();
            show(past, root == null ? Roots.EMPTY : root, stale);
        }
        return true;
    }

    /** What is open without a name has no path, and goes by its content. */
    private void purgeUnnamed(Work work, Workspace workspace, Map<Workspace, List<Viewer.Stale>> stale) {
        for (FileNode file : workspace.unnamedFiles()) {
            TreeEntry stored = file.stored(repository.objects());
            TreeEntry clean = work.roots.found().content(stored);
            Viewer.Stale told = file.take(clean);
            if (!clean.equals(stored)) {
                told(workspace, stale).add(told);
            }
        }
    }

    private static List<Viewer.Stale> told(Workspace workspace, Map<Workspace, List<Viewer.Stale>> stale) {
        return stale.computeIfAbsent(workspace, key -> new ArrayList<>());
    }

    /** From now on that; files that lost their last name by it are empty for those who have them open. */
    private static void show(Workspace workspace, Root root, Map<Workspace, List<Viewer.Stale>> stale) {
        Set<FileNode> before = new HashSet<>(workspace.unnamedFiles());
        List<Viewer.Stale> told = told(workspace, stale);
        told.addAll(workspace.switchTo(root));
        boolean emptied = false;
        for (FileNode file : workspace.unnamedFiles()) {
            if (!before.contains(file)) {
                told.add(file.empty());
                emptied = true;
            }
        }
        if (emptied) {
            // Journals them once more, as they are now.
            workspace.freeze();
        }
    }

    /** A workspace goes on from where it was frozen; all edits from before are in its root. */
    private static Row withCut(Row row, Map<Integer, Long> cuts, long rolled) {
        byte[] value = row.value();
        if (row.table() != Table.WORKSPACES || value == null || row.key().length != Integer.BYTES) {
            return row;
        }
        long cut = cuts.getOrDefault(ByteBuffer.wrap(row.key()).getInt(), rolled);
        byte[] changed = value.clone();
        ByteBuffer.wrap(changed).putLong(cut);
        return new Row(row.table(), row.key(), changed);
    }
}
