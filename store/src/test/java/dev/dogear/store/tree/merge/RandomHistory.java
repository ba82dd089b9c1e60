package dev.dogear.store.tree.merge;

import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.ModelTree;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Random edits that git can follow: contents differ enough that it takes no file for another, edits are small enough that
 * it knows a renamed file again, and there is no empty directory or file.
 */
final class RandomHistory {
    private final ObjectTable table;
    private final Random random;
    private final List<String> done = new ArrayList<>();
    private int nextFileId = 2;
    private boolean moves = true;

    RandomHistory(ObjectTable table, Random random) {
        this.table = table;
        this.random = random;
    }

    /** From now on no edit renames anything, nor makes something of another type of it. */
    RandomHistory withoutMoves() {
        moves = false;
        return this;
    }

    /** What was done, for a failure's message. */
    List<String> done() {
        return done;
    }

    /** A number no file has. */
    int newFileId() {
        return nextFileId++;
    }

    ModelTree base() {
        ModelTree tree = new ModelTree();
        for (int i = 3 + random.nextInt(10); i > 0; i--) {
            add(tree);
        }
        return tree;
    }

    /** Some edits of a copy. */
    ModelTree side(ModelTree base, int edits) {
        ModelTree side = base.copy();
        for (int i = 0; i < edits; i++) {
            if (side.paths(false).isEmpty()) {
                add(side);
            } else {
                edit(side);
            }
            prune(side);
        }
        if (random.nextInt(4) == 0 && !side.paths(false).isEmpty()) {
            save(base, side, pick(side.paths(false)));
        }
        return side;
    }

    private void edit(ModelTree tree) {
        TreePath file = pick(tree.paths(false));
        TreePath directory = pick(tree.paths(true));
        int what = random.nextInt(20);
        if (what < 3) {
            add(tree);
        } else if (what < 9) {
            write(tree, file);
        } else if (what < 11) {
            chmod(tree, file);
        } else if (what < 16) {
            move(tree, what < 14 ? file : directory);
        } else if (what < 18) {
            remove(tree, random.nextInt(4) == 0 ? directory : file);
        } else {
            retype(tree, file);
        }
    }

    private void add(ModelTree tree) {
        TreePath path = fresh(tree);
        makeAbove(tree, path);
        done.add("add " + path);
        tree.put(path.toString(), newFile());
    }

    private TreeEntry newFile() {
        Attributes attributes = Attributes.NONE.withMode(random.nextInt(5) == 0 ? 0755 : 0644);
        int kind = random.nextInt(12);
        if (kind == 0) {
            byte[] target = ("target " + random.nextInt()).getBytes(StandardCharsets.UTF_8);
            return TreeEntry.symlink(nextFileId++, Attributes.NONE.withMode(0777), target);
        }
        StringBuilder text = new StringBuilder(kind == 1 ? "\0binary\n" : "");
        for (int i = 8 + random.nextInt(20); i > 0; i--) {
            text.append(line());
        }
        return ModelTree.content(
                table,
                TreeEntry.file(nextFileId++, attributes, 0, null),
                random.nextInt(6) == 0 ? text.toString().strip() : text.toString());
    }

    private String line() {
        return Long.toString(random.nextLong(), 36) + " " + Long.toString(random.nextLong(), 36) + "\n";
    }

    private void write(ModelTree tree, TreePath path) {
        TreeEntry old = tree.get(path.toString());
        if (old.type() == EntryType.SYMLINK) {
            // A link cannot be written to: it is replaced, under a file id of its own.
            done.add("retarget " + path);
            byte[] target = ("other " + random.nextInt()).getBytes(StandardCharsets.UTF_8);
            tree.put(path.toString(), TreeEntry.symlink(nextFileId++, old.attributes(), target));
            return;
        }
        List<String> lines = new ArrayList<>(Arrays.asList(text(old).split("(?<=\n)")));
        int at = random.nextInt(lines.size());
        int what = random.nextInt(4);
        done.add("write " + path + " line " + at + " " + what);
        if (what == 0) {
            lines.add(at, line());
        } else if (what == 1 && lines.size() > 6) {
            lines.remove(at);
        } else {
            lines.set(at, line());
        }
        tree.put(path.toString(), ModelTree.content(table, old, String.join("", lines)));
    }

