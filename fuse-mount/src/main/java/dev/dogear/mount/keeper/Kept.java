package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Processes;
import dev.dogear.mount.handover.Slots;
import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.Negotiation;
import dev.dogear.mount.mounts.MountOptions;
import dev.dogear.mount.mounts.Mounting;
import dev.dogear.mount.uring.Rings;
import dev.dogear.mount.vfs.Remembered;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A daemon's side of being kept, by a keeper or by a service manager: shows that it lives, ends when another one has its place, and
 * starts a keeper when that is gone.
 */
public final class Kept {
    private static final System.Logger LOG = System.getLogger(Kept.class.getName());
    private static final String STORED_DEVICE = "dogear-device";
    private static final String STORED_MEMORY = "dogear-memory";
    private static final int INHERITED_DEVICE = 0;
    private static final boolean WATCHED = System.getenv("WATCHDOG_USEC") != null;
    private static final long BEAT_MS = 500;
    private static final long TRY_AGAIN_MS = 1_000;
    private static final int REPLACED = 70;

    private final HandOver handOver;
    private final int epoch;
    private final int device;
    private final int memory;
    private final Path mountpoint;

    private Kept(HandOver handOver, int epoch, int device, int memory, Path mountpoint) {
        this.handOver = handOver;
        this.epoch = epoch;
        this.device = device;
        this.memory = memory;
        this.mountpoint = mountpoint;
    }

    /**
     * Takes what the keeper has left in descriptors 0 and 1. The first thing a daemon does.
     *
     * @param epoch that the keeper has given it
     * @param keeperCommand how a keeper is started; its arguments end with {@code -- COMMAND}
     */
    public static Kept take(int epoch, Path mountpoint, List<String> keeperCommand) {
        int memory = KeptMount.keepMemory();
        HandOver handOver = HandOver.open(descriptor(memory));
        KeptMount.freeOutput();
        Kept kept = new Kept(handOver, epoch, INHERITED_DEVICE, memory, mountpoint);
        handOver.setDaemon(ProcessHandle.current().pid());
        List<String> command = List.copyOf(keeperCommand);
        thread("dogear-heartbeat", kept::beat);
        thread("dogear-keeper-watch", () -> kept.watch(command));
        return kept;
    }

    /** Whether a service manager has started this process that can keep its mount. */
    public static boolean isService() {
        return Systemd.isThere();
    }

    /**
     * Takes what the service manager has stored when the daemon before had died; mounts, and has it stored, if there is nothing.
     *
     * @throws dev.dogear.store.StoreException as when mounting
     */
    public static Kept takeService(MountOptions options) {
        int device = Systemd.stored(STORED_DEVICE);
        int memory = Systemd.stored(STORED_MEMORY);
        if (device < 0 || memory < 0 || HandOver.open(descriptor(memory)).isEnded()) {
            Systemd.remove(STORED_DEVICE);
            Systemd.remove(STORED_MEMORY);
            LibC.close(device);
            memory = LibC.memoryFile("dogear-hand-over");
            device = Mounting.mount(options).device();
            // Last, so that a mount which is stored can be gone on with; one that is not ends with us.
            Systemd.store(STORED_MEMORY, memory);
            Systemd.store(STORED_DEVICE, device);
        }
        HandOver handOver = HandOver.open(descriptor(memory));
        Kept kept = new Kept(handOver, handOver.nextEpoch(), device, memory, real(options.mountpoint()));
        handOver.setDaemon(ProcessHandle.current().pid());
        thread("dogear-heartbeat", kept::beat);
        return kept;
    }

    /** Without a look at the mount itself, which nobody serves now. */
    private static Path real(Path mountpoint) {
        Path absolute = mountpoint.toAbsolutePath().normalize();
        try {
            return absolute.resolveSibling("").toRealPath().resolve(absolute.getFileName());
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "cannot use the mount point " + mountpoint, e);
        }
    }

    private static Path descriptor(int number) {
        return Path.of("/proc/self/fd", Integer.toString(number));
    }

    /** The descriptor of the mount. */
    public int device() {
        return device;
    }

    /** The real path of it. */
    public Path mountpoint() {
        return mountpoint;
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

    /** The keeper's process; 0 if a service manager has its place. */
    public long keeper() {
        return handOver.keeper();
    }

    /** The process that waits to be the next daemon; 0 if there is none yet. */
    public long spare() {
        long spare = handOver.spare();
        return handOver.isSpareReady(spare) ? spare : 0;
    }

    /**
     * Whether nothing is left of a dead process but its thread that tells the kernel what to forget. That one may wait in the kernel
     * for pages to be written to us; it touches no file.
     */
    public boolean onlyNotifies(long pid) {
        if (Processes.isAlive(pid)) {
            return false;
        }
        long notifier = handOver.notifier();
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.mapToLong(
                            thread -> Long.parseLong(thread.getFileName().toString()))
                    .allMatch(thread -> thread == pid || thread == notifier);
        } catch (IOException e) {
            return false; // it has just ended
        }
    }

    /** This daemon serves the mount. */
    public void ready() {
        handOver.ready(epoch);
        Systemd.tell("READY=1");
    }

    /** The mount ends: nobody is to follow. */
    public void end() {
        handOver.end();
        Systemd.tell("STOPPING=1");
        Systemd.remove(STORED_DEVICE);
        Systemd.remove(STORED_MEMORY);
    }

    /** This daemon does not come to serve. A mount that nobody has served is taken away, which a keeper does itself. */
    public void failed() {
        if (keeper() == 0 && handOver.readyEpoch() == 0) {
            end();
            Mounting.detach(mountpoint);
        }
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        while (handOver.epoch() == epoch) {
            handOver.beat();
            if (WATCHED) {
                Systemd.tell("WATCHDOG=1");
            }
            sleep(BEAT_MS);
        }
        LOG.log(System.Logger.Level.ERROR, "another daemon serves the mount; this one ends");
        Runtime.getRuntime().halt(REPLACED);
    }

    private void watch(List<String> keeperCommand) {
        while (!handOver.isEnded()) {
            ProcessWatch.await(handOver.keeper(), () -> false);
            if (!handOver.isEnded()) {
                LOG.log(System.Logger.Level.WARNING, "the keeper, process {0}, is gone; another one starts", keeper());
                startKeeper(keeperCommand);
            }
        }
    }

    private void startKeeper(List<String> keeperCommand) {
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
