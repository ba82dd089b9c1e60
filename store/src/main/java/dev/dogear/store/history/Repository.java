package dev.dogear.store.history;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Authoring;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.LogQuery;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Operation;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.change.Verbs.MergePreview;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.MergeResult;
import dev.dogear.store.change.Verbs.NewBookmark;
import dev.dogear.store.change.Verbs.RevertResult;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.change.Verbs.UndoResult;
import dev.dogear.store.config.Config;
import dev.dogear.store.exchange.Progress;
import dev.dogear.store.exchange.TreeExport;
import dev.dogear.store.exchange.TreeImport;
import dev.dogear.store.history.log.Ancestry;
import dev.dogear.store.history.log.Annotation;
import dev.dogear.store.history.log.BookmarkFacts;
import dev.dogear.store.history.log.BookmarkState;
import dev.dogear.store.history.log.Descendants;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.history.log.LogSearch;
import dev.dogear.store.history.log.LoggedOperation;
import dev.dogear.store.history.log.RepositoryRow;
import dev.dogear.store.history.log.Revisions;
import dev.dogear.store.history.news.ConflictNews;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.proposal.Proposal;
import dev.dogear.store.proposal.Standing;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.conflict.Conflict;
import dev.dogear.store.tree.conflict.ConflictList;
import dev.dogear.store.tree.conflict.RootDiff;
import dev.dogear.store.tree.text.PatchText;
import dev.dogear.store.workspace.Workspace;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A named folder with its own history. Every verb throws {@link StoreException}, changes nothing when it does, and takes
 * who asks as {@code by}. When a verb answers, what it did survives a power cut and every program sees it.
 */
public final class Repository {
    private volatile RepositoryRow row;
    private final Tables tables;
    private final LiveRepository live;
    private final HistoryTables history;

    Repository(RepositoryRow row, Tables tables, LiveRepository live) {
        this.row = row;
        this.tables = tables;
        this.live = live;
        this.history = live.history();
    }

    public String name() {
        return row.name();
    }

    /** What the store has recorded of it. */
    public RepositoryRow row() {
        return row;
    }

    /** 32 hexadecimal digits; becomes a path, unlike the name. */
    public String id() {
        return row.idHex();
    }

    public Instant created() {
        return row.created();
    }

    public String defaultBookmark() {
        return row.defaultBookmark();
    }

    /** What its owners wrote on it, in the order of keys. */
    public Map<String, String> tags() {
        return row.tags();
    }

    /** Takes what the store has recorded of it: a new name, default bookmark or tags. */
    void become(RepositoryRow now) {
        row = now;
        live.workspaces().rename(now.name());
    }

    /** Why no write is taken any more, or null: after an error of its disk, until a restart. */
    public @Nullable String readOnlyReason() {
        return tables.journal().failure();
    }

    /** In the order of names. */
    public List<Bookmark> bookmarks() {
        return bookmarksStartingWith("");
    }

    /** Those whose names begin with {@code prefix}, in the order of names; costs what it answers. */
    public List<Bookmark> bookmarksStartingWith(String prefix) {
        return history.bookmarks().startingWith(prefix).entrySet().stream()
                .map(entry -> entry.getValue().named(entry.getKey()))
                .toList();
    }

    /** Whether the name of some bookmark begins with that. */
    public boolean isBookmarkStartingWith(String prefix) {
        return history.bookmarks().isAnyStartingWith(prefix);
    }

    /** The bookmark of that name, or none. */
    public Optional<Bookmark> findBookmark(String name) {
        return Optional.ofNullable(history.bookmarks().get(name)).map(state -> state.named(name));
    }

    /** The bookmark of that number, or none. */
    public Optional<Bookmark> findBookmark(int number) {
        return Optional.ofNullable(history.bookmarks().name(number))
                .flatMap(this::findBookmark)
                .filter(bookmark -> bookmark.number() == number);
    }

    /** @throws StoreException NOT_FOUND */
    public Bookmark bookmark(String name) {
        return live.bookmark(name).named(name);
    }

    /** A new bookmark at that change; its directory shows it at once. */
    public Bookmark createBookmark(String name, ChangeId at, String by) {
        return createBookmark(new NewBookmark(name, at, null, null), by);
    }

