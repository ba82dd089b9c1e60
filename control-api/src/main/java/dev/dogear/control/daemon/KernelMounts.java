package dev.dogear.control.daemon;

import dev.dogear.control.rest.Mounts;
import dev.dogear.mount.keeper.Kept;
import dev.dogear.mount.mounts.Mount;
import dev.dogear.mount.mounts.Spoken;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import dev.dogear.store.measure.Latency;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one mount of this daemon, and the volumes bound from it, in the words of the routes. */
final class KernelMounts implements Mounts {
    private final Mount mount;
    private final Store store;

    private final @Nullable Kept kept;

    KernelMounts(Mount mount, Store store, @Nullable Kept kept) {
        this.mount = mount;
        this.store = store;
        this.kept = kept;
    }

    @Override
    public @Nullable Path main() {
        return mount.mountpoint();
    }

    @Override
    public Way way() {
        Spoken spoken = mount.spoken();
        return new Way(spoken.transport(), spoken.protocol(), spoken.without(), spoken.whyNotBetter());
    }

    @Override
    public Map<String, Long> requests() {
        return mount.requestCounts();
    }

    @Override
    public Map<String, Latency> latencies() {
        return mount.requestLatencies();
    }

    @Override
    public @Nullable Keeper keeper() {
        return kept == null ? null : new Keeper(kept.keeper(), kept.epoch(), kept.spare());
    }

    @Override
    public List<Volume> volumes() {
        return mount.volumes().stream().map(KernelMounts::volume).toList();
    }

    private static Volume volume(Mount.Volume volume) {
        String[] parts = volume.path().split("/", 2);
        return new Volume(volume.directory(), parts[0], parts.length > 1 ? parts[1] : null, volume.readOnly());
    }

    @Override
    public Volume add(String repository, @Nullable String bookmark, Path directory, boolean readOnly) {
        // Both must be there: their directories are found by name below the mount.
        Repository shown = store.repository(repository);
        String path = shown.name();
        if (bookmark != null) {
            path += "/" + shown.bookmark(bookmark).name();
        }
        mount.bindVolume(path, directory, readOnly);
        return new Volume(directory, repository, bookmark, readOnly);
    }

    @Override
    public void remove(Path directory) {
        mount.unbindVolume(directory);
    }
}
