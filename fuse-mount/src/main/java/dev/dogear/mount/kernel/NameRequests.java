package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;

/** The requests about names in directories. */
final class NameRequests {
    private final FileSystemCalls calls;
    private final ShownNames shown;
    private final PushedCalls pushed;

    NameRequests(Dispatcher.Parts parts) {
        this.calls = parts.calls();
        this.shown = parts.shown();
        this.pushed = parts.pushed();
    }

    /** @return false if the request is of another kind */
    boolean handle(Request request, Caller caller, Reply reply) throws PosixException {
        switch (request.opcode()) {
            case Opcode.LOOKUP -> lookup(request, caller, reply);
            case Opcode.SYMLINK -> symlink(request, caller, reply);
            case Opcode.MKNOD -> mknod(request, caller, reply);
            case Opcode.MKDIR -> mkdir(request, caller, reply);
            case Opcode.UNLINK -> calls.unlink(caller, request.node(), request.getName(0));
            case Opcode.RMDIR -> calls.rmdir(caller, request.node(), request.getName(0));
            case Opcode.RENAME -> rename(request, caller, Wire.RENAME_SIZE, 0);
            case Opcode.RENAME2 -> rename(request, caller, Wire.RENAME2_SIZE, request.getInt(Wire.RENAME2_FLAGS));
            case Opcode.LINK -> link(request, caller, reply);
            case Opcode.READDIR -> list(request, caller, reply, false);
            case Opcode.READDIRPLUS -> list(request, caller, reply, true);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** A miss is kept by the kernel until told otherwise, but for levels where names come without our telling. */
    private void lookup(Request request, Caller caller, Reply reply) throws PosixException {
        long parent = request.node();
        byte[] name = request.getName(0);
        Long byNumber = FileSystemCalls.ROOT == parent ? pushed.nodeNamed(request.thread(), name) : null;
        if (byNumber != null) {
            reply.entry(new Entry(byNumber, 0, calls.getattr(caller, byNumber), true));
            return;
        }
        try {
            Entry entry = calls.lookup(caller, parent, name);
            if (!entry.passing() && !FileSystemCalls.isPast(name)) {
                shown.note(parent, name, entry.node());
            }
            reply.entry(entry);
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT || FileSystemCalls.isLevel(parent)) {
                throw e;
            }
            reply.noEntry();
        }
    }

    private void symlink(Request request, Caller caller, Reply reply) throws PosixException {
        byte[] name = request.getName(0);
        byte[] target = request.getName(name.length + 1);
        reply.entry(calls.symlink(caller, request.node(), name, target));
    }

    private void mknod(Request request, Caller caller, Reply reply) throws PosixException {
        FileSystemCalls.Mode mode = request.getMode(Wire.MKNOD_MODE, Wire.MKNOD_UMASK);
        long device = Integer.toUnsignedLong(request.getInt(Wire.MKNOD_DEVICE));
        byte[] name = request.getName(Wire.MKNOD_SIZE);
        reply.entry(calls.mknod(caller, request.node(), name, mode, device));
    }

    private void mkdir(Request request, Caller caller, Reply reply) throws PosixException {
        FileSystemCalls.Mode mode = request.getMode(Wire.MKDIR_MODE, Wire.MKDIR_UMASK);
        reply.entry(calls.mkdir(caller, request.node(), request.getName(Wire.MKDIR_SIZE), mode));
    }

    private void rename(Request request, Caller caller, int names, int flags) throws PosixException {
        byte[] name = request.getName(names);
        byte[] newName = request.getName(names + name.length + 1);
        calls.rename(caller, request.node(), name, request.getLong(Wire.RENAME_PARENT), newName, flags);
    }

    private void link(Request request, Caller caller, Reply reply) throws PosixException {
        byte[] name = request.getName(Wire.LINK_SIZE);
        reply.entry(calls.link(caller, request.getLong(Wire.LINK_NODE), request.node(), name));
    }

    private void list(Request request, Caller caller, Reply reply, boolean plus) throws PosixException {
        int size = Math.min(request.getInt(Wire.READ_LENGTH), reply.roomSize());
        DirectoryBuffer listing = new DirectoryBuffer(reply.buffer(), request.node(), size, plus, shown);
        calls.readdir(caller, request.node(), request.getLong(Wire.READ_OFFSET), plus, listing);
        reply.payload(listing.size());
    }
}
