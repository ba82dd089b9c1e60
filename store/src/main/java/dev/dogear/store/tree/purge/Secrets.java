package dev.dogear.store.tree.purge;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.dogear.store.StoreException;
import dev.dogear.store.StoreException.Kind;
import dev.dogear.store.object.ContentSource;
import dev.dogear.store.object.Range;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Bytes that are to be nowhere, and hashes of whole contents that are to be nowhere. Where the bytes are among others they
 * are overwritten by as many asterisks; a content that is nothing else is to go as a whole.
 */
public final class Secrets {
    /** Shorter ones would hit what is none. */
    private static final int LEAST_BYTES = 8;

    public static final int MOST_BYTES = 16 << 20;
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int HASH_DIGITS = 64;

    private final ImmutableList<byte[]> needles;
    private final ImmutableList<Search> searches;
    private final ImmutableSet<String> hashes;

    private Secrets(ImmutableList<byte[]> needles, ImmutableSet<String> hashes) {
        this.needles = needles;
        this.searches = needles.stream().map(Search::of).collect(ImmutableList.toImmutableList());
        this.hashes = hashes;
    }

    /**
     * @param contents bytes to be found anywhere; ends of lines at their end are not part of them
     * @param hashes SHA-256 of whole contents, or the id the content route calls {@code sha}
     * @throws StoreException INVALID
     */
    public static Secrets of(Collection<byte[]> contents, Collection<String> hashes) {
        ImmutableList.Builder<byte[]> needles = ImmutableList.builder();
        for (byte[] content : contents) {
            byte[] needle = withoutLineEnd(content);
            if (needle.length < LEAST_BYTES || needle.length > MOST_BYTES) {
                throw new StoreException(
                        Kind.INVALID,
                        "A content to be purged has " + LEAST_BYTES + " to " + MOST_BYTES + " bytes, not "
                                + needle.length + (needle.length < LEAST_BYTES ? ": so few are in much else" : ""));
            }
            needles.add(needle);
        }
        ImmutableSet.Builder<String> digits = ImmutableSet.builder();
        for (String hash : hashes) {
            if (hash.length() != HASH_DIGITS || !hash.matches("[0-9a-fA-F]+")) {
                throw new StoreException(Kind.INVALID, "A SHA-256 has 64 hexadecimal digits: " + hash);
            }
            digits.add(hash.toLowerCase(Locale.ROOT));
        }
        return new Secrets(needles.build(), digits.build());
    }

    private static byte[] withoutLineEnd(byte[] content) {
        int length = content.length;
        while (length > 0 && (content[length - 1] == '\n' || content[length - 1] == '\r')) {
            length--;
        }
        return Arrays.copyOf(content, length);
    }

    public boolean isEmpty() {
        return needles.isEmpty() && hashes.isEmpty();
    }

    /** The bytes that are to be nowhere. */
    public List<byte[]> needles() {
        return needles;
    }

    /** Whether hashes are to be compared: then every content is read whole. */
    boolean hasHashes() {
        return !hashes.isEmpty();
    }

    boolean isNamed(String hash) {
        return hashes.contains(hash);
    }

    /** SHA-256 of a content in hexadecimal digits. */
    static String hash(long size, ContentSource source) {
        Hasher hasher = Hashing.sha256().newHasher();
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(size, WINDOW_BYTES));
        for (long at = 0; at < size; at += window.limit()) {
            window.clear().limit((int) Math.min(window.capacity(), size - at));
            source.read(at, window);
            hasher.putBytes(window.flip());
        }
        return hasher.hash().toString();
    }

    /** Where the bytes are in a content, in order. */
    List<Range> find(long size, ContentSource source) {
        List<Range> found = new ArrayList<>();
        int longest = longest();
        if (longest == 0) {
            return found;
        }
        int step = Math.max(WINDOW_BYTES, 2 * longest);
        for (long from = 0; from < size; ) {
            if (source.isHole(from)) {
                from = source.runEnd(from);
                continue;
            }
            int length = (int) Math.min(step, size - from);
            byte[] window = new byte[length];
            source.read(from, ByteBuffer.wrap(window));
            for (Range range : find(window)) {
                found.add(new Range(from + range.start(), from + range.end()));
            }
            from += length < step ? length : length - longest + 1;
        }
        return merged(found);
    }

    /** Of the bytes that are to be nowhere; 0 if there are none. */
    public int longest() {
        return needles.stream().mapToInt(needle -> needle.length).max().orElse(0);
    }

    /** Where the bytes are, sorted, without overlaps. */
    public List<Range> find(byte[] bytes) {
        List<Range> found = new ArrayList<>();
        for (Search search : searches) {
            for (int at = search.in(bytes, 0); at >= 0; at = search.in(bytes, at + 1)) {
                found.add(new Range(at, at + search.needle.length));
            }
        }
        return merged(found);
    }

    private static List<Range> merged(List<Range> found) {
        found.sort((left, right) -> Long.compare(left.start(), right.start()));
        List<Range> merged = new ArrayList<>();
        for (Range range : found) {
            Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range.start() <= last.end()) {
                merged.set(merged.size() - 1, new Range(last.start(), Math.max(last.end(), range.end())));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }

    /**
     * A search for some bytes (Horspool).
     *
     * @param skips how far to go on, by the byte a mismatch ends with
     */
    private record Search(byte[] needle, int[] skips) {
        static Search of(byte[] needle) {
            int[] skips = new int[256];
            Arrays.fill(skips, needle.length);
            for (int i = 0; i < needle.length - 1; i++) {
                skips[needle[i] & 0xff] = needle.length - 1 - i;
            }
            return new Search(needle, skips);
        }

        /** Where they are first, from there on; -1 if nowhere. */
        int in(byte[] bytes, int from) {
            int last = needle.length - 1;
            for (int at = from; at + needle.length <= bytes.length; at += skips[bytes[at + last] & 0xff]) {
                if (bytes[at + last] == needle[last]
                        && Arrays.equals(bytes, at, at + needle.length, needle, 0, needle.length)) {
                    return at;
                }
            }
            return -1;
        }
    }

    /** The same bytes with asterisks for what is to be nowhere; the array itself if nothing is. */
    public byte[] overwritten(byte[] bytes) {
        List<Range> found = find(bytes);
        if (found.isEmpty()) {
            return bytes;
        }
        byte[] clean = bytes.clone();
        found.forEach(range -> Arrays.fill(clean, (int) range.start(), (int) range.end(), (byte) '*'));
        return clean;
    }

    /** The same of a text. */
    public String overwritten(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] clean = overwritten(bytes);
        return clean == bytes ? text : new String(clean, StandardCharsets.UTF_8);
    }
}
