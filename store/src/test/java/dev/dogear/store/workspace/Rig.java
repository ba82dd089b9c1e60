package dev.dogear.store.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dogear.store.journal.Flusher;
import dev.dogear.store.journal.Journal;
import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.LinkTable;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Roots;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/** One workspace over a real journal and objects in memory, with a clock that tests set; can be closed and opened again. */
final class Rig implements AutoCloseable {
    static final int NUMBER = 7;
    static final byte[] REPOSITORY = new byte[16];

    final MemoryObjectTable objects = new MemoryObjectTable();
    private final Path directory;
    private final Flusher flusher = new Flusher();
    private Journal journal;
    private final AtomicLong now = new AtomicLong(1_000);
    WorkspaceContext.FileIds fileIds = new WorkspaceContext.FileIds(WorkspaceContext.FileIds.FIRST);
    Workspace workspace;
    Workspace.Saved saved;

    Rig(Path directory) {
        this.directory = directory;
        this.journal = Journal.open(directory, REPOSITORY, flusher);
        this.saved = new Workspace.Saved(NUMBER, Roots.EMPTY, journal.tail());
        this.workspace = new Workspace(context(), NUMBER, saved.root(), saved.cut());
    }

    WorkspaceContext context() {
        return new WorkspaceContext(objects, journal, fileIds, () -> Instant.ofEpochSecond(now.get()));
    }

    void tick() {
        now.incrementAndGet();
    }

    Timestamp time() {
        return new Timestamp(now.get(), 0);
    }

    Journal journal() {
        return journal;
    }

    /** As after a crash: what is in memory is lost. */
    void reopen() {
        journal.close();
        journal = Journal.open(directory, REPOSITORY, flusher);
        long ids = fileIds.first();
        fileIds = new WorkspaceContext.FileIds(WorkspaceContext.FileIds.FIRST);
        workspace = replayed(saved);
        fileIds.seen((int) (ids - 1));
    }

    private Workspace replayed(Workspace.Saved from) {
        Workspace opened = new Workspace(context(), NUMBER, from.root(), from.cut());
        EditLog.Replay replay =
                new EditLog.Replay(opened.context(), number -> number == opened.number() ? opened : null);
        journal.replay(journal.head(), replay);
        replay.end();
        return opened;
    }

    Root checkpoint() {
        Frozen frozen = workspace.freeze();
        return settle(frozen);
    }

    Root settle(Frozen frozen) {
        Root root = frozen.store(objects);
        saved = Workspace.Saved.decode(
                Workspace.Saved.key(NUMBER),
                Objects.requireNonNull(new Workspace.Saved(workspace.number(), root, frozen.cut())
                        .row()
                        .value()));
        workspace.settle(frozen, root);
        return root;
    }

    List<Viewer.Stale> switchTo(Root root) {
        workspace.gate().close();
        try {
            Frozen frozen = workspace.freeze();
            saved = new Workspace.Saved(workspace.number(), root, frozen.cut());
            return workspace.switchTo(root);
        } finally {
            workspace.gate().open();
        }
    }

    /** Another workspace that shows a stored root. */
    Workspace over(Root root) {
        return new Workspace(context(), NUMBER + 1, root, journal.tail());
    }

    DirectoryNode root() {
        return workspace.root();
    }

    Node at(String path) {
        return Objects.requireNonNull(workspace.find(TreePath.parse(path)), path);
    }

    DirectoryNode directory(String path) {
        return (DirectoryNode) at(path);
    }

    FileNode file(String path) {
        return (FileNode) at(path);
    }

    FileNode create(String path) throws PosixException {
        TreePath at = TreePath.parse(path);
        return workspace.createFile(directory(at.parent().toString()), at.name(), new NewFile(0644, 1000, 1000));
    }

    DirectoryNode mkdir(String path) throws PosixException {
        TreePath at = TreePath.parse(path);
        return workspace.createDirectory(directory(at.parent().toString()), at.name(), new NewFile(0755, 1000, 1000));
    }

    void write(FileNode file, long offset, String text) throws PosixException {
        workspace.write(file, offset, ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    String read(FileNode file) {
        return new String(bytes(workspace, file), UTF_8);
    }

    static byte[] bytes(Workspace workspace, FileNode file) {
        try {
            ByteBuffer all =
                    ByteBuffer.allocate((int) workspace.attributes(file).size());
            while (all.hasRemaining() && workspace.read(file, all.position(), all) > 0) {
                // Until the end.
            }
            return all.array();
        } catch (PosixException e) {
            throw new AssertionError(e);
        }
    }

    List<String> names(DirectoryNode directory) throws PosixException {
        List<String> found = new ArrayList<>();
        workspace.list(directory, 0, (name, fileId, typeBits, cookie) -> found.add(name.toString()));
        found.sort(null);
        return found;
    }

    /** Every path with all there is to tell of it. */
    static Map<String, String> dump(Workspace workspace) {
        Map<String, String> all = new TreeMap<>();
        dump(workspace, workspace.root(), "", all);
        return all;
    }

    private static void dump(Workspace workspace, Node node, String path, Map<String, String> all) {
        NodeAttributes is = workspace.attributes(node);
        String content = "";
        if (node instanceof FileNode file) {
            content = new String(bytes(workspace, file), UTF_8);
        } else if (node instanceof OtherNode other) {
            content = new String(other.payload(), UTF_8);
        }
        all.put(path, Model.describe(node.fileId(), is.type(), is.attributes(), is.links(), content));
        if (node instanceof DirectoryNode directory) {
            Map<Name, Integer> names = new TreeMap<>();
            try {
                workspace.list(directory, 0, (name, fileId, typeBits, cookie) -> {
                    if (names.put(name, fileId) != null) {
                        throw new AssertionError("listed twice: " + name);
                    }
                    return true;
                });
                for (Map.Entry<Name, Integer> each : names.entrySet()) {
                    Node child = workspace.lookup(directory, each.getKey());
                    if (child.fileId() != each.getValue()) {
                        throw new AssertionError("listed with another file id: " + path + "/" + each.getKey());
                    }
                    dump(workspace, child, path + "/" + each.getKey(), all);
                }
            } catch (PosixException e) {
                throw new AssertionError(path, e);
            }
        }
    }

    /** The names of files with several: as the directories of a stored root have them, and as its link table has them. */
    void requireLinks(Root root) {
        Map<Integer, Set<TreePath>> named = new TreeMap<>();
        linked(root.directory(), TreePath.ROOT, named);
        Map<Integer, Set<TreePath>> recorded = new TreeMap<>();
        if (root.links() != null) {
            LinkTable.list(objects, root.links(), (fileId, file) -> {
                recorded.put(fileId, new TreeSet<>(file.paths()));
                return true;
            });
        }
        assertEquals(recorded, named, "names of files with several");
    }

    private void linked(TreeEntry directory, TreePath path, Map<Integer, Set<TreePath>> named) {
        Trees.list(objects, directory.content(), 0, (name, entry) -> {
            if (entry.type() == EntryType.LINKED) {
                named.computeIfAbsent(entry.fileId(), id -> new TreeSet<>()).add(path.child(name));
            } else if (entry.type() == EntryType.DIRECTORY) {
                linked(entry, path.child(name), named);
            }
            return true;
        });
    }

    @Override
    public void close() {
        journal.close();
        flusher.close();
    }
}
