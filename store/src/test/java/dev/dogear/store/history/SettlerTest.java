package dev.dogear.store.history;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.change.ChangeId;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.change.Verbs.CheckpointResult;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.Workspace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Edits that nobody checkpoints are stored by themselves, and stay edits. */
@Timeout(120)
class SettlerTest {
    private static final int FILES = 80;
    /** The segment in use is never recycled, and they double from 1 MiB. */
    private static final long SEGMENT_BYTES = 8 << 20;

    private static final int BYTES = 128 << 10;

    @TempDir
    Path folder;

    @Test
    void editsAtRestAreStoredAheadAndTheJournalIsShort() throws Exception {
        byte[][] contents = new byte[FILES][BYTES];
        try (LiveStore store = new LiveStore(folder)) {
            Random random = new Random(1);
            for (int i = 0; i < FILES; i++) {
                random.nextBytes(contents[i]);
                store.files("main").write("file" + i, contents[i]);
            }
            Workspace workspace = store.repository().workspace("main");
            awaitSettled(workspace);
            // Stored, yet edits to everybody who asks.
            assertEquals(FILES, store.repository().editCount("main"));
            assertEquals(FILES, store.repository().edits("main").size());
            awaitShortJournal(store);
            long before = store.repository().tables().journal().tail();
            CheckpointResult checkpoint =
                    store.repository().checkpoint("main", CheckpointRequest.of("all"), LiveStore.BY);
            assertEquals(FILES, checkpoint.files());
            long stored = store.repository().tables().journal().tail() - before;
            assertTrue(stored < BYTES, "a checkpoint had only the tail left, but stored " + stored + " bytes");
        }
        try (LiveStore store = LiveStore.reopen(folder)) {
            for (int i = 0; i < FILES; i++) {
                LiveFiles files = store.files("main");
                assertArrayEquals(contents[i], files.bytes((FileNode) files.open("file" + i)));
            }
        }
    }

    @Test
    void aBookmarkWithSettledEditsIsNotIdle() throws Exception {
        try (LiveStore store = new LiveStore(folder)) {
            store.repository().createBookmark("session/a", ChangeId.VIRTUAL_ROOT, LiveStore.BY);
            byte[] content = new byte[2 << 20];
            new Random(3).nextBytes(content);
            store.files("session/a").write("file", content);
            awaitSettled(store.repository().workspace("session/a"));
            assertEquals(List.of(), store.repository().upkeep().idle(Duration.ofMillis(1), "main"));
            store.checkpoint("session/a", "all");
            TimeUnit.MILLISECONDS.sleep(10);
            assertEquals(
                    1,
                    store.repository()
                            .upkeep()
                            .idle(Duration.ofMillis(1), "main")
                            .size());
        }
    }

    @Test
    void aBusyWorkspaceIsSettledOnceTheJournalHasGrown() throws Exception {
        try (LiveStore store = new LiveStore(folder)) {
            LiveFiles files = store.files("main");
            byte[] content = new byte[8 << 20];
            Random random = new Random(2);
            for (long written = 0; written < 2 * Settler.LAG_BYTES_MAX; written += content.length) {
                random.nextBytes(content);
                files.write("large" + written, content);
            }
            Workspace workspace = store.repository().workspace("main");
            // It never rests: that alone must not keep the journal.
            for (int i = 0; workspace.cut() < Settler.LAG_BYTES_MAX; i++) {
                files.write("busy", "edit " + i);
                TimeUnit.MILLISECONDS.sleep(100);
            }
            while (store.repository().tables().sizes().journalBytes() > 2 * Settler.LAG_BYTES_MAX) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
            store.checkpoint("main", "all");
        }
    }

    private static void awaitSettled(Workspace workspace) throws InterruptedException {
        while (workspace.editCount() > 0) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static void awaitShortJournal(LiveStore store) throws InterruptedException {
        while (store.repository().tables().sizes().journalBytes() > SEGMENT_BYTES) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
