package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.mount.kernel.Connection;
import dev.dogear.mount.kernel.Notifier.Notice;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.Recall;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.workspace.FileNode;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.Viewer;
import dev.dogear.store.workspace.Workspace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what the kernel shows in step with the workspaces. Under writeback the kernel is the owner of a file's size and mtime, so
 * these two go through the mount, by the helper; all else is forgotten by notification.
 */
final class KernelViewer implements Viewer {
    private static final int ROOT_DIRECTORY = 1;
    private static final long SENT_WITHIN_SECONDS = 60;

    private final Connection connection;
    private final MountCalls calls;

    private final Recall recall;

    KernelViewer(Connection connection, MountCalls calls, Recall recall) {
        this.connection = connection;
        this.calls = calls;
        this.recall = recall;
    }

    @Override
    public void push(Workspace workspace) {
        // What follows tells the kernel of nodes in memory only.
        recall.await();
        long[] nodes = workspace.writableFiles().stream()
                .mapToLong(file -> id(workspace, file.fileId()))
                .toArray();
        if (nodes.length > 0) {
            calls.fsync(nodes);
        }
    }

    @Override
    public void forget(Workspace workspace, List<Stale> stale) {
        List<Notice> notices = new ArrayList<>();
        List<MountCalls.Fresh> files = new ArrayList<>();
        Set<FileNode> writable = new HashSet<>(workspace.writableFiles());
        for (Stale one : stale) {
            if (one instanceof Stale.Entry entry) {
                long directory = id(workspace, entry.directory().fileId());
                notices.add(Notice.name(directory, entry.name().toBytes()));
            } else if (one instanceof Stale.Inode inode) {
                long node = id(workspace, inode.node().fileId());
                if (inode.node() instanceof FileNode file) {
                    files.add(fresh(workspace, file, inode.sizeChanged(), writable.contains(file)));
                }
                notices.add(inode.content() ? Notice.content(node) : Notice.attributes(node));
            }
        }
        if (!files.isEmpty()) {
            calls.refresh(files);
        }
        send(notices);
    }

    @Override
    public void removed(Workspace workspace) {
        send(connection.shown().leadingTo(id(workspace, ROOT_DIRECTORY)));
    }

    @Override
    public void namesChanged(String repository, @Nullable String bookmark) {
        List<byte[]> path = new ArrayList<>();
        path.add(repository.getBytes(UTF_8));
        if (bookmark != null) {
            for (String part : bookmark.split("/", -1)) {
                path.add(part.getBytes(UTF_8));
            }
        }
        send(connection.shown().along(FileSystemCalls.ROOT, path));
    }

    private static MountCalls.Fresh fresh(Workspace workspace, FileNode node, boolean sizeChanged, boolean writable) {
        workspace.gate().enter();
        try {
            NodeAttributes now = workspace.attributes(node);
            long size = sizeChanged ? now.size() : PushWire.SAME_SIZE;
            return new MountCalls.Fresh(
                    id(workspace, node.fileId()), size, now.attributes().mtime(), writable);
        } finally {
            workspace.gate().leave();
        }
    }

    private void send(List<Notice> notices) {
        if (notices.isEmpty()) {
            return;
        }
        try {
            connection.notifier().send(notices).get(SENT_WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Kind.IO, "interrupted while the kernel was told of the change", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreException(Kind.IO, "the kernel could not be told of the change", e);
        }
    }

    private static long id(Workspace workspace, int fileId) {
        return (long) workspace.number() << 32 | Integer.toUnsignedLong(fileId);
    }
}
