package dev.dogear.store.workspace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeDiff;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Xattrs;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random edits, freezes, settles, switches and restarts, each followed by what a simple model says. The seed is in every
 * message; {@code -Ddogear.rounds} and {@code -Ddogear.seed} choose how much and what.
 */
final class WorkspaceModelTest {
    private static final int ROUNDS = Integer.getInteger("dogear.rounds", 8);
    private static final long SEED = Long.getLong("dogear.seed", System.nanoTime());
    private static final int STEPS = 150;

    @TempDir
    Path directory;

    @Test
    void liveStateIsTheModelsWhateverHappensInBetween() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            long seed = SEED + round;
            List<String> steps = new ArrayList<>();
            try (Rig rig = new Rig(directory.resolve("r" + round))) {
                new Run(rig, new Random(seed), steps).run();
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + " after " + steps.size() + " steps:\n" + String.join("\n", steps), e);
            }
        }
    }

    /** A stored root and what it holds. */
    private record Version(Root root, Model model) {}

    /** An open file: ours and the model's. */
    private record Handle(FileNode node, int fileId) {}

    private static final class Run {
        private static final String[] NAMES = {"a", "b", "c", "d", "e", "f"};

        private final Rig rig;
        private final Random random;
        private final List<String> steps;
        private Model model = new Model();
        private final List<Version> versions = new ArrayList<>();
        private final List<Handle> handles = new ArrayList<>();
        private final Map<Integer, byte[]> orphans = new HashMap<>();
        private @Nullable Frozen pending;
        private @Nullable Model pendingModel;

        Run(Rig rig, Random random, List<String> steps) {
            this.rig = rig;
            this.random = random;
            this.steps = steps;
        }

        void run() throws Exception {
            versions.add(new Version(rig.saved.root(), model.copy()));
            for (int step = 0; step < STEPS; step++) {
                rig.tick();
                if (random.nextInt(6) == 0) {
                    whole();
                } else {
                    edit();
                }
                if (random.nextInt(8) == 0) {
                    compare();
                }
            }
            compare();
            reopen();
        }

        private void compare() throws Exception {
            assertEquals(model.dump(), Rig.dump(rig.workspace));
            for (Handle handle : handles) {
                Model.Item item = byId(handle.fileId());
                byte[] expected = item == null ? orphans.get(handle.fileId()) : item.content;
                assertArrayEquals(expected, Rig.bytes(rig.workspace, handle.node()), "open file " + handle.fileId());
                if (item != null) {
                    assertSame(handle.node(), rig.workspace.node(handle.fileId()));
                }
            }
        }

        private Model.@Nullable Item byId(int fileId) {
            for (List<String> path : model.files()) {
                Model.Item item = model.at(path);
                if (item.fileId == fileId) {
                    return item;
                }
            }
            return null;
        }

        private void whole() throws Exception {
            switch (random.nextInt(7)) {
                case 0 -> {
                    steps.add("freeze");
                    pending = rig.workspace.freeze();
                    pendingModel = model.copy();
                }
                case 1 -> settle();
                case 2 -> {
                    steps.add("checkpoint");
                    pending = null;
                    Root root = rig.checkpoint();
                    check(root, model.copy());
                    assertEquals(0, rig.workspace.editCount());
                }
                case 3 -> reopen();
                case 4 -> switchTo();
                case 5 -> {
                    steps.add("edits");
                    Root before = rig.workspace.base();
                    var edits = rig.workspace.edits();
                    Frozen frozen = rig.workspace.freeze();
                    var expected = TreeDiff.between(rig.objects, before, frozen.store(rig.objects));
                    // Content written back as it was is an edit until it is stored.
                    if (edits.size() != expected.size()) {
                        var paths = edits.stream().map(change -> change.path()).toList();
                        expected.forEach(change -> assertEquals(true, paths.contains(change.path())));
                    }
                    pending = null;
                }
                default -> open();
            }
        }

        private void settle() throws Exception {
            Frozen frozen = pending;
            Model then = pendingModel;
            if (frozen != null && then != null) {
                steps.add("settle");
                Root root = rig.settle(frozen);
                pending = null;
                check(root, then);
            }
        }

        private void check(Root root, Model expected) {
            versions.add(new Version(root, expected));
            assertEquals(expected.dump(), Rig.dump(rig.over(root)), "stored root");
        }

        private void reopen() {
            steps.add("reopen");
            handles.clear();
            orphans.clear();
            pending = null;
            rig.reopen();
            assertEquals(model.dump(), Rig.dump(rig.workspace), "after reopening");
        }

        private void switchTo() throws Exception {
            int which = random.nextInt(versions.size());
            steps.add("switch to version " + which);
            pending = null;
            for (Handle handle : handles) {
                Model.Item item = byId(handle.fileId());
                if (item != null) {
                    orphans.put(handle.fileId(), item.content);
                }
            }
            rig.switchTo(versions.get(which).root());
            model = versions.get(which).model().copy();
            compare();
            assertEquals(0, rig.workspace.editCount());
        }

        private void open() throws Exception {
            List<List<String>> files = model.files();
            if (files.isEmpty()) {
                return;
            }
            List<String> path = pick(files);
            if (node(path) instanceof FileNode file) {
                steps.add("open " + path);
                rig.workspace.opened(file, false);
                handles.add(new Handle(file, file.fileId()));
            }
        }

        private <T> T pick(List<T> all) {
            return all.get(random.nextInt(all.size()));
        }

        private Node node(List<String> path) throws PosixException {
            return rig.at(TreePath.of(path.stream().map(Name::of).toList()).toString());
        }

        private DirectoryNode directory(List<String> path) throws PosixException {
            return (DirectoryNode) node(path);
        }

        /** An edit of both sides: same outcome. */
        private interface Edit {
            void make() throws PosixException;
        }

        private void both(String what, Edit ours, Edit models) {
            steps.add(what);
            assertEquals(outcome(models), outcome(ours), what);
        }

        private static String outcome(Edit edit) {
            try {
                edit.make();
                return "done";
            } catch (PosixException e) {
                return e.getMessage();
            }
        }

        private void edit() throws Exception {
            int kind = random.nextInt(20);
            if (kind < 5) {
                create();
            } else if (kind < 12) {
                names();
            } else {
                file();
            }
        }

        private void create() throws PosixException {
            List<String> at = pick(model.directories());
            String name = NAMES[random.nextInt(NAMES.length)];
            NewFile who = new NewFile(random.nextInt(4) == 0 ? 02775 : 0644, 1000, 1000);
            EntryType type = new EntryType[] {
                        EntryType.FILE, EntryType.DIRECTORY, EntryType.DIRECTORY, EntryType.SYMLINK
                    }
                    [random.nextInt(4)];
            Node[] made = {null};
            DirectoryNode directory = directory(at);
            Name as = Name.of(name);
            Edit ours =
                    switch (type) {
                        case FILE -> () -> made[0] = rig.workspace.createFile(directory, as, who);
                        case DIRECTORY -> () -> made[0] = rig.workspace.createDirectory(directory, as, who);
                        default -> () -> made[0] = rig.workspace.createSymlink(directory, as, new byte[] {'x'}, who);
                    };
            Model.Item in = model.at(at);
            Edit models = () -> {
                Model.Item item = model.create(in, name, type, who.mode(), rig.time());
                item.fileId = made[0] == null ? -1 : made[0].fileId();
                item.content = type == EntryType.SYMLINK ? new byte[] {'x'} : new byte[0];
            };
            steps.add("create " + type + " " + at + " " + name);
            String outcome = outcome(ours);
            assertEquals(outcome(models), outcome);
        }

        private void names() throws PosixException {
            List<String> from = pick(model.directories());
            List<String> to = pick(model.directories());
            String name = NAMES[random.nextInt(NAMES.length)];
            String newName = NAMES[random.nextInt(NAMES.length)];
            DirectoryNode ours = directory(from);
            DirectoryNode target = directory(to);
            Model.Item models = model.at(from);
            Model.Item modelTarget = model.at(to);
            Name as = Name.of(name);
            Name newAs = Name.of(newName);
            Model.Item item = models.children.get(name);
            Model.Item replaced = modelTarget.children.get(newName);
            int kind = random.nextInt(8);
            if (kind == 0) {
                both(
                        "unlink " + from + " " + name,
                        () -> rig.workspace.unlink(ours, as, EditLog.Cause.NONE),
                        () -> model.unlink(models, name, false, rig.time()));
            } else if (kind == 1) {
                both(
                        "rmdir " + from + " " + name,
                        () -> rig.workspace.removeDirectory(ours, as, EditLog.Cause.NONE),
                        () -> model.unlink(models, name, true, rig.time()));
            } else if (kind < 4 && item != null) {
                Node node = rig.workspace.lookup(ours, as);
                both(
                        "link " + from + " " + name + " to " + to + " " + newName,
                        () -> rig.workspace.link(node, target, newAs),
                        () -> model.link(item, modelTarget, newName, rig.time()));
            } else {
                int flags = Math.max(0, random.nextInt(6) - 3);
                both(
                        "rename " + from + " " + name + " to " + to + " " + newName + " flags " + flags,
                        () -> rig.workspace.rename(ours, as, target, newAs, flags),
                        () -> {
                            if (flags > 2) {
                                throw new PosixException(Errno.EINVAL);
                            }
                            model.rename(models, name, modelTarget, newName, flags, rig.time());
                        });
            }
            remember(item);
            remember(replaced);
        }

        /** Keeps the content of a file that an open handle may be the last to see. */
        private void remember(Model.@Nullable Item item) {
            if (item != null && !item.isDirectory()) {
                orphans.put(item.fileId, item.content);
            }
        }

        private void file() throws Exception {
            List<List<String>> files = model.files();
            if (files.isEmpty()) {
                return;
            }
            List<String> path = pick(files);
            Model.Item item = model.at(path);
            Node node = node(path);
            if (!(node instanceof FileNode file)) {
                return;
            }
            switch (random.nextInt(6)) {
                case 0, 1 -> write(path, item, file);
                case 2 -> truncate(path, item, file);
                case 3 -> {
                    int offset = random.nextInt(50_000);
                    int length = 1 + random.nextInt(50_000);
                    steps.add("punch " + path + " " + offset + "+" + length);
                    rig.workspace.allocate(file, 3, offset, length);
                    byte[] content = item.content.clone();
                    int end = Math.min(offset + length, content.length);
                    Arrays.fill(content, Math.min(offset, end), end, (byte) 0);
                    edited(item, content);
                }
                case 4 -> attributes(path, item, file);
                default -> copy(path, item, file, pick(files));
            }
            remember(item);
        }

        private void edited(Model.Item item, byte[] content) {
            item.content = content;
            item.attributes = item.attributes.withTimes(rig.time(), rig.time());
        }

        private void write(List<String> path, Model.Item item, FileNode file) throws PosixException {
            int offset = random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(item.content.length + 1);
            byte[] data = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? 200_000 : 300)];
            random.nextBytes(data);
            steps.add("write " + path + " " + offset + "+" + data.length);
            rig.workspace.write(file, offset, ByteBuffer.wrap(data));
            byte[] content = Arrays.copyOf(item.content, Math.max(item.content.length, offset + data.length));
            System.arraycopy(data, 0, content, offset, data.length);
            edited(item, content);
        }

        private void truncate(List<String> path, Model.Item item, FileNode file) throws PosixException {
            int size = random.nextInt(3) == 0 ? random.nextInt(300_000) : random.nextInt(item.content.length + 1);
            steps.add("truncate " + path + " " + size);
            rig.workspace.change(file, new AttributeChange(null, null, null, (long) size, null, null, null));
            int mode = item.attributes.mode();
            item.attributes = item.attributes
                    .withMode((mode & 010) != 0 ? mode & ~06000 : mode & ~04000)
                    .withTimes(size == item.content.length ? item.attributes.mtime() : rig.time(), rig.time());
            item.content = Arrays.copyOf(item.content, size);
        }

        private void attributes(List<String> path, Model.Item item, FileNode file) throws PosixException {
            int mode = random.nextInt(010000);
            steps.add("chmod, setxattr " + path + " " + Integer.toOctalString(mode));
            rig.workspace.change(file, new AttributeChange(mode, null, null, null, null, null, null));
            rig.workspace.setXattr(file, "user.x" + mode % 3, new byte[] {1, 2}, 0, EditLog.Cause.NONE);
            Xattrs xattrs = item.attributes.xattrs().with("user.x" + mode % 3, new byte[] {1, 2});
            item.attributes =
                    item.attributes.withMode(mode).withXattrs(xattrs).withTimes(item.attributes.mtime(), rig.time());
        }

        private void copy(List<String> path, Model.Item item, FileNode file, List<String> target)
                throws PosixException {
            Model.Item to = model.at(target);
            if (!(node(target) instanceof FileNode toFile) || to == item || item.content.length == 0) {
                return;
            }
            int from = random.nextInt(item.content.length);
            int count = 1 + random.nextInt(item.content.length - from);
            int at = random.nextInt(to.content.length + 10);
            steps.add("copy " + path + " " + from + "+" + count + " to " + target + " " + at);
            assertEquals(count, rig.workspace.copyRange(file, from, toFile, at, count));
            byte[] content = Arrays.copyOf(to.content, Math.max(to.content.length, at + count));
            System.arraycopy(item.content, from, content, at, count);
            edited(to, content);
            remember(to);
        }
    }
}
