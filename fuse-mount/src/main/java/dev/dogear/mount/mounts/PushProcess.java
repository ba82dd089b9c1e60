package dev.dogear.mount.mounts;

import dev.dogear.mount.kernel.PushedCalls;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One running helper, seen from the daemon. Calls may come from many threads at once; each waits for its own answer and no
 * longer than it says. Never waited for when it is to end.
 */
final class PushProcess {
    /** For a machine on which everything takes long: one that has ended is noticed at once, and a new one would not be quicker. */
    private static final Duration START = Duration.ofMinutes(2);

    private static final String ARCHIVE = "daemon.jsa";

    private final Process process;
    private final DataOutputStream out;
    private final PushedCalls pushed;
    private final Map<Integer, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Answer> hello = new CompletableFuture<>();
    private int lastId;

    private record Answer(int errno, String text) {}

    /** Writes what belongs to a command. */
    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    private PushProcess(Process process, PushedCalls pushed) {
        this.process = process;
        this.pushed = pushed;
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    }

    /**
     * Starts a helper for the mount; it gets ready while we go on.
     *
     * @param memory of a kept mount, as another process can open it
     */
    static PushProcess start(Path mountpoint, @Nullable Path memory, PushedCalls pushed) {
        List<String> command = command(mountpoint);
        if (memory != null) {
            command.add(memory.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(new File("/")); // never inside the mount
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        try {
            PushProcess started = new PushProcess(builder.start(), pushed);
            Thread reader = new Thread(started::read, "dogear-helper-answers");
            reader.setDaemon(true);
            reader.start();
            return started;
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "the helper process does not start", e);
        }
    }

    private static List<String> command(Path mountpoint) {
        List<String> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            classPath.add(Path.of(entry).toAbsolutePath().toString());
        }
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        // The archive of the daemon's classes has the helper's; ignored without a word when it does not fit.
        Path archive = Path.of(classPath.get(0)).resolveSibling(ARCHIVE);
        if (Files.exists(archive)) {
            words.addAll(List.of("-Xlog:disable", "-XX:SharedArchiveFile=" + archive));
        }
        words.addAll(List.of(
                "-XX:+IgnoreUnrecognizedVMOptions", // for the two flags that only newer JDKs know and want
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx48m",
                "-cp",
                String.join(File.pathSeparator, classPath),
                Pusher.class.getName(),
                mountpoint.toString()));
        return words;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /**
     * Sends a command and waits for its answer.
     *
     * @param what for the error's text
     */
    void call(byte command, Body body, Duration atMost, String what) {
        await(hello, START, "the helper process did not start");
        CompletableFuture<Answer> coming = new CompletableFuture<>();
        send(command, body, coming, what);
        Answer answer = await(coming, atMost, what);
        if (answer.errno() != 0) {
            String why = answer.text().isEmpty() ? "errno " + answer.errno() : answer.text();
            throw new StoreException(PushWire.kindOf(answer.errno()), what + ": " + why);
        }
    }

    /** Tells it to end; by its own will if it can. */
    void end() {
        pushed.set(new int[0], new int[0]);
        try {
            out.close();
        } catch (IOException e) {
            process.destroyForcibly(); // it cannot hear
        }
    }

    /** Ends it without a word, and without waiting: it may hang in the mount. */
    void kill() {
        pushed.set(new int[0], new int[0]);
        process.destroyForcibly();
    }

    private synchronized void send(byte command, Body body, CompletableFuture<Answer> coming, String what) {
        int id = ++lastId;
        waiting.put(id, coming);
        try {
            out.writeInt(id);
            out.writeByte(command);
            body.write(out);
            out.flush();
        } catch (IOException e) {
            waiting.remove(id);
            throw new StoreException(Kind.IO, what + ": the helper process is gone", e);
        }
    }

    private static Answer await(CompletableFuture<Answer> coming, Duration atMost, String what) {
        try {
            return coming.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.IO, what + ": interrupted", e);
        } catch (ExecutionException e) {
            throw new StoreException(Kind.IO, what + ": the helper process is gone", e);
        } catch (TimeoutException e) {
            throw new StoreException(Kind.IO, what + ": no answer within " + atMost.toSeconds() + " s", e);
        }
    }

    private void read() {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            in.readInt();
            Answer ready = new Answer(in.readInt(), in.readUTF());
            pushed.set(readThreads(in), readThreads(in));
            if (ready.errno() != 0) {
                throw new IOException("the helper cannot open the mount: errno " + ready.errno());
            }
            hello.complete(ready);
            while (true) {
                CompletableFuture<Answer> coming = waiting.remove(in.readInt());
                Answer answer = new Answer(in.readInt(), in.readUTF());
                if (coming != null) {
                    coming.complete(answer);
                }
            }
        } catch (IOException e) {
            hello.completeExceptionally(e);
            waiting.values().forEach(coming -> coming.completeExceptionally(e));
        }
    }

    private static int[] readThreads(DataInputStream in) throws IOException {
        int[] threads = new int[in.readInt()];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = in.readInt();
        }
        return threads;
    }
}
