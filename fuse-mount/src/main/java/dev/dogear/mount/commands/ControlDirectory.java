package dev.dogear.mount.commands;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory {@code .dogear/} of every bookmark. Who may read in the bookmark's root may read here, who may write there
 * may give commands: the modes say so, and the kernel checks them.
 */
public final class ControlDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(ControlDirectory.class);
    private static final int MOST_OPEN = 1_000;
    private static final int MOST_TEXT_BYTES = 64 << 10;
    private static final int THREADS = 16;
    private static final int ERRORS_MAX = 10_000;
    private static final int READ = 0444;
    private static final int WRITE = 0222;
    private static final int SEARCH = 0111;
    private static final int ACCESS_MODE = 03;

    private final Store store;
    private final ConcurrentHashMap<Long, Opened> handles = new ConcurrentHashMap<>();
    private final AtomicLong lastHandle = new AtomicLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "dogear-command");
        thread.setDaemon(true);
        return thread;
    });

    /** By bookmark number: why the last command failed. */
    private final Cache<Integer, String> errors =
            CacheBuilder.newBuilder().maximumSize(ERRORS_MAX).build();

    public ControlDirectory(Store store) {
        this.store = store;
    }

    /** Whether it is a bookmark that has that number, which changes that are looked at have not. */
    public boolean isThere(int bookmark) {
        return store.place(bookmark) != null;
    }

    /** What stat tells; the root is that of the bookmark. */
    public NodeAttributes attributes(CommandFile file, long inode, Attributes root) {
        boolean directory = file == CommandFile.DIRECTORY;
        int mode = root.mode() & (directory ? READ | SEARCH : file.isWritten() ? WRITE : READ);
        Attributes shown = new Attributes(mode, root.uid(), root.gid(), root.mtime(), root.ctime(), Xattrs.NONE);
        EntryType type = directory ? EntryType.DIRECTORY : EntryType.FILE;
        return new NodeAttributes(inode, type, shown, root.mtime(), directory ? 2 : 1, 0, 0, 0);
    }

    /**
     * Opens a file; completes with its handle when what is to be read of it is there, or with a {@link PosixException}.
     *
     * @param flags of open(2)
     */
    public CompletableFuture<Long> open(int bookmark, CommandFile file, int flags) {
        boolean writes = (flags & ACCESS_MODE) != 0;
        if (writes != file.isWritten() || file == CommandFile.DIRECTORY) {
            return CompletableFuture.failedFuture(
                    new PosixException(file == CommandFile.DIRECTORY ? Errno.EISDIR : Errno.EACCES));
        }
        if (handles.size() >= MOST_OPEN) {
            return CompletableFuture.failedFuture(new PosixException(Errno.EMFILE));
        }
        return soon(() -> {
            long handle = lastHandle.incrementAndGet();
            handles.put(handle, new Opened(writes ? new byte[0] : content(place(bookmark), file, error(bookmark))));
            return handle;
        });
    }

    private static byte[] content(Store.Place place, CommandFile file, String error) {
        return switch (file) {
            case STATUS -> Reports.bytes(Reports.status(place, error));
            case LOG -> Reports.bytes(Reports.log(place));
            case DIFF -> Reports.diff(place);
            case CONFLICTS -> Reports.bytes(Reports.conflicts(place));
            default -> Reports.bytes(error.isEmpty() ? "" : error + "\n");
        };
    }

    /** Of an open file. @throws PosixException ESTALE for one that an earlier daemon opened */
    public int read(long handle, long offset, ByteBuffer target) throws PosixException {
        Opened opened = handles.get(handle);
        if (opened == null) {
            throw new PosixException(Errno.ESTALE);
        }
        return opened.read(offset, target);
    }

    /**
     * Gives a command; completes when it is done, or with a {@link PosixException} whose reason is in {@code error}.
     *
     * @param uid who asks
     * @param pid the process, 0 if unknown
     */
    public CompletableFuture<Void> write(int bookmark, CommandFile file, long handle, byte[] text, int uid, int pid) {
        Opened opened = handles.getOrDefault(handle, new Opened(new byte[0]));
        return soon(() -> {
            try {
                if (text.length > MOST_TEXT_BYTES) {
                    throw new StoreException(Kind.INVALID, "A message has at most 64 KiB.");
                }
                Commands.run(file, place(bookmark), opened, text, name(uid, pid));
                opened.setDone();
                errors.invalidate(bookmark);
                return null;
            } catch (StoreException e) {
                opened.drop();
                errors.put(bookmark, oneLine(e));
                throw e;
            }
        });
    }

    /** The file is closed. */
    public void release(long handle) {
        handles.remove(handle);
    }

    private <T> CompletableFuture<T> soon(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, threads).handle((result, failure) -> {
            if (failure != null) {
                Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                throw new CompletionException(cause instanceof StoreException e ? refused(e) : cause);
            }
            return result;
        });
    }

    private Store.Place place(int bookmark) {
        Store.Place place = store.place(bookmark);
        if (place == null) {
            throw new StoreException(Kind.NOT_FOUND, "The bookmark of this directory is gone");
        }
        return place;
    }

    private String error(int bookmark) {
        String error = errors.getIfPresent(bookmark);
        return error == null ? "" : error;
    }

    private static String oneLine(StoreException e) {
        return String.valueOf(e.getMessage()).replace('\n', ' ');
    }

    private static PosixException refused(StoreException e) {
        Errno errno = errno(e);
        if (errno == Errno.EIO) {
            LOG.error("a command failed: {}", e.getMessage(), e);
        }
        return new PosixException(errno);
    }

    /** What a program can make of the refusal; the words for people are in {@code error}. */
    private static Errno errno(StoreException e) {
        return switch (e.kind()) {
            case NOT_FOUND -> Errno.ENOENT;
            case ALREADY_EXISTS -> Errno.EEXIST;
            case INVALID -> Errno.EINVAL;
            case STALE -> Errno.ENODATA;
            case LIMIT -> Errno.EDQUOT;
            case FORBIDDEN, NOT_APPROVED -> Errno.EPERM;
            case READ_ONLY -> Errno.EROFS;
            case NO_SPACE -> Errno.ENOSPC;
            case IN_USE, MERGE_CONFLICT -> Errno.EBUSY;
            case CORRUPT, NEWER_FORMAT, IO -> Errno.EIO;
        };
    }

    /** The user's name, where the process that asks still runs and is that user's. */
    private static String name(int uid, int pid) {
        Path process = Path.of("/proc", Integer.toString(pid));
        try {
            if (pid > 0 && Files.getAttribute(process, "unix:uid").equals(uid)) {
                return Files.getOwner(process).getName();
            }
        } catch (IOException | UnsupportedOperationException e) {
            // it has ended, or is of another namespace
        }
        return "uid" + Integer.toUnsignedString(uid);
    }
}
