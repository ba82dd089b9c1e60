package dev.dogear.store.care;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dogear.store.change.Change;
import dev.dogear.store.change.Verbs.CheckpointRequest;
import dev.dogear.store.history.LiveFiles;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A store with one repository, {@code project}, and a clock that is set forward at will. Closing it checks all it holds,
 * before and after another opening.
 */
final class CaredStore implements AutoCloseable {
    static final String BY = "tester";

    private final Path data;
    private Store store;
    private Duration ahead = Duration.ZERO;

    CaredStore(Path data) {
        this.data = data;
        this.store = open();
        if (store.repositoryNames().isEmpty()) {
            store.createRepository("project", "main", BY);
        }
    }

    private Store open() {
        return Store.open(data, () -> Instant.now().plus(ahead));
    }

    Store store() {
        return store;
    }

    Repository repository() {
        return store.repository("project");
    }

    LiveFiles files(String bookmark) {
        return new LiveFiles(repository().workspace(bookmark));
    }

    Change checkpoint(String bookmark, String message) {
        return repository()
                .checkpoint(bookmark, CheckpointRequest.of(message), BY)
                .change();
    }

    /** Sets the clock forward. */
    void later(Duration span) {
        ahead = ahead.plus(span);
    }

    /** From now on nothing that is out of view is kept for longer than a second. */
    void keepNothing() {
        repository().configure(Map.of("retention", "1s"));
        later(Duration.ofHours(1));
    }

    GarbageCollector.Report collect() {
        return new GarbageCollector(repository(), (stage, done, total) -> {}).run();
    }

    void fold() {
        repository().tables().fold(repository().tables().applied());
    }

    void reopen() {
        store.close();
        store = open();
    }

    void check() {
        assertEquals(List.of(), StoreCheck.run(store).problems());
    }

    /** What the host has given for objects, in bytes; the journal's spare segment comes when it likes. */
    long blocks() throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("du", "-s", "-c", "-B1"));
        Path folder = data.resolve("repos").resolve(repository().id());
        objectFolders().forEach(name -> words.add(folder.resolve(name).toString()));
        Process du = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, du.waitFor(), said);
        List<String> lines = said.lines().toList();
        return Long.parseLong(lines.get(lines.size() - 1).split("\\s", -1)[0]);
    }

    /** Folders of objects there are. */
    List<String> objectFolders() {
        Path folder = data.resolve("repos").resolve(repository().id());
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("objects"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] noise(long seed, int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    @Override
    public void close() {
        check();
        store.close();
        store = open();
        check();
        store.close();
    }
}
