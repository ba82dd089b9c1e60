package dev.dogear.store.tree;

import dev.dogear.store.object.ObjectTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Random edits of a {@link ModelTree}, as programs make them. */
final class RandomEdits {
    private final ObjectTable table;
    private final Random random;
    private int nextFileId;

    RandomEdits(ObjectTable table, Random random, int firstFileId) {
        this.table = table;
        this.random = random;
        this.nextFileId = firstFileId;
    }

    void apply(ModelTree tree, int count) {
        for (int i = 0; i < count; i++) {
            applyOne(tree);
        }
    }

    private void applyOne(ModelTree tree) {
        List<TreePath> files = tree.paths(false);
        List<TreePath> directories = tree.paths(true);
        directories.remove(TreePath.ROOT);
        int what = random.nextInt(12);
        if (what < 3 || files.isEmpty()) {
            tree.file(table, fresh(tree), nextFileId++, text());
        } else if (what < 5 || directories.isEmpty()) {
            tree.directory(fresh(tree), nextFileId++);
        } else if (what < 6) {
            write(tree, pick(files));
        } else if (what < 8) {
            move(tree, random.nextBoolean() ? pick(files) : pick(directories));
        } else if (what < 9) {
            tree.remove(
                    random.nextInt(3) > 0
                            ? pick(files).toString()
                            : pick(directories).toString());
        } else if (what < 10) {
            replace(tree, pick(files));
        } else if (what < 11) {
            chmod(tree, pick(random.nextBoolean() ? files : directories));
        } else {
            tree.put(fresh(tree), entry(tree, pick(files)));
        }
    }

    /** Writes into a file, seen at all its names. */
    private void write(ModelTree tree, TreePath path) {
        TreeEntry old = entry(tree, path);
        everyName(tree, old, ModelTree.content(table, old, text()));
    }

    private void chmod(ModelTree tree, TreePath path) {
        TreeEntry old = entry(tree, path);
        everyName(tree, old, old.withAttributes(old.attributes().withMode(0600 + random.nextInt(64))));
    }

    private static void everyName(ModelTree tree, TreeEntry old, TreeEntry entry) {
        tree.entries().replaceAll((path, each) -> each.fileId() == old.fileId() ? entry : each);
    }

    private void move(ModelTree tree, TreePath from) {
        String to = random.nextInt(4) == 0 ? pick(tree.paths(false)).toString() : fresh(tree);
        TreePath target = TreePath.parse(to);
        boolean overFile = tree.entries().containsKey(target);
        boolean directory = entry(tree, from).type() == EntryType.DIRECTORY;
        if (!target.startsWith(from) && !(overFile && directory)) {
            tree.move(from.toString(), to);
        }
    }

    /** As an editor saves: a new file under the old name, sometimes with the old one kept aside. */
    private void replace(ModelTree tree, TreePath path) {
        if (random.nextBoolean()) {
            tree.move(path.toString(), fresh(tree));
        }
        if (tree.entries().containsKey(path.parent())) {
            tree.file(table, path.toString(), nextFileId++, text());
        }
    }

    private String fresh(ModelTree tree) {
        while (true) {
            TreePath path = pick(tree.paths(true)).child(Name.of("n" + random.nextInt(30)));
            if (!tree.entries().containsKey(path)) {
                return path.toString();
            }
        }
    }

    private String text() {
        return "text " + random.nextInt(1000);
    }

    private static TreeEntry entry(ModelTree tree, TreePath path) {
        return Objects.requireNonNull(tree.entries().get(path));
    }

    private TreePath pick(List<TreePath> paths) {
        return new ArrayList<>(paths).get(random.nextInt(paths.size()));
    }
}
