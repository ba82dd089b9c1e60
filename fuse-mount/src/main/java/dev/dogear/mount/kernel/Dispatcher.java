package dev.dogear.mount.kernel;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.mount.vfs.WouldWaitException;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.PosixException;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Turns one request into one answer. Stateless but for what it was made with; called by every reader and worker. */
final class Dispatcher {
    /** Takes over an answer that is not there yet. */
    interface Later {
        /** Answers {@code request} when {@code done} is: with its error, or with what {@code success} makes of it. */
        <T> void answer(Request request, CompletableFuture<T> done, BiConsumer<Reply, T> success);

        /** Has the kernel write back what it holds of the request's file, then does the request again. */
        void afterPush(Request request);
    }

    private static final int ENOTTY = 25;

    private final FileSystemCalls calls;
    private final PushedCalls pushed;
    private final Later later;
    private final Consumer<Negotiation> started;
    private final Negotiation.Wish wish;
    private final NameRequests names;
    private final FileRequests files;
    private final AttributeRequests attributes;
    private final LongConsumer forgetAttributes;
    private final Repeats repeats;

    /**
     * What a connection is made of, as far as requests see it.
     *
     * @param forgetAttributes makes the kernel ask for a node's attributes again, at once; for nodes a request in hand keeps alive
     */
    record Parts(
            FileSystemCalls calls,
            PushedCalls pushed,
            ShownNames shown,
            InstantSource clock,
            Negotiation.Wish wish,
            LongConsumer forgetAttributes) {}

    Dispatcher(Parts parts, Later later, Consumer<Negotiation> started) {
        this.calls = parts.calls();
        this.pushed = parts.pushed();
        this.later = later;
        this.started = started;
        this.wish = parts.wish();
        this.attributes = new AttributeRequests(parts);
        this.names = new NameRequests(parts);
        this.files = new FileRequests(calls, attributes);
        this.forgetAttributes = parts.forgetAttributes();
        this.repeats = new Repeats(calls);
    }

    /**
     * Executes the request. Whatever is thrown becomes an error answer, so that no request stays without one.
     *
     * @param mayWait false on a reader
     * @return whether {@code reply} is to be sent now
     * @throws WouldWaitException if it has to be done again by a thread that may wait; only if {@code mayWait} is false
     */
    boolean handle(Request request, Reply reply, boolean mayWait) {
        reply.begin(request.unique());
        try {
            return execute(request, reply, request.caller(mayWait));
        } catch (WouldWaitException e) {
            if (!mayWait) {
                throw e;
            }
            return failed(e, request, reply);
        } catch (Throwable e) {
            return failed(e, request, reply);
        }
    }

    /**
     * Executes a request that an earlier daemon took, unless that had executed it: then answers only.
     *
     * @param outcome how it had ended; null if it is not known to have been executed
     * @return whether {@code reply} is to be sent now
     */
    boolean handleInherited(Request request, Reply reply, Repeats.@Nullable Outcome outcome) {
        reply.begin(request.unique());
        if (!hasReply(request.opcode())) {
            return false;
        }
        try {
            Caller caller = request.caller(true);
            if (isInterrupted(request, outcome)) {
                throw new PosixException(Errno.EIO);
            }
            Repeats.Outcome known = outcome;
            if (known == null && request.opcode() != Opcode.INIT) {
                calls.recall().prepare(caller, request.node());
                known = calls.recall().wasExecuted(request.key()) ? Repeats.Outcome.WELL : null;
            }
            return (known != null && repeats.handle(request, caller, reply, known)) || execute(request, reply, caller);
        } catch (Throwable e) {
            return failed(e, request, reply);
        }
    }

    /** A command that an earlier daemon began, and perhaps did: never done twice. The operations say how it ended. */
    private static boolean isInterrupted(Request request, Repeats.@Nullable Outcome outcome) {
        return outcome == null && request.opcode() == Opcode.WRITE && FileSystemCalls.isControl(request.node());
    }

    private static boolean failed(Throwable e, Request request, Reply reply) {
        int errno = Errors.errnoOf(e, request.toString());
        reply.fail(errno);
        return hasReply(request.opcode());
    }

