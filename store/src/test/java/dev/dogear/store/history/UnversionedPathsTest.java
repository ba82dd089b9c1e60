package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.workspace.PosixException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code .dogearignore} names lives in the workspace, and verbs leave it alone. */
final class UnversionedPathsTest {
    @TempDir
    Path folder;

    private LiveStore live;

    @BeforeEach
    void open() throws PosixException {
        live = new LiveStore(folder.resolve("data"));
        live.files("main").write(".dogearignore", "modules/\n*.swp\n");
        live.checkpoint("main", "rules");
        live.files("main").write("modules/lib/code", "lib\n");
        live.files("main").write("src/.a.swp", "swap\n");
        live.files("main").write("src/a", "one\n");
    }

    @AfterEach
    void close() {
        live.close();
    }

    private void restart() {
        live.close();
        live = LiveStore.reopen(folder.resolve("data"));
    }

    @Test
    void itEntersNoChange() throws PosixException {
        assertEquals(List.of("src", "src/a"), paths(live.repository().edits("main")));
        Change change = live.checkpoint("main", "first");
        assertEquals(List.of(".dogearignore", "src", "src/a"), tree(change.root()));
        live.files("main").write("modules/lib/more", "x\n");
        assertEquals(List.of(), live.repository().edits("main"));
        assertTrue(live.repository()
                .checkpoint("main", CheckpointRequest.of("nothing"), LiveStore.BY)
                .unchanged());
        live.assertShows(
                "main",
                ".dogearignore: modules/\n*.swp",
                "modules/",
                "modules/lib/",
                "modules/lib/code: lib",
                "modules/lib/more: x",
                "src/",
                "src/.a.swp: swap",
                "src/a: one");
    }

    @Test
    void verbsAndRestartsLeaveItAlone() throws PosixException {
        restart();
        live.checkpoint("main", "first");
        restart();
        live.repository().undo("main", 0, LiveStore.BY);
        assertEquals("swap\n", live.files("main").read("src/.a.swp"));
        assertEquals("lib\n", live.files("main").read("modules/lib/code"));
        assertEquals(null, live.files("main").read("src/a"));
        restart();
        live.files("main").write("src/.b.swp", "more\n");
        live.repository().redo("main", LiveStore.BY);
        assertEquals("one\n", live.files("main").read("src/a"));
        assertEquals("swap\n", live.files("main").read("src/.a.swp"));
        assertEquals("more\n", live.files("main").read("src/.b.swp"));

        live.repository()
                .createBookmark("session/1", live.repository().bookmark("main").change(), LiveStore.BY);
        assertEquals(null, live.files("session/1").read("modules/lib/code"));
        live.files("session/1").write("src/a", "two\n");
        live.files("session/1").write("modules/other", "x\n");
        live.repository().merge(new MergeRequest("main", "session/1", true, null, null, null), LiveStore.BY);
        assertEquals("two\n", live.files("main").read("src/a"));
        assertEquals("lib\n", live.files("main").read("modules/lib/code"));
        assertEquals(null, live.files("main").read("modules/other"));
        live.repository().undo("main", 2, LiveStore.BY);
        assertEquals("lib\n", live.files("main").read("modules/lib/code"));
        restart();
        assertEquals("lib\n", live.files("main").read("modules/lib/code"));
    }

    @Test
    void theRulesAreAnEditLikeAnyOther() throws PosixException {
        live.checkpoint("main", "first");
        live.files("main").write(".dogearignore", "*.swp\n");
        assertEquals(
                List.of(".dogearignore", "modules", "modules/lib", "modules/lib/code"),
                paths(live.repository().edits("main")));
        live.checkpoint("main", "without modules/");
        live.files("main").write(".dogearignore", "*.swp\nsrc/\nmodules/\n");
        live.files("main").write("src/b", "new\n");
        live.files("main").write("src/a", "changed\n");
        assertEquals(List.of(".dogearignore", "src/a"), paths(live.repository().edits("main")));
        live.repository().undo("main", 0, LiveStore.BY);
        assertEquals("one\n", live.files("main").read("src/a"));
        assertEquals("new\n", live.files("main").read("src/b"));
        live.repository().redo("main", LiveStore.BY);
        assertEquals("changed\n", live.files("main").read("src/a"));
    }

