package dev.dogear.control.rest;

import dev.dogear.store.StoreException;
import dev.dogear.store.measure.Latency;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A daemon that serves its socket only. */
final class NoMounts implements Mounts {
    @Override
    public @Nullable Path main() {
        return null;
    }

    @Override
    public Way way() {
        return new Way("none", "", List.of(), "");
    }

    @Override
    public Map<String, Long> requests() {
        return Map.of();
    }

    @Override
    public Map<String, Latency> latencies() {
        return Map.of();
    }

    @Override
    public @Nullable Keeper keeper() {
        return null;
    }

    @Override
    public List<Volume> volumes() {
        return List.of();
    }

    @Override
    public Volume add(String repository, @Nullable String bookmark, Path directory, boolean readOnly) {
        throw new StoreException(
                StoreException.Kind.INVALID, "This daemon runs without a mount, so it has no volumes.");
    }

    @Override
    public void remove(Path directory) {
        throw new StoreException(StoreException.Kind.NOT_FOUND, "No volume is shown at " + directory);
    }
}
