package dev.dogear.store.workspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several writers with freezes in between: each freeze is one moment of every file. */
final class WorkspaceConcurrencyTest {
    private static final int WRITERS = 4;
    private static final int FREEZES = Integer.getInteger("dogear.rounds", 10);
    private static final int RECORD_BYTES = 8;

    @TempDir
    Path directory;

    /** How many records each writer was told are written. */
    private final AtomicLongArray acknowledged = new AtomicLongArray(WRITERS);

    @Test
    void everyFreezeIsACutThroughEachFile() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
        try (Rig rig = new Rig(directory)) {
            List<Future<?>> running = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                FileNode file = rig.create("w" + writer);
                int number = writer;
                running.add(threads.submit(() -> append(rig.workspace, file, number, stop)));
            }
            running.add(threads.submit(() -> churn(rig.workspace, stop)));
            for (int i = 0; i < FREEZES; i++) {
                long[] before = snapshot();
                Frozen frozen = rig.workspace.freeze();
                long[] after = snapshot();
                Root root = rig.settle(frozen);
                check(rig.over(root), before, after);
                rig.workspace.trim();
                TimeUnit.MILLISECONDS.sleep(20);
            }
            stop.set(true);
            for (Future<?> each : running) {
                each.get(30, TimeUnit.SECONDS);
            }
            var live = Rig.dump(rig.workspace);
            rig.reopen();
            assertEquals(live, Rig.dump(rig.workspace));
            check(rig.workspace, snapshot(), snapshot());
        } finally {
            stop.set(true);
            threads.shutdownNow();
        }
    }

    private long[] snapshot() {
        long[] counts = new long[WRITERS];
        for (int i = 0; i < WRITERS; i++) {
            counts[i] = acknowledged.get(i);
        }
        return counts;
    }

    private Void append(Workspace workspace, FileNode file, int number, AtomicBoolean stop) throws Exception {
        for (long record = 0; !stop.get(); record++) {
            workspace.gate().enter();
            try {
                ByteBuffer bytes =
                        ByteBuffer.allocate(RECORD_BYTES).putLong(record).flip();
                workspace.write(file, record * RECORD_BYTES, bytes);
            } finally {
                workspace.gate().leave();
            }
            acknowledged.set(number, record + 1);
            if (record % 64 == 0) {
                // The journal takes a million such records a second, which would make this a test of patience.
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        return null;
    }

    /** Names come and go beside the writers, in their directory and below. */
    private static Void churn(Workspace workspace, AtomicBoolean stop) throws Exception {
        Random random = new Random(1);
        NewFile who = new NewFile(0755, 1, 1);
        while (!stop.get()) {
            workspace.gate().enter();
            try {
                Name name = Name.of("d" + random.nextInt(5));
                Name other = Name.of("d" + random.nextInt(5));
                switch (random.nextInt(4)) {
                    case 0 -> workspace.createDirectory(workspace.root(), name, who);
                    case 1 -> workspace.removeDirectory(workspace.root(), name, EditLog.Cause.NONE);
                    case 2 -> workspace.rename(workspace.root(), name, workspace.root(), other, 0);
                    default ->
                        workspace.link(workspace.lookup(workspace.root(), Name.of("w0")), workspace.root(), name);
                }
            } catch (PosixException e) {
                // Names collide; that is the point.
            } finally {
                workspace.gate().leave();
            }
            TimeUnit.MICROSECONDS.sleep(200);
        }
        return null;
    }

    /** All records up to some number are there, those acknowledged before the freeze among them, and none of later ones. */
    private static void check(Workspace frozen, long[] before, long[] after) throws Exception {
        for (int writer = 0; writer < WRITERS; writer++) {
            FileNode file = (FileNode) frozen.lookup(frozen.root(), Name.of("w" + writer));
            ByteBuffer bytes = ByteBuffer.wrap(Rig.bytes(frozen, file));
            long records = bytes.remaining() / RECORD_BYTES;
            // One more may have been written and not yet been counted by its writer.
            assertTrue(
                    records >= before[writer] && records <= after[writer] + 1,
                    "writer " + writer + ": " + before[writer] + " <= " + records + " <= " + after[writer]);
            for (long record = 0; record < records; record++) {
                assertEquals(record, bytes.getLong());
            }
        }
    }
}
