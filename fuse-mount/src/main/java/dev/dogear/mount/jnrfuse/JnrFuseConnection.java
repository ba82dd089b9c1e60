package dev.dogear.mount.jnrfuse;

import dev.dogear.mount.kernel.LibC;
import dev.dogear.mount.kernel.NativeMemory;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.measure.Latency;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.LibFuse;

/**
 * One mount through jnr-fuse. libfuse is set up, run and taken down by its parts rather than by jnr-fuse's {@code mount()}, which
 * takes two seconds of silence for success and has each call on a native thread that must first be made a Java thread.
 */
public final class JnrFuseConnection {
    private static final System.Logger LOG = System.getLogger(JnrFuseConnection.class.getName());
    private static final List<String> LIBRARIES = List.of("libfuse.so.2", "fuse");
    private static final int THREADS = 12;
    private static final long START_SECONDS = 10;

    /** Where things lie in the native memory: the results of fuse_setup, then the pointers of argv, then its texts. */
    private static final int MOUNTPOINT = 0;

    private static final int MULTITHREADED = 8;
    private static final int ARGUMENTS = 16;

    private final Library library;
    private final Operations operations;
    private final NativeMemory memory;
    private final Pointer fuse;
    private final AtomicInteger running = new AtomicInteger(THREADS);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** And what jnr-fuse does not bind of libfuse; the names are C's. */
    public interface Library extends LibFuse {
        /** Null if it did not mount; it has said why on standard error. */
        @Nullable
        Pointer fuse_setup(
                int argc, long argv, Pointer table, long size, long mountpoint, long multithreaded, long data);

        int fuse_loop(Pointer fuse);

        void fuse_teardown(Pointer fuse, long mountpoint);
    }

    private JnrFuseConnection(Library library, Operations operations, NativeMemory memory, Pointer fuse) {
        this.library = library;
        this.operations = operations;
        this.memory = memory;
        this.fuse = fuse;
    }

    /**
     * Mounts and begins to serve.
     *
     * @param options of the mount, as after {@code -o}
     * @throws StoreException IO if libfuse is not there or does not mount
     */
    public static JnrFuseConnection open(Path mountpoint, String options, FileSystemCalls calls, InstantSource clock) {
        Library library = load();
        Operations operations = new Operations(library, calls, clock);
        NativeMemory memory = arguments(List.of("dogear", mountpoint.toString(), "-f", "-o", options));
        Pointer fuse = library.fuse_setup(
                5,
                memory.address() + ARGUMENTS,
                operations.table().address(),
                operations.table().size(),
                memory.address() + MOUNTPOINT,
                memory.address() + MULTITHREADED,
                0);
        if (fuse == null) {
            throw new StoreException(
                    Kind.IO, "libfuse did not mount on " + mountpoint + "; its reason is on standard error");
        }
        JnrFuseConnection connection = new JnrFuseConnection(library, operations, memory, fuse);
        connection.start();
        return connection;
    }

    private static Library load() {
        Error last = new UnsatisfiedLinkError();
        for (String name : LIBRARIES) {
            try {
                return LibraryLoader.create(Library.class).failImmediately().load(name);
            } catch (UnsatisfiedLinkError e) {
                last = e;
            }
        }
        throw new StoreException(
                Kind.IO,
                "the transport jnr-fuse needs libfuse 2 (Debian's package libfuse2), which is not there",
                last);
    }

    private static NativeMemory arguments(List<String> texts) {
        int at = ARGUMENTS + (texts.size() + 1) * Long.BYTES;
        int size = at;
        for (String text : texts) {
            size += LibC.text(text).length;
        }
        NativeMemory memory = new NativeMemory(size);
        for (int i = 0; i < texts.size(); i++) {
            byte[] text = LibC.text(texts.get(i));
            memory.buffer().putLong(ARGUMENTS + i * Long.BYTES, memory.address() + at);
            memory.buffer().put(at, text);
            at += text.length;
        }
        return memory;
    }

    private void start() {
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(this::serve, "dogear-libfuse-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        try {
            CompletableFuture.anyOf(operations.started(), ended).get(START_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.IO, "interrupted while the mount was starting", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreException(Kind.IO, "the kernel did not begin to use the mount", e);
        }
    }

    /** Each thread takes requests until the mount is gone; the last one out frees what they share. */
    private void serve() {
        int result = library.fuse_loop(fuse);
        if (result < 0) {
            LOG.log(System.Logger.Level.ERROR, "libfuse's loop ended with {0}", result);
        }
        if (running.decrementAndGet() == 0) {
            library.fuse_teardown(fuse, memory.buffer().getLong(MOUNTPOINT));
            ended.complete(null);
        }
    }

    /** How long calls took, by the kernel's names of the requests. */
    public Map<String, Latency> requestLatencies() {
        return operations.latencies();
    }

    /** Calls so far, by the kernel's names of the requests. */
    public Map<String, Long> requestCounts() {
        return operations.counts();
    }

    /** Completes when the mount is gone, whoever unmounted it. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }
}