    /** The same, with where it comes from and when it is to go. */
    public Bookmark createBookmark(NewBookmark request, String by) {
        return live.undisturbed(() -> new BookmarkVerbs(live).create(request, change(request.at()), by));
    }

    /** Where bookmarks began and when they are to go, by their numbers. */
    public BookmarkFacts facts() {
        return history.facts();
    }

    /** @param expected fail with STALE unless the bookmark points there; null: wherever */
    public Bookmark moveBookmark(String name, ChangeId to, @Nullable ChangeId expected, String by) {
        return live.undisturbed(() -> new BookmarkVerbs(live).move(name, change(to), expected, by));
    }

    /** Its edits are kept as a change; open files stay readable for those who hold them. */
    public void deleteBookmark(String name, @Nullable ChangeId expected, String by) {
        // With the bookmark's lock, so that it does not become the default one meanwhile.
        live.exclusively(List.of(name), () -> {
            if (name.equals(row.defaultBookmark())) {
                throw new StoreException(Kind.INVALID, "The default bookmark cannot be deleted: " + name);
            }
            new BookmarkVerbs(live).delete(name, expected, by);
            return name;
        });
    }

    /**
     * Begins or ends the protection of a bookmark. While it lasts the bookmark's directory takes no edits (EROFS), and every
     * verb that would move or delete the bookmark but a merge into it is READ_ONLY.
     *
     * @throws StoreException NOT_FOUND; STALE if there are edits when it is to begin
     */
    public void protect(String bookmark, boolean on) {
        live.protection().set(live, bookmark, on);
    }

    /** @throws StoreException NOT_FOUND */
    public boolean isProtected(String bookmark) {
        return live.protection().covers(live.bookmark(bookmark).number());
    }

    /** What is set of it. */
    public Config config() {
        return live.settings().now();
    }

    /**
     * Changes those settings, all or none; a null takes one back to its default.
     *
     * @throws StoreException INVALID for a key that is none, or a value of another form
     */
    public Config configure(Map<String, @Nullable String> changes) {
        return live.settings().change(changes);
    }

    /** Whether any of its bookmarks is protected. */
    public boolean hasProtected() {
        return live.protection().coversAny();
    }

    /** A bookmark, a change id, a prefix of one (4 letters at least), with {@code @} or not, with {@code ~n} or not. */
    public Change resolve(String revision) {
        return new Revisions(history).resolve(revision);
    }

    /** @throws StoreException NOT_FOUND */
    public Change change(ChangeId id) {
        Change change = history.change(id);
        if (change == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no change " + id);
        }
        return change;
    }

    /** The change ids of a change's parents. */
    public List<ChangeId> parents(Change change) {
        return change.parents().stream()
                .map(parent -> history.commit(parent).id())
                .toList();
    }

    /** Changes reachable from {@code start}, newest first; skips {@code skip}, at most {@code limit}. */
    public List<Change> log(Change start, int skip, int limit) {
        return new Ancestry(history).log(start, skip, limit);
    }

    /** What of the history of {@code start} is as asked for, newest first, and where to go on looking. */
    public LogSearch.Found search(List<Change> start, LogQuery query, int limit) {
        return new LogSearch(history, query).from(start, limit);
    }

    /** Which change each line of a file of that state comes from. */
    public Annotation.Lines annotate(Change start, TreePath path) {
        return new Annotation(history).of(start, path);
    }

    /** Newest first, numbers below {@code before} (0: from the newest). */
    public List<Operation> operations(long before, int limit) {
        return history.operations(before == 0 ? Long.MAX_VALUE : before, limit).stream()
                .map(LoggedOperation::summary)
                .toList();
    }

    /** Oldest first, numbers above {@code after}; only durable ones, whose numbers no other operation will ever have. */
    public List<Operation> operationsAfter(long after, int limit) {
        return history.operationsAfter(after, live.news().newest(), limit).stream()
                .map(LoggedOperation::summary)
                .toList();
    }

    /** The number of the newest durable operation. */
    public long newestOperation() {
        return live.news().newest();
    }

