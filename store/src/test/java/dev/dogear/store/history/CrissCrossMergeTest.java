package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.dogear.store.change.Verbs.MergeRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bookmarks that merge each other again and again have several nearest common ancestors, as those have in turn. */
final class CrissCrossMergeTest {
    private static final List<String> BOOKMARKS = List.of("a", "b", "c", "d");
    private static final int ROUNDS = 30;

    @TempDir
    Path folder;

    @Test
    void costsNoMoreForAllThatWasMergedBefore() throws Exception {
        try (LiveStore live = new LiveStore(folder)) {
            Repository repository = live.repository();
            BOOKMARKS.forEach(name ->
                    repository.createBookmark(name, repository.bookmark("main").change(), LiveStore.BY));
            Map<String, String> expected = new TreeMap<>();
            // Without a bound the last of them would look at more pairs of ancestors than there are nanoseconds in a
            // day.
            assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
                for (int round = 0; round < ROUNDS; round++) {
                    round(live, round, expected);
                }
            });
            repository.merge(new MergeRequest("a", "b", false, null, null, null), LiveStore.BY);
            repository.merge(new MergeRequest("a", "c", false, null, null, null), LiveStore.BY);
            repository.merge(new MergeRequest("a", "d", false, null, null, null), LiveStore.BY);
            assertEquals(expected, live.files("a").all());
        }
    }

    /** Each writes its file anew and merges what the others were when the round began. */
    private static void round(LiveStore live, int round, Map<String, String> expected) throws Exception {
        Repository repository = live.repository();
        for (String name : BOOKMARKS) {
            String text = name + round + "\n";
            live.files(name).write("file-" + name, text);
            expected.put("file-" + name, text);
            live.checkpoint(name, text);
            repository.createBookmark("old/" + name, repository.bookmark(name).change(), LiveStore.BY);
        }
        for (String name : BOOKMARKS) {
            for (String other : BOOKMARKS) {
                if (!other.equals(name)) {
                    repository.merge(new MergeRequest(name, "old/" + other, false, null, null, null), LiveStore.BY);
                }
            }
        }
        BOOKMARKS.forEach(name -> repository.deleteBookmark("old/" + name, null, LiveStore.BY));
    }
}
