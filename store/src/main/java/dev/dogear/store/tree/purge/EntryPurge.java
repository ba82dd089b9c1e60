package dev.dogear.store.tree.purge;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ContentSource;
import dev.dogear.store.object.ContentWriter;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Range;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.Xattrs;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Purges single entries: contents, targets, extended attributes, names; and notes what of it there was, and where. */
public final class EntryPurge {
    /** How many paths are told. */
    private static final int PATHS_MAX = 1_000;

    private final ObjectTable table;
    private final Secrets secrets;
    private final Map<ContentRef, Verdict> verdicts = new HashMap<>();
    private final Map<Name, Name> names = new HashMap<>();
    private final TreeSet<String> removedPaths = new TreeSet<>();
    private final TreeSet<String> overwrittenPaths = new TreeSet<>();
    private final Set<ContentRef> goneContents = new HashSet<>();
    private final Set<ObjectId> goneNodes = new HashSet<>();
    /** What was given in place of others. */
    private final Set<Name> given = new HashSet<>();
    /** Number of the tag that names get in place of bytes of theirs; random, since an earlier purge gave some, too. */
    private final int firstTag = new SecureRandom().nextInt();

    /**
     * What becomes of a content.
     *
     * @param gone it goes with its file
     * @param content else what it becomes, of the same size
     */
    private record Verdict(boolean gone, @Nullable ContentRef content) {}

    EntryPurge(ObjectTable table, Secrets secrets) {
        this.table = table;
        this.secrets = secrets;
    }

    /** Whether only paths are looked at. */
    boolean isIdle() {
        return secrets.isEmpty();
    }

    /** Files that were removed, in order, not all if there are very many. */
    public List<String> removedPaths() {
        return List.copyOf(removedPaths);
    }

    /** Files of which a part was overwritten, likewise. */
    public List<String> overwrittenPaths() {
        return List.copyOf(overwrittenPaths);
    }

    /** The contents that were to go with their files; they may be at other paths still. */
    public Set<ContentRef> goneContents() {
        return goneContents;
    }

    /** Notes that this goes; answers null. */
    @Nullable
    TreeEntry removed(String path, TreeEntry entry) {
        note(removedPaths, path);
        if (entry.content() != null && entry.type() == EntryType.FILE) {
            goneContents.add(entry.content());
        }
        return null;
    }

    /** Whether nothing below that node of a directory was noted yet. */
    boolean isNewlyGone(ObjectId node) {
        return goneNodes.add(node);
    }

    private static void note(Set<String> paths, String path) {
        if (paths.size() < PATHS_MAX) {
            paths.add(path);
        }
    }

    /** The entry as it is to be, null if it goes. No directory. */
    @Nullable
    TreeEntry apply(String path, TreeEntry entry) {
        if (secrets.isEmpty()) {
            return entry;
        }
        TreeEntry clean = attributes(path, entry);
        if (entry.type() == EntryType.SYMLINK) {
            byte[] target = secrets.overwritten(entry.payload());
            if (!Arrays.equals(target, entry.payload())) {
                note(overwrittenPaths, path);
                clean = TreeEntry.symlink(entry.fileId(), clean.attributes(), target);
            }
        } else if (entry.content() != null) {
            Verdict verdict = verdict(entry.content(), entry.size());
            if (verdict.gone) {
                return removed(path, entry);
            }
            if (!entry.content().equals(verdict.content)) {
                note(overwrittenPaths, path);
                clean = clean.withContent(entry.size(), verdict.content);
            }
        }
        return clean;
    }

    /** The entry with its extended attributes as they are to be. */
    TreeEntry attributes(String path, TreeEntry entry) {
        Attributes attributes = entry.attributes();
        if (secrets.isEmpty() || attributes.xattrs().isEmpty()) {
            return entry;
        }
        Map<String, byte[]> clean = new TreeMap<>();
        attributes
                .xattrs()
                .asMap()
                .forEach((name, value) -> clean.put(secrets.overwritten(name), secrets.overwritten(value)));
        Xattrs xattrs = Xattrs.of(clean);
        if (xattrs.equals(attributes.xattrs())) {
            return entry;
        }
        note(overwrittenPaths, path);
        return entry.withAttributes(attributes.withXattrs(xattrs));
    }

