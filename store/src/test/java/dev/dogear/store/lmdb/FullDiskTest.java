package dev.dogear.store.lmdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.journal.Flusher;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk of a few megabytes, in memory; needs the right to mount. */
@Timeout(120)
final class FullDiskTest {
    private static final byte[] REPOSITORY = "0123456789abcdef".getBytes(UTF_8);

    @TempDir
    Path folder;

    private Path disk = Path.of("");
    private final Random random = new Random(11);
    private final List<ObjectId> written = new ArrayList<>();

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        assertEquals(
                0,
                run("mount", "-t", "tmpfs", "-o", "size=6m", "dogear-test", disk.toString()),
                "the test mounts a small disk, for which it has to be root");
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", disk.toString());
    }

    @Test
    void nothingIsLostAndAllGoesOnWhenThereIsSpace() throws Exception {
        Path directory = disk.resolve("repository");
        Tables.create(directory, REPOSITORY, List.of());
        try (Flusher flusher = new Flusher()) {
            try (Tables tables = Tables.open(directory, REPOSITORY, flusher)) {
                tables.keepFrom(() -> Long.MAX_VALUE);
                fill(tables);
                // Room for a bit of journal, not for its fold.
                requireAll(tables);
                assertEquals(Kind.NO_SPACE, refused(() -> tables.fold(Long.MAX_VALUE)));
                requireAll(tables);
                assertEquals(Kind.NO_SPACE, refused(() -> fill(tables, 1)));
                run("mount", "-o", "remount,size=64m", disk.toString());
                fill(tables, 10);
                tables.publish(List.of()).join();
                requireAll(tables);
                tables.fold(Long.MAX_VALUE);
                requireAll(tables);
                TablesTest.requireSound(tables);
            }
            try (Tables tables = Tables.open(directory, REPOSITORY, flusher)) {
                requireAll(tables);
                TablesTest.requireSound(tables);
            }
        }
    }

    /** Closed and opened while the disk is full: what was acknowledged is in the journal. */
    @Test
    void aFullDiskCanBeClosedAndOpened() {
        Path directory = disk.resolve("repository");
        Tables.create(directory, REPOSITORY, List.of());
        try (Flusher flusher = new Flusher()) {
            try (Tables tables = Tables.open(directory, REPOSITORY, flusher)) {
                tables.keepFrom(() -> Long.MAX_VALUE);
                fill(tables);
            }
            try (Tables tables = Tables.open(directory, REPOSITORY, flusher)) {
                requireAll(tables);
            }
        }
        assertFalse(written.isEmpty());
    }

    private void fill(Tables tables) {
        assertEquals(Kind.NO_SPACE, refused(() -> fill(tables, 100)));
    }

    private void fill(Tables tables, int count) {
        for (int i = 0; i < count; i++) {
            byte[] content = new byte[200_000];
            random.nextBytes(content);
            written.add(tables.objects().write(ObjectKind.CHUNK, ByteBuffer.wrap(content)));
        }
    }

    private void requireAll(Tables tables) {
        for (ObjectId id : written) {
            assertEquals(
                    id, tables.objects().read(id, ObjectKind.CHUNK, content -> ObjectId.of(ObjectKind.CHUNK, content)));
        }
    }

    private static Kind refused(Runnable action) {
        return assertThrows(StoreException.class, action::run).kind();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }
}
