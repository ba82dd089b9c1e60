package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Slots;
import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.uring.Rings;
import dev.dogear.mount.vfs.Remembered;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A daemon's side of being kept: shows that it lives, ends when another one has its place, and starts a keeper when there is none.
 */
public final class Kept {
    /** The device, as inherited. */
    public static final int DEVICE = 0;

    private static final System.Logger LOG = System.getLogger(Kept.class.getName());
    private static final long BEAT_MS = 500;
    private static final long TRY_AGAIN_MS = 1_000;
    private static final int REPLACED = 70;

    private final HandOver handOver;
    private final int epoch;
    private final int memory;
    private final Path mountpoint;
    private final List<String> keeperCommand;

    private Kept(HandOver handOver, int epoch, int memory, Path mountpoint, List<String> keeperCommand) {
        this.handOver = handOver;
        this.epoch = epoch;
        this.memory = memory;
        this.mountpoint = mountpoint;
        this.keeperCommand = keeperCommand;
    }

    /**
     * Takes what the keeper has left in descriptors 0 and 1. The first thing a daemon does.
     *
     * @param keeperCommand how a keeper is started; its arguments end with {@code -- COMMAND}
     */
    public static Kept take(int epoch, Path mountpoint, List<String> keeperCommand) {
        int memory = KeptMount.keepMemory();
        HandOver handOver = HandOver.open(Path.of("/proc/self/fd/" + memory));
        KeptMount.freeOutput();
        Kept kept = new Kept(handOver, epoch, memory, mountpoint, List.copyOf(keeperCommand));
        handOver.setDaemon(ProcessHandle.current().pid());
        kept.thread("dogear-heartbeat", kept::beat);
        kept.thread("dogear-keeper-watch", kept::watch);
        return kept;
    }

    /** What earlier daemons left. */
    public HandOver handOver() {
        return handOver;
    }

    /** What the kernel knows from them. */
    public Remembered remembered() {
        Set<Long> asked = new HashSet<>();
        for (Slots.Slot slot : handOver.slots().taken()) {
            asked.add(handOver.key(slot.unique()));
        }
        if (Negotiation.hasRings(handOver.agreed().flags())) {
            Rings.takenLast(new Rings.Home(handOver.file(), HandOver.RINGS_FROM))
                    .forEach(id -> asked.add(handOver.key(id)));
        }
        return Remembered.of(handOver, asked);
    }

    /** How many daemons the mount has had. */
    public int epoch() {
        return epoch;
    }

    /** The keeper's process. */
    public long keeper() {
        return handOver.keeper();
    }

    /** This daemon serves the mount. */
    public void ready() {
        handOver.ready(epoch);
    }

    /** The mount ends: nobody is to follow. */
    public void end() {
        handOver.end();
    }

    private void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        while (handOver.epoch() == epoch) {
            handOver.beat();
            sleep(BEAT_MS);
        }
        LOG.log(System.Logger.Level.ERROR, "another daemon serves the mount; this one ends");
        Runtime.getRuntime().halt(REPLACED);
    }

    private void watch() {
        while (!handOver.isEnded()) {
            ProcessWatch.await(handOver.keeper(), () -> false);
            if (!handOver.isEnded()) {
                LOG.log(System.Logger.Level.WARNING, "the keeper, process {0}, is gone; another one starts", keeper());
                startKeeper();
            }
        }
    }

    private void startKeeper() {
        List<String> command = new ArrayList<>(keeperCommand);
        command.addAll(
                command.indexOf("--"),
                List.of(
                        "--mount",
                        mountpoint.toString(),
                        "--adopt",
                        Long.toString(ProcessHandle.current().pid())));
        try {
            Process started;
            KeptMount.offerMemory(memory);
            try {
                started = new ProcessBuilder(command)
                        .inheritIO()
                        .directory(Path.of("/").toFile())
                        .start();
            } finally {
                KeptMount.freeOutput();
            }
            // Ours from its first moment, though it takes a while to say so.
            handOver.setKeeper(started.pid());
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "no keeper can be started", e);
            sleep(TRY_AGAIN_MS);
        }
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
