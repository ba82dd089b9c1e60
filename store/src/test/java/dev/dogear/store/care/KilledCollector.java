package dev.dogear.store.care;

import dev.dogear.store.care.GarbageCollector.Point;
import dev.dogear.store.history.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** A process that collects and dies at a point of it. Arguments: the data folder, the point. */
final class KilledCollector {
    static final int DEAD = 9;

    private KilledCollector() {}

    public static void main(String[] arguments) {
        Point at = Point.valueOf(arguments[1]);
        Store store = Store.open(Path.of(arguments[0]), () -> Instant.now().plus(Duration.ofHours(2)));
        new GarbageCollector(store.repository("project"), (stage, done, total) -> {}, point -> {
                    if (point == at) {
                        Runtime.getRuntime().halt(DEAD);
                    }
                })
                .run();
    }
}
