package dev.dogear.store.workspace;

import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Timestamp;

/**
 * What {@code stat} tells of a node, at one moment.
 *
 * @param inode bookmark number in the high 32 bits, file id in the low
 * @param links st_nlink: names of a file; 2 + subdirectories of a directory
 * @param size in bytes
 * @param allocated bytes of storage the content takes, holes left out
 * @param device st_rdev of a device node, else 0
 */
public record NodeAttributes(
        long inode,
        EntryType type,
        Attributes attributes,
        Timestamp atime,
        int links,
        long size,
        long allocated,
        long device) {}
