package dev.dogear.store.workspace;

import dev.dogear.store.journal.Journal;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentSource;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Range;
import dev.dogear.store.object.StoredContent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of a regular file: stored, or stored and edited. Edits are pieces over the stored content: bytes in the
 * journal, bytes of other stored content (copied by reference), holes. What neither covers is a hole.
 *
 * <p>Each piece knows the LSN of the edit that made it, and an edit that shortens the file leaves a hole behind the new
 * end: so all edits after a cut can be told from those before it and put over the content stored as of that cut.
 * Guarded by the lock of its file; a {@link #seal sealed} copy never changes.
 */
final class FileContent implements ContentSource {
    private static final long HOLE = -1;
    private static final long ALLOCATION_UNIT = 4096;
    private static final byte[] ZEROS = new byte[8192];

    /** Stored content by reference and size. */
    record Stored(@Nullable ContentRef ref, long size) {
        static final Stored EMPTY = new Stored(null, 0);
    }

    /**
     * What lies over a range of the stored content.
     *
     * @param length in bytes
     * @param lsn of the edit that put it there
     * @param position of its first byte in the journal, or in {@code source}; {@link #HOLE} for a hole
     * @param source null unless the bytes are those of other stored content
     */
    record Piece(
            long length, long lsn, long position, @Nullable Stored source) {
        static Piece journaled(long length, long lsn, long position) {
            return new Piece(length, lsn, position, null);
        }

        static Piece hole(long length, long lsn) {
            return new Piece(length, lsn, HOLE, null);
        }

        boolean isHole() {
            return position == HOLE;
        }

        boolean isJournaled() {
            return position != HOLE && source == null;
        }

        /** The part of it from {@code skip} on, {@code count} bytes long, as made by the edit at {@code newLsn}. */
        Piece part(long skip, long count, long newLsn) {
            return new Piece(count, newLsn, isHole() ? HOLE : position + skip, source);
        }
    }

    private final ObjectTable table;
    private final Journal journal;
    private Stored stored;
    private StoredContent storedBytes;
    private long size;
    private NavigableMap<Long, Piece> pieces = new TreeMap<>();

    /** Whether a sealed copy shares the pieces. */
    private boolean shared;

    /** Whether stored content may come to lie under the pieces: holes must then be kept as such. */
    private boolean overStored;

    /** In a sealed copy, which one thread stores: the run last asked for, since it is asked for once a chunk. */
    private @Nullable Range lastRun;

    private long pieceDataBytes;
    private long storedCoveredBytes;

    FileContent(WorkspaceContext context, Stored stored) {
        this(context.objects(), context.journal(), stored);
    }

    private FileContent(ObjectTable table, Journal journal, Stored stored) {
        this.table = table;
        this.journal = journal;
        this.stored = stored;
        this.storedBytes = new StoredContent(table, stored.ref(), stored.size());
        this.size = stored.size();
        this.overStored = stored.size() > 0;
    }

    long size() {
        return size;
    }

    Stored stored() {
        return stored;
    }

    /** Whether it differs from what is stored. */
    boolean isEdited() {
        return !pieces.isEmpty() || size != stored.size();
    }

    NavigableMap<Long, Piece> pieces() {
        return pieces;
    }

    /** Bytes of storage, in whole blocks. */
    long allocatedBytes() {
        long bytes = pieceDataBytes + Math.max(0, storedBytes.allocatedBytes() - storedCoveredBytes);
        return (bytes + ALLOCATION_UNIT - 1) / ALLOCATION_UNIT * ALLOCATION_UNIT;
    }

    /** Puts {@code piece} at {@code offset}, over whatever was there; the file grows to its end, unless it is a hole. */
    void put(long offset, Piece piece) {
        long end = offset + piece.length();
        clear(offset, end);
        if (!piece.isHole()) {
            add(offset, piece);
            size = Math.max(size, end);
        } else if (overStored) {
            add(offset, piece);
        }
    }

    /** Ends the file at {@code newSize}, as the edit at {@code lsn} says. */
    void resize(long newSize, long lsn) {
        if (newSize < size) {
            put(newSize, Piece.hole(size - newSize, lsn));
        }
        size = newSize;
    }

    /** An unchanging copy as of now; costs nothing unless the file is edited again before {@link #rebase}. */
    FileContent seal() {
        FileContent copy = new FileContent(table, journal, stored);
        copy.pieces = pieces;
        copy.size = size;
        copy.shared = true;
        copy.lastRun = new Range(0, 0);
        shared = true;
        overStored = true;
        return copy;
    }

    /** What was sealed at {@code cut} is now stored as {@code newStored}: only later edits remain over it. */
    void rebase(Stored newStored, long cut) {
        NavigableMap<Long, Piece> kept = new TreeMap<>();
        pieces.forEach((offset, piece) -> {
            if (piece.lsn() >= cut) {
                kept.put(offset, piece);
            }
        });
        restore(newStored, size, kept);
    }

    /** Becomes exactly this. */
    void restore(Stored newStored, long newSize, NavigableMap<Long, Piece> newPieces) {
        stored = newStored;
        storedBytes = new StoredContent(table, newStored.ref(), newStored.size());
        size = newSize;
        overStored |= newStored.size() > 0;
        shared = false;
        pieces = new TreeMap<>();
        pieceDataBytes = 0;
        storedCoveredBytes = 0;
        newPieces.forEach(this::add);
    }

    /** All stored content it refers to. */
    List<Stored> references() {
        List<Stored> references = new ArrayList<>();
        references.add(stored);
        for (Piece piece : pieces.values()) {
            Stored source = piece.source();
            if (source != null) {
                references.add(source);
            }
        }
        return references;
    }

    /** The least journal position still needed to read it; {@link Long#MAX_VALUE} if none. */
    long oldestPosition() {
        long oldest = Long.MAX_VALUE;
        for (Piece piece : pieces.values()) {
            if (piece.isJournaled()) {
                oldest = Math.min(oldest, piece.position());
            }
        }
        return oldest;
    }

    /** Stores it; the cost follows the edits. */
    Stored store(ObjectTable target) {
        if (!isEdited()) {
            return stored;
        }
        Piece whole = pieces.get(0L);
        Stored source = whole == null ? null : whole.source();
        if (whole != null
                && source != null
                && whole.position() == 0
                && size == whole.length()
                && size == source.size()) {
            // A copy of a whole file by reference: it is stored already.
            return source;
        }
        ContentRef ref = ContentWriter.splice(target, stored.ref(), stored.size(), size, dirtyRanges(), this);
        return new Stored(ref, size);
    }

    private List<Range> dirtyRanges() {
        List<Range> ranges = new ArrayList<>();
        long start = 0;
        long end = -1;
        for (Map.Entry<Long, Piece> entry : pieces.entrySet()) {
            long from = entry.getKey();
            long to = Math.min(size, from + entry.getValue().length());
            if (from >= size) {
                break;
            }
            if (from != end) {
                if (end > start) {
                    ranges.add(new Range(start, end));
                }
                start = from;
            }
            end = to;
        }
        if (end > start) {
            ranges.add(new Range(start, end));
        }
        return ranges;
    }

    /**
     * The pieces that make up a range below the size, in order, as an edit at {@code lsn} would put them elsewhere: what
     * lies in this file's stored content becomes a reference to it.
     */
    List<Piece> copy(long from, long to, long lsn) {
        List<Piece> copied = new ArrayList<>();
        for (long at = from; at < to; ) {
            Map.Entry<Long, Piece> over = covering(at);
            long end = Math.min(to, rawEnd(at, over));
            if (over != null) {
                copied.add(over.getValue().part(at - over.getKey(), end - at, lsn));
            } else if (at < stored.size()) {
                end = Math.min(end, stored.size());
                copied.add(new Piece(end - at, lsn, at, stored));
            } else {
                copied.add(Piece.hole(end - at, lsn));
            }
            at = end;
        }
        return copied;
    }

    /** Reads up to the end; returns the number of bytes. */
    int readUpTo(long offset, ByteBuffer target) {
        if (offset >= size) {
            return 0;
        }
        int length = (int) Math.min(target.remaining(), size - offset);
        ByteBuffer part = target.duplicate().limit(target.position() + length);
        read(offset, part);
        target.position(target.position() + length);
        return length;
    }

    @Override
    public void read(long offset, ByteBuffer target) {
        int limit = target.limit();
        for (long at = offset; target.position() < limit; ) {
            Map.Entry<Long, Piece> over = covering(at);
            int step = (int) Math.min(limit - target.position(), rawEnd(at, over) - at);
            target.limit(target.position() + step);
            if (over != null) {
                readPiece(over.getValue(), at - over.getKey(), target);
            } else if (at < stored.size()) {
                storedBytes.readUpTo(at, target);
            }
            zeros(target);
            target.limit(limit);
            at += step;
        }
    }

    private void readPiece(Piece piece, long skip, ByteBuffer target) {
        Stored source = piece.source();
        if (source != null) {
            new StoredContent(table, source.ref(), source.size()).readUpTo(piece.position() + skip, target);
        } else if (!piece.isHole()) {
            journal.read(piece.position() + skip, target);
        }
    }

    private static void zeros(ByteBuffer target) {
        while (target.hasRemaining()) {
            target.put(ZEROS, 0, Math.min(ZEROS.length, target.remaining()));
        }
    }

    @Override
    public boolean isHole(long offset) {
        Map.Entry<Long, Piece> over = covering(offset);
        if (over == null) {
            return offset >= stored.size() || storedBytes.isHole(offset);
        }
        Piece piece = over.getValue();
        Stored source = piece.source();
        return piece.isHole()
                || (source != null
                        && new StoredContent(table, source.ref(), source.size())
                                .isHole(piece.position() + offset - over.getKey()));
    }

    @Override
    public long runEnd(long offset) {
        if (lastRun == null) {
            return findRunEnd(offset);
        }
        if (offset < lastRun.start() || offset >= lastRun.end()) {
            lastRun = new Range(offset, findRunEnd(offset));
        }
        return lastRun.end();
    }

    private long findRunEnd(long offset) {
        boolean hole = isHole(offset);
        long at = offset;
        do {
            at = Math.min(size, partEnd(at));
        } while (at < size && isHole(at) == hole);
        return at;
    }

    /** The end of something that is all data or all hole and has {@code offset} in it. */
    private long partEnd(long offset) {
        Map.Entry<Long, Piece> over = covering(offset);
        long end = rawEnd(offset, over);
        if (over == null) {
            return offset < stored.size() ? Math.min(end, storedBytes.runEnd(offset)) : end;
        }
        Stored source = over.getValue().source();
        if (source == null) {
            return end;
        }
        long shift = over.getValue().position() - over.getKey();
        return Math.min(end, new StoredContent(table, source.ref(), source.size()).runEnd(offset + shift) - shift);
    }

    /** Where the piece over {@code offset} ends, or the gap between pieces, or the stored content in it. */
    private long rawEnd(long offset, Map.@Nullable Entry<Long, Piece> over) {
        if (over != null) {
            return over.getKey() + over.getValue().length();
        }
        @Nullable Long next = pieces.higherKey(offset);
        long end = next == null ? Long.MAX_VALUE : next;
        return offset < stored.size() ? Math.min(end, stored.size()) : end;
    }

    private Map.@Nullable Entry<Long, Piece> covering(long offset) {
        Map.@Nullable Entry<Long, Piece> before = pieces.floorEntry(offset);
        return before != null && before.getKey() + before.getValue().length() > offset ? before : null;
    }

    private void clear(long from, long to) {
        if (shared) {
            pieces = new TreeMap<>(pieces);
            shared = false;
        }
        Map.@Nullable Entry<Long, Piece> first = covering(from);
        for (long at = first == null ? from : first.getKey(); ; ) {
            Map.@Nullable Entry<Long, Piece> entry = pieces.ceilingEntry(at);
            if (entry == null || entry.getKey() >= to) {
                return;
            }
            long start = entry.getKey();
            Piece piece = entry.getValue();
            long end = start + piece.length();
            remove(start, piece);
            if (start < from) {
                add(start, piece.part(0, from - start, piece.lsn()));
            }
            if (end > to) {
                add(to, piece.part(to - start, end - to, piece.lsn()));
                return;
            }
            at = end;
        }
    }

    private void add(long offset, Piece piece) {
        pieces.put(offset, piece);
        account(offset, piece, 1);
    }

    private void remove(long offset, Piece piece) {
        pieces.remove(offset);
        account(offset, piece, -1);
    }

    private void account(long offset, Piece piece, int sign) {
        if (!piece.isHole()) {
            pieceDataBytes += sign * piece.length();
        }
        storedCoveredBytes += sign * Math.max(0, Math.min(offset + piece.length(), stored.size()) - offset);
    }
}