    /** What a file is to be called: the same wherever it has that name, and another than all others. */
    Name name(Name name) {
        if (secrets.needles().isEmpty()) {
            return name;
        }
        return names.computeIfAbsent(name, key -> {
            byte[] bytes = key.toBytes();
            List<Range> found = secrets.find(bytes);
            return found.isEmpty() ? key : renamed(bytes, found);
        });
    }

    /** Two names may differ by what goes alone: then the number of the tag tells them apart. */
    private Name renamed(byte[] bytes, List<Range> found) {
        for (int number = firstTag; ; number++) {
            Name free = tagged(String.format(Locale.ROOT, "purged-%08x", number), bytes, found);
            if (given.add(free)) {
                return free;
            }
        }
    }

    private static Name tagged(String tag, byte[] bytes, List<Range> found) {
        ByteBuffer out = ByteBuffer.allocate(Name.MAX_BYTES).put(tag.getBytes(StandardCharsets.US_ASCII));
        int at = 0;
        for (Range range : found) {
            copy(bytes, at, (int) range.start(), out);
            at = (int) range.end();
        }
        copy(bytes, at, bytes.length, out);
        return Name.of(Arrays.copyOf(out.array(), out.position()));
    }

    private static void copy(byte[] bytes, int from, int to, ByteBuffer out) {
        out.put(bytes, from, Math.min(to - from, out.remaining()));
    }

    /** What becomes of a content wherever it is: empty if it goes. Used for files that have no name any more. */
    public TreeEntry content(TreeEntry file) {
        if (file.content() == null) {
            return file;
        }
        Verdict verdict = secrets.isEmpty() ? new Verdict(false, file.content()) : verdict(file.content(), file.size());
        if (verdict.gone || goneContents.contains(file.content())) {
            return file.withContent(0, null);
        }
        return file.withContent(file.size(), verdict.content);
    }

    private Verdict verdict(ContentRef content, long size) {
        Verdict known = verdicts.get(content);
        if (known == null) {
            known = judge(content, size);
            verdicts.put(content, known);
        }
        return known;
    }

    private Verdict judge(ContentRef content, long size) {
        StoredContent stored = new StoredContent(table, content, size);
        if (secrets.hasHashes()
                && (secrets.isNamed(content.id().toHex()) || secrets.isNamed(Secrets.hash(size, stored)))) {
            return new Verdict(true, null);
        }
        List<Range> found = secrets.find(size, stored);
        if (found.isEmpty()) {
            return new Verdict(false, content);
        }
        if (isAll(found, size, stored)) {
            return new Verdict(true, null);
        }
        ContentSource overwritten = new Overwritten(stored, found);
        return new Verdict(false, ContentWriter.splice(table, content, size, size, found, overwritten));
    }

    /** Whether there is nothing else but ends of lines. */
    private static boolean isAll(List<Range> found, long size, ContentSource source) {
        Range only = found.get(0);
        if (found.size() > 1 || only.start() > 0 || size - only.end() > 2) {
            return false;
        }
        ByteBuffer rest = ByteBuffer.allocate((int) (size - only.end()));
        if (rest.hasRemaining()) {
            source.read(only.end(), rest);
        }
        for (byte each : rest.array()) {
            if (each != '\n' && each != '\r') {
                return false;
            }
        }
        return true;
    }

    /** A content with asterisks in some places. */
    private record Overwritten(StoredContent below, List<Range> ranges) implements ContentSource {
        @Override
        public boolean isHole(long offset) {
            return below.isHole(offset);
        }

        @Override
        public long runEnd(long offset) {
            return below.runEnd(offset);
        }

        @Override
        public void read(long offset, ByteBuffer target) {
            int start = target.position();
            long end = offset + target.remaining();
            below.read(offset, target);
            for (Range range : ranges) {
                for (long at = Math.max(offset, range.start()); at < Math.min(end, range.end()); at++) {
                    target.put(start + (int) (at - offset), (byte) '*');
                }
            }
        }
    }
}
