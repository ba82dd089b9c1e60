package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.workspace.PosixException;

/**
 * Answers a request that an earlier daemon had executed, without doing it again: from what there is now. The kernel keeps
 * whoever waits for the answer from seeing anything in between.
 */
final class Repeats {
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;

    private final FileSystemCalls calls;

    Repeats(FileSystemCalls calls) {
        this.calls = calls;
    }

    /**
     * Answers it.
     *
     * @param outcome how it had ended
     * @return false if it may be done again: then nothing was done
     */
    boolean handle(Request request, Caller caller, Reply reply, Outcome outcome) throws PosixException {
        switch (request.opcode()) {
            case Opcode.MKNOD -> entry(request, caller, reply, outcome, Wire.MKNOD_SIZE);
            case Opcode.MKDIR -> entry(request, caller, reply, outcome, Wire.MKDIR_SIZE);
            case Opcode.SYMLINK -> entry(request, caller, reply, outcome, 0);
            case Opcode.LINK -> entry(request, caller, reply, outcome, Wire.LINK_SIZE);
            case Opcode.CREATE -> create(request, caller, reply, outcome);
            case Opcode.OPEN -> {
                if (FileSystemCalls.isControl(request.node())) {
                    return false;
                }
                open(request, caller, reply, outcome);
            }
            case Opcode.SETATTR -> {
                if (outcome.failed(reply)) {
                    return true;
                }
                reply.attributes(request.node(), calls.getattr(caller, request.node()));
            }
            case Opcode.WRITE, Opcode.COPY_FILE_RANGE -> {
                if (!outcome.failed(reply)) {
                    reply.count(outcome.count());
                }
            }
            case Opcode.COPY_FILE_RANGE_64 -> {
                if (!outcome.failed(reply)) {
                    reply.number(outcome.count());
                }
            }
            case Opcode.UNLINK,
                    Opcode.RMDIR,
                    Opcode.RENAME,
                    Opcode.RENAME2,
                    Opcode.SETXATTR,
                    Opcode.REMOVEXATTR,
                    Opcode.FALLOCATE -> outcome.failed(reply);
            default -> {
                return false;
            }
        }
        return true;
    }

    /**
     * How a request ended.
     *
     * @param errno 0 if well
     * @param count what it was to be answered with, where that is a number
     */
    record Outcome(int errno, int count) {
        static final Outcome WELL = new Outcome(0, 0);

        private boolean failed(Reply reply) {
            if (errno != 0) {
                reply.fail(errno);
            }
            return errno != 0;
        }
    }

    private void entry(Request request, Caller caller, Reply reply, Outcome outcome, int nameAt) throws PosixException {
        if (!outcome.failed(reply)) {
            Entry entry = calls.lookup(caller, request.node(), request.getName(nameAt));
            reply.entry(entry);
        }
    }

    private void create(Request request, Caller caller, Reply reply, Outcome outcome) throws PosixException {
        if (outcome.failed(reply)) {
            return;
        }
        int flags = request.getInt(Wire.CREATE_FLAGS) & ~(O_EXCL | O_TRUNC);
        byte[] name = request.getName(Wire.CREATE_SIZE);
        calls.lookup(caller, request.node(), name);
        FileSystemCalls.Created created =
                calls.create(caller, request.node(), name, flags, request.getMode(Wire.CREATE_MODE, Wire.CREATE_UMASK));
        calls.forget(created.entry().node(), 1);
        reply.entry(created.entry());
        reply.open(created.entry().node(), created.file());
    }

    private void open(Request request, Caller caller, Reply reply, Outcome outcome) throws PosixException {
        if (!outcome.failed(reply)) {
            reply.open(request.node(), calls.open(caller, request.node(), request.getInt(Wire.OPEN_FLAGS) & ~O_TRUNC));
        }
    }

    /** The number in an answer, where a request that was executed needs it again. */
    static int countOf(Request request, Reply reply) {
        return switch (request.opcode()) {
            case Opcode.WRITE, Opcode.COPY_FILE_RANGE, Opcode.COPY_FILE_RANGE_64 ->
                reply.buffer().getInt(Wire.OUT_SIZE);
            default -> 0;
        };
    }
}
