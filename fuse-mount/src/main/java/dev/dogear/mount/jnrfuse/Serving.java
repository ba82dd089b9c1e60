package dev.dogear.mount.jnrfuse;

import dev.dogear.mount.vfs.FileSystemCalls;
import java.time.InstantSource;

/** What all callbacks of a mount work with. */
record Serving(
        FileSystemCalls calls, Guard guard, Paths paths, Handles handles, HiddenFiles hidden, InstantSource clock) {
    static Serving of(FileSystemCalls calls, Guard guard, InstantSource clock) {
        HiddenFiles hidden = new HiddenFiles(calls);
        return new Serving(calls, guard, new Paths(calls, hidden), new Handles(), hidden, clock);
    }
}