    /** Waits for a durable operation newer than {@code after}, that long at most; answers the number of the newest. */
    public long awaitOperation(long after, long timeoutMs) throws InterruptedException {
        return live.news().await(after, timeoutMs);
    }

    /** Which merges were refused for conflicts, or stored them. */
    public ConflictNews conflictNews() {
        return live.conflictNews();
    }

    /** Whether a bookmark of a proposal is there still. */
    public boolean isThere(Proposal.Side side) {
        BookmarkState state = history.bookmarks().get(side.bookmark());
        return state != null && state.number() == side.number();
    }

    /** Freezes the bookmark's edits as one moment and stores them as a change on top. */
    public CheckpointResult checkpoint(String bookmark, CheckpointRequest request, String by) {
        return checkpoint(bookmark, request, by, null);
    }

    /** The same, once for that key: asked again within a day, the answer is the first one. */
    public CheckpointResult checkpoint(String bookmark, CheckpointRequest request, String by, @Nullable String key) {
        return live.measures().checkpoint().of(() -> new CheckpointVerb(live).run(bookmark, request, by, key));
    }

    /** What nobody asked for, so that no metadata is asked for either. */
    CheckpointResult checkpointUnasked(String bookmark, CheckpointRequest request, String by) {
        return live.measures().checkpoint().of(() -> new CheckpointVerb(live).unasked(bookmark, request, by));
    }

    /**
     * Gives the change a bookmark points at another message: a new commit under the same change id.
     *
     * @throws StoreException STALE unless the bookmark points at {@code change}
     */
    public Change reword(String bookmark, ChangeId change, String message, String by) {
        return new CheckpointVerb(live).reword(bookmark, change, message, by);
    }

    /** Makes a change of files sent whole; no bookmark moves. */
    public Change createChange(Authoring.NewChange request, String by) {
        return createChange(request, by, null);
    }

    /** The same, once for that key: asked again within a day, the answer is the first one. */
    public Change createChange(Authoring.NewChange request, String by, @Nullable String key) {
        return live.undisturbed(() -> new CreateChangeVerb(live, row.defaultBookmark()).run(request, by, key));
    }

    /** The bookmarks at a change or on top of it: those an amendment of it moves. */
    public List<String> following(ChangeId id) {
        return Descendants.of(history, change(id)).bookmarks();
    }

    /**
     * Gives a change other content under the same id, rebases what bookmarks have on top of it, and moves these bookmarks;
     * edits stay edits.
     *
     * @throws MergeConflictException if the new content conflicts with what follows or with edits; nothing is changed then
     */
    public Change amend(Authoring.Amendment request, String by) {
        return live.undisturbed(() -> new AmendVerb(live, request, by).run());
    }

    /** @param checkpoints 0: drops edits or reverts the last operation; n: the state before the last n checkpoints */
    public UndoResult undo(String bookmark, int checkpoints, String by) {
        return undo(bookmark, UndoRequest.of(checkpoints), by);
    }

    /**
     * Takes a bookmark, or some paths of it, back.
     *
     * @throws StoreException STALE if there is nothing to undo; NOT_FOUND for a path that neither state has
     */
    public UndoResult undo(String bookmark, UndoRequest request, String by) {
        return undo(bookmark, request, by, null);
    }

    /** The same, once for that key: asked again within a day, the answer is the first one. */
    public UndoResult undo(String bookmark, UndoRequest request, String by, @Nullable String key) {
        Once once = Once.of(live, key, "undo", by, bookmark);
        return live.measures()
                .undo()
                .of(() -> live.undisturbed(() -> new UndoVerbs(live, once).undo(bookmark, request, by)));
    }

    /** Does again what the last undo took back; STALE after new edits or operations. */
    public UndoResult redo(String bookmark, String by) {
        return redo(bookmark, false, by);
    }

    /** The same; {@code dryRun} says what would change and changes nothing. */
    public UndoResult redo(String bookmark, boolean dryRun, String by) {
        return redo(bookmark, dryRun, by, null);
    }

