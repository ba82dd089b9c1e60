package dev.dogear.store.tree;

import dev.dogear.store.StoreException;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.Output;
import dev.dogear.store.object.Varint;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The table of files with several names, a prolly tree from file id to {@link LinkedFile}. A null table is empty. Every
 * LINKED entry of a root has its record here, and every path of a record has a LINKED entry with that file id.
 */
public final class LinkTable {
    private LinkTable() {}

    /** The record of that file id, or null. */
    public static @Nullable LinkedFile find(ObjectTable table, @Nullable ObjectId links, int fileId) {
        return links == null ? null : Prolly.find(table, Layout.INSTANCE, links, fileId);
    }

    /** @throws StoreException of kind CORRUPT if there is no such record */
    public static LinkedFile require(ObjectTable table, @Nullable ObjectId links, int fileId) {
        @Nullable LinkedFile file = find(table, links, fileId);
        if (file == null) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT, "No record of the linked file " + Integer.toUnsignedString(fileId));
        }
        return file;
    }

    /** Number of records; reads one object. */
    public static long count(ObjectTable table, @Nullable ObjectId links) {
        return links == null ? 0 : Prolly.read(table, Layout.INSTANCE, links).count();
    }

    /** Shows all records in the order of file ids (unsigned) until the visitor says false. */
    public static void list(ObjectTable table, @Nullable ObjectId links, Visitor visitor) {
        if (links != null) {
            Prolly.list(table, Layout.INSTANCE, links, key -> false, visitor::file);
        }
    }

    /** Shows the records of every node that {@code into} lets in. */
    public static void walk(ObjectTable table, @Nullable ObjectId links, Predicate<ObjectId> into, Visitor visitor) {
        if (links != null) {
            Prolly.walk(table, Layout.INSTANCE, links, into, visitor::file);
        }
    }

    /** The table with some records set (present) or removed (empty); null if none is left. */
    public static @Nullable ObjectId edit(
            ObjectTable table, @Nullable ObjectId links, Map<Integer, Optional<LinkedFile>> edits) {
        SortedMap<Integer, Optional<LinkedFile>> sorted = new TreeMap<>(Integer::compareUnsigned);
        sorted.putAll(edits);
        Prolly.@Nullable Child root = new ProllyEdit<>(table, Layout.INSTANCE, links).apply(sorted);
        return root == null ? null : root.id();
    }

    /** Shows the file ids whose records are not equal in the two tables. */
    public static void differences(
            ObjectTable table, @Nullable ObjectId before, @Nullable ObjectId after, IntConsumer different) {
        ProllyDiff.run(table, Layout.INSTANCE, before, after, (fileId, left, right) -> {
            different.accept(fileId);
            return true;
        });
    }

    /** Receives records. */
    @FunctionalInterface
    public interface Visitor {
        /** @return whether to go on */
        boolean file(int fileId, LinkedFile file);
    }

    /** The table of files with several names: file ids (unsigned) to records. */
    static final class Layout implements ProllyLayout<Integer, LinkedFile> {
        static final Layout INSTANCE = new Layout();

        private static final int VERSION = 0x20;

        private Layout() {}

        @Override
        public int version() {
            return VERSION;
        }

        @Override
        public int compare(Integer left, Integer right) {
            return Integer.compareUnsigned(left, right);
        }

        @Override
        public long boundaryBits(Integer key) {
            return ProllyLayout.mix(Integer.toUnsignedLong(key) + 1);
        }

        @Override
        public void writeKey(Output out, Integer key, boolean inner) {
            out.varint(Integer.toUnsignedLong(key));
        }

        @Override
        public Integer readKey(ByteBuffer in, boolean inner) {
            return (int) Varint.read(in);
        }

        @Override
        public void writeValue(Output out, LinkedFile value) {
            EntryCodec.writeLinked(out, value);
        }

        @Override
        public LinkedFile readValue(ByteBuffer in) {
            return EntryCodec.readLinked(in);
        }
    }
}
