package dev.dogear.store.history;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.DataLock;
import dev.dogear.store.RepositoryFolders;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Names;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.config.Setting;
import dev.dogear.store.config.Settings;
import dev.dogear.store.history.log.Beginning;
import dev.dogear.store.history.log.BookmarkNumbers;
import dev.dogear.store.history.log.HistoryTables;
import dev.dogear.store.history.log.Renumbering;
import dev.dogear.store.history.log.RepositoryRow;
import dev.dogear.store.history.log.RepositoryUpdate;
import dev.dogear.store.history.log.Trash;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.lmdb.Rewrite;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.ServerTables;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.measure.Measures;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.proposal.Proposals;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import dev.dogear.store.workspace.WorkspaceContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The data folder: all repositories of one daemon. One process at a time.
 *
 * <p>{@code server/} knows the repositories by name; each has a folder of its own under {@code repos/}, named by its id,
 * and is opened when first asked for.
 */
public final class Store implements AutoCloseable {
    /** How many repositories have their files open at a time; each takes ten descriptors and 9 GiB of addresses. */
    private static final int REPOSITORIES_AWAKE_MAX = 64;

    private final Path data;
    private final InstantSource clock;
    private final DataLock lock;
    private final ServerTables server;
    private final BookmarkNumbers numbers;
    private final Trash trash;
    private final Measures measures = new Measures();
    private final Flusher flusher = new Flusher(measures.fsync());
    private final Tables.Awake awake = new Tables.Awake(REPOSITORIES_AWAKE_MAX);
    private final SecureRandom random = new SecureRandom();
    private final NavigableMap<String, RepositoryRow> rows = new ConcurrentSkipListMap<>();
    private final Map<String, Repository> open = new ConcurrentHashMap<>();
    private final Settings settings;
    private final Settler settler;
    private volatile Viewer viewer = new Nobody();
    private final LateWrites lateWrites = new LateWrites(() -> viewer);
    private volatile WorkspaceContext.Succession succession = WorkspaceContext.Succession.NONE;

    private Store(Path data, InstantSource clock, DataLock lock, ServerTables server) {
        this.data = data;
        this.clock = clock;
        this.lock = lock;
        this.server = server;
        this.numbers = new BookmarkNumbers(server);
        this.settings = Settings.of(server);
        this.trash = new Trash(server);
        server.scan(ServerTables.Name.REPOSITORIES, new byte[0], false, (key, value) -> {
            String name = new String(key, StandardCharsets.UTF_8);
            if (!trash.read(name, value)) {
                rows.put(name, RepositoryRow.decode(name, value));
            }
            return true;
        });
        this.settler = new Settler(() -> List.copyOf(open.values()));
    }

    /**
     * Opens the data folder, makes it if it is not there.
     *
     * @throws StoreException IN_USE if another process has it open; NEWER_FORMAT; CORRUPT
     */
    public static Store open(Path data, InstantSource clock) {
        return open(data, clock, DataLock.take(data));
    }

