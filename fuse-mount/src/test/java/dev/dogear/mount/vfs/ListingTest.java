package dev.dogear.mount.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paging through a directory: nothing is lost, whatever the room of a reply, and look-ups are counted once. */
final class ListingTest {
    private static final long LAST_COOKIE = Long.MAX_VALUE;

    private final Fixed directory = new Fixed();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void everyEntryIsShownWhateverTheRoom(int room) throws PosixException {
        for (int i = 0; i < 300; i++) {
            directory.put("n" + i, 1000L + i * 10L);
        }
        List<String> names = new ArrayList<>(page(room, false));
        assertEquals(302, names.size());
        assertEquals(List.of(".", "..", "n0", "n1"), names.subList(0, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 64, 65, 66})
    void entriesThatShareACookieAreNotLost(int room) throws PosixException {
        for (int i = 0; i < 200; i++) {
            directory.put("n" + i, 1000L + i / 2 * 2L);
        }
        assertEquals(202, new LinkedHashSet<>(page(room, true)).size());
    }

    @Test
    void theLastPossibleCookieEndsTheListing() throws PosixException {
        directory.put("last", LAST_COOKIE);
        CollectedReply reply = new CollectedReply(10);
        new Listing(directory, false, reply).fill(0);
        assertEquals(List.of(".", "..", "last"), reply.names());
        CollectedReply after = new CollectedReply(10);
        new Listing(directory, false, after).fill(LAST_COOKIE);
        assertEquals(List.of(), after.names());
    }

    @Test
    void onlyWhatWasAnsweredIsCounted() throws PosixException {
        for (int i = 0; i < 20; i++) {
            directory.put("n" + i, 1000L + i);
        }
        directory.gone.add("n3");
        CollectedReply reply = new CollectedReply(8);
        new Listing(directory, true, reply).fill(0);
        assertEquals(8, reply.shown.size());
        assertTrue(!reply.names().contains("n3"));
        assertEquals(0, reply.shown.get(0).node(), "the directory itself is not looked up");
        assertEquals(6, directory.counted);
    }

    @Test
    void aFailureAfterEntriesWereAddedWaitsForTheNextCall() throws PosixException {
        for (int i = 0; i < 100; i++) {
            directory.put("n" + i, 1000L + i);
        }
        directory.failsFrom = 1064;
        CollectedReply reply = new CollectedReply(1000);
        new Listing(directory, true, reply).fill(0);
        assertEquals(66, reply.shown.size());
        long cookie = reply.shown.get(65).cookie();
        Listing next = new Listing(directory, true, new CollectedReply(1000));
        assertEquals(
                Errno.EIO,
                assertThrows(PosixException.class, () -> next.fill(cookie)).errno());
    }

    private List<String> page(int room, boolean plus) throws PosixException {
        List<String> names = new ArrayList<>();
        long cookie = 0;
        while (true) {
            CollectedReply reply = new CollectedReply(room);
            new Listing(directory, plus, reply).fill(cookie);
            if (reply.shown.isEmpty()) {
                return names;
            }
            names.addAll(reply.names());
            cookie = reply.shown.get(reply.shown.size() - 1).cookie();
        }
    }

    /** A directory whose cookies are chosen. */
    private static final class Fixed implements Listed {
        private final List<Item> items = new ArrayList<>();
        private final Set<String> gone = new LinkedHashSet<>();
        private long failsFrom = Long.MAX_VALUE;
        private int counted;

        void put(String name, long cookie) {
            int type = EntryType.FILE.modeBits();
            items.add(new Item(name.getBytes(StandardCharsets.UTF_8), 5000 + items.size(), type, cookie));
        }

        @Override
        public NodeAttributes self() {
            return attributes(7);
        }

        @Override
        public NodeAttributes above() {
            return attributes(8);
        }

        @Override
        public List<Item> from(long cookie, int most) throws PosixException {
            if (cookie >= failsFrom) {
                throw new PosixException(Errno.EIO);
            }
            List<Item> found = new ArrayList<>();
            for (Item item : items) {
                if (item.cookie() < cookie) {
                    continue;
                }
                if (found.size() >= most && found.get(found.size() - 1).cookie() != item.cookie()) {
                    break;
                }
                found.add(item);
            }
            return found;
        }

        @Override
        public @Nullable Entry look(Item item) {
            counted++;
            if (gone.contains(new String(item.name(), StandardCharsets.UTF_8))) {
                counted--;
                return null;
            }
            return new Entry(item.inode(), attributes(item.inode()));
        }

        @Override
        public void unlook(Entry entry) {
            counted--;
        }

        private static NodeAttributes attributes(long inode) {
            return new NodeAttributes(inode, EntryType.FILE, Attributes.NONE, Timestamp.EPOCH, 1, 0, 0, 0);
        }
    }
}
