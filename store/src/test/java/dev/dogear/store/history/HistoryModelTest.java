package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.care.GarbageCollector;
import dev.dogear.store.care.StoreCheck;
import dev.dogear.store.change.Authoring.Amendment;
import dev.dogear.store.change.Authoring.FileWrite;
import dev.dogear.store.change.Authoring.People;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.MergeConflictException;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.change.Verbs.UndoRequest;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random verbs on one repository against {@link HistoryModel}, its files, folders, links, modes and unversioned files: after
 * each, every bookmark is where the model says, shows what it says, and what the model refuses was refused. In between the
 * store is opened anew, closed or as a kill leaves it, and what nobody reaches is collected.
 */
@SuppressWarnings("NullAway.Init") // Each repository begins in the test itself.
class HistoryModelTest {
    private static final int STEPS = Integer.getInteger("dogear.rounds", 1_500);
    private static final String BY = "tester";
    private static final List<String> NAMES = List.of("main", "s/1", "s/2", "s/3");
    private static final int FILES = 8;
    private static final List<String> FOLDERS = List.of("", "", "", "d0/", "d1/", "d0/e/");
    private static final List<String> FOLDERS_MADE = List.of("d0/", "d1/", "d2/", "d0/e/", "d1/g/", "d2/h/");

    /** What the repository's setting leaves out of every change. */
    private static final String UNVERSIONED = ".o";
    /** A history that starts over now and then: the model's questions about ancestors are not quick. */
    private static final int STEPS_A_REPOSITORY = 2_500;

    private static final Set<Kind> REFUSALS = EnumSet.of(Kind.STALE, Kind.NOT_FOUND, Kind.INVALID);

    @TempDir
    Path folder;

    private final Map<String, Integer> counts = new TreeMap<>();
    private Random random;
    private Path data;
    private Store store;
    private Repository repository;
    private HistoryModel model;
    private int number;

    /** What is unversioned in each directory, by the bookmark's number. */
    private final Map<Integer, Map<String, String>> unversioned = new HashMap<>();

    private interface Verb {
        void run() throws PosixException;
    }