    private String text(TreeEntry file) {
        byte[] bytes = new byte[(int) file.size()];
        new StoredContent(table, file.content(), file.size()).read(0, ByteBuffer.wrap(bytes));
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void chmod(ModelTree tree, TreePath path) {
        TreeEntry old = tree.get(path.toString());
        if (old.type() == EntryType.FILE) {
            done.add("chmod " + path);
            tree.put(
                    path.toString(),
                    old.withAttributes(
                            old.attributes().withMode(old.attributes().mode() ^ 0111)));
        }
    }

    private void move(ModelTree tree, TreePath from) {
        if (!moves) {
            write(tree, pick(tree.paths(false)));
            return;
        }
        TreePath to = fresh(tree);
        if (!from.isRoot() && !to.startsWith(from)) {
            done.add("move " + from + " to " + to);
            makeAbove(tree, to);
            tree.move(from.toString(), to.toString());
        }
    }

    private void remove(ModelTree tree, TreePath path) {
        if (!path.isRoot()) {
            done.add("remove " + path);
            tree.remove(path.toString());
        }
    }

    /** Something of another type at the same place. */
    private void retype(ModelTree tree, TreePath path) {
        if (!moves) {
            write(tree, path);
            return;
        }
        done.add("retype " + path);
        if (random.nextBoolean()) {
            tree.remove(path.toString());
            tree.directory(path.toString(), nextFileId++);
            tree.put(path + "/in", newFile());
        } else {
            tree.put(path.toString(), newFile());
        }
    }

    /**
     * As an editor does: another file id under the old name. Only of a file that was not renamed: one that was is a new file
     * elsewhere to us, while git finds it again by its content.
     */
    private void save(ModelTree base, ModelTree tree, TreePath path) {
        TreeEntry old = base.entries().get(path);
        if (old != null && old.fileId() == tree.get(path.toString()).fileId()) {
            done.add("save " + path);
            write(tree, path);
            tree.put(path.toString(), tree.get(path.toString()).withFileId(nextFileId++));
        }
    }

    /** A path that is not taken, in few names, so that the sides meet. */
    private TreePath fresh(ModelTree tree) {
        while (true) {
            TreePath path = pick(tree.paths(true));
            while (path.names().size() < 3 && random.nextInt(3) == 0) {
                path = path.child(Name.of("d" + random.nextInt(4)));
            }
            path = path.child(Name.of((random.nextBoolean() ? "f" : "d") + random.nextInt(12)));
            if (!tree.entries().containsKey(path) && canHold(tree, path.parent())) {
                return path;
            }
        }
    }

    private static boolean canHold(ModelTree tree, TreePath path) {
        for (TreePath above = path; ; above = above.parent()) {
            TreeEntry entry = tree.entries().get(above);
            if (entry != null) {
                return entry.type() == EntryType.DIRECTORY;
            }
        }
    }

    private void makeAbove(ModelTree tree, TreePath path) {
        for (int depth = 1; depth < path.names().size(); depth++) {
            TreePath above = TreePath.of(path.names().subList(0, depth));
            if (!tree.entries().containsKey(above)) {
                tree.directory(above.toString(), nextFileId++);
            }
        }
    }

    private static void prune(ModelTree tree) {
        boolean pruned = true;
        while (pruned) {
            pruned = false;
            for (TreePath directory : tree.paths(true)) {
                boolean empty = tree.entries().keySet().stream()
                        .noneMatch(path -> !path.equals(directory) && path.startsWith(directory));
                if (empty && !directory.isRoot()) {
                    tree.remove(directory.toString());
                    pruned = true;
                }
            }
        }
    }

    private TreePath pick(List<TreePath> paths) {
        return Objects.requireNonNull(paths.get(random.nextInt(paths.size())));
    }
}
