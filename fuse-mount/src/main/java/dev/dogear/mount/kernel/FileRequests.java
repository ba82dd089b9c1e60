package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;

/** The requests about open files and their content. */
final class FileRequests {
    /** O_TRUNC, the same on all architectures Java 17 runs Linux on. */
    private static final int O_TRUNC = 01000;

    private final FileSystemCalls calls;
    private final AttributeRequests attributes;

    FileRequests(FileSystemCalls calls, AttributeRequests attributes) {
        this.calls = calls;
        this.attributes = attributes;
    }

    /** @return false if the request is of another kind */
    boolean handle(Request request, Caller caller, Reply reply) throws PosixException {
        switch (request.opcode()) {
            case Opcode.OPEN -> open(request, caller, reply);
            case Opcode.CREATE -> create(request, caller, reply);
            case Opcode.TMPFILE -> tmpfile(request, caller, reply);
            case Opcode.READ -> read(request, caller, reply);
            case Opcode.WRITE -> write(request, caller, reply);
            case Opcode.RELEASE -> calls.release(request.node(), request.getLong(Wire.RELEASE_HANDLE));
            case Opcode.FALLOCATE -> fallocate(request, caller);
            case Opcode.COPY_FILE_RANGE -> reply.count((int) copy(request, caller));
            case Opcode.COPY_FILE_RANGE_64 -> reply.number(copy(request, caller));
            // Nothing is kept for an open directory: the cookie says where a listing goes on.
            case Opcode.OPENDIR -> reply.openDirectory();
            case Opcode.RELEASEDIR -> {}
            default -> {
                return false;
            }
        }
        return true;
    }

    private void open(Request request, Caller caller, Reply reply) throws PosixException {
        int flags = request.getInt(Wire.OPEN_FLAGS);
        reply.open(request.node(), calls.open(caller, request.node(), flags));
        // Kernels below 7.33 do not say it, and do not see to it themselves either.
        boolean kill = (request.getInt(Wire.OPEN_KILL) & Wire.OPEN_KILL_SUIDGID) != 0 || caller.uid() != 0;
        if (kill && (flags & O_TRUNC) != 0) {
            attributes.clearSetId(caller, request.node());
        }
    }

    private void create(Request request, Caller caller, Reply reply) throws PosixException {
        byte[] name = request.getName(Wire.CREATE_SIZE);
        int flags = request.getInt(Wire.CREATE_FLAGS);
        FileSystemCalls.Mode mode = request.getMode(Wire.CREATE_MODE, Wire.CREATE_UMASK);
        FileSystemCalls.Created created = calls.create(caller, request.node(), name, flags, mode);
        reply.entry(created.entry());
        reply.open(created.entry().node(), created.file());
    }

    /** The name in the request is the kernel's own for a file that has none. */
    private void tmpfile(Request request, Caller caller, Reply reply) throws PosixException {
        int flags = request.getInt(Wire.CREATE_FLAGS);
        FileSystemCalls.Mode mode = request.getMode(Wire.CREATE_MODE, Wire.CREATE_UMASK);
        FileSystemCalls.Created created = calls.tmpfile(caller, request.node(), flags, mode);
        reply.entry(created.entry());
        reply.open(created.entry().node(), created.file());
    }

    private void read(Request request, Caller caller, Reply reply) throws PosixException {
        int size = Math.min(request.getInt(Wire.READ_LENGTH), reply.roomSize());
        long handle = request.getLong(Wire.READ_HANDLE);
        long offset = request.getLong(Wire.READ_OFFSET);
        reply.payload(calls.read(caller, request.node(), handle, offset, reply.room(size)));
    }

    private void write(Request request, Caller caller, Reply reply) throws PosixException {
        int size = request.getInt(Wire.READ_LENGTH);
        if (size < 0 || size > request.length() - Wire.IN_SIZE - Wire.WRITE_SIZE) {
            throw new PosixException(Errno.EIO);
        }
        long handle = request.getLong(Wire.READ_HANDLE);
        long offset = request.getLong(Wire.READ_OFFSET);
        int flags = request.getInt(Wire.WRITE_FLAGS);
        if ((flags & Wire.WRITE_CACHE) != 0) {
            calls.writeBack(caller, request.node(), offset, request.slice(Wire.WRITE_SIZE, size));
        } else {
            calls.write(caller, request.node(), handle, offset, request.slice(Wire.WRITE_SIZE, size));
        }
        if ((flags & Wire.WRITE_KILL_SUIDGID) != 0) {
            attributes.clearSetId(caller, request.node());
        }
        reply.count(size);
    }

    /** The kernel leaves it to us to clear set-id bits here, and does not say who may keep them. */
    private void clearSetIdUnlessRoot(Caller caller, long node) throws PosixException {
        if (caller.uid() != 0) {
            attributes.clearSetId(caller, node);
        }
    }

    private void fallocate(Request request, Caller caller) throws PosixException {
        calls.fallocate(
                caller,
                request.node(),
                request.getLong(Wire.FALLOCATE_HANDLE),
                request.getLong(Wire.FALLOCATE_OFFSET),
                request.getLong(Wire.FALLOCATE_LENGTH),
                request.getInt(Wire.FALLOCATE_MODE));
        clearSetIdUnlessRoot(caller, request.node());
    }

    void lseek(Request request, Caller caller, Reply reply) throws PosixException {
        long handle = request.getLong(Wire.LSEEK_HANDLE);
        long offset = request.getLong(Wire.LSEEK_OFFSET);
        reply.number(calls.lseek(caller, request.node(), handle, offset, request.getInt(Wire.LSEEK_WHENCE)));
    }

    private long copy(Request request, Caller caller) throws PosixException {
        long most = request.opcode() == Opcode.COPY_FILE_RANGE ? Integer.MAX_VALUE & -4096 : Long.MAX_VALUE;
        FileSystemCalls.CopyRange range = new FileSystemCalls.CopyRange(
                request.node(),
                request.getLong(Wire.COPY_FROM_OFFSET),
                request.getLong(Wire.COPY_TO_NODE),
                request.getLong(Wire.COPY_TO_OFFSET),
                Math.min(request.getLong(Wire.COPY_LENGTH), most));
        long copied = calls.copyFileRange(caller, range);
        clearSetIdUnlessRoot(caller, range.to());
        return copied;
    }
}
