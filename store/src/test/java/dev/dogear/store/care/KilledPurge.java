package dev.dogear.store.care;

import dev.dogear.store.care.Purge.Point;
import dev.dogear.store.history.Store;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A process that purges and dies in the middle. Arguments: the data folder, the secret, a point or microseconds from the beginning. */
final class KilledPurge {
    static final int DEAD = 9;
    /** The purge was through before it was time to die. */
    static final int DONE = 0;

    private KilledPurge() {}

    public static void main(String[] arguments) {
        Point at = point(arguments[2]);
        Store store = Store.open(Path.of(arguments[0]), Instant::now);
        if (at == null) {
            long nanos = 1_000 * Long.parseLong(arguments[2]);
            Thread killer = new Thread(() -> {
                LockSupport.parkNanos(nanos);
                Runtime.getRuntime().halt(DEAD);
            });
            killer.setDaemon(true);
            killer.start();
        }
        new Purge(store.repository("project"), PurgeTest.content(arguments[1]), (stage, done, total) -> {}, point -> {
                    if (point == at) {
                        Runtime.getRuntime().halt(DEAD);
                    }
                })
                .run();
        Runtime.getRuntime().halt(DONE);
    }

    private static @Nullable Point point(String name) {
        for (Point point : Point.values()) {
            if (point.name().equals(name)) {
                return point;
            }
        }
        return null;
    }
}
