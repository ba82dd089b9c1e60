package dev.dogear.control.daemon;

import dev.dogear.mount.keeper.Turn;
import dev.dogear.mount.mounts.MountOptions;
import dev.dogear.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's main program. Started by {@code dogear up}, which waits for the socket to answer; in the foreground by a
 * person or a service manager. SIGTERM, SIGINT and the shutdown route end it cleanly; SIGUSR1 checkpoints every bookmark
 * that has edits.
 */
public final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /** As documented for the command: the state is not the expected one. */
    private static final int EXIT_CONFLICT = 4;

    private static final String SIGNAL_MESSAGE = "Checkpoint on SIGUSR1";

    private Daemon() {}

    public static void main(String[] args) {
        Options options = Options.parse(args);
        if (options.spare()) {
            Turn turn = Turn.open();
            Rehearsal rehearsal = Rehearsal.begin(options.server(), turn::ready);
            int epoch = turn.await();
            rehearsal.stop();
            options = options.inEpoch(epoch);
        }
        serve(options);
    }

    private static void serve(Options options) {
        if (options.epoch() > 1) {
            LOG.info("daemon {} of this mount starts", options.epoch());
        }
        CountDownLatch ended = new CountDownLatch(1);
        try (Wiring wiring = Wiring.open(options, ended::countDown)) {
            Signals.on("USR1", () -> checkpointAll(wiring));
            for (String name : List.of("TERM", "INT", "HUP")) {
                Signals.on(name, () -> {
                    LOG.info("ending on SIG{}", name);
                    ended.countDown();
                });
            }
            LOG.info("ready: data {}, mount {}, socket {}", options.data(), options.mount(), options.socket());
            ended.await();
        } catch (StoreException e) {
            fail(e, e.kind() == StoreException.Kind.IN_USE ? EXIT_CONFLICT : 1);
        } catch (InterruptedException | RuntimeException e) {
            fail(e, 1);
        }
        LOG.info("ended");
        System.exit(0);
    }

    private static void checkpointAll(Wiring wiring) {
        try {
            int changes = wiring.store().checkpointAll(SIGNAL_MESSAGE, "SIGUSR1");
            LOG.info("SIGUSR1: {} changes", changes);
        } catch (RuntimeException e) {
            LOG.error("SIGUSR1: the checkpoint failed", e);
        }
    }

    /** The last word goes to standard error, where {@code dogear up} finds it. */
    private static void fail(Exception failure, int status) {
        LOG.error("the daemon ends", failure);
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        System.err.println("dogear: " + text);
        System.exit(status);
    }

    /**
     * What to serve where.
     *
     * @param mount null for no mount: the socket only
     * @param way how it is mounted
     * @param epoch which daemon of a keeper's mount this is; 0 without a keeper
     * @param spare whether it is to wait until it is its turn to serve a keeper's mount
     */
    record Options(
            Path data, @Nullable Path mount, Path socket, boolean allowOther, Way way, int epoch, boolean spare) {
        /** Where it answers on the loopback interface besides; null for nowhere. */
        @Nullable
        String listen() {
            return way.listen();
        }

        static Options parse(String[] args) {
            Path data = null;
            Path mount = null;
            Path socket = null;
            boolean allowOther = false;
            Way way = Way.USUAL;
            int epoch = 0;
            boolean spare = false;
            for (int i = 0; i < args.length; i++) {
                switch (args[i]) {
                    case "--data" -> data = path(args, ++i);
                    case "--mount" -> mount = path(args, ++i);
                    case "--socket" -> socket = path(args, ++i);
                    case "--allow-other" -> allowOther = true;
                    case "--suid" -> way = new Way(way.transport, way.protocol, true, way.dev, way.listen);
                    case "--dev" -> way = new Way(way.transport, way.protocol, way.suid, true, way.listen);
                    case "--transport" -> way = new Way(word(args, ++i), way.protocol, way.suid, way.dev, way.listen);
                    case "--protocol" -> way = new Way(way.transport, word(args, ++i), way.suid, way.dev, way.listen);
                    case "--listen" -> way = new Way(way.transport, way.protocol, way.suid, way.dev, word(args, ++i));
                    case "--epoch" -> epoch = Integer.parseInt(word(args, ++i));
                    case "--spare" -> spare = true;
                    default -> throw usage("unknown argument " + args[i]);
                }
            }
            if (data == null || socket == null) {
                throw usage("--data and --socket are needed");
            }
            return new Options(data, mount, socket, allowOther, way, epoch, spare);
        }

        /** The same, for one that has waited. */
        Options inEpoch(int number) {
            return new Options(data, mount, socket, allowOther, way, number, false);
        }

        private static Path path(String[] args, int index) {
            return Path.of(word(args, index)).toAbsolutePath().normalize();
        }

        private static String word(String[] args, int index) {
            if (index >= args.length) {
                throw usage(args[index - 1] + " needs a value");
            }
            return args[index];
        }

        /** How the mount is made. */
        MountOptions mounting(Path where) {
            MountOptions options = way.at(where);
            return allowOther ? options.forOthers() : options;
        }

        private static IllegalArgumentException usage(String text) {
            return new IllegalArgumentException(
                    text + "; usage: --data DIR --socket PATH [--mount DIR] [--allow-other] … (see dogear up --help)");
        }

        /** Where the process keeps what is not the store's. */
        Path server() {
            return data.resolve("server");
        }

        boolean dataIsInMount() {
            return mount != null && (data.startsWith(mount) || socket.startsWith(mount));
        }

        boolean mountIsInData() {
            return mount != null && mount.startsWith(data) && Files.exists(data);
        }
    }

    /**
     * How the kernel is spoken to, what it is to trust, and who else is answered.
     *
     * @param protocol the highest version to speak, such as 7.31; null for what both know
     * @param listen where callers with a key are answered, such as 127.0.0.1:8080; null for nowhere
     */
    record Way(
            String transport,
            @Nullable String protocol,
            boolean suid,
            boolean dev,
            @Nullable String listen) {
        static final Way USUAL = new Way(MountOptions.AUTO, null, false, false, null);

        /** @throws IllegalArgumentException if there is no such transport or version */
        MountOptions at(Path mount) {
            MountOptions options = MountOptions.at(mount).by(transport).trusted(suid, dev);
            return protocol == null ? options : options.protocol(protocol);
        }
    }
}
