package dev.dogear.store.workspace;

import dev.dogear.store.journal.Journal;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.tree.Timestamp;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** What all workspaces of one repository share. */
public record WorkspaceContext(
        ObjectTable objects, Journal journal, FileIds fileIds, InstantSource clock, Succession succession, Room room) {
    /** With nobody before and nobody after, and no limit. */
    public WorkspaceContext(ObjectTable objects, Journal journal, FileIds fileIds, InstantSource clock) {
        this(objects, journal, fileIds, clock, Succession.NONE, Room.ENDLESS);
    }

    /** The time an edit made now carries. */
    Timestamp now() {
        return Timestamp.of(clock.instant());
    }

    /**
     * Who remembers, over the death of this process, what somebody outside (a kernel) holds of workspaces. Told with locks
     * held: waits for nobody.
     */
    public interface Succession {
        /** Nobody takes over from anybody. */
        Succession NONE = new Succession() {};

        /** A held node's first name is that one, in the directory of that file id. */
        default void placed(Node node, int directory, byte[] name) {}

        /** A held node has no name. */
        default void unnamed(Node node) {}

        /** A node is held no more. */
        default void gone(Node node) {}

        /** Whether the node is held since before this process. */
        default boolean holds(Node node) {
            return false;
        }

        /** A replay has seen a record whose last eight bytes are these: perhaps the key of a request. */
        default void executed(long key) {}
    }

    /** What there is room for. Asked before an edit, perhaps with locks held: answers at once. */
    public interface Room {
        /** For everything. */
        Room ENDLESS = new Room() {};

        /** How many bytes there may be; {@link Long#MAX_VALUE} for any number. */
        default long mostBytes() {
            return Long.MAX_VALUE;
        }

        /** How many there are. */
        default long usedBytes() {
            return 0;
        }

        /**
         * @param more bytes to be written; 0 asks whether there is room for a small file
         * @throws PosixException EDQUOT
         */
        default void requireBytes(long more) throws PosixException {}

        /**
         * Whether a bookmark may show one name more.
         *
         * @param shown how many it shows; asked only if there is a limit
         * @throws PosixException EDQUOT
         */
        default void requireName(LongSupplier shown) throws PosixException {}

        /**
         * Whether a file may grow like that.
         *
         * @throws PosixException EFBIG
         */
        default void requireFileBytes(long before, long after) throws PosixException {}
    }

    /**
     * Hands out the file ids of one repository: each number once, for ever. What was handed out is kept by the edits that
     * carry the ids and, for edits the journal no longer has, by {@link #first()}, which the owner stores with every
     * publish.
     */
    public static final class FileIds {
        /** The first id an empty repository hands out; the one below is every root directory's. */
        public static final long FIRST = 2;

        /** The highest 256 are a mount's, for files of its own. */
        private static final long LAST = 0xFFFF_FEFFL;

        private final AtomicLong next;

        /** @param first the least id that may be handed out: {@link #FIRST}, or what {@link #first()} said when stored */
        public FileIds(long first) {
            this.next = new AtomicLong(first);
        }

        /** @throws PosixException ENOSPC when all are used */
        public int next() throws PosixException {
            long id = next.getAndIncrement();
            if (id > LAST) {
                throw new PosixException(Errno.ENOSPC);
            }
            return (int) id;
        }

        /** That id is taken, and all below it. */
        public void seen(int fileId) {
            next.accumulateAndGet(Integer.toUnsignedLong(fileId) + 1, Math::max);
        }

        /** How many there are still. */
        long left() {
            return LAST + 1 - first();
        }

        /** The least id not handed out yet. */
        public long first() {
            return Math.min(next.get(), LAST + 1);
        }
    }
}
