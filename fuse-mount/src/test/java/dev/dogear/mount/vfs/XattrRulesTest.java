package dev.dogear.mount.vfs;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import org.junit.jupiter.api.Test;

/** Which attributes exist, and with which error the others do not. */
final class XattrRulesTest {
    private final XattrRules users = new XattrRules(false);
    private final XattrRules roots = new XattrRules(true);

    @Test
    void securityAttributesBelongToRootsMounts() {
        assertDoesNotThrow(() -> roots.checkRead("security.capability"));
        assertDoesNotThrow(() -> roots.checkWrite("security.capability"));
        assertEquals(Errno.ENODATA, refused(() -> users.checkRead("security.capability")));
        assertEquals(Errno.EOPNOTSUPP, refused(() -> users.checkWrite("security.capability")));
    }

    @Test
    void unknownKindsAreNotSupported() {
        assertDoesNotThrow(() -> users.checkRead("system.posix_acl_access"));
        assertDoesNotThrow(() -> users.checkWrite("system.posix_acl_default"));
        assertEquals(Errno.EOPNOTSUPP, refused(() -> roots.checkRead("system.posix_acl")));
        assertEquals(Errno.EOPNOTSUPP, refused(() -> roots.checkWrite("other.thing")));
        assertEquals(Errno.EINVAL, refused(() -> roots.checkWrite("user.")));
    }

    @Test
    void trustedNamesAreListedToRootOnly() {
        assertTrue(roots.isListed("trusted.a", 0));
        assertFalse(roots.isListed("trusted.a", 1000));
        assertTrue(roots.isListed("user.a", 1000));
    }

    private static Errno refused(org.junit.jupiter.api.function.Executable check) {
        return assertThrows(PosixException.class, check).errno();
    }
}
