package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The next daemon, started ahead: it loads what a daemon needs and waits for its turn, so that a takeover is no longer than the opening
 * of the store. If its turn comes before it is ready it serves all the same. Seen from the keeper.
 */
final class Spare {
    /** What a daemon is told that is to wait. */
    static final String FLAG = "--spare";

    private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final HandOver handOver;
    private List<String> command = List.of();
    private long pid;
    private @Nullable Process process;
    private long nextTry = System.nanoTime();

    /** @param inherited the command of a spare that an earlier keeper has started */
    Spare(HandOver handOver, List<String> inherited) {
        this.handOver = handOver;
        this.pid = handOver.spare();
        this.command = inherited;
    }

    /** Sees to it that there is one, of that command; while a daemon serves. */
    void tend(List<String> wanted) {
        if (pid != 0 && (!Processes.isAlive(pid) || !command.equals(wanted))) {
            end();
        }
        if (pid == 0 && System.nanoTime() - nextTry >= 0) {
            nextTry = System.nanoTime() + TRY_AGAIN_NANOS;
            start(wanted);
        }
    }

    private void start(List<String> wanted) {
        List<String> words = new ArrayList<>(wanted);
        words.add(FLAG);
        try {
            process = new ProcessBuilder(words)
                    .inheritIO()
                    .directory(Path.of("/").toFile())
                    .start();
        } catch (IOException e) {
            Keeper.say("no spare daemon can be started: " + e.getMessage());
            return;
        }
        pid = process.pid();
        command = List.copyOf(wanted);
        handOver.setSpare(pid);
    }

    /** The process that is to serve now, whose turn it is from then on; 0 if there is none of that command. */
    long take(List<String> wanted) {
        long taken = pid;
        if (taken == 0 || !command.equals(wanted) || !Processes.isAlive(taken)) {
            end();
            return 0;
        }
        handOver.nextEpoch();
        handOver.setDaemon(taken);
        forget();
        return taken;
    }

    /** Of the one that was taken last; null if another keeper started it. */
    @Nullable
    Process process() {
        return process;
    }

    /** Ends it. */
    void end() {
        if (pid != 0) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            forget();
        }
    }

    private void forget() {
        handOver.setSpare(0);
        pid = 0;
        // Its successor may be needed soon.
        nextTry = System.nanoTime();
    }
}
