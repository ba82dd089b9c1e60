package dev.dogear.store.tree.unversioned;

import dev.dogear.store.object.ContentRef;
import dev.dogear.store.object.ObjectTable;
import dev.dogear.store.object.StoredContent;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Name;
import dev.dogear.store.tree.Root;
import dev.dogear.store.tree.TreeEntry;
import dev.dogear.store.tree.TreePath;
import dev.dogear.store.tree.Trees;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.eclipse.jgit.ignore.IgnoreNode;
import org.jspecify.annotations.Nullable;

/**
 * Which paths are not versioned, in the syntax of gitignore: what the file of a directory says of what is in and below it
 * comes before what those above it say, and all of them before the repository's own rules.
 */
public final class IgnoreRules {
    /** Everything is versioned. */
    public static final IgnoreRules NONE = new IgnoreRules(new IgnoreNode(), 0, null);

    private static final Name FILE = Name.of(".dogearignore");
    private static final int BYTES_MAX = 1 << 20;

    private final IgnoreNode node;
    private final int depth;
    private final @Nullable IgnoreRules above;

    /** @param depth of the directory that the rules of {@code node} are seen from */
    private IgnoreRules(IgnoreNode node, int depth, @Nullable IgnoreRules above) {
        this.node = node;
        this.depth = depth;
        this.above = above;
    }

    /** The rules of such a text, seen from the root. */
    public static IgnoreRules of(byte[] text) {
        return new IgnoreRules(parsed(text), 0, null);
    }

    private static IgnoreNode parsed(byte[] text) {
        IgnoreNode node = new IgnoreNode();
        try {
            node.parse(new ByteArrayInputStream(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return node;
    }

    /** Whether no path can be named. */
    boolean isEmpty() {
        return node.getRules().isEmpty() && (above == null || above.isEmpty());
    }

    /** The rules in a directory: these, after those of its own {@link #file}, if it has one. */
    IgnoreRules with(ObjectTable table, @Nullable TreeEntry file, TreePath path) {
        if (file == null) {
            return this;
        }
        ByteBuffer text = ByteBuffer.allocate((int) file.size());
        new StoredContent(table, file.content(), file.size()).read(0, text);
        return new IgnoreRules(parsed(text.array()), path.names().size(), this);
    }

    /** A directory's file of rules; null if it has none, or something else, or one that is too long to be meant. */
    static @Nullable TreeEntry file(ObjectTable table, Root root, @Nullable ContentRef directory) {
        TreeEntry entry = Trees.find(table, directory, FILE);
        TreeEntry file = entry == null ? null : Trees.resolve(table, root, entry);
        if (file == null || file.type() != EntryType.FILE || file.content() == null) {
            return null;
        }
        return file.size() <= BYTES_MAX ? file : null;
    }

    /** Whether a rule names the path itself; below a directory for which this is so nothing can be named back. */
    boolean matches(TreePath path, boolean directory) {
        String seen =
                TreePath.of(path.names().subList(depth, path.names().size())).toString();
        Boolean ignored = node.checkIgnored(seen, directory);
        if (ignored != null) {
            return ignored;
        }
        return above != null && above.matches(path, directory);
    }
}
