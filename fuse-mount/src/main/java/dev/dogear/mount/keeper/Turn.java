package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Processes;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A spare's turn to serve. It may come at any moment of the spare's life: whoever has begun to start is ahead of who has not. */
public final class Turn {
    private static final Path MEMORY = Path.of("/proc/self/fd/1");
    private static final long AGAIN_NANOS = 500_000;

    private final HandOver handOver;
    private final long self = ProcessHandle.current().pid();

    private Turn(HandOver handOver) {
        this.handOver = handOver;
    }

    /** Of this process, which a keeper has started. */
    public static Turn open() {
        return new Turn(HandOver.open(MEMORY));
    }

    /** This process has made itself as ready as it can. */
    public void ready() {
        handOver.spareReady(self);
    }

    /**
     * Waits until this process is to serve: when the keeper says so, or when neither a daemon nor a keeper is left. Ends the process
     * when it is not needed any more.
     *
     * @return its epoch
     */
    public int await() {
        while (handOver.daemon() != self) {
            // Read in this order: who is called stops being the spare after it has become the daemon.
            if (handOver.isEnded() || (handOver.spare() != self && handOver.daemon() != self)) {
                Runtime.getRuntime().halt(0);
            }
            long serving = handOver.daemon();
            if (Processes.isAlive(serving)) {
                ProcessWatch.await(
                        serving, () -> handOver.isEnded() || handOver.daemon() != serving || handOver.spare() != self);
            } else if (Processes.isAlive(handOver.keeper())) {
                LockSupport.parkNanos(AGAIN_NANOS);
            } else if (handOver.daemon() == serving) {
                handOver.setSpare(0);
                handOver.nextEpoch();
                handOver.setDaemon(self);
            }
        }
        return handOver.epoch();
    }
}
