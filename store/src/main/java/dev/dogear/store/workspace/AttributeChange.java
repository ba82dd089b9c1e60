package dev.dogear.store.workspace;

import dev.dogear.store.tree.Timestamp;
import org.jspecify.annotations.Nullable;

/** Which attributes a SETATTR sets; null leaves one as it is. ctime, where not given, becomes now. */
public record AttributeChange(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Timestamp atime,
        @Nullable Timestamp mtime,
        @Nullable Timestamp ctime) {
    /** Whether it leaves alone who may do what with the file. */
    public boolean keepsRights() {
        return mode == null && uid == null && gid == null;
    }
}
