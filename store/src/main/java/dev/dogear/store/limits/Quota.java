package dev.dogear.store.limits;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.config.Setting;
import dev.dogear.store.config.Settings;
import dev.dogear.store.lmdb.Tables;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Trees;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import dev.dogear.store.workspace.WorkspaceContext;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a repository's content takes, against what it may take: its stored objects, history among them, and the content that was
 * written and is not stored yet, as often as it was written. An edit costs an addition; what is stored is looked up four times
 * a second at most, so what a collection gave back counts soon.
 */
public final class Quota implements WorkspaceContext.Room {
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** No file is opened for writing, and so truncated, when less is left than this part, of at most so many bytes. */
    private static final int RESERVE_PART = 32;

    private static final long RESERVE_BYTES_MAX = 4L << 20;

    /** Of how many trees it is remembered how many names they have. */
    private static final int COUNTED_MAX = 1_000;

    private final Tables tables;
    private final Settings settings;
    private final Supplier<? extends Collection<Workspace>> workspaces;
    private final Cache<Root, Long> counted =
            CacheBuilder.newBuilder().maximumSize(COUNTED_MAX).build();
    private final AtomicLong added = new AtomicLong();
    private volatile Measured measured = new Measured(0, System.nanoTime() - FRESH_NANOS);

    /** @param nanoTime when it was so */
    private record Measured(long bytes, long nanoTime) {}

    /** @param workspaces those that are live */
    public Quota(Tables tables, Settings settings, Supplier<? extends Collection<Workspace>> workspaces) {
        this.tables = tables;
        this.settings = settings;
        this.workspaces = workspaces;
    }

    @Override
    public long mostBytes() {
        return settings.now().number(Setting.BYTES);
    }

    /** Bytes of content, stored and to be stored. */
    @Override
    public long usedBytes() {
        Measured known = measured;
        if (System.nanoTime() - known.nanoTime() < FRESH_NANOS) {
            return known.bytes() + added.get();
        }
        added.set(0);
        long bytes = tables.contentBytes();
        for (Workspace workspace : workspaces.get()) {
            bytes += workspace.unstoredBytes();
        }
        measured = new Measured(bytes, System.nanoTime());
        return bytes;
    }

    @Override
    public void requireBytes(long more) throws PosixException {
        long most = mostBytes();
        if (most < Long.MAX_VALUE) {
            long wanted = more == 0 ? Math.min(most / RESERVE_PART, RESERVE_BYTES_MAX) : more;
            if (usedBytes() + wanted > most) {
                throw new PosixException(Errno.EDQUOT);
            }
            added.addAndGet(more);
        }
    }

    @Override
    public void requireName(LongSupplier shown) throws PosixException {
        long most = settings.now().number(Setting.FILES);
        if (most < Long.MAX_VALUE && shown.getAsLong() >= most) {
            throw new PosixException(Errno.EDQUOT);
        }
    }

    /**
     * Whether a bookmark may show that tree.
     *
     * @param before a tree that is not much different: if its names were counted, only what differs is
     * @throws StoreException LIMIT
     */
    public void requireNames(Root before, Root after) {
        long most = settings.now().number(Setting.FILES);
        if (most == Long.MAX_VALUE) {
            return;
        }
        Long known = counted.getIfPresent(before);
        long names = known == null
                ? Trees.names(tables.objects(), after.directory().content())
                : known + Trees.moreNames(tables.objects(), before, after);
        counted.put(after, names);
        if (names > most) {
            throw new StoreException(
                    Kind.LIMIT,
                    "A bookmark shows " + most + " files, directories and links at most (setting files), not " + names);
        }
    }

    @Override
    public void requireFileBytes(long before, long after) throws PosixException {
        if (after > before && after > settings.now().number(Setting.FILE_BYTES)) {
            throw new PosixException(Errno.EFBIG);
        }
    }

    /**
     * The same for content that comes as a whole.
     *
     * @throws StoreException LIMIT
     */
    public void require(long more) {
        try {
            requireBytes(more);
        } catch (PosixException e) {
            throw new StoreException(
                    Kind.LIMIT,
                    "The repository holds " + usedBytes() + " bytes and may hold "
                            + settings.now().text(Setting.BYTES)
                            + ": delete what is not needed, and give it back with dogear gc, or raise the setting bytes");
        }
    }

    /**
     * The same for a file that comes as a whole.
     *
     * @throws StoreException LIMIT
     */
    public void requireFile(String path, long bytes) {
        if (bytes > settings.now().number(Setting.FILE_BYTES)) {
            throw new StoreException(
                    Kind.LIMIT,
                    "A file may have " + settings.now().text(Setting.FILE_BYTES) + " bytes (setting file.bytes), not "
                            + bytes + ": " + path);
        }
    }
}
