package dev.dogear.mount.keeper;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.mounts.MountOptions;
import dev.dogear.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The keeper's main program. It does nothing but wait: for the end of the mount, which is its own end, or for the death of the
 * daemon, which gets a successor at once: the spare, if there is one. A daemon whose heart does not beat is killed first.
 */
public final class Keeper {
    private static final int FAILED_STARTS_MAX = 5;
    private static final int FAILED_STARTS_OF_OTHERS_MAX = 2;
    private static final long BEAT_SECONDS_MAX = Long.getLong("dogear.heartbeat.seconds", 30);
    private static final long START_SECONDS_MAX = 120;
    private static final long END_SECONDS_MAX = 60;

    private final KeptMount mount;
    private final Arguments arguments;
    private final HandOver handOver;
    private final Spare spare;
    private long pid;
    private @Nullable Process child;
    private int failedStarts;
    private long lastBeat;
    private long lastBeatAt;

    private Keeper(KeptMount mount, Arguments arguments) {
        this.mount = mount;
        this.arguments = arguments;
        this.handOver = mount.handOver();
        this.pid = arguments.adopted;
        this.spare = new Spare(handOver, command());
    }

    /** @param words {@code --mount DIR [--allow-other] [--suid] [--dev] [--protocol 7.N] [--command FILE] [--adopt PID] -- COMMAND...} */
    public static void main(String[] words) {
        Arguments arguments = Arguments.parse(words);
        Precedence.take();
        int status;
        try {
            KeptMount mount = arguments.adopted == 0
                    ? KeptMount.create(arguments.options())
                    : KeptMount.inherited(arguments.mount);
            Keeper keeper = new Keeper(mount, arguments);
            Runtime.getRuntime().addShutdownHook(new Thread(keeper::endDaemon));
            status = keeper.keep();
            keeper.spare.end();
        } catch (StoreException e) {
            System.err.println("dogear: " + e.getMessage());
            status = e.kind() == StoreException.Kind.IN_USE ? 4 : 1;
        }
        Runtime.getRuntime().halt(status);
    }

    /** One line for who looks why. */
    static void say(String text) {
        System.err.println(Instant.now() + " keeper " + ProcessHandle.current().pid() + ": " + text);
    }

    private int keep() {
        handOver.setKeeper(ProcessHandle.current().pid());
        if (pid == 0) {
            start();
        } else {
            say("keeps the mount of daemon " + pid);
        }
        while (true) {
            beatSeen();
            ProcessWatch.await(pid, this::tend);
            if (handOver.isEnded()) {
                return exitStatus();
            }
            boolean wasReady = handOver.readyEpoch() == handOver.epoch();
            if (!wasReady && handOver.readyEpoch() == 0) {
                mount.abort();
                return Math.max(1, exitStatus());
            }
            failedStarts = wasReady ? 0 : failedStarts + 1;
            if (failedStarts >= FAILED_STARTS_MAX) {
                say("gives up: " + failedStarts + " daemons in a row ended before they served " + mount.mountpoint()
                        + "; what they said is above and in their log. The mount is aborted.");
                mount.abort();
                return 1;
            }
            say("daemon " + pid + " is dead; the next one starts");
            start();
        }
    }

    private void start() {
        long waiting = spare.take(command());
        if (waiting != 0) {
            pid = waiting;
            child = spare.process();
        } else {
            startAnew();
        }
    }

    private void startAnew() {
        List<String> command = new ArrayList<>(command());
        command.add("--epoch");
        command.add(Integer.toString(handOver.nextEpoch()));
        try {
            child = new ProcessBuilder(command)
                    .inheritIO()
                    .directory(Path.of("/").toFile())
                    .start();
            pid = child.pid();
            handOver.setDaemon(pid);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.IO, "no daemon can be started: " + e.getMessage(), e);
        }
    }

    /** How a daemon of this mount is started. */
    private List<String> command() {
        List<String> command = new ArrayList<>(installed());
        command.add("--mount");
        command.add(mount.mountpoint().toString());
        return command;
    }

    /** What an upgrade left to be run, unless that has failed; else what we were given. */
    private List<String> installed() {
        Path file = arguments.commandFile;
        try {
            if (file != null && Files.exists(file)) {
                if (failedStarts < FAILED_STARTS_OF_OTHERS_MAX) {
                    return Files.readAllLines(file);
                }
                say("the daemon of the last upgrade does not start; the one before it is taken again");
                Files.delete(file);
            }
        } catch (IOException e) {
            say("cannot read " + file + ": " + e);
        }
        return arguments.command;
    }

    private void beatSeen() {
        lastBeat = handOver.heartbeat();
        lastBeatAt = System.nanoTime();
    }

    /** Done while the daemon lives; one that is stuck is killed, and its death is then waited for. */
    private boolean tend() {
        if (handOver.heartbeat() != lastBeat) {
            beatSeen();
        }
        boolean ready = handOver.readyEpoch() == handOver.epoch();
        long silent = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - lastBeatAt);
        if (silent > (ready ? BEAT_SECONDS_MAX : START_SECONDS_MAX) && !handOver.isEnded()) {
            say("daemon " + pid + " has been stuck for " + silent + " s and is killed");
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            beatSeen();
        } else if (ready && !handOver.isEnded()) {
            failedStarts = 0; // an upgrade from here on has not failed yet
            spare.tend(command());
        }
        return false;
    }

    private int exitStatus() {
        Process last = child;
        if (last == null) {
            return 0;
        }
        try {
            return last.waitFor(1, TimeUnit.SECONDS) ? last.exitValue() : 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** We are asked to end: the daemon unmounts. */
    private void endDaemon() {
        ProcessHandle.of(pid).ifPresent(daemon -> {
            daemon.destroy();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS_MAX);
            ProcessWatch.await(pid, () -> System.nanoTime() > until);
        });
    }

    /** What the command line says. */
    private static final class Arguments {
        private Path mount = Path.of("/");
        private boolean allowOther;
        private @Nullable String protocol;
        private boolean suid;
        private boolean dev;
        private @Nullable Path commandFile;
        private long adopted;
        private List<String> command = List.of();

        static Arguments parse(String[] words) {
            Arguments parsed = new Arguments();
            for (int i = 0; i < words.length; i++) {
                switch (words[i]) {
                    case "--mount" -> parsed.mount = Path.of(words[++i]);
                    case "--allow-other" -> parsed.allowOther = true;
                    case "--suid" -> parsed.suid = true;
                    case "--dev" -> parsed.dev = true;
                    case "--protocol" -> parsed.protocol = words[++i];
                    case "--command" -> parsed.commandFile = Path.of(words[++i]);
                    case "--adopt" -> parsed.adopted = Long.parseLong(words[++i]);
                    case "--" -> {
                        parsed.command = List.of(words).subList(i + 1, words.length);
                        return parsed;
                    }
                    default -> throw new IllegalArgumentException("unknown argument " + words[i]);
                }
            }
            throw new IllegalArgumentException("no command to keep");
        }

        MountOptions options() {
            MountOptions options = MountOptions.at(mount).trusted(suid, dev);
            options = allowOther ? options.forOthers() : options;
            return protocol == null ? options : options.protocol(protocol);
        }
    }
}
