package dev.dogear.mount.vfs;

import dev.dogear.store.workspace.NodeAttributes;

/**
 * A name's answer to the kernel: counts as one look-up of the node.
 *
 * @param node the node id; the same number for as long as the file exists
 * @param generation another one makes it another node to the kernel
 * @param attributes what stat tells
 * @param passing the name may lead elsewhere the next time, and is asked for again at each use
 */
public record Entry(long node, int generation, NodeAttributes attributes, boolean passing) {
    /** A node that was never removed. */
    public Entry(long node, NodeAttributes attributes) {
        this(node, 0, attributes, false);
    }

    Entry asPassing() {
        return new Entry(node, generation, attributes, true);
    }
}
