package dev.dogear.mount.vfs;

import dev.dogear.mount.handover.HandOver;
import dev.dogear.mount.handover.Inherited;
import dev.dogear.mount.handover.NodeLog;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.WorkspaceContext;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel knows of the store, kept where it survives this daemon, and what it knew from daemons before. Without a keeper
 * nothing is kept.
 */
public final class Remembered implements WorkspaceContext.Succession {
    /** Handles of one daemon; those of the next begin behind them. */
    private static final int HANDLE_BITS = 40;

    private final @Nullable NodeLog log;
    private final long firstHandle;
    private final Set<Long> asked;
    private final Set<Long> executed = ConcurrentHashMap.newKeySet();

    private Remembered(@Nullable NodeLog log, int epoch, Set<Long> asked) {
        this.log = log;
        this.firstHandle = (long) epoch << HANDLE_BITS;
        this.asked = asked;
    }

    /** A mount that ends with its daemon. */
    public static Remembered nothing() {
        return new Remembered(null, 0, Set.of());
    }

    /** @param asked the keys of requests whose answers may not have been sent */
    public static Remembered of(HandOver handOver, Set<Long> asked) {
        return new Remembered(handOver.nodes(), handOver.epoch(), Set.copyOf(asked));
    }

    @Override
    public void placed(Node node, int directory, byte[] name) {
        if (log != null) {
            int generation = node instanceof DirectoryNode known ? known.generation() : 0;
            long above = NodeIds.of(node.workspace().number(), directory);
            log.placed(NodeIds.of(node), generation, above, name);
        }
    }

    @Override
    public void unnamed(Node node) {
        if (log != null && node != node.workspace().root()) {
            log.unnamed(NodeIds.of(node), node instanceof DirectoryNode);
        }
    }

    @Override
    public void gone(Node node) {
        if (log != null) {
            log.gone(NodeIds.of(node));
        }
    }

    @Override
    public boolean holds(Node node) {
        return log != null && log.inherited().holds(NodeIds.of(node));
    }

    @Override
    public void executed(long key) {
        if (asked.contains(key)) {
            executed.add(key);
        }
    }

    /** Whether a journal that was replayed has that request's record. */
    boolean wasExecuted(long key) {
        return executed.contains(key);
    }

    /** A node that is not in memory is forgotten by the kernel. */
    void goneUnseen(long node) {
        if (log != null && log.inherited().holds(node)) {
            log.gone(node);
        }
    }

    /** Where a node was when an earlier daemon died, or null. */
    Inherited.@Nullable Place place(long node) {
        return log == null ? null : log.inherited().place(node);
    }

    byte @Nullable [] level(long id) {
        return log == null ? null : log.inherited().level(id);
    }

    void noteLevel(long id, byte[] path) {
        if (log != null) {
            log.level(id, path);
        }
    }

    void noteOpened(long handle, long node) {
        if (log != null) {
            log.opened(handle, node);
        }
    }

    void noteClosed(long handle) {
        if (log != null) {
            log.closed(handle);
        }
    }

    /** No daemon before gave a handle as high. */
    long firstHandle() {
        return firstHandle;
    }

    /** Whether a handle of an earlier daemon is still open for writing. */
    boolean isOpen(long handle) {
        return log != null && log.inherited().isOpen(handle);
    }

    List<Inherited.Opened> opened() {
        return log == null ? List.of() : log.inherited().opened();
    }

    /** What the kernel knows from earlier daemons; null if nothing is kept. */
    @Nullable
    Inherited inherited() {
        return log == null ? null : log.inherited();
    }
}
