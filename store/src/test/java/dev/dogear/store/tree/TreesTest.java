package dev.dogear.store.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedMap;
import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.MemoryObjectTable;
import dev.dogear.store.object.ObjectId;
import dev.dogear.store.object.ObjectKind;
import dev.dogear.store.object.ObjectTable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Directories as prolly trees: edits equal a rebuild, and cost what they touch. */
final class TreesTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 60);

    private final ObjectTable table = new MemoryObjectTable();

    @Test
    void editsEqualARebuild() {
        long seed = Long.getLong("dogear.seed", 42);
        for (int round = 0; round < ROUNDS; round++) {
            try {
                editsEqualARebuild(new Random(seed + round));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + round), e);
            }
        }
    }

    private void editsEqualARebuild(Random random) {
        SortedMap<Name, TreeEntry> model = new TreeMap<>();
        int size = random.nextInt(1 << random.nextInt(1, 13));
        for (int i = 0; i < size; i++) {
            model.put(name(random, size), entry(random));
        }
        @Nullable ContentRef tree = build(model);
        for (int step = 0; step < 8; step++) {
            SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
            int changes = random.nextInt(random.nextBoolean() ? 4 : 2 + size);
            boolean shrink = random.nextInt(3) == 0;
            for (int i = 0; i < changes; i++) {
                boolean remove = shrink || random.nextInt(3) == 0;
                edits.put(name(random, size), remove ? Optional.empty() : Optional.of(entry(random)));
            }
            edits.forEach((name, entry) ->
                    entry.ifPresentOrElse(present -> model.put(name, present), () -> model.remove(name)));
            tree = Trees.edit(table, tree, edits);
            assertEquals(build(model), tree);
            check(model, tree, random);
        }
    }

    private void check(SortedMap<Name, TreeEntry> model, @Nullable ContentRef tree, Random random) {
        assertEquals(model.size(), Trees.count(table, tree));
        long from =
                model.isEmpty() || random.nextBoolean() ? 0 : model.firstKey().cookie() + (Long.MAX_VALUE >> 3);
        List<Name> expected =
                model.keySet().stream().filter(name -> name.cookie() >= from).toList();
        List<Name> listed = new ArrayList<>();
        Trees.list(table, tree, from, (name, entry) -> {
            assertEquals(model.get(name), entry);
            return listed.add(name);
        });
        assertEquals(expected, listed);
        for (int i = 0; i < 20; i++) {
            Name name = name(random, model.size() + 1);
            assertEquals(Optional.ofNullable(model.get(name)), Optional.ofNullable(Trees.find(table, tree, name)));
        }
    }

    @Test
    void aLargeDirectoryIsEditedAtTheCostOfTheEdit() {
        SortedMap<Name, TreeEntry> model = new TreeMap<>();
        Random random = new Random(9);
        for (int i = 0; i < 100_000; i++) {
            model.put(Name.of("file-" + i), entry(random));
        }
        @Nullable ContentRef tree = build(model);
        CountingTable counting = new CountingTable(table);
        for (int i = 0; i < 50; i++) {
            Name name = Name.of("file-" + random.nextInt(200_000));
            Optional<TreeEntry> edit = random.nextBoolean() ? Optional.of(entry(random)) : Optional.empty();
            edit.ifPresentOrElse(entry -> model.put(name, entry), () -> model.remove(name));
            counting.reads.set(0);
            counting.writes.set(0);
            tree = Trees.edit(counting, tree, ImmutableSortedMap.of(name, edit));
            assertTrue(counting.reads.get() <= 12, counting.reads + " reads");
            assertTrue(counting.writes.get() <= 12, counting.writes + " writes");
        }
        assertEquals(build(model), tree);
    }

    @Test
    void theLastEntryRemovedLeavesNoTree() {
        Name name = Name.of("only");
        @Nullable ContentRef tree = build(new TreeMap<>(Map.of(name, entry(new Random(1)))));
        assertNull(Trees.edit(table, tree, ImmutableSortedMap.of(name, Optional.empty())));
        assertNull(Trees.edit(table, null, ImmutableSortedMap.of(name, Optional.empty())));
    }

    @Test
    void theShapeIsPartOfTheFormat() {
        SortedMap<Name, TreeEntry> model = new TreeMap<>();
        for (int i = 0; i < 5000; i++) {
            model.put(Name.of("n" + i), TreeEntry.symlink(i + 2, Attributes.NONE, new byte[] {(byte) i}));
        }
        assertEquals("0211534592d379b4", String.valueOf(build(model)).replaceAll(".*id=(\\w{16}).*", "$1"));
    }

    private @Nullable ContentRef build(SortedMap<Name, TreeEntry> model) {
        SortedMap<Name, Optional<TreeEntry>> edits = new TreeMap<>();
        model.forEach((name, entry) -> edits.put(name, Optional.of(entry)));
        return Trees.edit(table, null, edits);
    }

    private static Name name(Random random, int size) {
        return Name.of("name " + random.nextInt(size * 2 + 1));
    }

    private static TreeEntry entry(Random random) {
        Attributes attributes = Attributes.NONE
                .withMode(random.nextInt(010000))
                .withTimes(new Timestamp(random.nextInt(), 5), Timestamp.EPOCH);
        if (random.nextBoolean()) {
            return TreeEntry.symlink(random.nextInt(), attributes, new byte[] {1, (byte) random.nextInt()});
        }
        byte[] content = new byte[8];
        random.nextBytes(content);
        ContentRef ref = new ContentRef(ObjectKind.CHUNK, ObjectId.of(ObjectKind.CHUNK, ByteBuffer.wrap(content)));
        return TreeEntry.file(random.nextInt(), attributes, content.length, ref);
    }
}