    @Test
    void foldersHaveRulesOfTheirOwn() throws PosixException {
        LiveFiles main = live.files("main");
        main.write("src/.dogearignore", "!*.swp\n/gen/\n");
        main.write("src/gen/a", "generated\n");
        main.write("gen/a", "not named\n");
        List<String> versioned = List.of("gen", "gen/a", "src", "src/.a.swp", "src/.dogearignore", "src/a");
        assertEquals(versioned, paths(live.repository().edits("main")));
        Change change = live.checkpoint("main", "first");
        assertEquals(7, tree(change.root()).size());
        main.rename("src", "source");
        main.write("source/gen/b", "generated\n");
        restart();
        live.checkpoint("main", "renamed");
        assertEquals("generated\n", live.files("main").read("source/gen/a"));
        live.repository().undo("main", 0, LiveStore.BY);
        assertEquals("generated\n", live.files("main").read("src/gen/b"));
        live.files("main").write("src/.dogearignore", "\n");
        assertEquals(
                List.of("src/.dogearignore", "src/gen", "src/gen/a", "src/gen/b"),
                paths(live.repository().edits("main")));
    }

    @Test
    void theSettingIsAFileAboveAllOthers() throws PosixException {
        live.repository().configure(Map.of("ignore", "*.log|!*.swp|target/"));
        LiveFiles main = live.files("main");
        main.write("a.log", "log\n");
        main.write("keep/.dogearignore", "!*.log\n");
        main.write("keep/b.log", "kept\n");
        main.write("target/x", "x\n");
        List<String> edits = List.of("keep", "keep/.dogearignore", "keep/b.log", "src", "src/a");
        assertEquals(edits, paths(live.repository().edits("main")));
        live.checkpoint("main", "first");
        live.repository().undo("main", 0, LiveStore.BY);
        assertEquals("log\n", main.read("a.log"));
        live.repository().redo("main", LiveStore.BY);
        restart();
        live.repository().configure(Map.of("ignore", "target/"));
        assertEquals(List.of("a.log"), paths(live.repository().edits("main")));
        Map<String, String> none = new TreeMap<>();
        none.put("ignore", null);
        live.repository().configure(none);
        assertEquals(
                List.of("a.log", "target", "target/x"), paths(live.repository().edits("main")));
        assertEquals("swap\n", live.files("main").read("src/.a.swp"));
    }

    /** Random edits, verbs and restarts: what is not versioned is as a plain map says, whatever happens to the rest. */
    @Test
    void randomVerbsLeaveItAlone() throws PosixException {
        long seed = Long.getLong("dogear.seed", new Random().nextLong());
        Random random = new Random(seed);
        int steps = Integer.getInteger("dogear.rounds", 250);
        Map<String, String> kept = new TreeMap<>(Map.of("modules/lib/code", "lib\n", "src/.a.swp", "swap\n"));
        for (int step = 0; step < steps; step++) {
            String where = "seed " + seed + ", step " + step;
            try {
                step(random, kept, step);
            } catch (StoreException e) {
                assertEquals(StoreException.Kind.STALE, e.kind(), where);
            }
            for (Map.Entry<String, String> file : kept.entrySet()) {
                assertEquals(file.getValue(), live.files("main").read(file.getKey()), where + ": " + file.getKey());
            }
            for (String path : tree(live.repository().resolve("main").root())) {
                assertFalse(path.startsWith("modules") || path.endsWith(".swp"), where + ": " + path);
            }
        }
    }

    private void step(Random random, Map<String, String> kept, int step) throws PosixException {
        LiveFiles main = live.files("main");
        String folderName = "f" + random.nextInt(3);
        String text = step + "\n";
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                String path = folderName + "/." + random.nextInt(3) + ".swp";
                main.write(path, text);
                kept.put(path, text);
            }
            case 2 -> {
                String path = "modules/" + folderName + "/" + random.nextInt(3);
                main.write(path, text);
                kept.put(path, text);
            }
            case 3 -> {
                String path = List.copyOf(kept.keySet()).get(random.nextInt(kept.size()));
                if (kept.size() > 1) {
                    main.delete(path);
                    kept.remove(path);
                }
            }
            case 4, 5, 6 -> main.write(folderName + "/" + random.nextInt(4), text);
            case 7 -> {
                String path = folderName + "/" + random.nextInt(4);
                if (main.read(path) != null) {
                    main.delete(path);
                }
            }
            case 8 -> live.checkpoint("main", "step " + step);
            case 9 -> {
                live.repository().undo("main", random.nextInt(3), LiveStore.BY);
                if (main.read(".dogearignore") == null) {
                    live.repository().redo("main", LiveStore.BY); // not behind the rules
                }
            }
            case 10 -> live.repository().redo("main", LiveStore.BY);
            default -> {
                if (random.nextInt(4) == 0) {
                    restart();
                }
            }
        }
    }

    private static List<String> paths(List<PathChange> changes) {
        return changes.stream().map(change -> change.path().toString()).toList();
    }

    private List<String> tree(Root root) {
        return live.repository().diff(Roots.EMPTY, root).stream()
                .map(PathChange::path)
                .filter(path -> !path.isRoot())
                .map(TreePath::toString)
                .toList();
    }
}
