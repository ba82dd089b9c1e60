package dev.dogear.mount.vfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * When a file loses its set-user-id and set-group-id bits. Who may keep them (CAP_FSETID) is taken to be root: a request
 * names a user, no capabilities.
 */
final class SetIdBits {
    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int GROUP_EXECUTE = 010;
    private static final String GROUPS = "Groups:";

    private SetIdBits() {}

    /** The mode after a write, truncation or chown by that caller, whom the kernel found not to be allowed to keep them. */
    static int without(Caller caller, int mode, int gid) {
        int cleared = mode & ~SET_UID;
        boolean keepsGroup = (mode & GROUP_EXECUTE) == 0 && isMember(caller, gid);
        return keepsGroup ? cleared : cleared & ~SET_GID;
    }

    /** The mode after a change of access rights by that caller. */
    static int afterRights(Caller caller, int mode, int gid) {
        return (mode & SET_GID) == 0 || isMember(caller, gid) ? mode : mode & ~SET_GID;
    }

    private static boolean isMember(Caller caller, int gid) {
        if (caller.uid() == 0 || caller.gid() == gid) {
            return true;
        }
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Integer.toString(caller.pid()), "status"))) {
                if (line.startsWith(GROUPS)) {
                    List<String> groups =
                            List.of(line.substring(GROUPS.length()).strip().split(" ", -1));
                    return groups.contains(Integer.toUnsignedString(gid));
                }
            }
        } catch (IOException e) {
            return false; // gone, or not to be seen from here: the bit goes
        }
        return false;
    }
}