    /** The same with a lock that was taken, and is given back with the store. */
    public static Store open(Path data, InstantSource clock, DataLock lock) {
        try {
            Files.createDirectories(data.resolve("repos"));
            return new Store(data, clock, lock, ServerTables.open(data.resolve("server/tables")));
        } catch (IOException e) {
            lock.close();
            throw new StoreException(Kind.IO, "The data folder cannot be made: " + data, e);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The data folder. */
    public Path path() {
        return data;
    }

    /** Sets who remembers what is held, over the death of this process; before any repository is opened. */
    public void succeed(WorkspaceContext.Succession remembering) {
        succession = remembering;
    }

    /** Sets who shows workspaces; until then nobody does. */
    public void attach(Viewer newViewer) {
        viewer = newViewer;
    }

    /** Makes a repository with an empty bookmark of that name, live at once. */
    public Repository createRepository(String name, String defaultBookmark, String by) {
        Names.requireRepository(name);
        Names.requireBookmark(defaultBookmark);
        Repository repository;
        synchronized (this) {
            if (rows.containsKey(name)) {
                throw new StoreException(Kind.ALREADY_EXISTS, "There is a repository of this name already: " + name);
            }
            requireRoom(1);
            byte[] id = new byte[RepositoryRow.ID_BYTES];
            random.nextBytes(id);
            RepositoryRow row = new RepositoryRow(name, id, clock.instant(), defaultBookmark, ImmutableSortedMap.of());
            createFolder(row, by);
            server.put(ServerTables.Name.REPOSITORIES, key(name), row.encode());
            rows.put(name, row);
            repository = repository(name);
        }
        viewer.namesChanged(name, null);
        return repository;
    }

    /** What is set of the daemon. */
    public Settings settings() {
        return settings;
    }

    /** @throws StoreException LIMIT if there may not be so many more repositories */
    public void requireRoom(int more) {
        long most = settings.now().number(Setting.REPOSITORIES);
        if (rows.size() + more > most) {
            throw new StoreException(
                    Kind.LIMIT,
                    "There are " + rows.size() + " repositories and there may be " + most
                            + ": delete one, or raise the limit with dogear config repositories=…");
        }
    }

    /** What a repository is made of that was kept elsewhere. */
    public interface Filling {
        /** All rows it had. */
        List<Row> rows();

        /** Writes all objects it had. */
        void objects(ObjectTable table);
    }

    /**
     * Makes a repository of what was kept of one: with its history, bookmarks and edits, and another id. It is there when all of it
     * is; a death before leaves nothing.
     *
     * @throws StoreException ALREADY_EXISTS if the name is taken; LIMIT
     */
    public Repository adopt(String name, RepositoryRow like, Filling filling) {
        byte[] id = new byte[RepositoryRow.ID_BYTES];
        random.nextBytes(id);
        RepositoryRow row = new RepositoryRow(
                Names.requireRepository(name), id, like.created(), like.defaultBookmark(), like.tags());
        Path making = folder(row).resolveSibling(row.idHex() + RepositoryFolders.GONE);
        try {
            Files.createDirectories(making);
            fill(making, id, filling);
            synchronized (this) {
                if (rows.containsKey(name)) {
                    throw new StoreException(
                            Kind.ALREADY_EXISTS, "There is a repository of this name already: " + name);
                }
                requireRoom(1);
                RepositoryFolders.rename(making, folder(row));
                server.put(ServerTables.Name.REPOSITORIES, key(name), row.encode());
                rows.put(name, row);
            }
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The repository's folder cannot be made: " + making, e);
        } finally {
            if (Files.exists(making)) {
                RepositoryFolders.delete(making);
            }
        }
        viewer.namesChanged(name, null);
        return repository(name);
    }

    private void fill(Path folder, byte[] id, Filling filling) {
        Renumbering renumbering = new Renumbering(() -> numbers.next(id), Proposals::renumbered);
        List<Row> kept = new ArrayList<>();
        for (Row old : filling.rows()) {
            Row row = renumbering.row(old);
            if (row != null) {
                kept.add(row);
            }
        }
        Tables.create(folder, id, kept);
        Tables tables = Tables.open(folder, id, flusher);
        try {
            tables.keepFrom(() -> Long.MAX_VALUE);
            filling.objects(tables.objects());
        } finally {
            tables.close();
        }
    }

    private void createFolder(RepositoryRow row, String by) {
        Path folder = folder(row);
        try {
            Files.createDirectories(folder);
            int uid = (Integer) Files.getAttribute(folder, "unix:uid");
            int gid = (Integer) Files.getAttribute(folder, "unix:gid");
            Tables.create(folder, row.id(), Beginning.rows(row, numbers.next(row.id()), uid, gid, by));
        } catch (IOException e) {
            RepositoryFolders.delete(folder);
            throw new StoreException(Kind.IO, "The repository's folder cannot be made: " + folder, e);
        } catch (RuntimeException e) {
            RepositoryFolders.delete(folder);
            throw e;
        }
    }

    /** The open repository of that name. */
    public Repository repository(String name) {
        RepositoryRow row = rows.get(name);
        if (row == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no repository " + name);
        }
        return open.computeIfAbsent(row.idHex(), id -> openFolder(row));
    }

    /** Runs work on the folder and id of a repository that is closed meanwhile; for a store that nobody shows. */
    public synchronized <T> T closed(String name, BiFunction<Path, byte[], T> work) {
        RepositoryRow row = rows.get(name);
        if (row == null) {
            throw new StoreException(Kind.NOT_FOUND, "There is no repository " + name);
        }
        Repository repository = open.remove(row.idHex());
        if (repository != null) {
            repository.tables().close();
        }
        return work.apply(folder(row), row.id());
    }

    private Repository openFolder(RepositoryRow row) {
        RepositoryFolders.finishReplacing(folder(row));
        Tables tables = Tables.open(folder(row), row.id(), flusher, awake);
        try {
            Workspaces workspaces = new Workspaces(
                    row.name(), tables, clock, () -> numbers.next(row.id()), succession, Settings.of(tables));
            workspaces.replay();
            tables.erase();
            LiveRepository live =
                    new LiveRepository(tables, new HistoryTables(tables), workspaces, clock, () -> viewer, measures);
            return new Repository(row, tables, live);
        } catch (RuntimeException e) {
            tables.close();
            throw e;
        }
    }

    /**
     * Gives a repository another name, default bookmark or other tags; in the mount its directory has the new name at
     * once, and what programs hold of it stays theirs.
     *
     * @throws StoreException NOT_FOUND, also for the default bookmark; ALREADY_EXISTS; INVALID; LIMIT
     */
    public Repository updateRepository(String name, RepositoryUpdate update) {
        Repository repository = repository(name);
        String bookmark = update.defaultBookmark();
        if (bookmark == null) {
            replace(repository, name, update);
        } else {
            repository.live().exclusively(List.of(bookmark), () -> {
                repository.bookmark(bookmark);
                replace(repository, name, update);
                return bookmark;
            });
        }
        if (!repository.name().equals(name)) {
            viewer.namesChanged(name, null);
            viewer.namesChanged(repository.name(), null);
        }
        return repository;
    }

    private synchronized void replace(Repository repository, String name, RepositoryUpdate update) {
        RepositoryRow row = rows.get(name);
        if (row == null || !row.idHex().equals(repository.id())) {
            throw new StoreException(Kind.NOT_FOUND, "There is no repository " + name);
        }
        RepositoryRow now = update.apply(row);
        if (!now.name().equals(name) && rows.containsKey(now.name())) {
            throw new StoreException(Kind.ALREADY_EXISTS, "There is a repository of this name already: " + now.name());
        }
        server.replace(ServerTables.Name.REPOSITORIES, key(name), key(now.name()), now.encode());
        repository.become(now);
        rows.put(now.name(), now);
        if (!now.name().equals(name)) {
            rows.remove(name);
        }
    }

    /** Tags of a repository, without opening it; of one that is not there, none. */
    public Map<String, String> tags(String name) {
        RepositoryRow row = rows.get(name);
        return row == null ? ImmutableSortedMap.of() : row.tags();
    }

    /** Name of the repository of that id, or null; opens none. */
    public @Nullable String nameOf(String id) {
        return rows.values().stream()
                .filter(row -> row.idHex().equals(id))
                .map(RepositoryRow::name)
                .findFirst()
                .orElse(null);
    }

    /** How long its verbs take. */
    public Measures measures() {
        return measures;
    }

    /** The repositories that somebody asked for since the start. */
    public List<Repository> openRepositories() {
        Set<String> named = rows.values().stream().map(RepositoryRow::idHex).collect(Collectors.toSet());
        return open.values().stream().filter(each -> named.contains(each.id())).toList();
    }

    /** The id of the repository of that name, without opening it; null if there is none. */
    public @Nullable String repositoryId(String name) {
        RepositoryRow row = rows.get(name);
        return row == null ? null : row.idHex();
    }

    /** The tables of the data folder itself. */
    public ServerTables serverTables() {
        return server;
    }

    /** Names in order, without opening any repository. */
    public List<String> repositoryNames() {
        return ImmutableList.copyOf(rows.keySet());
    }

    /**
     * Deletes a repository; open files of it stay readable for those who hold them. It can be restored for as long as its
     * retention says.
     */
    public void deleteRepository(String name, String by) {
        // Open while it is in the trash: who holds its files goes on, and a restored one is the same as before.
        Repository repository = repository(name);
        Duration kept = repository.config().span(Setting.RETENTION);
        synchronized (this) {
            RepositoryRow row = rows.get(name);
            if (row == null || !row.idHex().equals(repository.id())) {
                throw new StoreException(Kind.NOT_FOUND, "There is no repository " + name);
            }
            trash.put(new Trash.Entry(row, clock.instant(), kept, by));
            rows.remove(name);
        }
        viewer.namesChanged(name, null);
        repository.live().workspaces().loaded().forEach(viewer::removed);
    }

    /** Newest first. */
    public List<Trash.Deleted> deletedRepositories() {
        return trash.all().stream().map(Trash.Entry::shown).toList();
    }

    /**
     * Takes a repository out of the trash, with all it had, edits included.
     *
     * @param nameOrId of several of a name the one deleted last
     * @param as its name from now on, null for the one it had
     * @throws StoreException NOT_FOUND; ALREADY_EXISTS if the name is taken
     */
    public Repository restoreRepository(String nameOrId, @Nullable String as) {
        Repository repository;
        synchronized (this) {
            Trash.Entry entry = trash.find(nameOrId);
            RepositoryRow old = entry.row();
            RepositoryRow row = new RepositoryRow(
                    as == null ? old.name() : Names.requireRepository(as),
                    old.id(),
                    old.created(),
                    old.defaultBookmark(),
                    old.tags());
            if (rows.containsKey(row.name())) {
                throw new StoreException(
                        Kind.ALREADY_EXISTS,
                        "There is a repository " + row.name() + " now; give the restored one another name");
            }
            requireRoom(1);
            trash.restore(entry, row);
            rows.put(row.name(), row);
            repository = repository(row.name());
            repository.become(row);
        }
        viewer.namesChanged(repository.name(), null);
        return repository;
    }

    /** Deletes for good what was in the trash for as long as it is kept; answers how many repositories. */
    public int emptyTrash() {
        int gone = 0;
        for (Trash.Entry entry : trash.all()) {
            if (entry.isOver(clock.instant())) {
                deleteForGood(entry);
                gone++;
            }
        }
        return gone;
    }

    /**
     * Deletes a deleted repository for good, before its time. What programs have open of it is empty for them when this
     * returns. A death in the middle leaves it as it was, or is gone on with by {@link #finishPurges}.
     *
     * @param nameOrId of several of a name the one deleted last
     * @throws StoreException NOT_FOUND
     */
    public Trash.Deleted purgeRepository(String nameOrId) {
        Trash.Entry entry = trash.find(nameOrId);
        Repository repository = open.get(entry.row().idHex());
        if (repository != null) {
            repository.upkeep().showNothing();
        }
        deleteForGood(entry);
        return entry.shown();
    }

    private void deleteForGood(Trash.Entry entry) {
        Path gone = folder(entry.row()).resolveSibling(entry.row().idHex() + RepositoryFolders.GONE);
        synchronized (this) {
            if (trash.all().stream().noneMatch(entry::equals)) {
                return; // restored meanwhile
            }
            Repository repository = open.remove(entry.row().idHex());
            if (repository != null) {
                repository.tables().close();
            }
            RepositoryFolders.rename(folder(entry.row()), gone);
            trash.forget(entry);
        }
        RepositoryFolders.delete(gone);
    }

    /** Goes on with purges that a death cut off. */
    public void finishPurges() {
        for (Trash.Entry entry : trash.all()) {
            if (!Files.exists(folder(entry.row()))) {
                trash.forget(entry);
            }
        }
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(data.resolve("repos"), "*" + RepositoryFolders.GONE)) {
            for (Path gone : found) {
                RepositoryFolders.delete(gone);
            }
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "The folder of the repositories cannot be read: " + data, e);
        }
        for (RepositoryRow row : rows.values()) {
            if (Rewrite.isMarked(folder(row))) {
                // Opening it does what is left.
                repository(row.name());
            }
        }
    }

