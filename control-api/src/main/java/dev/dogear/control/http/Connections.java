package dev.dogear.control.http;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.Callback;

/**
 * The open connections. A client that sends nothing, or a byte now and then, is no reason to keep one: a whole request has
 * to come within a time, and where there are too many, the one that has been waited for longest makes room. One that is
 * being answered stays, however long that takes. Any thread; a thread of its own looks for those that are late.
 */
final class Connections implements Connection.Listener, AutoCloseable {
    private static final int LOOK_EVERY_MS = 1_000;

    private final int most;
    private final long requestNs;
    /** When it was begun to wait for a request, or {@link #ANSWERING}. */
    private final Map<Connection, Long> waiting = new ConcurrentHashMap<>();

    private static final long ANSWERING = Long.MAX_VALUE;
    private final long origin = System.nanoTime();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "control-connections");
        looking.setDaemon(true);
        return looking;
    });

    /**
     * @param most how many there may be
     * @param requestMs how long a request may take to come whole
     */
    Connections(int most, long requestMs) {
        this.most = most;
        this.requestNs = TimeUnit.MILLISECONDS.toNanos(requestMs);
        var unused = thread.scheduleWithFixedDelay(this::endLate, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    @Override
    public void onOpened(Connection connection) {
        waiting.put(connection, now());
        if (waiting.size() > most) {
            waiting.entrySet().stream()
                    .filter(each -> each.getValue() != ANSWERING)
                    .min(Comparator.comparingLong(Map.Entry::getValue))
                    .ifPresent(each -> end(each.getKey()));
        }
    }

    @Override
    public void onClosed(Connection connection) {
        waiting.remove(connection);
    }

    /** Its request has come whole. */
    void answering(Connection connection) {
        waiting.computeIfPresent(connection, (key, since) -> ANSWERING);
    }

    /** The callback of a request of that connection: once it is answered, the next one is waited for. */
    Callback waitingAfter(Connection connection, Callback callback) {
        return new Callback.Nested(callback) {
            @Override
            public void completed() {
                waiting.computeIfPresent(connection, (key, since) -> now());
            }
        };
    }

    private void endLate() {
        long since = now() - requestNs;
        List<Connection> late = waiting.entrySet().stream()
                .filter(each -> each.getValue() < since)
                .map(Map.Entry::getKey)
                .toList();
        late.forEach(this::end);
    }

    private void end(Connection connection) {
        waiting.remove(connection);
        connection.getEndPoint().close();
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
