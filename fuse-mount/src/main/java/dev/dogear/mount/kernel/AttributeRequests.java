package dev.dogear.mount.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.EntryType;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.AttributeChange;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.time.InstantSource;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The requests about attributes, extended ones too. */
final class AttributeRequests {
    private static final int SET_ID = 06000;

    private final FileSystemCalls calls;
    private final PushedCalls pushed;
    private final InstantSource clock;
    private final LongConsumer forgetAttributes;

    AttributeRequests(Dispatcher.Parts parts) {
        this.calls = parts.calls();
        this.pushed = parts.pushed();
        this.clock = parts.clock();
        this.forgetAttributes = parts.forgetAttributes();
    }

    /** @return false if the request is of another kind */
    boolean handle(Request request, Caller caller, Reply reply) throws PosixException {
        long node = request.node();
        switch (request.opcode()) {
            case Opcode.GETATTR -> reply.attributes(node, calls.getattr(caller, node));
            case Opcode.SETATTR -> setattr(request, caller, reply);
            case Opcode.READLINK -> reply.bytes(calls.readlink(caller, node));
            case Opcode.STATFS -> reply.statistics(calls.statfs(caller, node));
            case Opcode.GETXATTR ->
                extended(request, calls.getxattr(caller, node, xattrName(request, Wire.GETXATTR_SIZE)), reply);
            case Opcode.LISTXATTR -> extended(request, calls.listxattr(caller, node), reply);
            case Opcode.SETXATTR -> setxattr(request, caller);
            case Opcode.REMOVEXATTR -> calls.removexattr(caller, node, xattrName(request, 0));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void setattr(Request request, Caller caller, Reply reply) throws PosixException {
        long node = request.node();
        if (pushed.isRefresh(request.thread())) {
            reply.attributes(node, calls.getattr(caller, node));
            return;
        }
        int valid = request.getInt(Wire.SETATTR_VALID);
        Integer mode = has(valid, Wire.FATTR_MODE) ? request.getInt(Wire.SETATTR_MODE) & Attributes.MODE_MASK : null;
        if (mode == null) {
            mode = modeAfter(request, caller, valid);
        }
        AttributeChange change = new AttributeChange(
                mode,
                has(valid, Wire.FATTR_UID) ? request.getInt(Wire.SETATTR_UID) : null,
                has(valid, Wire.FATTR_GID) ? request.getInt(Wire.SETATTR_GID) : null,
                has(valid, Wire.FATTR_SIZE) ? request.getLong(Wire.SETATTR_LENGTH) : null,
                atime(request, valid),
                mtime(request, valid),
                ctime(request, valid));
        long handle = has(valid, Wire.FATTR_FH) ? request.getLong(Wire.SETATTR_HANDLE) : 0;
        reply.attributes(node, calls.setattr(caller, node, handle, change));
    }

    /**
     * Truncation and chown may take set-id bits. Which truncation does is the kernel's to say, since it knows the caller's
     * capabilities; below 7.33 it sends the new mode itself. A chown that gives neither owner nor group comes as a ctime alone,
     * or where the kernel keeps no times (of all but regular files) as nothing at all; nothing else does.
     *
     * @return null if there is nothing to say
     */
    private @Nullable Integer modeAfter(Request request, Caller caller, int valid) throws PosixException {
        long node = request.node();
        boolean chown = has(valid, Wire.FATTR_UID) || has(valid, Wire.FATTR_GID);
        if (chown || (valid & ~(Wire.FATTR_FH | Wire.FATTR_CTIME)) == 0) {
            EntryType type = calls.getattr(caller, node).type();
            boolean empty = !chown && has(valid, Wire.FATTR_CTIME) != (type == EntryType.FILE);
            if (type == EntryType.DIRECTORY || empty) {
                return null;
            }
            Integer cleared = calls.withoutSetId(caller, node);
            if (cleared != null && !chown) {
                checkOwner(caller, node);
            }
            return cleared;
        }
        if (!has(valid, Wire.FATTR_SIZE)) {
            return null;
        }
        if (has(valid, Wire.FATTR_KILL_SUIDGID)) {
            return calls.withoutSetId(caller, node);
        }
        int mode = calls.getattr(caller, node).attributes().mode();
        return (mode & SET_ID) == 0 ? null : mode;
    }

    /** The kernel checks a chown that gives something; one that only takes set-id bits is a change of mode, which it leaves to us. */
    private void checkOwner(Caller caller, long node) throws PosixException {
        if (caller.uid() != 0
                && caller.uid() != calls.getattr(caller, node).attributes().uid()) {
            throw new PosixException(Errno.EPERM);
        }
    }

    /**
     * What a write by one who may not keep them does to set-id bits. Neither the answer to WRITE nor that to OPEN carries
     * attributes, and the kernel keeps those it has for ever, so it is told before it has the answer.
     */
    void clearSetId(Caller caller, long node) throws PosixException {
        Integer cleared = calls.withoutSetId(caller, node);
        if (cleared != null) {
            calls.setattr(caller, node, 0, new AttributeChange(cleared, null, null, null, null, null, null));
            forgetAttributes.accept(node);
        }
    }

    private @Nullable Timestamp atime(Request request, int valid) {
        if (!has(valid, Wire.FATTR_ATIME)) {
            return null;
        }
        return has(valid, Wire.FATTR_ATIME_NOW)
                ? Timestamp.of(clock.instant())
                : request.getTime(Wire.SETATTR_ATIME, Wire.SETATTR_ATIME_NANOS);
    }

    private @Nullable Timestamp mtime(Request request, int valid) {
        if (!has(valid, Wire.FATTR_MTIME)) {
            return null;
        }
        return has(valid, Wire.FATTR_MTIME_NOW)
                ? Timestamp.of(clock.instant())
                : request.getTime(Wire.SETATTR_MTIME, Wire.SETATTR_MTIME_NANOS);
    }

    private static @Nullable Timestamp ctime(Request request, int valid) {
        return has(valid, Wire.FATTR_CTIME) ? request.getTime(Wire.SETATTR_CTIME, Wire.SETATTR_CTIME_NANOS) : null;
    }

    /** Size 0 asks how much there is. */
    private static void extended(Request request, byte[] value, Reply reply) throws PosixException {
        int size = request.getInt(Wire.GETXATTR_LENGTH);
        if (size == 0) {
            reply.count(value.length);
        } else if (value.length > size) {
            throw new PosixException(Errno.ERANGE);
        } else {
            reply.bytes(value);
        }
    }

    private void setxattr(Request request, Caller caller) throws PosixException {
        byte[] name = request.getName(Wire.SETXATTR_SIZE);
        int size = request.getInt(Wire.SETXATTR_LENGTH);
        byte[] value = request.getBytes(Wire.SETXATTR_SIZE + name.length + 1, size);
        int flags = request.getInt(Wire.SETXATTR_FLAGS);
        calls.setxattr(caller, request.node(), new String(name, UTF_8), value, flags);
    }

    private static String xattrName(Request request, int offset) {
        return new String(request.getName(offset), UTF_8);
    }

    private static boolean has(int valid, int bit) {
        return (valid & bit) != 0;
    }
}
