package dev.dogear.store.care;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import dev.dogear.store.StoreException;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Verbs.MergeRequest;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.workspace.PosixException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random histories, with conflicts, undone and deleted things, lose a secret and nothing else. */
final class RandomPurgeTest {
    private static final String SECRET = "password: 4711-is-not-safe";
    private static final String STARS = "*".repeat(SECRET.length());
    private static final int STEPS = 60;

    @TempDir
    Path folder;

    @Test
    void everyStateLosesItAndNothingElse() throws Exception {
        long seed = Long.getLong("dogear.seed", System.nanoTime());
        System.out.println("seed " + seed);
        for (int round = 0; round < Integer.getInteger("dogear.rounds", 3); round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            Path data = Files.createDirectories(folder.resolve("round" + round));
            try (CaredStore store = new CaredStore(data)) {
                for (int step = 0; step < STEPS; step++) {
                    step(store, random);
                }
                Map<String, Map<String, String>> before = shown(store);
                List<String> history = history(store);
                Purge.Report report =
                        new Purge(store.repository(), PurgeTest.content(SECRET), (stage, done, total) -> {}).run();
                String where = "seed " + (seed + round);
                assertEquals(List.of(), requireNonNull(report.proof()).left(), where);
                assertEquals(List.of(), PurgeTest.grep(data, SECRET.getBytes(StandardCharsets.UTF_8)), where);
                before.values().forEach(files -> files.replaceAll((path, text) -> text.replace(SECRET, STARS)));
                assertEquals(before, shown(store), where);
                assertEquals(history, history(store), where);
                store.check();
                for (int step = 0; step < STEPS / 2; step++) {
                    step(store, random);
                }
            }
        }
    }

    private static Map<String, Map<String, String>> shown(CaredStore store) throws PosixException {
        Map<String, Map<String, String>> shown = new TreeMap<>();
        for (Bookmark bookmark : store.repository().bookmarks()) {
            shown.put(
                    bookmark.name(), new TreeMap<>(store.files(bookmark.name()).all()));
        }
        return shown;
    }

    private static List<String> history(CaredStore store) {
        return store.repository().operations(0, 10_000).stream()
                .map(operation -> operation.toString().replace(SECRET, STARS))
                .toList();
    }

    static void step(CaredStore store, SplittableRandom random) throws PosixException {
        Repository repository = store.repository();
        List<Bookmark> all = repository.bookmarks();
        String bookmark = all.get(random.nextInt(all.size())).name();
        LiveFiles files = store.files(bookmark);
        String path = "d" + random.nextInt(3) + "/f" + random.nextInt(4);
        try {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> files.write(path, text(random));
                case 4 -> files.delete(path);
                case 5 -> files.rename(path, "d" + random.nextInt(3) + "/r" + random.nextInt(4));
                case 6, 7 -> store.checkpoint(bookmark, random.nextInt(4) == 0 ? "say " + SECRET : "c");
                case 8 -> repository.undo(bookmark, random.nextInt(2), CaredStore.BY);
                case 9 ->
                    repository.createBookmark(
                            "b" + random.nextInt(4),
                            repository.bookmark(bookmark).change(),
                            CaredStore.BY);
                case 10 -> repository.deleteBookmark(bookmark, null, CaredStore.BY);
                default ->
                    repository.merge(
                            new MergeRequest(
                                    "main",
                                    bookmark,
                                    false,
                                    null,
                                    null,
                                    null,
                                    new Merging.How(true, false, ImmutableList.of(), ImmutableList.of())),
                            CaredStore.BY);
            }
        } catch (StoreException | PosixException e) {
            // A name that is taken or not there: what is refused changes nothing.
        }
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < 6; line++) {
            text.append(random.nextInt(6) == 0 ? SECRET : "line " + random.nextInt(50))
                    .append('\n');
        }
        return text.toString();
    }
}