    /** The same, once for that key: asked again within a day, the answer is the first one. */
    public UndoResult redo(String bookmark, boolean dryRun, String by, @Nullable String key) {
        Once once = Once.of(live, key, "redo", by, bookmark);
        return live.measures()
                .undo()
                .of(() -> live.undisturbed(() -> new UndoVerbs(live, once).redo(bookmark, dryRun, by)));
    }

    /**
     * Reverts one operation, whatever followed it: the plain inverse where nothing did, else by a three-way merge, whose
     * result is a new change. It is an operation itself and can be undone like any other.
     *
     * @param operation its number
     * @param dryRun say what would change and change nothing
     * @throws StoreException NOT_FOUND; STALE if nothing of it is left or a bookmark is not the one it was
     * @throws MergeConflictException if what followed changed the same
     */
    public RevertResult undoOperation(long operation, boolean dryRun, String by) {
        return live.undisturbed(() -> new OperationUndo(live, operation, by).run(dryRun));
    }

    /** @throws MergeConflictException if paths conflict; then nothing was stored or moved */
    public MergeResult merge(MergeRequest request, String by) {
        return merge(request, by, null);
    }

    /** The same, once for that key: asked again within a day, the answer is the first one. */
    public MergeResult merge(MergeRequest request, String by, @Nullable String key) {
        return live.measures().merge().of(() -> new MergeVerb(live, request, by, key).run());
    }

    /** What that merge would change in the target; conflicts are thrown as by {@link #merge}. */
    public MergePreview previewMerge(MergeRequest request, String by) {
        return new MergeVerb(live, request, by, null).preview();
    }

    /** The newest first, of those that are asked for, numbers below {@code before}. */
    public List<Proposal> proposals(long before, Predicate<Proposal> wanted, int limit) {
        return live.proposals().list(before, wanted, limit);
    }

    /** @throws StoreException NOT_FOUND */
    public Proposal proposal(long number) {
        return live.proposals().get(number);
    }

    /** The open proposals of a bookmark; none if it is not there. */
    public List<Proposal> proposalsOf(String source) {
        BookmarkState state = history.bookmarks().get(source);
        return state == null ? List.of() : live.proposals().openOf(state.number());
    }

    /** The open proposals to merge exactly that commit. */
    public List<Proposal> proposalsOf(Change head) {
        return live.proposals().open().stream()
                .filter(each -> {
                    BookmarkState source = history.bookmarks().get(each.source().bookmark());
                    return source != null && source.commit().equals(head.commit());
                })
                .toList();
    }

    /** What is to be said of a proposal now. */
    public Standing standing(Proposal proposal) {
        return live.undisturbed(() -> new ProposalVerbs(live).standing(proposal));
    }

    /**
     * Puts a bookmark up for being merged into another.
     *
     * @throws StoreException NOT_FOUND; INVALID; ALREADY_EXISTS if a proposal of these is open
     */
    public Proposal propose(String source, String target, String message, Proposal.Who by) {
        return new ProposalVerbs(live).propose(source, target, message, by);
    }

    /**
     * Accepts what the source of a proposal has now; it is void when that moves.
     *
     * @param head the commit that was looked at, 40 digits
     * @throws StoreException NOT_FOUND; STALE; FORBIDDEN if somebody else has to
     */
    public Proposal approve(long number, String head, Proposal.Who by) {
        return new ProposalVerbs(live).approve(number, head, by);
    }

    /** @throws StoreException NOT_FOUND; STALE if it is closed already */
    public Proposal reject(long number, String reason, Proposal.Who by) {
        return new ProposalVerbs(live).reject(number, reason, by);
    }

    /** Both sides of what was proposed. */
    public record Sides(Change base, Change head) {}

    /** @throws StoreException NOT_FOUND if they are no longer kept */
    public Sides sides(Proposal.Diff diff) {
        return live.undisturbed(
                () -> new Sides(kept(diff.base(), diff.baseCommit()), kept(diff.head(), diff.headCommit())));
    }

    private Change kept(ChangeId id, ObjectId commit) {
        if (!id.equals(ChangeId.VIRTUAL_ROOT) && !history.commits(id).contains(commit)) {
            throw new StoreException(
                    Kind.NOT_FOUND, "The change " + id + " as it was then is no longer kept: see retention");
        }
        return history.commit(commit);
    }

