package dev.dogear.mount.vfs;

import dev.dogear.mount.commands.CommandFile;
import dev.dogear.store.StoreException;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.workspace.DirectoryNode;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.Node;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import dev.dogear.store.workspace.Workspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory of a workspace, listed inside its gate. */
final class ListedDirectory implements Listed {
    private final ShownWorkspaces workspaces;
    private final VirtualLevels levels;
    private final Workspace workspace;
    private final DirectoryNode directory;
    private final boolean hidesControl;

    /** @param hidesControl leave out a file called {@code .dogear}, which cannot be reached there */
    ListedDirectory(ShownWorkspaces workspaces, VirtualLevels levels, DirectoryNode directory, boolean hidesControl) {
        this.workspaces = workspaces;
        this.levels = levels;
        this.workspace = directory.workspace();
        this.directory = directory;
        this.hidesControl = hidesControl;
    }

    @Override
    public NodeAttributes self() {
        return workspace.attributes(directory);
    }

    @Override
    public NodeAttributes above() {
        if (directory.fileId() == TreeEntry.ROOT_FILE_ID) {
            return levels.attributes(levels.above(workspace.number()));
        }
        return workspace.attributes(workspace.parent(directory));
    }

    @Override
    public List<Item> from(long cookie, int most) throws PosixException {
        List<Item> items = new ArrayList<>();
        workspace.list(directory, cookie, (name, fileId, typeBits, at) -> {
            if (items.size() >= most && items.get(items.size() - 1).cookie() != at) {
                return false;
            }
            if (hidesControl && CommandFile.isDirectoryName(name.toBytes())) {
                return true;
            }
            items.add(new Item(name.toBytes(), NodeIds.of(workspace.number(), fileId), typeBits, at));
            return true;
        });
        return items;
    }

    /** An entry that cannot be loaded is shown by name, so that its error comes to who asks for that file. */
    @Override
    public @Nullable Entry look(Item item) {
        try {
            Node node = workspace.lookup(directory, Name.of(item.name()));
            return workspaces.entry(workspace, node);
        } catch (PosixException e) {
            return e.errno() == Errno.ENOENT ? null : new Entry(0, levels.shown(item.inode()));
        } catch (StoreException e) {
            return new Entry(0, levels.shown(item.inode()));
        }
    }

    @Override
    public void unlook(Entry entry) {
        workspaces.release(workspace, NodeIds.fileId(entry.node()), 1);
    }
}