    /** The workspace whose bookmark, or change to be looked at, has that number, or null; opens its repository. */
    public @Nullable Workspace workspace(int number) {
        String id = numbers.repository(number);
        for (RepositoryRow row : rows.values()) {
            if (row.idHex().equals(id)) {
                LiveRepository live = repository(row.name()).live();
                Workspace workspace = live.workspaces().byNumber(number);
                return workspace != null ? workspace : live.past().byNumber(number);
            }
        }
        return null;
    }

    /** A bookmark of one of the repositories. */
    public record Place(Repository repository, String bookmark) {}

    /** The bookmark that has that number now, or null; opens its repository. */
    public @Nullable Place place(int number) {
        String id = numbers.repository(number);
        for (RepositoryRow row : rows.values()) {
            if (row.idHex().equals(id)) {
                Repository repository = repository(row.name());
                return repository
                        .findBookmark(number)
                        .map(bookmark -> new Place(repository, bookmark.name()))
                        .orElse(null);
            }
        }
        return null;
    }

    /** A viewer handed on a write to a file that takes none, and is to show it no more. Returns at once. */
    public void refused(FileNode file) {
        lateWrites.add(file);
    }

    /** Checkpoints every bookmark that has edits; what SIGUSR1 does. Answers how many changes were made. */
    public int checkpointAll(String message, String by) {
        int made = 0;
        for (Repository repository : openRepositories()) {
            for (Bookmark bookmark : repository.bookmarks()) {
                boolean unchanged = repository
                        .checkpointUnasked(bookmark.name(), Verbs.CheckpointRequest.of(message), by)
                        .unchanged();
                made += unchanged ? 0 : 1;
            }
        }
        return made;
    }

    @Override
    public void close() {
        settler.close();
        lateWrites.close();
        List<RuntimeException> failures = new ArrayList<>();
        for (Repository repository : open.values()) {
            try {
                repository.tables().close();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        flusher.close();
        server.close();
        lock.close();
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    private static byte[] key(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private Path folder(RepositoryRow row) {
        return data.resolve("repos").resolve(row.idHex());
    }

    /** Nobody shows the store: nothing is held back from it and nothing need be forgotten. */
    private static final class Nobody implements Viewer {
        @Override
        public void push(Workspace workspace) {}

        @Override
        public void forget(Workspace workspace, List<Stale> stale) {}

        @Override
        public void removed(Workspace workspace) {}
    }
}