    /** What of a root has no single answer, by path. */
    public SortedMap<TreePath, Conflict> conflicts(Root root) {
        return ConflictList.of(objects(), root);
    }

    /**
     * Decides conflicted paths of a bookmark, as edits that every program sees at once.
     *
     * @return the root that shows now
     * @throws StoreException NOT_FOUND if a path is not conflicted; then nothing was decided
     */
    public Root resolve(String bookmark, List<Merging.Answer> answers, String by) {
        return new BookmarkVerbs(live).resolve(bookmark, answers, by);
    }

    /**
     * Which other bookmarks would conflict with that one if merged as they are now, edits included. Stores no change.
     *
     * @param looked says of a bookmark whether to look at it
     */
    public List<Merging.Overlap> overlaps(String bookmark, Predicate<String> looked) {
        return MergeVerb.overlaps(live, bookmark, looked);
    }

    /** How two trees differ, in the order of paths. */
    public List<PathChange> diff(Root base, Root head) {
        return RootDiff.between(objects(), base, head);
    }

    /** Unified text of those changes, with three lines of context; what a patch program takes. */
    public byte[] unified(List<PathChange> changes) {
        return PatchText.of(objects(), changes);
    }

    /** The bookmark's tree as it is now, edits included: stored, but no change is made of it. */
    public Root liveRoot(String bookmark) {
        return live.liveRoot(bookmark);
    }

    /**
     * How many edits the bookmark has, roughly: what is stored ahead of a checkpoint and edited again counts twice. 0 if and
     * only if its directory is as its change. Cheaper than {@link #edits}: nothing is stored for it, and trees are compared
     * only where they differ and once.
     */
    public int editCount(String bookmark) {
        return live.editCount(live.bookmark(bookmark));
    }

    /** How the bookmark's directory differs from its change. */
    public List<PathChange> edits(String bookmark) {
        return live.undisturbed(() -> live.edits(live.bookmark(bookmark), liveRoot(bookmark)));
    }

    /**
     * Makes a change of a host directory or a tar archive (.tar, .tar.gz, .tgz) on top of the bookmark; its tree replaces
     * the bookmark's. Files at the same path keep their file ids.
     */
    public CheckpointResult importTree(String bookmark, Path from, String message, String by, Progress progress) {
        Progress within = (files, bytes) -> {
            // What is read is stored at once, and counts already.
            live.workspaces().quota().require(0);
            progress.at(files, bytes);
        };
        TreeImport source = new TreeImport(objects(), live.workspaces()::newFileId, within);
        return new BookmarkVerbs(live).replaceTree(bookmark, before -> source.read(from, before), message, by);
    }

    /** Writes a tree to a new or empty directory, or as a tar archive. */
    public void exportTree(Root root, Path to, Progress progress) {
        new TreeExport(objects(), progress).write(root, to);
    }

    /** The live state of a bookmark. */
    public Workspace workspace(String bookmark) {
        return live.workspace(live.bookmark(bookmark));
    }

    /** The tree of a change, as a live state that takes no edits; the same for as long as somebody holds it. */
    public Workspace past(Change change) {
        return live.past().of(change);
    }

    /** Objects of every state. */
    public ObjectTable objects() {
        return tables.objects();
    }

    /** Journal and tables, for checking them. */
    public Tables tables() {
        return tables;
    }

    /** Every root the repository must be able to show: by where it is recorded. Tells of changes that cannot be read. */
    public Map<String, Root> roots(Consumer<String> problems) {
        return history.roots(problems);
    }

    /** Makes rows again that can be made from others, and answers what was done, a sentence each. */
    public List<String> repairRows() {
        return history.repair();
    }

    /** Tells, in a sentence each, what is wrong with rows beside what {@link #roots} leads to. */
    public void checkRows(Consumer<String> problems) {
        history.check(problems);
        live.proposals().check(problems);
    }

    /** What looking after it needs. */
    public Upkeep upkeep() {
        return new Upkeep(live);
    }

    LiveRepository live() {
        return live;
    }
}
