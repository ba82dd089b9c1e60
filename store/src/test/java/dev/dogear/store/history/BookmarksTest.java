package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.change.Bookmark;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import dev.dogear.store.lmdb.Tables;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many bookmarks, and which names may stand beside each other. */
class BookmarksTest {
    private static final ChangeId EMPTY = ChangeId.VIRTUAL_ROOT;
    private static final int STEPS = 100;

    @TempDir
    Path folder;

    @Test
    void openingAndCreatingReadNoOtherBookmark() {
        try (LiveStore store = new LiveStore(folder)) {
            for (int i = 0; i < 50; i++) {
                store.repository().createBookmark("session/" + i, EMPTY, LiveStore.BY);
            }
        }
        try (LiveStore store = LiveStore.reopen(folder)) {
            LiveRepository live = store.repository().live();
            assertEquals(0, live.history().bookmarks().loaded());
            assertEquals(List.of(), live.workspaces().loaded());
            store.repository().createBookmark("session/new", EMPTY, LiveStore.BY);
            assertEquals(0, store.repository().editCount("session/new"));
            assertEquals(0, store.repository().editCount("session/7"));
            assertEquals(2, live.history().bookmarks().loaded());
            assertEquals(List.of(), live.workspaces().loaded());
            assertEquals(52, store.repository().bookmarks().size());
        }
    }

    @Test
    void anOlderStoreLearnsWhichNamesDifferByCaseOnly() {
        try (LiveStore store = new LiveStore(folder)) {
            store.repository().createBookmark("Session/One", EMPTY, LiveStore.BY);
            // As format 2 had it: bookmarks, and nothing beside them.
            Tables tables = store.repository().tables();
            List<Row> gone = new ArrayList<>();
            tables.scan(Table.META, "folded".getBytes(StandardCharsets.UTF_8), false, (key, value) -> {
                boolean isFolded = new String(key, StandardCharsets.ISO_8859_1).startsWith("folded");
                if (isFolded) {
                    gone.add(new Row(Table.META, key, null));
                }
                return isFolded;
            });
            assertEquals(3, gone.size());
            tables.publish(gone).join();
            List<String> problems = new ArrayList<>();
            store.repository().checkRows(problems::add);
            assertEquals(2, problems.size(), problems::toString);
            store.closeUnchecked();
        }
        try (LiveStore store = LiveStore.reopen(folder)) {
            assertRefused(store, "session/one", Kind.INVALID);
            store.repository().createBookmark("session/two", EMPTY, LiveStore.BY);
        }
    }

    @Test
    void aNameMayHaveAsManyBytesAsTheRulesSay() {
        String part = "p".repeat(254) + "/";
        String longest = part.repeat(4) + "last";
        assertEquals(1024, longest.length());
        String shorter = part.repeat(2) + "l";
        assertEquals(511, shorter.length());
        try (LiveStore store = new LiveStore(folder)) {
            for (String name : List.of(longest, part.repeat(3) + "other", shorter)) {
                store.repository().createBookmark(name, EMPTY, LiveStore.BY);
            }
        }
        try (LiveStore store = LiveStore.reopen(folder)) {
            Repository repository = store.repository();
            assertEquals(longest, repository.bookmark(longest).name());
            assertTrue(repository.isBookmarkStartingWith(part.repeat(4)));
            assertFalse(repository.isBookmarkStartingWith(part.repeat(4) + "x"));
            assertRefused(store, longest.toUpperCase(Locale.ROOT), Kind.INVALID);
            assertRefused(store, part.repeat(4).substring(0, 1019), Kind.INVALID);
            assertRefused(store, shorter + "/inside", Kind.INVALID);
            assertRefused(store, longest, Kind.ALREADY_EXISTS);
            assertEquals(
                    List.of(shorter, part.repeat(3) + "other", longest),
                    repository.bookmarksStartingWith("p").stream()
                            .map(Bookmark::name)
                            .toList());
            repository.deleteBookmark(longest, null, LiveStore.BY);
            repository.createBookmark(longest.toUpperCase(Locale.ROOT), EMPTY, LiveStore.BY);
        }
    }

    private static void assertRefused(LiveStore store, String name, Kind kind) {
        StoreException refused =
                assertThrows(StoreException.class, () -> store.repository().createBookmark(name, EMPTY, LiveStore.BY));
        assertEquals(kind, refused.kind(), refused::getMessage);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void namesAreRefusedAndListedAsByALookAtAllOfThem(long seed) {
        Random random = new Random(seed);
        TreeSet<String> model = new TreeSet<>(List.of("main"));
        LiveStore store = new LiveStore(folder);
        try {
            for (int step = 0; step < STEPS; step++) {
                String name = name(random);
                if (random.nextInt(25) == 0) {
                    store.close();
                    store = LiveStore.reopen(folder);
                } else if (model.contains(name) && !name.equals("main") && random.nextBoolean()) {
                    store.repository().deleteBookmark(name, null, LiveStore.BY);
                    model.remove(name);
                } else if (isFree(name, model)) {
                    store.repository().createBookmark(name, EMPTY, LiveStore.BY);
                    model.add(name);
                } else {
                    LiveStore open = store;
                    assertThrows(
                            StoreException.class,
                            () -> open.repository().createBookmark(name, EMPTY, LiveStore.BY),
                            () -> "seed " + seed + ": " + name + " beside " + model);
                }
                String prefix = random.nextInt(20) == 0 ? "" : name.substring(0, 1 + random.nextInt(name.length()));
                assertEquals(
                        model.stream().filter(each -> each.startsWith(prefix)).toList(),
                        store.repository().bookmarksStartingWith(prefix).stream()
                                .map(Bookmark::name)
                                .toList(),
                        "seed " + seed + ", prefix " + prefix);
            }
        } finally {
            store.close();
        }
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
            name.append(random.nextBoolean() ? "a" : "A").append("bB".charAt(random.nextInt(2)));
            name.append(parts > 1 ? "/" : "");
        }
        return name.toString();
    }

    /** The rule, by a look at each. */
    private static boolean isFree(String name, Set<String> taken) {
        return taken.stream()
                .noneMatch(other ->
                        other.startsWith(name + "/") || name.startsWith(other + "/") || other.equalsIgnoreCase(name));
    }
}
