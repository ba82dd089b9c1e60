package dev.dogear.control.mounted;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The table of undo and redo, row by row, in the live mount: what any program sees when the verb has answered, through
 * names, through descriptors it held and through pages it had mapped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UndoMountTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private RunningDogear dogear;
    private String repository = "";
    private Path main = Path.of("");
    private final List<Shown.Held> held = new ArrayList<>();

    @BeforeAll
    void start() {
        dogear = RunningDogear.start(folder);
    }

    @AfterAll
    void stop() {
        dogear.close();
    }

    @BeforeEach
    void makeRepository(TestInfo test) {
        repository = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        dogear.call("POST", "/v1/local/repos", Map.of("name", repository));
        main = dogear.mount().resolve(repository).resolve("main");
    }

    @AfterEach
    void letGo() throws IOException {
        Shown.closeAll(held);
    }

    // Edits since the last checkpoint.

    @Test
    void editsAreSetAsideAndComeBack() throws IOException {
        Scene.first(main);
        checkpoint("main");
        Shown first = hold();
        Scene.second(main);
        Shown second = hold();
        String said = dogear.cli("undo", repository + "/main");
        assertShows(first);
        for (String path : List.of("grow", "shrink", "gone", "new-file", "moved", "replaced")) {
            assertTrue(said.contains(path), path + " is not in: " + said);
        }
        assertFalse(said.contains("same"), said);
        assertTrue(said.contains("kept in"), said);
        dogear.cli("redo", repository + "/main");
        assertShows(second);
        undo();
        assertShows(first);
        redo();
        assertShows(second);
        // The edits are a change of their own, made by the undo.
        assertEquals(List.of("redo", "undo", "redo", "undo", "checkpoint"), operations(5));
    }

    // No edits, the last operation a checkpoint.

    @Test
    void aCheckpointIsTakenBackAndShownAgain() throws IOException {
        Scene.first(main);
        checkpoint("main");
        Shown first = hold();
        Scene.second(main);
        checkpoint("main");
        Shown second = hold();
        undo();
        assertShows(first);
        redo();
        assertShows(second);
    }

    @Test
    void severalCheckpointsAreTakenBackWithEditsAndWithout() throws IOException {
        Scene.first(main);
        checkpoint("main");
        Shown first = hold();
        Files.writeString(main.resolve("grow"), "between");
        checkpoint("main");
        Scene.second(main);
        checkpoint("main");
        Shown third = hold();
        undo(2);
        assertShows(first);
        redo();
        assertShows(third);
        Files.writeString(main.resolve("a tool was here"), "edit");
        Files.writeString(main.resolve("grow"), "edit of an edit");
        Shown edited = hold();
        JsonNode undone = undo(2);
        assertShows(first);
        assertFalse(undone.get("saved_change_id").isNull(), undone.toString());
        redo();
        assertShows(edited);
    }

    // The last operation a merge.

    @Test
    void aMergeIsTakenBackWithItsSource() throws IOException {
        Scene.first(main);
        checkpoint("main");
        bookmark("session/1", "main");
        Path session = dogear.mount().resolve(repository).resolve("session/1");
        Scene.second(session);
        checkpoint("session/1");
        Files.writeString(session.resolve("not checkpointed"), "edit of the source");
        Files.writeString(main.resolve("only in main"), "edit of the target");
        Shown before = hold();
        Shown source = Shown.of(session);
        held.addAll(source.hold(session));
        merge("session/1", true);
        assertEquals("edit of the source", Files.readString(main.resolve("not checkpointed")));
        assertEquals("edit of the target", Files.readString(main.resolve("only in main")));
        assertEquals(
                Files.readString(main.resolve("moved/inner")),
                new String(source.node("moved/inner").content(), UTF_8));
        assertFalse(Files.exists(main.resolve("gone")));
        assertFalse(Files.exists(session));
        assertFalse(Files.exists(session.getParent()), "the level of a deleted bookmark is still there");
        Shown merged = hold();
        undo();
        assertShows(before);
        assertEquals(source.describe(), Shown.of(session).describe());
        redo();
        assertShows(merged);
        assertFalse(Files.exists(session));
    }

    @Test
    void aMergeIsSeenAtOnceAndKeepsWhatItDidNotChange() throws IOException {
        Scene.first(main);
        checkpoint("main");
        bookmark("other", "main");
        Path other = dogear.mount().resolve(repository).resolve("other");
        Files.writeString(other.resolve("grow"), "x".repeat(70_000));
        Files.writeString(other.resolve("fresh"), "fresh");
        Files.delete(other.resolve("gone"));
        Files.writeString(main.resolve("mine"), "mine");
        Shown before = hold();
        merge("other", false);
        Shown after = Shown.of(main);
        Shown.assertAllShow(held, main);
        assertEquals("x".repeat(70_000), Files.readString(main.resolve("grow")));
        assertEquals(
                "70000\n", dogear.command("stat", "-c", "%s", "grow").in(main).run());
        assertFalse(Files.exists(main.resolve("gone")));
        for (String same : List.of("same", "mine", "shrink", "dir/inner", "linked-a")) {
            assertEquals(before.node(same).describe(), after.node(same).describe(), same);
        }
        assertEquals(before.node("grow").inode(), after.node("grow").inode());
        assertTrue(Files.exists(other.resolve("fresh")));
    }

    // The last operation a move, a deletion, an import.

    @Test
    void aMoveIsTakenBackAndDoneAgain() throws IOException {
        Scene.first(main);
        String target = checkpoint("main");
        Shown first = hold();
        Scene.second(main);
        checkpoint("main");
        Files.writeString(main.resolve("grow"), "edit before the move");
        Shown edited = hold();
        dogear.cli("bookmark", "move", repository, "main", target);
        assertShows(first);
        undo();
        assertShows(edited);
        redo();
        assertShows(first);
    }

    @Test
    void aDeletedBookmarkIsReadableWhereItIsHeldAndComesBack() throws IOException {
        Scene.first(main);
        checkpoint("main");
        bookmark("doomed", "main");
        Path doomed = dogear.mount().resolve(repository).resolve("doomed");
        Scene.second(doomed);
        Shown edited = Shown.of(doomed);
        held.addAll(edited.hold(doomed));
        dogear.call("DELETE", "/v1/local/" + repository + "/bookmarks/doomed", null);
        assertFalse(Files.exists(doomed));
        assertFalse(Files.exists(doomed.resolve("same")));
        Shown.assertAllShow(held, doomed);
        dogear.call("POST", "/v1/local/" + repository + "/bookmarks/doomed/undo", null);
        assertEquals(edited.describe(), Shown.of(doomed).describe());
        Shown.assertAllShow(held, doomed);
        dogear.call("POST", "/v1/local/" + repository + "/bookmarks/doomed/redo", null);
        assertFalse(Files.exists(doomed));
        dogear.cli("undo", repository + "/doomed");
        assertEquals(edited.describe(), Shown.of(doomed).describe());
        Shown.assertAllShow(held, doomed);
    }

    @Test
    void anImportIsTakenBackAndDoneAgain() throws IOException {
        Scene.first(main);
        checkpoint("main");
        Files.writeString(main.resolve("grow"), "edit before the import");
        Shown edited = hold();
        Path outside = Files.createDirectory(folder.resolve("imported"));
        Scene.first(outside);
        Scene.second(outside);
        dogear.call("POST", "/v1/local/" + repository + "/import", Map.of("path", outside.toString()));
        assertEquals(Shown.of(outside).describeWithoutInodes(), Shown.of(main).describeWithoutInodes());
        Shown imported = hold();
        undo();
        assertShows(edited);
        redo();
        assertShows(imported);
    }

    // Redo after something new.

    @Test
    void redoIsRefusedAfterNewEditsAndNewOperations() throws IOException {
        Scene.first(main);
        checkpoint("main");
        Scene.second(main);
        Shown second = hold();
        undo();
        Files.writeString(main.resolve("same"), "a new edit");
        Shown edited = hold();
        CliResult refused = dogear.tryCli("redo", repository + "/main");
        assertEquals(4, refused.exit(), refused.describe());
        assertTrue(refused.err().contains("new edits"), refused.err());
        assertShows(edited);
        checkpoint("main");
        assertEquals(409, status("/redo"));
        assertShows(edited);
        // The line that was left is in the operations, and can be gone back to by its id.
        String saved = "";
        for (JsonNode operation : dogear.call("GET", "/v1/local/" + repository + "/operations?limit=50", null)
                .get("operations")) {
            if (operation.get("kind").asText().equals("undo") && operation.hasNonNull("saved_change_id")) {
                saved = operation.get("saved_change_id").asText();
            }
        }
        assertNotEquals("", saved, "no operation names the change that keeps the edits");
        dogear.call("PATCH", "/v1/local/" + repository + "/bookmarks/main", Map.of("to", saved));
        assertShows(second);
    }

    @Test
    void redoWithoutAnUndoAndUndoOfNothingAreRefused() throws IOException {
        assertEquals(409, status("/undo"));
        assertEquals(409, status("/redo"));
        Scene.first(main);
        checkpoint("main");
        assertEquals(409, status("/redo"));
    }

    // Writers.

    @Test
    void whatIsWrittenAfterTheSwitchIsAnEditOfTheNewState() throws IOException {
        byte[] old = "o".repeat(3 * 4096).getBytes(UTF_8);
        Files.write(main.resolve("mapped"), old);
        Files.writeString(main.resolve("written"), "old");
        checkpoint("main");
        StandardOpenOption[] both = {StandardOpenOption.READ, StandardOpenOption.WRITE};
        try (FileChannel mapped = FileChannel.open(main.resolve("mapped"), both);
                FileChannel written = FileChannel.open(main.resolve("written"), both);
                Mapping mapping = new Mapping(mapped, FileChannel.MapMode.READ_WRITE)) {
            mapping.pages().put(0, "dirty and never synced".getBytes(UTF_8));
            written.write(ByteBuffer.wrap("dirty and longer than it was".getBytes(UTF_8)), 0);
            JsonNode undone = undo();
            assertFalse(undone.get("saved_change_id").isNull(), "the dirty pages were no edits: " + undone);
            assertEquals(old.length, mapped.size());
            assertEquals(new String(old, UTF_8), new String(mapping.read(old.length), UTF_8));
            assertEquals("old", Files.readString(main.resolve("written")));
            mapping.pages().put(4096, "after".getBytes(UTF_8));
            mapping.pages().force();
            written.write(ByteBuffer.wrap("!".getBytes(UTF_8)), 3);
        }
        byte[] expected = old.clone();
        System.arraycopy("after".getBytes(UTF_8), 0, expected, 4096, 5);
        assertEquals(new String(expected, UTF_8), Files.readString(main.resolve("mapped")));
        assertEquals("old!", Files.readString(main.resolve("written")));
        JsonNode edits = dogear.call("GET", "/v1/local/" + repository + "/bookmarks/main/edits", null);
        assertTrue(edits.toString().contains("mapped") && edits.toString().contains("written"), edits.toString());
        Shown edited = Shown.of(main);
        checkpoint("main");
        assertEquals(edited.describe(), Shown.of(main).describe());
        dogear.restart();
        assertEquals(edited.describe(), Shown.of(main).describe());
    }

    @Test
    void aWriterThatNeverStopsLosesNothingItWroteAfterTheAnswer() throws Exception {
        Path file = main.resolve("counter");
        Files.writeString(file, "%010d\n".formatted(0));
        checkpoint("main");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            Ticker ticker = new Ticker(channel);
            Thread thread = new Thread(ticker, "ticker");
            thread.start();
            try {
                for (int i = 0; i < 5; i++) {
                    ticker.await(ticker.count() + 20);
                    long answered = undoWhile(ticker);
                    ticker.await(answered + 3);
                    assertTrue(Long.parseLong(Files.readString(file).strip()) > answered, "went back after the answer");
                }
            } finally {
                ticker.stop();
                thread.join();
            }
            assertEquals("%010d\n".formatted(ticker.count()), Files.readString(file));
        }
        checkpoint("main");
        assertNotEquals("%010d\n".formatted(0), Files.readString(file));
    }

    private long undoWhile(Ticker ticker) {
        undo();
        return ticker.count();
    }

    // The signal.

    @Test
    void theSignalCheckpointsEveryBookmarkWithEdits() throws Exception {
        Scene.first(main);
        checkpoint("main");
        bookmark("edited", "main");
        bookmark("idle", "main");
        Path edited = dogear.mount().resolve(repository).resolve("edited");
        Files.writeString(main.resolve("same"), "one");
        String idle = head("idle");
        try (FileChannel open = FileChannel.open(edited.resolve("same"), StandardOpenOption.WRITE)) {
            open.write(ByteBuffer.wrap("two, held open".getBytes(UTF_8)), 0);
            String before = head("edited");
            dogear.command("kill", "-USR1", Long.toString(dogear.pid())).run();
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (head("edited").equals(before) && System.nanoTime() < deadline) {
                Thread.sleep(20);
            }
            assertNotEquals(before, head("edited"));
        }
        Thread.sleep(200);
        assertEquals("Checkpoint on SIGUSR1", message("main"));
        assertEquals("Checkpoint on SIGUSR1", message("edited"));
        assertEquals(idle, head("idle"));
        bookmark("look", "edited");
        String shown = Files.readString(
                dogear.mount().resolve(repository).resolve("look").resolve("same"));
        assertTrue(shown.startsWith("two, held open"), shown);
    }

    // Verbs.

    private String route(String bookmark) {
        return "/v1/local/" + repository + "/bookmarks/" + bookmark.replace("/", "%2F");
    }

    private String checkpoint(String bookmark) {
        return dogear.call("POST", route(bookmark) + "/checkpoint", Map.of("message", "checkpoint"))
                .get("change")
                .get("id")
                .asText();
    }

    private JsonNode undo() {
        return dogear.call("POST", route("main") + "/undo", null);
    }

    private JsonNode undo(int checkpoints) {
        return dogear.call("POST", route("main") + "/undo", Map.of("checkpoints", checkpoints));
    }

    private void redo() {
        dogear.call("POST", route("main") + "/redo", null);
    }

    private int status(String verb) {
        return dogear.tryCall("POST", route("main") + verb, null).status();
    }

    private void bookmark(String name, String from) {
        dogear.call("POST", "/v1/local/" + repository + "/bookmarks", Map.of("name", name, "from", from));
    }

    private void merge(String source, boolean deleteSource) {
        dogear.call(
                "POST",
                "/v1/local/" + repository + "/bookmarks/merge",
                Map.of("target", "main", "source", source, "delete_source", deleteSource));
    }

    private String head(String bookmark) {
        return dogear.call("GET", route(bookmark), null).get("change_id").asText();
    }

    private String message(String bookmark) {
        return dogear.call("GET", "/v1/local/" + repository + "/changes/" + head(bookmark), null)
                .get("message")
                .asText()
                .strip();
    }

    private List<String> operations(int count) {
        List<String> kinds = new ArrayList<>();
        dogear.call("GET", "/v1/local/" + repository + "/operations?limit=" + count, null)
                .get("operations")
                .forEach(operation -> kinds.add(operation.get("kind").asText()));
        return kinds;
    }

    /** What main shows, with every file of it held open and mapped from here on. */
    private Shown hold() throws IOException {
        Shown shown = Shown.of(main);
        held.addAll(shown.hold(main));
        return shown;
    }

    private void assertShows(Shown expected) throws IOException {
        // First what is quickest: the sizes, by another process, before anything else was looked up.
        String sizes = dogear.command("sh", "-c", "find . -type f -printf '%P %s\\n' | LC_ALL=C sort")
                .in(main)
                .run();
        StringBuilder wanted = new StringBuilder();
        expected.nodes().entrySet().stream()
                .filter(each -> each.getValue().attributes().startsWith("100"))
                .forEach(each -> wanted.append(each.getKey())
                        .append(' ')
                        .append(each.getValue().content().length)
                        .append('\n'));
        assertEquals(wanted.toString(), sizes);
        assertEquals(expected.describe(), Shown.of(main).describe());
        Shown.assertAllShow(held, main);
    }

    /** Writes ever greater numbers to the same place of a file. */
    private static final class Ticker implements Runnable {
        private final FileChannel channel;
        private final AtomicLong ticks = new AtomicLong();
        private volatile boolean stopped;

        Ticker(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void run() {
            try {
                while (!stopped) {
                    channel.write(
                            ByteBuffer.wrap("%010d\n".formatted(ticks.get() + 1).getBytes(UTF_8)), 0);
                    ticks.incrementAndGet();
                    Thread.sleep(1);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        long count() {
            return ticks.get();
        }

        void stop() {
            stopped = true;
        }

        void await(long wanted) throws InterruptedException {
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (count() < wanted) {
                assertTrue(System.nanoTime() < deadline, "the writer stands still at " + count());
                Thread.sleep(1);
            }
        }
    }

    /** Two states of a tree with every kind of difference between them. */
    private static final class Scene {
        static void first(Path root) throws IOException {
            Files.writeString(root.resolve("same"), "same ".repeat(1000));
            Files.writeString(root.resolve("grow"), "small\n".repeat(10));
            Files.writeString(root.resolve("shrink"), "large\n".repeat(20_000));
            Files.writeString(root.resolve("gone"), "deleted in the second state");
            Files.writeString(root.resolve("mode"), "mode");
            Files.writeString(root.resolve("replaced"), "the first file of this name");
            Files.createDirectories(root.resolve("dir/sub"));
            Files.writeString(root.resolve("dir/inner"), "inner, first");
            Files.writeString(root.resolve("dir/sub/deep"), "deep");
            Files.createDirectory(root.resolve("emptied"));
            Files.writeString(root.resolve("emptied/only"), "only");
            Files.createSymbolicLink(root.resolve("link"), Path.of("same"));
            Files.writeString(root.resolve("linked-a"), "linked");
            Files.createLink(root.resolve("linked-b"), root.resolve("linked-a"));
            Files.setLastModifiedTime(root.resolve("same"), FileTime.fromMillis(1_000_000_000_000L));
            Files.setPosixFilePermissions(root.resolve("mode"), PosixFilePermissions.fromString("rw-r-----"));
        }

        static void second(Path root) throws IOException {
            Files.writeString(root.resolve("grow"), "and grown\n".repeat(9000), StandardOpenOption.APPEND);
            try (FileChannel shrink = FileChannel.open(root.resolve("shrink"), StandardOpenOption.WRITE)) {
                shrink.truncate(701);
                shrink.write(ByteBuffer.wrap("SHRUNK".getBytes(UTF_8)), 100);
            }
            Files.delete(root.resolve("gone"));
            Files.writeString(root.resolve("new-file"), "new\n".repeat(5000));
            Files.createDirectory(root.resolve("new-directory"));
            Files.writeString(root.resolve("new-directory/x"), "x");
            Files.move(root.resolve("dir"), root.resolve("moved"));
            Files.writeString(root.resolve("moved/inner"), "inner, second and longer");
            Files.writeString(root.resolve("temporary"), "the second file of this name, longer");
            Files.move(root.resolve("temporary"), root.resolve("replaced"), StandardCopyOption.REPLACE_EXISTING);
            Files.delete(root.resolve("emptied/only"));
            Files.delete(root.resolve("emptied"));
            Files.writeString(root.resolve("emptied"), "a file where a directory was");
            Files.delete(root.resolve("link"));
            Files.createSymbolicLink(root.resolve("link"), Path.of("elsewhere"));
            Files.delete(root.resolve("linked-a"));
            Files.writeString(root.resolve("linked-b"), "linked no more");
            Files.setPosixFilePermissions(root.resolve("mode"), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.getFileAttributeView(root.resolve("mode"), UserDefinedFileAttributeView.class)
                    .write("color", ByteBuffer.wrap("red".getBytes(UTF_8)));
        }
    }
}
