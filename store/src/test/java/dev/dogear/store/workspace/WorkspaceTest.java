package dev.dogear.store.workspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.PathChange;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.Timestamp;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the model test does not reach: limits, files without a name, sparse files, what outlives its name. */
final class WorkspaceTest {
    private static final NewFile WHO = new NewFile(0644, 1000, 1000);
    private static final long GIB = 1L << 30;

    @TempDir
    Path directory;

    private Rig rig;

    @BeforeEach
    void open() {
        rig = new Rig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static void fails(Errno errno, Executable call) {
        assertEquals(errno, assertThrows(PosixException.class, call).errno());
    }

    private static AttributeChange size(long size) {
        return new AttributeChange(null, null, null, size, null, null, null);
    }

    private static AttributeChange owner(@Nullable Integer uid, @Nullable Integer gid) {
        return new AttributeChange(null, uid, gid, null, null, null, null);
    }

    private int mode(Node node) {
        return rig.workspace.attributes(node).attributes().mode();
    }

    @Test
    void inodeNumbersAreBookmarkAndFileId() throws Exception {
        FileNode file = rig.create("f");
        assertEquals(
                ((long) Rig.NUMBER << 32) + file.fileId(),
                rig.workspace.attributes(file).inode());
        assertSame(rig.root(), rig.workspace.parent(rig.root()));
        assertSame(file, rig.workspace.node(file.fileId()));
    }

    @Test
    void setIdBitsGoWithOwnerAndContent() throws Exception {
        FileNode file = rig.create("f");
        AttributeChange setIds = new AttributeChange(06755, null, null, null, null, null, null);
        rig.workspace.change(file, setIds);
        rig.workspace.change(file, owner(5, null));
        assertEquals(0755, mode(file));
        rig.workspace.change(file, setIds);
        rig.workspace.change(file, size(3));
        assertEquals(0755, mode(file));
        rig.workspace.change(file, setIds);
        rig.workspace.change(file, size(4), true);
        assertEquals(06755, mode(file));
        DirectoryNode below = rig.mkdir("d");
        rig.workspace.change(below, new AttributeChange(02755, null, 77, null, null, null, null));
        assertEquals(
                77, rig.workspace.attributes(rig.create("d/f")).attributes().gid());
        rig.workspace.change(below, owner(3, null));
        assertEquals(02755, mode(below));
    }

    @Test
    void aFileOfManyGibibytesIsItsDataAlone() throws Exception {
        FileNode file = rig.create("f");
        rig.write(file, 6 * GIB, "end");
        rig.write(file, 0, "start");
        assertSparse(rig.file("f"));
        rig.checkpoint();
        assertSparse(rig.file("f"));
        rig.reopen();
        assertSparse(rig.file("f"));
        fails(Errno.EISDIR, () -> rig.workspace.change(rig.root(), size(1)));
    }

    @Test
    void aFileMayBeAsLongAsTheKernelLetsIt() throws Exception {
        FileNode file = rig.create("f");
        rig.write(file, 1L << 62, "far");
        rig.workspace.change(file, size(Long.MAX_VALUE));
        fails(Errno.EFBIG, () -> rig.write(file, Long.MAX_VALUE, "x"));
        rig.checkpoint();
        rig.reopen();
        NodeAttributes attributes = rig.workspace.attributes(rig.file("f"));
        assertEquals(Long.MAX_VALUE, attributes.size());
        assertTrue(attributes.allocated() < 64 << 10);
        assertEquals(1L << 62, rig.workspace.seek(rig.file("f"), 4096, 3) & -4096);
    }

    private void assertSparse(FileNode file) throws PosixException {
        assertEquals(6 * GIB + 3, rig.workspace.attributes(file).size());
        assertTrue(rig.workspace.attributes(file).allocated() < 64 << 10);
        assertEquals(0, rig.workspace.seek(file, 0, 3));
        long hole = rig.workspace.seek(file, 0, 4);
        assertTrue(hole >= 5 && hole < GIB, "hole at " + hole);
        long data = rig.workspace.seek(file, hole, 3);
        assertTrue(data > 5 * GIB && data <= 6 * GIB, "data at " + data);
        assertEquals(6 * GIB + 3, rig.workspace.seek(file, 6 * GIB, 4));
        fails(Errno.ENXIO, () -> rig.workspace.seek(file, 6 * GIB + 3, 3));
        ByteBuffer tail = ByteBuffer.allocate(10);
        assertEquals(4, rig.workspace.read(file, 6 * GIB - 1, tail));
        assertArrayEquals("\0end".getBytes(UTF_8), java.util.Arrays.copyOf(tail.array(), 4));
    }

    @Test
    void allocateKnowsWhatExt4Knows() throws Exception {
        FileNode file = rig.create("f");
        rig.write(file, 0, "abcdef");
        rig.workspace.allocate(file, 0, 0, 10);
        assertEquals("abcdef\0\0\0\0", rig.read(file));
        rig.workspace.allocate(file, 1, 0, 100);
        assertEquals(10, rig.workspace.attributes(file).size());
        rig.workspace.allocate(file, 3, 1, 2);
        rig.workspace.allocate(file, 16, 5, 7);
        assertEquals("a\0\0de\0\0\0\0\0\0\0", rig.read(file));
        fails(Errno.EOPNOTSUPP, () -> rig.workspace.allocate(file, 8, 0, 4096));
        fails(Errno.EOPNOTSUPP, () -> rig.workspace.allocate(file, 2, 0, 4096));
        fails(Errno.EINVAL, () -> rig.workspace.allocate(file, 0, 0, 0));
    }

    @Test
    void extendedAttributesHaveTheirLimits() throws Exception {
        FileNode file = rig.create("f");
        rig.workspace.setXattr(file, "user.a", new byte[] {1}, 1, EditLog.Cause.NONE);
        fails(Errno.EEXIST, () -> rig.workspace.setXattr(file, "user.a", new byte[0], 1, EditLog.Cause.NONE));
        fails(Errno.ENODATA, () -> rig.workspace.setXattr(file, "user.b", new byte[0], 2, EditLog.Cause.NONE));
        fails(Errno.ENODATA, () -> rig.workspace.removeXattr(file, "user.b", EditLog.Cause.NONE));
        fails(Errno.E2BIG, () -> rig.workspace.setXattr(file, "user.b", new byte[65_537], 0, EditLog.Cause.NONE));
        fails(
                Errno.ERANGE,
                () -> rig.workspace.setXattr(file, "user." + "b".repeat(251), new byte[0], 0, EditLog.Cause.NONE));
        rig.workspace.setXattr(file, "user.big", new byte[65_536], 0, EditLog.Cause.NONE);
        fails(Errno.ENOSPC, () -> rig.workspace.setXattr(file, "user.big2", new byte[65_536], 0, EditLog.Cause.NONE));
        rig.workspace.setXattr(rig.root(), "user.root", new byte[] {9}, 0, EditLog.Cause.NONE);
        rig.checkpoint();
        rig.reopen();
        assertEquals(
                65_536,
                Objects.requireNonNull(rig.workspace
                                .attributes(rig.file("f"))
                                .attributes()
                                .xattrs()
                                .get("user.big"))
                        .length);
        assertNotNull(rig.root().attributes().xattrs().get("user.root"));
    }

    @Test
    void specialFilesKeepWhatTheyAre() throws Exception {
        rig.workspace.createSpecial(rig.root(), Name.of("fifo"), WHO, EntryType.FIFO.modeBits(), 0);
        rig.workspace.createSpecial(rig.root(), Name.of("dev"), WHO, EntryType.CHARACTER_DEVICE.modeBits(), 259);
        rig.workspace.createSymlink(rig.root(), Name.of("link"), "to".getBytes(UTF_8), WHO);
        fails(Errno.ENOENT, () -> rig.workspace.createSymlink(rig.root(), Name.of("l"), new byte[0], WHO));
        fails(Errno.ENAMETOOLONG, () -> rig.workspace.createSymlink(rig.root(), Name.of("l"), new byte[4096], WHO));
        rig.checkpoint();
        rig.reopen();
        assertEquals(259, rig.workspace.attributes(rig.at("dev")).device());
        assertArrayEquals("to".getBytes(UTF_8), rig.workspace.readLink(rig.at("link")));
        fails(Errno.EINVAL, () -> rig.workspace.readLink(rig.at("fifo")));
    }

    @Test
    void anOpenUnlinkedFileOutlivesCheckpointsAndItsBytesTheJournal() throws Exception {
        FileNode file = rig.create("f");
        rig.workspace.opened(file, true);
        rig.write(file, 0, "kept");
        long written = rig.journal().tail();
        rig.workspace.unlink(rig.root(), Name.of("f"), EditLog.Cause.NONE);
        assertEquals(0, rig.workspace.attributes(file).links());
        rig.checkpoint();
        assertTrue(rig.workspace.oldestNeeded() < written);
        rig.write(file, 4, "!");
        assertEquals("kept!", rig.read(file));
        assertEquals(List.of(file), rig.workspace.writableFiles());
        fails(Errno.ENOENT, () -> rig.workspace.link(file, rig.root(), Name.of("again")));
        rig.workspace.closed(file, true);
        assertNull(rig.workspace.node(file.fileId()));
        long needed = rig.workspace.oldestNeeded();
        assertEquals(rig.journal().tail(), needed, "a clean workspace needs nothing");
        assertEquals(List.of(), rig.workspace.writableFiles());
    }

    @Test
    void aFileMadeWithoutANameGetsOneAfterACheckpoint() throws Exception {
        FileNode file = rig.workspace.createUnnamed(rig.root(), WHO);
        rig.workspace.opened(file, true);
        rig.write(file, 0, "before");
        rig.checkpoint();
        rig.write(file, 6, " after");
        rig.workspace.link(file, rig.root(), Name.of("f"));
        int fileId = file.fileId();
        rig.reopen();
        assertEquals("before after", rig.read(rig.file("f")));
        assertEquals(fileId, rig.file("f").fileId());
        rig.checkpoint();
        assertEquals("before after", rig.read(rig.file("f")));
    }

    @Test
    void theJournalMayLackTheBeginningOfAFileWithoutANameThatEnded() throws Exception {
        rig.create("settled");
        rig.checkpoint();
        FileNode file = rig.workspace.createUnnamed(rig.root(), WHO);
        rig.workspace.retain(file);
        FileNode other = rig.workspace.createUnnamed(rig.root(), WHO);
        rig.workspace.retain(other);
        long begin = rig.journal().head();
        // Beyond the first segment, so that the record that made the file can go while later ones of it stay.
        for (int i = 0; i < 40; i++) {
            rig.write(file, 0, "x".repeat(32_000));
        }
        rig.workspace.allocate(file, 0, 0, 100_000);
        rig.workspace.copyRange(file, 0, other, 0, 100);
        rig.workspace.release(file, 1);
        rig.workspace.release(other, 1);
        long needed = rig.workspace.oldestNeeded();
        rig.write(rig.create("later"), 0, "after");
        rig.journal().recycle(needed);
        assertTrue(rig.journal().head() > begin, "nothing was recycled");
        rig.reopen();
        assertEquals(List.of("later", "settled"), rig.names(rig.root()));
        assertEquals("after", rig.read(rig.file("later")));
    }

    @Test
    void allocatingSetsTheTimesWhateverItComesTo() throws Exception {
        FileNode file = rig.create("f");
        rig.write(file, 0, "abc");
        for (int mode : new int[] {1, 3, 17, 0}) {
            rig.tick();
            rig.workspace.allocate(file, mode, mode == 0 ? 0 : 100, 2);
            assertEquals(rig.time(), rig.workspace.attributes(file).attributes().mtime(), "mode " + mode);
            assertEquals("abc", rig.read(file));
        }
    }

    @Test
    void nothingIsMadeInARemovedDirectory() throws Exception {
        DirectoryNode gone = rig.mkdir("d");
        rig.workspace.retain(gone);
        rig.workspace.removeDirectory(rig.root(), Name.of("d"), EditLog.Cause.NONE);
        fails(Errno.ENOENT, () -> rig.workspace.createFile(gone, Name.of("x"), WHO));
        assertEquals(0, rig.workspace.attributes(gone).links());
        assertEquals(List.of(), rig.names(gone));
        rig.workspace.release(gone, 1);
        assertNull(rig.workspace.node(gone.fileId()));
    }

    @Test
    void whatTheKernelHoldsStaysOneNodeOverASwitch() throws Exception {
        FileNode file = rig.create("f");
        DirectoryNode above = rig.mkdir("d");
        FileNode below = rig.create("d/g");
        List.of(file, above, below).forEach(rig.workspace::retain);
        rig.write(file, 0, "one");
        Root one = rig.checkpoint();
        rig.write(file, 0, "two, longer");
        rig.workspace.rename(rig.root(), Name.of("d"), rig.root(), Name.of("e"), 0);
        rig.workspace.unlink(rig.directory("e"), Name.of("g"), EditLog.Cause.NONE);
        Root two = rig.checkpoint();
        List<Viewer.Stale> stale = rig.switchTo(one);
        assertSame(file, rig.at("f"));
        assertSame(below, rig.at("d/g"));
        assertEquals("one", rig.read(file));
        assertTrue(stale.contains(new Viewer.Stale.Inode(file, true, true)));
        assertTrue(stale.contains(new Viewer.Stale.Entry(rig.root(), Name.of("d"))));
        assertTrue(stale.contains(new Viewer.Stale.Entry(rig.root(), Name.of("e"))));
        assertTrue(stale.contains(new Viewer.Stale.Entry(above, Name.of("g"))));
        rig.switchTo(two);
        assertEquals("two, longer", rig.read(file));
        assertEquals(0, rig.workspace.attributes(below).links());
        assertEquals(List.of(), rig.switchTo(two));
    }

    @Test
    void editsAreToldByPathWithoutBeingStored() throws Exception {
        rig.mkdir("d");
        rig.write(rig.create("d/f"), 0, "text");
        rig.create("gone");
        rig.checkpoint();
        int objects = rig.objects.size();
        rig.write(rig.file("d/f"), 4, "more");
        rig.workspace.rename(rig.directory("d"), Name.of("f"), rig.root(), Name.of("moved"), 0);
        rig.workspace.unlink(rig.root(), Name.of("gone"), EditLog.Cause.NONE);
        rig.create("new");
        List<String> told = rig.workspace.edits().stream()
                .map(change -> change.status() + " " + change.path())
                .sorted()
                .toList();
        assertEquals(List.of("ADDED new", "DELETED gone", "RENAMED moved"), told);
        PathChange moved = rig.workspace.edits().stream()
                .filter(change -> change.path().toString().equals("moved"))
                .findFirst()
                .orElseThrow();
        assertEquals(8, Objects.requireNonNull(moved.after()).size());
        assertNull(Objects.requireNonNull(moved.after()).content());
        assertEquals(objects, rig.objects.size());
        assertTrue(rig.workspace.editCount() >= 3);
    }

    @Test
    void whatAFailedCheckpointHeldIsStillEdited() throws Exception {
        FileNode file = rig.create("f");
        rig.write(file, 0, "one");
        Frozen lost = rig.workspace.freeze();
        rig.write(file, 1, "TWO");
        lost.store(rig.objects);
        rig.reopen();
        assertEquals("oTWO", rig.read(rig.file("f")));
        rig.checkpoint();
        assertEquals("oTWO", rig.read(rig.file("f")));
        assertEquals(0, rig.workspace.editCount());
        assertTrue(rig.workspace.freeze().isEmpty());
    }

    @Test
    void aPreparedFileThatWasNotEditedIsFoundAgainByTheNextFreeze() throws Exception {
        FileNode file = rig.create("f");
        rig.workspace.retain(file);
        rig.checkpoint();
        Frozen frozen = rig.workspace.freeze();
        fails(Errno.ENODATA, () -> rig.workspace.removeXattr(file, "user.none", EditLog.Cause.NONE));
        rig.settle(frozen);
        rig.write(file, 0, "seen");
        Root root = rig.checkpoint();
        Workspace other = rig.over(root);
        assertEquals("seen", new String(Rig.bytes(other, (FileNode) other.lookup(other.root(), Name.of("f"))), UTF_8));
    }

    @Test
    void timesAreKeptAsTheKernelGivesThem() throws Exception {
        FileNode file = rig.create("f");
        Timestamp atime = new Timestamp(-5, 999_999_999);
        Timestamp mtime = new Timestamp(1L << 33, 1);
        rig.workspace.change(file, new AttributeChange(null, null, null, null, atime, mtime, null));
        rig.reopen();
        NodeAttributes is = rig.workspace.attributes(rig.at("f"));
        assertEquals(atime, is.atime());
        assertEquals(mtime, is.attributes().mtime());
    }

    @Test
    void fileIdsAreNeverHandedOutTwice() throws Exception {
        FileNode first = rig.create("f");
        rig.workspace.unlink(rig.root(), Name.of("f"), EditLog.Cause.NONE);
        rig.fileIds = new WorkspaceContext.FileIds(WorkspaceContext.FileIds.FIRST);
        rig.reopen();
        assertTrue(rig.create("f").fileId() > first.fileId());
    }

    @Test
    void listingGoesOnAfterACookieOverEditsAndStoredNames() throws Exception {
        for (int i = 0; i < 300; i++) {
            rig.create("f" + i);
        }
        rig.checkpoint();
        for (int i = 0; i < 300; i += 3) {
            rig.workspace.unlink(rig.root(), Name.of("f" + i), EditLog.Cause.NONE);
            rig.create("g" + i);
        }
        long[] next = {0};
        List<String> seen = new java.util.ArrayList<>();
        for (boolean more = true; more; ) {
            int before = seen.size();
            rig.workspace.list(rig.root(), next[0], (name, fileId, typeBits, cookie) -> {
                seen.add(name.toString());
                next[0] = cookie + 1;
                return seen.size() < before + 7;
            });
            more = seen.size() > before;
        }
        assertEquals(300, seen.size());
        assertEquals(seen.stream().sorted().toList(), rig.names(rig.root()));
        assertEquals(2, rig.workspace.attributes(rig.root()).links());
    }
}
