package dev.dogear.control.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers that last. Each has a thread of its own, so that one whose client reads slowly holds up nobody; a client
 * that takes nothing for the connection's idle time is cut.
 */
final class Followers {
    /** More are refused: a thread each. */
    static final int MOST = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Followers.class);
    private static final long STACK_BYTES = 256 << 10;
    private static final long ENDED_WITHIN_MS = 2_000;

    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** Answers from a thread of its own; the callback is called when the answer ends. */
    void begin(Answer.Lasting answer, Response response, Callback callback) {
        if (closed || threads.size() >= MOST) {
            throw new ApiException(429, "LIMIT_EXCEEDED", "At most " + MOST + " clients can follow at a time.");
        }
        Thread thread = new Thread(null, () -> run(answer, response, callback), "control-follower", STACK_BYTES);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void run(Answer.Lasting answer, Response response, Callback callback) {
        try {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            try (OutputStream out = Content.Sink.asOutputStream(response)) {
                out.flush();
                answer.writer().write(out);
            }
            callback.succeeded();
        } catch (IOException | RuntimeException | Error e) {
            // A client that left is how most of them end.
            LOG.debug("a follower ended", e);
            callback.failed(e);
        } finally {
            threads.remove(Thread.currentThread());
        }
    }

    /** Ends them all, before the server waits for requests under way. */
    void close() throws InterruptedException {
        closed = true;
        threads.forEach(Thread::interrupt);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ENDED_WITHIN_MS);
        for (Thread thread : threads) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            thread.join(Math.max(1, left));
        }
    }
}
