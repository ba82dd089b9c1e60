package dev.dogear.mount.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.mount.vfs.FileSystemCalls.Mode;
import dev.dogear.store.change.ChangeId;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.tree.Name;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.Gate;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Kernel requests against a real store, without a kernel. */
final class FileSystemCallsTest {
    private static final Caller USER = new Caller(1000, 100, 4321, true);
    private static final Caller HURRIED = new Caller(1000, 100, 4321, false);
    private static final int RDWR = 2;
    private static final int TRUNC = 01000;
    private static final int EXCL = 0200;

    @TempDir
    Path data;

    private Store store;
    private Repository repository;
    private FileSystemCalls calls;

    @BeforeEach
    void open() {
        store = Store.open(data, InstantSource.system());
        repository = store.createRepository("tools", "main", "test");
        calls = new FileSystemCalls(store, 3, Remembered.nothing());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void levelsLeadToBookmarks() throws PosixException {
        repository.createBookmark("session/42", head(), "test");
        long tools = look(FileSystemCalls.ROOT, "tools").node();
        long session = look(tools, "session").node();
        Entry bookmark = look(session, "42");
        assertTrue(FileSystemCalls.isLevel(tools) && FileSystemCalls.isLevel(session));
        assertFalse(FileSystemCalls.isLevel(bookmark.node()));
        assertEquals((long) repository.bookmark("session/42").number() << 32 | 1, bookmark.node());
        assertEquals(bookmark.node(), bookmark.attributes().inode());
        assertEquals(session, look(bookmark.node(), "..").node());
        assertEquals(tools, look(session, "..").node());
        assertEquals(bookmark.node(), look(bookmark.node(), ".").node());
        assertEquals(List.of(".", "..", "main", "session"), names(tools));
        assertEquals(List.of(".", "..", "42"), names(session));
        assertEquals(List.of(".", "..", "tools"), names(FileSystemCalls.ROOT));
        for (String absent : List.of("other", "@nobody", "@", "\u00e4\u00f6")) {
            assertEquals(Errno.ENOENT, refused(() -> look(tools, absent)));
        }
        assertEquals(Errno.ENOENT, refused(() -> calls.lookup(USER, tools, new byte[] {(byte) 0xff})));
        assertEquals(Errno.ENAMETOOLONG, refused(() -> look(tools, "x".repeat(256))));
    }

    @Test
    void idsOfLevelsAreTheSameAfterARestart() throws PosixException {
        long before = look(FileSystemCalls.ROOT, "tools").node();
        assertEquals(
                before,
                new FileSystemCalls(store)
                        .lookup(USER, FileSystemCalls.ROOT, bytes("tools"))
                        .node());
    }

    @Test
    void nothingIsChangedInLevels() throws PosixException {
        long tools = look(FileSystemCalls.ROOT, "tools").node();
        long main = look(tools, "main").node();
        Entry file = create(main, "file").entry();
        assertEquals(0555, calls.getattr(USER, tools).attributes().mode());
        assertEquals(Errno.EPERM, refused(() -> calls.mkdir(USER, tools, bytes("new"), Mode.of(0755))));
        assertEquals(
                Errno.EPERM,
                refused(() -> calls.create(USER, FileSystemCalls.ROOT, bytes("new"), RDWR, Mode.of(0644))));
        assertEquals(Errno.EPERM, refused(() -> calls.rmdir(USER, tools, bytes("main"))));
        assertEquals(Errno.EPERM, refused(() -> calls.link(USER, file.node(), tools, bytes("new"))));
        assertEquals(Errno.EPERM, refused(() -> calls.rename(USER, main, bytes("file"), tools, bytes("file"), 0)));
        assertEquals(Errno.EPERM, refused(() -> calls.setxattr(USER, tools, "user.a", new byte[1], 0)));
    }

    @Test
    void bookmarksAreDevicesOfTheirOwn() throws PosixException {
        repository.createBookmark("other", head(), "test");
        long main = main();
        long other = look(look(FileSystemCalls.ROOT, "tools").node(), "other").node();
        Entry file = create(main, "file").entry();
        assertEquals(Errno.EXDEV, refused(() -> calls.link(USER, file.node(), other, bytes("file"))));
        assertEquals(Errno.EXDEV, refused(() -> calls.rename(USER, main, bytes("file"), other, bytes("file"), 0)));
        assertEquals(
                Errno.EXDEV,
                refused(() -> calls.copyFileRange(USER, new FileSystemCalls.CopyRange(file.node(), 0, other, 0, 1))));
    }

    @Test
    void filesAreWrittenAndReadBack() throws PosixException {
        FileSystemCalls.Created created = create(main(), "file");
        long node = created.entry().node();
        calls.write(USER, node, created.file().handle(), 3, buffer("abc"));
        ByteBuffer read = ByteBuffer.allocateDirect(10);
        assertEquals(6, calls.read(USER, node, created.file().handle(), 0, read));
        assertEquals(6, calls.getattr(USER, node).size());
        calls.fsync(USER, node).join();
        calls.release(node, created.file().handle());
        OpenFile again = calls.open(USER, node, RDWR | TRUNC);
        assertEquals(0, calls.getattr(USER, node).size());
        assertNotEquals(created.file().handle(), again.handle());
    }

    @Test
    void createOpensWhatIsThereUnlessToldNotTo() throws PosixException {
        FileSystemCalls.Created first = create(main(), "file");
        calls.write(USER, first.entry().node(), 0, 0, buffer("abc"));
        assertEquals(
                first.entry().node(),
                calls.create(USER, main(), bytes("file"), RDWR | TRUNC, Mode.of(0644))
                        .entry()
                        .node());
        assertEquals(0, calls.getattr(USER, first.entry().node()).size());
        assertEquals(
                Errno.EEXIST, refused(() -> calls.create(USER, main(), bytes("file"), RDWR | EXCL, Mode.of(0644))));
    }

    @Test
    void anUnlinkedFileLivesAsLongAsTheKernelKnowsIt() throws PosixException {
        FileSystemCalls.Created created = create(main(), "file");
        long node = created.entry().node();
        calls.write(USER, node, created.file().handle(), 0, buffer("abc"));
        calls.unlink(USER, main(), bytes("file"));
        assertEquals(0, calls.getattr(USER, node).links());
        assertEquals(3, calls.read(USER, node, created.file().handle(), 0, ByteBuffer.allocateDirect(10)));
        calls.release(node, created.file().handle());
        calls.forget(node, 1);
        assertEquals(Errno.ESTALE, refused(() -> calls.getattr(USER, node)));
    }

    @Test
    void openFilesAreLimited() throws PosixException {
        FileSystemCalls.Created first = create(main(), "a");
        create(main(), "b");
        create(main(), "c");
        assertEquals(Errno.EMFILE, refused(() -> create(main(), "d")));
        assertEquals(Errno.ENOENT, refused(() -> look(main(), "d")), "nothing is made without room to open it");
        calls.release(first.entry().node(), first.file().handle());
        assertEquals(Errno.EEXIST, refused(() -> calls.create(USER, main(), bytes("a"), RDWR | EXCL, Mode.of(0644))));
        create(main(), "d");
    }

    @Test
    void writableHandlesAreKnownToTheWorkspace() throws PosixException {
        Workspace workspace = repository.workspace("main");
        FileSystemCalls.Created created = create(main(), "file");
        assertEquals(1, workspace.writableFiles().size());
        calls.open(USER, created.entry().node(), 0);
        calls.release(created.entry().node(), created.file().handle());
        assertEquals(0, workspace.writableFiles().size());
    }

    @Test
    void aListingCountsALookUpOfEachEntry() throws PosixException {
        long main = main();
        for (String name : List.of("a", "b", "c", "d", "e")) {
            calls.mkdir(USER, main, bytes(name), Mode.of(0755));
        }
        CollectedReply reply = new CollectedReply(4);
        calls.readdir(USER, main, 0, true, reply);
        assertEquals(4, reply.shown.size());
        CollectedReply rest = new CollectedReply(100);
        calls.readdir(USER, main, reply.shown.get(3).cookie(), true, rest);
        assertEquals(3, rest.shown.size());
        for (CollectedReply.Shown shown : rest.shown) {
            assertEquals(shown.inode(), shown.node());
        }
    }

    @Test
    void aReaderDoesNotWaitForAClosedGate() throws Exception {
        long main = main();
        Workspace workspace = repository.workspace("main");
        Entry file = create(main, "file").entry();
        CountDownLatch closed = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread closer = new Thread(() -> hold(workspace.gate(), closed, done));
        closer.start();
        try {
            assertTrue(closed.await(10, TimeUnit.SECONDS));
            assertThrows(WouldWaitException.class, () -> calls.getattr(HURRIED, file.node()));
            calls.forget(file.node(), 1);
        } finally {
            done.countDown();
            closer.join();
        }
        assertNotNull(calls.getattr(HURRIED, file.node()));
    }

    @Test
    void attributesOfNamesAreKept() throws PosixException {
        Entry file = create(main(), "file").entry();
        calls.setxattr(USER, file.node(), "user.note", bytes("x"), 0);
        assertArrayEquals(bytes("x"), calls.getxattr(USER, file.node(), "user.note"));
        assertArrayEquals(bytes("user.note\0"), calls.listxattr(USER, file.node()));
        assertEquals(Errno.ENODATA, refused(() -> calls.getxattr(USER, file.node(), "security.capability")));
        calls.removexattr(USER, file.node(), "user.note");
        assertEquals(Errno.ENODATA, refused(() -> calls.getxattr(USER, file.node(), "user.note")));
    }

    @Test
    void figuresAreThoseOfTheDisk() throws PosixException {
        FileSystemCalls.Statistics figures = calls.statfs(USER, FileSystemCalls.ROOT);
        assertTrue(figures.blocks() > figures.blocksFree() && figures.blocksFree() >= figures.blocksAvailable());
    }

    @Test
    void unknownNodesAreStale() {
        assertEquals(Errno.ESTALE, refused(() -> calls.getattr(USER, 999L << 32 | 1)));
        assertEquals(Errno.ESTALE, refused(() -> calls.getattr(USER, 12345)));
    }

    private static void hold(Gate gate, CountDownLatch closed, CountDownLatch done) {
        gate.close();
        closed.countDown();
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            gate.open();
        }
    }

    private ChangeId head() {
        return repository.bookmark("main").change();
    }

    private long main() throws PosixException {
        return look(look(FileSystemCalls.ROOT, "tools").node(), "main").node();
    }

    private Entry look(long parent, String name) throws PosixException {
        return calls.lookup(USER, parent, bytes(name));
    }

    private FileSystemCalls.Created create(long parent, String name) throws PosixException {
        return calls.create(USER, parent, bytes(name), RDWR, Mode.of(0644));
    }

    /** Names in listing order, which is the order of cookies, sorted here. */
    private List<String> names(long directory) throws PosixException {
        CollectedReply reply = new CollectedReply(100);
        calls.readdir(USER, directory, 0, false, reply);
        String[] names = reply.names().toArray(String[]::new);
        for (int i = 3; i < names.length; i++) {
            assertTrue(Name.of(names[i - 1]).cookie() <= Name.of(names[i]).cookie());
        }
        Arrays.sort(names);
        return List.of(names);
    }

    private static Errno refused(Executable call) {
        return assertThrows(PosixException.class, call).errno();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer buffer(String text) {
        byte[] bytes = bytes(text);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length);
        direct.put(bytes).flip();
        return direct;
    }
}
