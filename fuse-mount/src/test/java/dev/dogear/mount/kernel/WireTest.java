package dev.dogear.mount.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.mount.kernel.Notifier.Notice;
import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.OpenFile;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.tree.Xattrs;
import dev.dogear.store.workspace.NodeAttributes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our messages against those of a C compiler, byte by byte; memory is dirty before, since it is used again in life. */
final class WireTest {
    private static final Map<String, String> GOLDEN = new HashMap<>();
    private static final long NODE = 7L << 32 | 9;
    private static final NodeAttributes SHOWN = new NodeAttributes(
            NODE,
            EntryType.FILE,
            new Attributes(04755, 1000, 1001, new Timestamp(102, 2), new Timestamp(103, 3), Xattrs.NONE),
            new Timestamp(101, 1),
            2,
            0x123456789aL,
            3 * 512 - 1,
            0);

    @BeforeAll
    static void readGolden() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(WireTest.class.getResourceAsStream("fuse-golden.txt")), UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] words = line.split(" ", -1);
                GOLDEN.put(words[0], words[1]);
            });
        }
    }

    @Test
    void answerToCreate() {
        Reply reply = reply(0x8000000000000005L);
        reply.entry(new Entry(NODE, SHOWN));
        reply.open(NODE, new OpenFile(0x1122, true, true));
        assertGolden("CREATE", reply);
    }

    @Test
    void answersOfAttributesFiguresBytesAndErrors() {
        Reply reply = reply(6);
        reply.attributes(NODE, SHOWN);
        assertGolden("ATTR", reply);

        reply = reply(7);
        reply.noEntry();
        assertGolden("NOENTRY", reply);

        reply = reply(8);
        reply.statistics(new FileSystemCalls.Statistics(1, 2, 3, 4, 5, 4096));
        assertGolden("STATFS", reply);

        reply = reply(9);
        reply.bytes("abc".getBytes(UTF_8));
        assertGolden("BYTES", reply);

        reply = reply(10);
        reply.bytes("half an answer".getBytes(UTF_8));
        reply.fail(39);
        assertGolden("ERROR", reply);
    }

    @Test
    void listings() {
        assertListing("DIRENT", false, listing -> listing.add(bytes("abc"), 5, 77, 0100000));
        assertListing("DIRENTPLUS", true, listing -> listing.addPlus(bytes("abcdefghi"), new Entry(NODE, SHOWN), 78));
        assertListing("DOTPLUS", true, listing -> listing.add(bytes("."), 5, 1, 0040000));
    }

    @Test
    void aListingEndsWhereTheRoomEnds() {
        DirectoryBuffer listing = new DirectoryBuffer(dirty().buffer(), NODE, 63, false, new ShownNames());
        assertTrue(listing.add(bytes("12345678"), 5, 1, 0));
        assertEquals(32, listing.size());
        assertFalse(listing.add(bytes("1"), 5, 2, 0), "32 bytes do not fit into 31");
        assertEquals(32, listing.size());
    }

    @Test
    void notifications() {
        assertNotice("INVALINODE", Notice.content(NODE));
        assertNotice("INVALATTR", Notice.attributes(NODE));
        assertNotice("INVALENTRY", Notice.name(7L << 32 | 1, bytes("abc")));
    }

    @Test
    void requestOfAttributes() {
        Request request = request("SETATTRIN");
        assertEquals(Opcode.SETATTR, request.opcode());
        assertEquals(0x8000000000000003L, request.unique());
        assertEquals(NODE, request.node());
        assertEquals(4242, request.thread());
        assertEquals(1000, request.caller(false).uid());
        assertEquals(1001, request.caller(false).gid());
        assertEquals(0x47f, request.getInt(Wire.SETATTR_VALID));
        assertEquals(11, request.getLong(Wire.SETATTR_HANDLE));
        assertEquals(12, request.getLong(Wire.SETATTR_LENGTH));
        assertEquals(new Timestamp(13, 16), request.getTime(Wire.SETATTR_ATIME, Wire.SETATTR_ATIME_NANOS));
        assertEquals(new Timestamp(14, 17), request.getTime(Wire.SETATTR_MTIME, Wire.SETATTR_MTIME_NANOS));
        assertEquals(new Timestamp(15, 18), request.getTime(Wire.SETATTR_CTIME, Wire.SETATTR_CTIME_NANOS));
        assertEquals(0100644, request.getInt(Wire.SETATTR_MODE));
        assertEquals(19, request.getInt(Wire.SETATTR_UID));
        assertEquals(20, request.getInt(Wire.SETATTR_GID));
        assertTrue(request.toString().startsWith("SETATTR node 700000009 unique 9223372036854775811"));
    }

    @Test
    void namesAndCopies() {
        NativeMemory memory = dirty();
        memory.buffer().putInt(Wire.IN_LENGTH, Wire.IN_SIZE + 7);
        memory.buffer().put(Wire.IN_SIZE, bytes("ab\0cde\0"));
        Request copy = new Request(memory, null).copyTo(new NativeMemory(Wire.IN_SIZE + 7));
        Wire.zero(memory.buffer(), 0, memory.size());
        assertArrayEquals(bytes("ab"), copy.getName(0));
        assertArrayEquals(bytes("cde"), copy.getName(3));
    }

    @Test
    void initIsAgreedForNewAndPlayedOldKernels() {
        Request init = request("INITIN");
        Negotiation newest = agreed(init, Negotiation.NEWEST_MINOR);
        assertEquals(List.of(), newest.missing());
        Reply reply = reply(2);
        newest.put(init, reply);
        assertGolden("INITOUT45", reply);

        Negotiation old = agreed(init, 31);
        assertEquals(
                List.of("HANDLE_KILLPRIV_V2", "INIT_EXT", "HAS_EXPIRE_ONLY", "DIRECT_IO_ALLOW_MMAP", "HAS_RESEND"),
                old.missing());
        reply = reply(2);
        old.put(init, reply);
        assertGolden("INITOUT31", reply);

        init.memory().buffer().putInt(Wire.IN_SIZE + Wire.INIT_MINOR, 30);
        assertNull(Negotiation.of(init, wish(Negotiation.NEWEST_MINOR, false)), "older than Linux 5.4");
    }

    @Test
    void flagsAboveBit31CountOnlyWithInitExt() {
        Request init = request("INITIN");
        int at = Wire.IN_SIZE + Wire.INIT_FLAGS;
        init.memory().buffer().putInt(at, init.memory().buffer().getInt(at) & ~(1 << 30));
        assertFalse(agreed(init, Negotiation.NEWEST_MINOR).has(Negotiation.Capability.HAS_EXPIRE_ONLY));
    }

    /** Once it is agreed every program waits until there are rings. */
    @Test
    void ringsAreAgreedOnlyWhereThereAreSome() {
        Request init = request("INITIN");
        int at = Wire.IN_SIZE + Wire.INIT_FLAGS2;
        init.memory().buffer().putInt(at, init.memory().buffer().getInt(at) | 1 << (41 - 32));
        assertTrue(Negotiation.hasRings(
                Objects.requireNonNull(Negotiation.of(init, wish(42, true))).flags()));
        assertFalse(Negotiation.hasRings(agreed(init, 42).flags()));
        assertFalse(Negotiation.hasRings(
                Objects.requireNonNull(Negotiation.of(init, wish(41, true))).flags()));
    }

    @Test
    void namesAboveBookmarksAreRemembered() {
        ShownNames shown = new ShownNames();
        shown.note(1, bytes("repo"), 2);
        shown.note(2, bytes("main"), 7L << 32 | 1);
        shown.note(7L << 32 | 1, bytes("file"), NODE);
        List<Notice> names = List.of(Notice.name(2, bytes("main")), Notice.name(1, bytes("repo")));
        assertEquals(names, shown.leadingTo(7L << 32 | 1));
        assertEquals(List.of(), shown.leadingTo(NODE));
        assertEquals(
                List.of(Notice.name(1, bytes("repo")), Notice.name(2, bytes("new"))),
                shown.along(1, List.of(bytes("repo"), bytes("new"), bytes("er"))));
    }

    private interface Adding {
        boolean to(DirectoryBuffer listing);
    }

    private static void assertListing(String golden, boolean plus, Adding adding) {
        NativeMemory memory = dirty();
        DirectoryBuffer listing = new DirectoryBuffer(memory.buffer(), NODE, 4096, plus, new ShownNames());
        assertTrue(adding.to(listing));
        assertEquals(GOLDEN.get(golden), hex(memory.buffer(), Wire.OUT_SIZE, listing.size()));
    }

    private static void assertNotice(String golden, Notice notice) {
        NativeMemory memory = dirty();
        int length = notice.put(memory.buffer(), true);
        assertEquals(GOLDEN.get(golden), hex(memory.buffer(), 0, length));
    }

    private static void assertGolden(String golden, Reply reply) {
        int length = reply.finish();
        assertEquals(GOLDEN.get(golden), hex(reply.buffer(), 0, length));
    }

    private static Negotiation agreed(Request init, int highestMinor) {
        return Objects.requireNonNull(Negotiation.of(init, wish(highestMinor, false)));
    }

    private static Negotiation.Wish wish(int highestMinor, boolean rings) {
        return new Negotiation.Wish(highestMinor, rings);
    }

    private static Request request(String golden) {
        NativeMemory memory = dirty();
        memory.buffer().put(0, HexFormat.of().parseHex(Objects.requireNonNull(GOLDEN.get(golden))));
        return new Request(memory, null);
    }

    private static Reply reply(long unique) {
        Reply reply = new Reply(dirty());
        reply.begin(unique);
        return reply;
    }

    private static NativeMemory dirty() {
        NativeMemory memory = new NativeMemory(8192);
        for (int i = 0; i < memory.size(); i++) {
            memory.buffer().put(i, (byte) 0xee);
        }
        return memory;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String hex(ByteBuffer buffer, int from, int length) {
        byte[] bytes = new byte[length];
        buffer.get(from, bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
