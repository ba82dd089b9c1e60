package dev.dogear.store.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedSet;
import dev.dogear.store.StoreException;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Output;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Bytes of entries, nodes, roots and the table of linked files. The literal bytes here are the format: never edit them. */
final class CodecTest {
    private static final ObjectId ID =
            ObjectId.fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final Attributes ATTRIBUTES = new Attributes(
            0644, 1000, 1000, new Timestamp(1_700_000_000, 1), new Timestamp(1_700_000_005, 999_999_999), Xattrs.NONE);
    private static final ContentRef CHUNK = new ContentRef(ObjectKind.CHUNK, ID);

    private final ObjectTable table = new MemoryObjectTable();

    @Test
    void aFilesBytesAreFixed() {
        assertGolden(
                "11 07 a403 e807 e807 80c49fd50c 01 0a ff93ebdc03 05" + ID.toHex(),
                TreeEntry.file(7, ATTRIBUTES, 5, CHUNK));
    }

    @Test
    void aSymlinksBytesAreFixed() {
        assertGolden(
                "83 07 ff03 00 00 00 00 00 00 02 02 6162",
                TreeEntry.symlink(7, Attributes.NONE.withMode(0777), new byte[] {'a', 'b'}));
    }

    @Test
    void aLinkedEntryIsItsFileId() {
        assertGolden("08 ffffffff0f", TreeEntry.linked(-1));
    }

    @Test
    void extendedAttributesBytesAreFixed() {
        Xattrs xattrs = Xattrs.of(Map.of("user.a", new byte[] {9}));
        assertGolden(
                "42 07 00 00 00 00 00 00 00 00 01 06757365722e61 0109",
                TreeEntry.directory(7, Attributes.NONE.withXattrs(xattrs), 0, null));
    }

    @Test
    void everyTypeAndExtremeSurvives() {
        Attributes extreme = new Attributes(
                07777,
                -1,
                -2,
                new Timestamp(Long.MIN_VALUE, 999_999_999),
                new Timestamp(Long.MAX_VALUE, 0),
                Xattrs.of(Map.of("user.x", new byte[300], "trusted.ü", new byte[0])));
        List<TreeEntry> entries = List.of(
                TreeEntry.file(-5, extreme, Long.MAX_VALUE, new ContentRef(ObjectKind.FILE, ID)),
                TreeEntry.file(5, extreme, 0, null),
                TreeEntry.directory(6, extreme, 3, new ContentRef(ObjectKind.TREE, ID)),
                TreeEntry.special(7, EntryType.FIFO, extreme, new byte[0]),
                TreeEntry.special(8, EntryType.SOCKET, extreme, new byte[0]),
                TreeEntry.special(9, EntryType.CHARACTER_DEVICE, extreme, new byte[8]),
                TreeEntry.special(9, EntryType.BLOCK_DEVICE, extreme, new byte[] {0, 0, 0, 0, 0, 0, 8, 1}),
                TreeEntry.symlink(10, extreme, "a/b".getBytes(StandardCharsets.UTF_8)),
                TreeEntry.linked(11));
        for (TreeEntry entry : entries) {
            Output out = new Output(0);
            EntryCodec.write(out, entry);
            ByteBuffer in = out.buffer();
            assertEquals(entry, EntryCodec.read(in));
            assertEquals(0, in.remaining());
        }
    }

    @Test
    void aSmallDirectorysBytesAreFixed() {
        ContentRef tree = Objects.requireNonNull(
                Trees.edit(table, null, ImmutableSortedMap.of(Name.of("ab"), Optional.of(TreeEntry.linked(2)))));
        assertArrayEquals(hex("10 01 02 6162 02 0802"), table.read(tree.id(), ObjectKind.TREE, CodecTest::bytes));
    }

    @Test
    void aRootsBytesAreFixedAndCarryTheirEnd() {
        Root root = new Root(TreeEntry.directory(1, Attributes.NONE.withMode(0755), 0, null), ID, null);
        byte[] encoded = Roots.encode(root);
        assertArrayEquals(hex("11 02 01 ed03 00 00 00 00 00 00 00" + ID.toHex()), encoded);
        ByteBuffer row = ByteBuffer.allocate(encoded.length + 3);
        Roots.write(root, row);
        assertEquals(encoded.length, row.position());
        row.put((byte) 1).put((byte) 2).put((byte) 3).flip();
        assertEquals(root, Roots.read(row));
        assertEquals(3, row.remaining());
        assertEquals(Roots.EMPTY, Roots.read(ByteBuffer.wrap(Roots.encode(Roots.EMPTY))));
    }

    @Test
    void brokenBytesAreCorruptAndNewerOnesNewer() {
        StoreException cut = assertThrows(StoreException.class, () -> Roots.read(ByteBuffer.wrap(hex("11 02 01"))));
        assertEquals(StoreException.Kind.CORRUPT, cut.kind());
        StoreException newer = assertThrows(StoreException.class, () -> Roots.read(ByteBuffer.wrap(hex("21 02"))));
        assertEquals(StoreException.Kind.NEWER_FORMAT, newer.kind());
        ObjectId node = table.write(ObjectKind.TREE, ByteBuffer.wrap(hex("10 05 02 6162")));
        StoreException broken = assertThrows(
                StoreException.class, () -> Trees.find(table, new ContentRef(ObjectKind.TREE, node), Name.of("x")));
        assertEquals(StoreException.Kind.CORRUPT, broken.kind());
        assertThrows(StoreException.class, () -> LinkTable.find(table, node, 3));
    }

    @Test
    void theLinkTableKeepsRecordsByFileId() {
        Map<Integer, Optional<LinkedFile>> edits = new HashMap<>();
        for (int id = -500; id < 500; id++) {
            edits.put(id, Optional.of(linked(id)));
        }
        @Nullable ObjectId links = LinkTable.edit(table, null, edits);
        assertEquals(linked(-3), LinkTable.find(table, links, -3));
        assertNull(LinkTable.find(table, links, 501));
        List<Integer> ids = new ArrayList<>();
        LinkTable.list(table, links, (id, file) -> ids.add(id));
        assertEquals(1000, ids.size());
        assertEquals(0, ids.get(0));
        assertEquals(-1, ids.get(999));
        edits.keySet().removeIf(id -> id == 7);
        assertEquals(LinkTable.edit(table, null, edits), LinkTable.edit(table, links, Map.of(7, Optional.empty())));
        edits.replaceAll((id, file) -> Optional.empty());
        edits.put(7, Optional.empty());
        assertNull(LinkTable.edit(table, links, edits));
    }

    private static LinkedFile linked(int id) {
        return new LinkedFile(
                TreeEntry.file(id, ATTRIBUTES, 5, CHUNK),
                ImmutableSortedSet.of(TreePath.parse("a/b" + id), TreePath.parse("c" + id)));
    }

    private static void assertGolden(String bytes, TreeEntry entry) {
        Output out = new Output(0);
        EntryCodec.write(out, entry);
        assertArrayEquals(hex(bytes), out.toBytes(), HexFormat.of().formatHex(out.toBytes()));
        assertEquals(entry, EntryCodec.read(out.buffer()));
    }

    private static byte[] bytes(ByteBuffer view) {
        byte[] bytes = new byte[view.remaining()];
        view.get(bytes);
        return bytes;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }
}