    @Test
    void everyVerbDoesWhatTheModelDoes() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("HistoryModelTest: dogear.seed=" + seed + " dogear.rounds=" + STEPS);
        random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            if (step % STEPS_A_REPOSITORY == 0) {
                begin(step);
            }
            number = step;
            String did = step();
            counts.merge(did, 1, Integer::sum);
            try {
                compare();
            } catch (AssertionError | RuntimeException | PosixException e) {
                throw new AssertionError("step " + step + ", " + did + ", of seed " + seed, e);
            }
        }
        end();
        System.out.println("HistoryModelTest: " + counts);
    }

    private void begin(int step) throws IOException {
        if (step > 0) {
            end();
        }
        data = folder.resolve("data" + step);
        store = Store.open(data, InstantSource.system());
        repository = store.createRepository("project", "main", BY);
        repository.configure(Map.of("ignore", "*" + UNVERSIONED));
        model = new HistoryModel("main");
        unversioned.clear();
    }

    private void end() throws IOException {
        assertEquals(List.of(), StoreCheck.run(store).problems());
        store.close();
        MoreFiles.deleteRecursively(data, RecursiveDeleteOption.ALLOW_INSECURE);
    }

    private String path() {
        return any(FOLDERS) + "f" + random.nextInt(FILES);
    }

    private LiveFiles files(String bookmark) {
        return new LiveFiles(repository.workspace(bookmark));
    }

    private String any(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String present() {
        return any(List.copyOf(model.bookmarks.keySet()));
    }

    private String step() throws Exception {
        String bookmark = present();
        int choice = random.nextInt(1_000);
        if (choice < 500) {
            return edit(bookmark);
        } else if (choice < 640) {
            return both(
                    "checkpoint",
                    () -> model.checkpoint(bookmark, message()),
                    () -> repository.checkpoint(bookmark, CheckpointRequest.of(message()), BY));
        } else if (choice < 720) {
            return undo(any(NAMES), random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 0);
        } else if (choice < 780) {
            return both("redo", () -> model.redo(bookmark), () -> repository.redo(bookmark, BY));
        } else if (choice < 820) {
            return undoPath(bookmark);
        } else if (choice < 880) {
            return merge(bookmark, present());
        } else if (choice < 925) {
            return amend(bookmark);
        } else if (choice < 950) {
            String to = present();
            ChangeId target = repository.bookmark(to).change();
            return both(
                    "move", () -> model.move(bookmark, to), () -> repository.moveBookmark(bookmark, target, null, BY));
        } else if (choice < 970) {
            return bookmark.equals("main")
                    ? "nothing"
                    : both("delete", () -> model.delete(bookmark), () -> repository.deleteBookmark(bookmark, null, BY));
        } else if (choice < 985) {
            return create(any(NAMES), bookmark);
        } else if (choice < 992) {
            return revert();
        }
        return switch (random.nextInt(15)) {
            case 0 -> restart();
            case 1 -> kill();
            case 2 -> collect();
            default -> edit(bookmark);
        };
    }

    private String message() {
        return "step " + number;
    }

    /** Both do it, or both refuse. */
    private String both(String name, Verb inModel, Verb inStore) throws PosixException {
        boolean refused = false;
        try {
            inModel.run();
        } catch (HistoryModel.NotForetold e) {
            return name + ", not foretold";
        } catch (HistoryModel.Refused e) {
            refused = true;
        }
        RuntimeException said = null;
        try {
            inStore.run();
        } catch (StoreException | MergeConflictException e) {
            said = e;
        }
        boolean failed = said instanceof StoreException e && !REFUSALS.contains(e.kind());
        if (failed || refused != (said != null)) {
            throw new AssertionError("step " + number + ": the model " + (refused ? "refuses " : "does ") + name, said);
        }
        return refused ? name + ", refused" : name;
    }

    private String edit(String bookmark) throws PosixException {
        TreeMap<String, String> shown = model.shown(bookmark);
        String path = path();
        int what = random.nextInt(20);
        if (what == 0) {
            return editUnversioned(bookmark);
        } else if (what == 1) {
            return rename(bookmark, shown, random.nextBoolean() ? path : any(FOLDERS_MADE));
        } else if (what == 2) {
            return makeOrRemove(bookmark, shown, any(FOLDERS_MADE));
        } else if (!isRoom(shown, path) || shown.containsKey(path + "/")) {
            return "nothing";
        }
        String there = shown.get(path);
        if (there != null && (what < 8 || !ModelFile.isFile(there))) {
            files(bookmark).delete(path);
            shown.remove(path);
            return "unlink";
        }
        if (there != null && what < 10) {
            boolean executable = there.startsWith("x ");
            files(bookmark).chmod(path, executable ? 0644 : 0755);
            String state = ModelFile.state(there);
            shown.put(path, ModelFile.with(there, (executable ? "- " : "x ") + state.substring(2)));
            return "chmod";
        }
        makeAbove(shown, path);
        if (there == null && what < 10) {
            files(bookmark).symlink(path, message());
            shown.put(path, ModelFile.link(message()));
            return "link";
        }
        String text = message() + "\n";
        files(bookmark).write(path, text);
        shown.put(
                path,
                there == null ? ModelFile.file(false, text) : ModelFile.with(there, there.substring(0, 2) + text));
        return "edit";
    }

    private String editUnversioned(String bookmark) throws PosixException {
        String path = "f" + random.nextInt(3) + UNVERSIONED;
        files(bookmark).write(path, message());
        unversioned
                .computeIfAbsent(model.state(bookmark).number(), number -> new TreeMap<>())
                .put(path, "- " + message());
        return "unversioned edit";
    }

    /** Whether all above a path is a directory or not there. */
    private static boolean isRoom(Map<String, String> shown, String path) {
        for (int end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
            if (shown.containsKey(path.substring(0, end))) {
                return false;
            }
        }
        return true;
    }

    private static void makeAbove(Map<String, String> shown, String path) {
        for (int end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
            shown.computeIfAbsent(path.substring(0, end + 1), above -> ModelFile.directory());
        }
    }

    private String makeOrRemove(String bookmark, NavigableMap<String, String> shown, String folder)
            throws PosixException {
        String path = folder.substring(0, folder.length() - 1);
        if (!shown.containsKey(folder) && !shown.containsKey(path) && isRoom(shown, path)) {
            files(bookmark).mkdir(path);
            makeAbove(shown, folder);
            return "mkdir";
        }
        NavigableSet<String> all =
                shown.subMap(folder, true, folder + "~", false).navigableKeySet();
        if (random.nextInt(3) > 0 || all.isEmpty()) {
            return "nothing";
        }
        for (String each : List.copyOf(all.descendingSet())) {
            files(bookmark).delete(each.endsWith("/") ? each.substring(0, each.length() - 1) : each);
            shown.remove(each);
        }
        return "a folder unlinked";
    }

    /** A file or a folder to a name that is free, or a file over another one. */
    private String rename(String bookmark, NavigableMap<String, String> shown, String from) throws PosixException {
        boolean folder = from.endsWith("/");
        String to = folder ? any(FOLDERS_MADE) : path();
        String source = folder ? from.substring(0, from.length() - 1) : from;
        String target = folder ? to.substring(0, to.length() - 1) : to;
        boolean taken = shown.containsKey(target + "/") || (folder && shown.containsKey(target));
        boolean within = to.startsWith(from) || from.startsWith(to);
        if (!shown.containsKey(from) || taken || within || !isRoom(shown, target)) {
            return "nothing";
        }
        makeAbove(shown, target);
        files(bookmark).rename(source, target);
        Map<String, String> moved = folder
                ? new TreeMap<>(shown.subMap(from, from + "~"))
                : Map.of(from, Objects.requireNonNull(shown.get(from)));
        shown.keySet().removeAll(moved.keySet());
        moved.forEach((path, file) -> shown.put(to + path.substring(from.length()), file));
        return folder ? "rename of a folder" : "rename";
    }

    private String revert() throws PosixException {
        int newest = model.newestOperation();
        int operation = model.revertible(newest - random.nextInt(Math.min(newest, 6)));
        return operation == 0
                ? "nothing"
                : both(
                        "undo of an operation",
                        () -> model.revertOperation(operation),
                        () -> repository.undoOperation(operation, false, BY));
    }

    private String undo(String bookmark, int checkpoints) throws PosixException {
        if (!model.bookmarks.containsKey(bookmark) && checkpoints > 0) {
            return "nothing";
        }
        return both("undo", () -> model.undo(bookmark, checkpoints), () -> repository.undo(bookmark, checkpoints, BY));
    }

    private String undoPath(String bookmark) throws PosixException {
        Map<String, String> base;
        try {
            base = model.pathBase(bookmark);
        } catch (HistoryModel.Refused e) {
            return "nothing";
        }
        String folder = any(FOLDERS);
        String path = folder.isEmpty() || random.nextBoolean() ? path() : folder.substring(0, folder.length() - 1);
        if (HistoryModel.sameAt(base, model.shown(bookmark), path)) {
            return "nothing";
        }
        UndoRequest request = new UndoRequest(0, ImmutableList.of(TreePath.parse(path)), false);
        return both(
                "undo of a path", () -> model.undoPath(bookmark, path), () -> repository.undo(bookmark, request, BY));
    }

    private String merge(String target, String source) throws PosixException {
        if (target.equals(source) || !model.isPlain(target, source)) {
            return "nothing";
        }
        boolean delete = random.nextInt(4) == 0 && !source.equals("main");
        MergeRequest request = new MergeRequest(target, source, delete, message(), null, null);
        return both("merge", () -> model.merge(target, source, delete, message()), () -> repository.merge(request, BY));
    }

    private String amend(String bookmark) throws PosixException {
        ChangeId change = repository.bookmark(bookmark).change();
        if (change.equals(ChangeId.VIRTUAL_ROOT)) {
            return "nothing";
        }
        if (random.nextBoolean()) {
            Amendment request = new Amendment(
                    change,
                    bookmark,
                    null,
                    message(),
                    People.SAME,
                    ImmutableMap.of(),
                    ImmutableList.of(),
                    ImmutableList.of());
            return both(
                    "amend with edits",
                    () -> model.amend(bookmark, message(), null),
                    () -> repository.amend(request, BY));
        }
        String path = path();
        String text = message() + "\n";
        Amendment request = new Amendment(
                change,
                null,
                null,
                message(),
                People.SAME,
                ImmutableMap.of(),
                ImmutableList.of(FileWrite.of(TreePath.parse(path), text.getBytes(StandardCharsets.UTF_8))),
                ImmutableList.of());
        return both(
                "amend",
                () -> model.amend(bookmark, message(), tree -> amended(tree, path, text)),
                () -> repository.amend(request, BY));
    }

    /** Writes a file of a change; refused where a directory is, or a file where one has to be. */
    private static void amended(Map<String, String> tree, String path, String text) {
        if (!isRoom(tree, path) || tree.containsKey(path + "/")) {
            throw new HistoryModel.Refused();
        }
        makeAbove(tree, path);
        String there = tree.get(path);
        tree.put(
                path,
                ModelFile.isFile(there)
                        ? ModelFile.with(Objects.requireNonNull(there), there.substring(0, 2) + text)
                        : ModelFile.file(false, text));
    }

    private String create(String bookmark, String from) throws PosixException {
        if (model.bookmarks.containsKey(bookmark)) {
            return "nothing";
        }
        ChangeId at = repository.bookmark(from).change();
        return both("create", () -> model.create(bookmark, from), () -> repository.createBookmark(bookmark, at, BY));
    }

    private String collect() {
        new GarbageCollector(repository, (stage, done, total) -> {}).run();
        return "gc";
    }

    private String restart() {
        store.close();
        open();
        return "restart";
    }

    private void open() {
        store = Store.open(data, InstantSource.system());
        repository = store.repository("project");
    }

    /** Goes on with a copy of the files as they are now, which is what a kill would leave. */
    private String kill() throws IOException {
        Path copy = data.resolveSibling("killed" + number);
        while (true) {
            List<FileTime> before = times(data);
            copyTo(copy);
            if (before.equals(times(data))) {
                break;
            }
            // The folder wrote tables meanwhile: such a copy is none of one moment.
            MoreFiles.deleteRecursively(copy, RecursiveDeleteOption.ALLOW_INSECURE);
        }
        store.close();
        MoreFiles.deleteRecursively(data, RecursiveDeleteOption.ALLOW_INSECURE);
        data = copy;
        open();
        return "kill";
    }

    private static List<FileTime> times(Path folder) throws IOException {
        List<FileTime> times = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted().toList()) {
                if (Files.isRegularFile(path)) {
                    times.add(Files.getLastModifiedTime(path));
                }
            }
        }
        return times;
    }

    private void copyTo(Path copy) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            for (Path path : all.toList()) {
                Path target = copy.resolve(data.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        }
    }

    private void compare() throws PosixException {
        List<String> names = repository.bookmarks().stream().map(Bookmark::name).toList();
        assertEquals(List.copyOf(model.bookmarks.keySet()), names);
        unversioned.keySet().removeIf(gone -> model.bookmarks.values().stream()
                .noneMatch(state -> state.number() == gone));
        for (String name : names) {
            SortedMap<String, String> shown = ModelFile.shown(model.shown(name));
            shown.putAll(unversioned.getOrDefault(model.state(name).number(), Map.of()));
            assertEquals(shown, files(name).states(), name);
            Change head = repository.resolve(name);
            assertEquals(model.state(name).head().message(), head.message(), name);
        }
        if (number % 50 == 0) {
            for (String name : names) {
                List<String> log = new ArrayList<>();
                repository
                        .log(repository.resolve(name), 0, Integer.MAX_VALUE)
                        .forEach(change -> log.add(change.message()));
                log.sort(null);
                assertEquals(model.log(name), log, name);
            }
        }
    }
}
