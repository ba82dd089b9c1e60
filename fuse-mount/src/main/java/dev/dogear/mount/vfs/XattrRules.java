package dev.dogear.mount.vfs;

import dev.dogear.store.access.AccessList;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.util.List;

/**
 * Which extended attributes there are: {@code user.} and {@code trusted.} (the kernel checks who may), {@code security.}
 * only where the mount belongs to root, and the two of access control lists. What is not kept is refused rather than
 * ignored.
 */
final class XattrRules {
    private static final String SECURITY = "security.";
    private static final String TRUSTED = "trusted.";
    private static final List<String> KEPT = List.of("user.", TRUSTED, SECURITY);

    private final boolean rootsMount;

    XattrRules(boolean rootsMount) {
        this.rootsMount = rootsMount;
    }

    /** @throws PosixException ENODATA or EOPNOTSUPP if no file can have that attribute */
    void checkRead(String name) throws PosixException {
        checkName(name);
        // The kernel asks for security.capability again and again: it must hear "there is none", not "ask no more".
        if (name.startsWith(SECURITY) && !rootsMount) {
            throw new PosixException(Errno.ENODATA);
        }
    }

    /** @throws PosixException EOPNOTSUPP if no file may have that attribute */
    void checkWrite(String name) throws PosixException {
        checkName(name);
        if (name.startsWith(SECURITY) && !rootsMount) {
            throw new PosixException(Errno.EOPNOTSUPP);
        }
    }

    /** Whether a listing for that user shows the name. */
    boolean isListed(String name, int uid) {
        return uid == 0 || !name.startsWith(TRUSTED);
    }

    /** Whether the name is that of an access control list. */
    static boolean isAccessList(String name) {
        return name.equals(AccessList.ACCESS) || name.equals(AccessList.DEFAULT);
    }

    private static void checkName(String name) throws PosixException {
        if (isAccessList(name)) {
            return;
        }
        for (String prefix : KEPT) {
            if (name.startsWith(prefix)) {
                if (name.length() == prefix.length()) {
                    throw new PosixException(Errno.EINVAL);
                }
                return;
            }
        }
        throw new PosixException(Errno.EOPNOTSUPP);
    }
}