    private static boolean hasReply(int opcode) {
        return opcode != Opcode.FORGET && opcode != Opcode.BATCH_FORGET && opcode != Opcode.INTERRUPT;
    }

    private boolean execute(Request request, Reply reply, Caller caller) throws PosixException {
        if (FileSystemCalls.isControl(request.node()) && isCommand(request, caller)) {
            return false;
        }
        if (attributes.handle(request, caller, reply)
                || names.handle(request, caller, reply)
                || files.handle(request, caller, reply)) {
            return true;
        }
        switch (request.opcode()) {
            case Opcode.FORGET -> calls.forget(request.node(), request.getLong(Wire.FORGET_COUNT));
            case Opcode.BATCH_FORGET -> batchForget(request);
            case Opcode.FSYNC, Opcode.FSYNCDIR, Opcode.SYNCFS -> {
                return sync(request, caller);
            }
            case Opcode.LSEEK -> {
                return seek(request, caller, reply);
            }
            case Opcode.INIT -> init(request, reply);
            case Opcode.INTERRUPT, Opcode.DESTROY -> {}
            // The kernel sends ioctls of all kinds to see whether they are known; this is how one says no.
            case Opcode.IOCTL -> reply.fail(ENOTTY);
            // Remembered by the kernel for the connection: FLUSH, ACCESS, BMAP, POLL, STATX, locks, and what is to
            // come.
            default -> reply.fail(Errno.ENOSYS.number());
        }
        return hasReply(request.opcode());
    }

    /** Opening and writing files of {@code .dogear} may wait for the kernel: no thread that serves it does that. */
    private boolean isCommand(Request request, Caller caller) throws PosixException {
        long node = request.node();
        if (request.opcode() == Opcode.OPEN) {
            later.answer(
                    request,
                    calls.openControl(node, request.getInt(Wire.OPEN_FLAGS)),
                    (reply, file) -> reply.open(node, file));
        } else if (request.opcode() == Opcode.WRITE) {
            byte[] text = request.getBytes(
                    Wire.WRITE_SIZE,
                    Math.min(request.getInt(Wire.READ_LENGTH), request.length() - Wire.IN_SIZE - Wire.WRITE_SIZE));
            later.answer(
                    request,
                    calls.writeControl(caller, node, request.getLong(Wire.READ_HANDLE), text),
                    (reply, nothing) -> reply.count(text.length));
        } else {
            return false;
        }
        return true;
    }

    private void batchForget(Request request) {
        int count = request.getInt(Wire.BATCH_COUNT);
        for (int i = 0; i < count; i++) {
            int at = Wire.BATCH_SIZE + i * Wire.BATCH_ONE;
            calls.forget(request.getLong(at + Wire.BATCH_NODE), request.getLong(at + Wire.BATCH_LOOKUPS));
        }
    }

    /** Where data and holes are is known here once the kernel has written the pages it holds, which it does not do by itself. */
    private boolean seek(Request request, Caller caller, Reply reply) throws PosixException {
        if (!request.isPushed() && calls.mayBeUnwritten(caller, request.node(), request.getLong(Wire.LSEEK_HANDLE))) {
            later.afterPush(request);
            return false;
        }
        files.lseek(request, caller, reply);
        return true;
    }

    private boolean sync(Request request, Caller caller) throws PosixException {
        if (pushed.isPush(request.thread()) || pushed.isRefresh(request.thread())) {
            return true;
        }
        // The kernel does not count blocks of what it wrote, and would show the old number until the file is closed.
        forgetAttributes.accept(request.node());
        CompletableFuture<Void> done = calls.fsync(caller, request.node());
        if (done.isDone() && !done.isCompletedExceptionally()) {
            return true;
        }
        later.answer(request, done, (reply, nothing) -> {});
        return false;
    }

    private void init(Request request, Reply reply) throws PosixException {
        Negotiation agreed = Negotiation.of(request, wish);
        if (agreed == null) {
            throw new PosixException(Errno.EINVAL);
        }
        agreed.put(request, reply);
        started.accept(agreed);
    }
}
