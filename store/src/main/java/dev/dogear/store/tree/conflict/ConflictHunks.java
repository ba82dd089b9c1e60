package dev.dogear.store.tree.conflict;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import com.google.common.primitives.Ints;
import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.conflict.Conflict.Version;
import dev.dogear.store.tree.text.TextMerge;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The places within a conflicted text that have no single answer, each under an id that follows from what is there. */
public final class ConflictHunks {
    private static final int ID_DIGITS = 16;
    private static final long TEXT_BYTES_MAX = 32 << 20;

    private final Conflict conflict;
    private final TextMerge.Merged merged;

    private ConflictHunks(Conflict conflict, TextMerge.Merged merged) {
        this.conflict = conflict;
        this.merged = merged;
    }

    /** One such place. */
    public record Hunk(String id, TextMerge.Part ours, TextMerge.Part base, TextMerge.Part theirs) {}

    /** Of a conflict; none for one that is not of the lines of two texts. */
    public static ConflictHunks of(ObjectTable table, Conflict conflict) {
        TextMerge.Labels labels = new TextMerge.Labels("ours", "base", "theirs");
        byte[] base = text(table, conflict.bases().get(0));
        byte[] ours = text(table, conflict.sides().get(0));
        byte[] theirs = text(table, conflict.sides().get(1));
        boolean ofText = conflict.markerLength() > 0 && conflict.bases().size() == 1;
        return new ConflictHunks(
                conflict,
                ofText
                        ? TextMerge.merge(base, ours, theirs, labels)
                        : TextMerge.merge(new byte[0], new byte[0], new byte[0], labels));
    }

    private static byte[] text(ObjectTable table, Version version) {
        @Nullable TreeEntry entry = version.entry();
        if (entry == null || entry.type() != EntryType.FILE || entry.size() > TEXT_BYTES_MAX) {
            return new byte[0];
        }
        byte[] bytes = new byte[(int) entry.size()];
        new StoredContent(table, entry.content(), entry.size()).read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }

    /** In order. */
    public ImmutableList<Hunk> list() {
        ImmutableList.Builder<Hunk> hunks = ImmutableList.builder();
        int index = 0;
        for (TextMerge.Piece piece : merged.pieces()) {
            if (piece.isConflict()) {
                hunks.add(new Hunk(id(piece, index++), piece.ours(), piece.base(), piece.theirs()));
            }
        }
        return hunks.build();
    }

    private String id(TextMerge.Piece piece, int index) {
        var hasher = Hashing.sha256()
                .newHasher()
                .putString(conflict.path().toString(), StandardCharsets.UTF_8)
                .putInt(index);
        for (TextMerge.Part part : List.of(piece.ours(), piece.base(), piece.theirs())) {
            hasher.putBytes(Ints.toByteArray(part.bytes().length)).putBytes(part.bytes());
        }
        return hasher.hash().toString().substring(0, ID_DIGITS);
    }

    /**
     * The text with those answers, by the ids of the hunks.
     *
     * @throws StoreException INVALID if a hunk has no answer, or an id is of none
     */
    public byte[] resolved(Map<String, byte[]> answers) {
        List<byte[]> inOrder = new ArrayList<>();
        for (Hunk hunk : list()) {
            byte[] answer = answers.get(hunk.id());
            if (answer == null) {
                throw new StoreException(
                        StoreException.Kind.INVALID,
                        "No answer is given for the hunk " + hunk.id() + " of " + conflict.path() + ".");
            }
            inOrder.add(answer);
        }
        if (inOrder.size() != answers.size()) {
            throw new StoreException(
                    StoreException.Kind.INVALID,
                    "An answer is for a hunk that " + conflict.path() + " does not have: it may have changed since.");
        }
        return merged.resolved(inOrder);
    }
}
