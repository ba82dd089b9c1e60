package dev.dogear.store.tree.unversioned;

import dev.dogear.store.tree.TreePath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.eclipse.jgit.ignore.IgnoreNode;

/** Which paths are not versioned, in the syntax of gitignore, seen from the root. */
public final class IgnoreRules {
    /** Everything is versioned. */
    public static final IgnoreRules NONE = new IgnoreRules(new IgnoreNode());

    private final IgnoreNode node;

    private IgnoreRules(IgnoreNode node) {
        this.node = node;
    }

    /** The rules of such a file. */
    public static IgnoreRules of(byte[] text) {
        IgnoreNode node = new IgnoreNode();
        try {
            node.parse(new ByteArrayInputStream(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new IgnoreRules(node);
    }

    public boolean isEmpty() {
        return node.getRules().isEmpty();
    }

    /** Whether a rule names the path itself; below a directory for which this is so nothing can be named back. */
    boolean matches(TreePath path, boolean directory) {
        Boolean ignored = node.checkIgnored(path.toString(), directory);
        return ignored != null && ignored;
    }
}
