package dev.dogear.store.tree.merge;

import dev.dogear.store.tree.Timestamp;
import java.util.function.IntSupplier;

/**
 * What a merge needs besides the trees.
 *
 * @param time stamped on what the merge changes in ours
 * @param oursName shown in markers and in the names of files moved aside, as is {@code theirsName}
 * @param fileIds gives a file id no file of the repository ever had
 */
public record MergeOptions(Timestamp time, String oursName, String theirsName, IntSupplier fileIds) {}
