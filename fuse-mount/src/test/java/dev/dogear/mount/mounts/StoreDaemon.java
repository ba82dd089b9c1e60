package dev.dogear.mount.mounts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.change.Merging;
import dev.dogear.store.change.Verbs;
import dev.dogear.store.history.Repository;
import dev.dogear.store.history.Store;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A small daemon for tests (main): opens a store, mounts it, says READY and then does what its input asks, a line each, answered
 * by a line that begins with {@code ok} or {@code failed}. A process of its own, because a JVM must not touch its own mount.
 */
final class StoreDaemon {
    private static final String BY = "test";

    private final Store store;
    private final Mount mount;
    private final HeldViewer viewer;

    private StoreDaemon(Store store, Mount mount) {
        this.store = store;
        this.mount = mount;
        this.viewer = new HeldViewer(mount.viewer());
        store.attach(viewer);
    }

    /** @param arguments data folder, mount point, then any of a protocol version, a transport, {@code others}, {@code trusted} */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        Store store = Store.open(Path.of(arguments[0]), Clock.systemUTC());
        MountOptions options = MountOptions.at(Path.of(arguments[1]));
        for (int i = 2; i < arguments.length; i++) {
            options = switch (arguments[i]) {
                case "others" -> options.forOthers();
                case "trusted" -> options.trusted(true, true);
                case MountOptions.AUTO, MountOptions.IO_URING, MountOptions.KERNEL, MountOptions.JNR_FUSE ->
                    options.by(arguments[i]);
                default -> options.protocol(arguments[i]);
            };
        }
        Mount mount = Mount.open(options, new FileSystemCalls(store), Clock.systemUTC());
        StoreDaemon daemon = new StoreDaemon(store, mount);
        out.println("READY");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(daemon.answer(line.split(" ", -1)));
        }
        mount.close();
        store.close();
        System.exit(0);
    }

    private String answer(String[] words) {
        try {
            return "ok " + execute(words);
        } catch (RuntimeException e) {
            return "failed " + e;
        }
    }

    private String execute(String[] words) {
        switch (words[0]) {
            case "repository" -> store.createRepository(words[1], "main", BY);
            case "forget-repository" -> store.deleteRepository(words[1], BY);
            case "bookmark" -> {
                Repository repository = store.repository(words[1]);
                repository.createBookmark(
                        words[2], repository.bookmark(words[3]).change(), BY);
            }
            case "forget-bookmark" -> store.repository(words[1]).deleteBookmark(words[2], null, BY);
            case "checkpoint" -> {
                Verbs.CheckpointRequest request = Verbs.CheckpointRequest.of("test");
                return store.repository(words[1])
                                .checkpoint(words[2], request, BY)
                                .files() + " files";
            }
            case "undo" -> store.repository(words[1]).undo(words[2], Integer.parseInt(words[3]), BY);
            case "redo" -> store.repository(words[1]).redo(words[2], BY);
            case "change" -> {
                return store.repository(words[1]).bookmark(words[2]).change().toString();
            }
            case "message" -> {
                return store.repository(words[1]).resolve(words[2]).message().replace('\n', '|');
            }
            case "protect" -> store.repository(words[1]).protect(words[2], true);
            case "unprotect" -> store.repository(words[1]).protect(words[2], false);
            case "merge" -> {
                Verbs.MergeRequest request = new Verbs.MergeRequest(words[2], words[3], false, null, null, null);
                store.repository(words[1]).merge(request, BY);
            }
            case "merge-conflicted" -> {
                Merging.How how = new Merging.How(true, false, ImmutableList.of(), ImmutableList.of());
                store.repository(words[1])
                        .merge(new Verbs.MergeRequest(words[2], words[3], false, null, null, null, how), BY);
            }
            case "bind" -> mount.bindVolume(words[1], Path.of(words[2]), words.length > 3);
            case "unbind" -> mount.unbindVolume(Path.of(words[1]));
            case "hold" -> viewer.hold(Path.of(words[1]));
            case "volumes" -> {
                return mount.volumes().toString();
            }
            case "spoken" -> {
                return mount.spoken().toString();
            }
            case "counts" -> {
                return mount.requestCounts().toString();
            }
            default -> throw new IllegalArgumentException("no command " + words[0]);
        }
        return "";
    }
}
