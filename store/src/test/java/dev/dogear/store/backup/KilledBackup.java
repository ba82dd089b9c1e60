package dev.dogear.store.backup;

import dev.dogear.store.history.Store;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A process that backs up and dies after so many microseconds. Arguments: the data folder, the backup's folder, the microseconds. */
final class KilledBackup {
    private KilledBackup() {}

    public static void main(String[] arguments) {
        Store store = Store.open(Path.of(arguments[0]), Instant::now);
        store.repository("project");
        long nanos = 1_000 * Long.parseLong(arguments[2]);
        Thread killer = new Thread(() -> {
            LockSupport.parkNanos(nanos);
            Runtime.getRuntime().halt(9);
        });
        killer.start();
        new Backup(store, Path.of(arguments[1]), (stage, done, total) -> {}).run(List.of("project"));
        Runtime.getRuntime().halt(0);
    }
}
