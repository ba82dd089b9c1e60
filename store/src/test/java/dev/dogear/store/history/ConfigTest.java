package dev.dogear.store.history;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.config.Config;
import dev.dogear.store.config.Setting;
import dev.dogear.store.lmdb.Row;
import dev.dogear.store.lmdb.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings are kept, changed whole or not at all, and a wrong one says what is right. */
final class ConfigTest {
    @TempDir
    Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    @Test
    void whatIsSetOutlivesTheProcess() {
        try (LiveStore live = new LiveStore(data())) {
            assertEquals(Duration.ofDays(30), live.repository().config().span(Setting.RETENTION));
            assertFalse(live.repository().config().isSet(Setting.RETENTION));
            live.repository()
                    .configure(
                            Map.of("retention", "90d", "approvals", "2", "approver-differs", "true", "ignore", "a|b/"));
        }
        try (LiveStore live = LiveStore.reopen(data())) {
            Config config = live.repository().config();
            assertEquals(Duration.ofDays(90), config.span(Setting.RETENTION));
            assertEquals(2, config.number(Setting.APPROVALS));
            assertTrue(config.flag(Setting.APPROVER_DIFFERS));
            assertEquals(List.of("a", "b/"), config.list(Setting.IGNORE));
            live.repository().configure(unset("retention"));
            live.repository().configure(Map.of("ignore", "a\nb"));
        }
        try (LiveStore live = LiveStore.reopen(data())) {
            Config config = live.repository().config();
            assertFalse(config.isSet(Setting.RETENTION));
            assertEquals("30d", config.text(Setting.RETENTION));
            assertEquals(List.of("a", "b"), config.list(Setting.IGNORE));
            assertEquals(2, config.number(Setting.APPROVALS));
        }
    }

    private static Map<String, @Nullable String> unset(String key) {
        Map<String, @Nullable String> changes = new HashMap<>();
        changes.put(key, null);
        return changes;
    }

    @Test
    void aWrongOneIsRefusedWithWhatIsRightAndNothingIsChanged() {
        try (LiveStore live = new LiveStore(data())) {
            refused(live, "retention", "30 days", "The setting retention is a time span such as 30d");
            refused(live, "retention", "-1d", "such as 30d, 12h, 90m or 45s, or forever");
            refused(live, "retention", "", "The setting retention is a time span");
            refused(live, "approvals", "-1", "The setting approvals is a whole number such as 100, or none, not: -1");
            refused(live, "approvals", "many", "not: many");
            refused(live, "approver-differs", "yes", "is true or false, not: yes");
            refused(live, "bookmark.clean-up", "session/*||x", "separated by '|'");
            refused(live, "retentoin", "30d", "There is no setting retentoin; did you mean retention?");
            refused(live, "bytes", "9999999T", "is a number of bytes such as 500K");
            refused(live, "colour", "red", "There is no setting colour. There are retention, ");
            refused(live, "repositories", "3", "is set for the whole daemon: dogear config repositories=");
            assertEquals("30d", live.repository().config().text(Setting.RETENTION));
        }
    }

    private static void refused(LiveStore live, String key, String value, String text) {
        Map<String, @Nullable String> changes = new HashMap<>(Map.of("ignore", "x"));
        changes.put(key, value);
        StoreException refused =
                assertThrows(StoreException.class, () -> live.repository().configure(changes));
        assertEquals(Kind.INVALID, refused.kind());
        assertTrue(requireNonNull(refused.getMessage()).contains(text), refused.getMessage());
        assertFalse(live.repository().config().isSet(Setting.IGNORE), "all or nothing");
    }

    @Test
    void whatWasSetAsRetentionBeforeIsTakenOver() {
        try (LiveStore live = new LiveStore(data())) {
            byte[] old = "forever 7d".getBytes(StandardCharsets.UTF_8);
            byte[] key = "retention".getBytes(StandardCharsets.UTF_8);
            live.repository()
                    .tables()
                    .publish(List.of(new Row(Table.META, key, old)))
                    .join();
        }
        try (LiveStore live = LiveStore.reopen(data())) {
            assertNull(live.repository().config().span(Setting.RETENTION));
            assertEquals("7d", live.repository().config().text(Setting.BOOKMARK_IDLE));
            assertTrue(live.repository().config().matches(Setting.BOOKMARK_CLEAN_UP, "session/1"));
            live.repository().configure(unset("bookmark.clean-up"));
        }
        try (LiveStore live = LiveStore.reopen(data())) {
            assertNull(live.repository().config().span(Setting.RETENTION));
            assertFalse(live.repository().config().matches(Setting.BOOKMARK_CLEAN_UP, "session/1"));
        }
    }

    @Test
    void thereAreNoMoreRepositoriesThanThereMayBe() {
        try (Store store = Store.open(data(), InstantSource.system())) {
            store.settings().change(Map.of("repositories", "2"));
            store.createRepository("a", "main", LiveStore.BY);
            store.createRepository("b", "main", LiveStore.BY);
            store.deleteRepository("a", LiveStore.BY);
            store.createRepository("c", "main", LiveStore.BY);
            for (Runnable more : List.<Runnable>of(
                    () -> store.createRepository("d", "main", LiveStore.BY),
                    () -> store.restoreRepository("a", null))) {
                StoreException refused = assertThrows(StoreException.class, more::run);
                assertEquals(Kind.LIMIT, refused.kind());
                assertTrue(requireNonNull(refused.getMessage()).contains("there may be 2"), refused.getMessage());
            }
        }
        try (Store store = Store.open(data(), InstantSource.system())) {
            assertEquals(2, store.settings().now().number(Setting.REPOSITORIES));
            assertEquals(List.of("b", "c"), store.repositoryNames());
        }
    }
}
