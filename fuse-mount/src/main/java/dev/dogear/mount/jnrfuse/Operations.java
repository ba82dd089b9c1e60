package dev.dogear.mount.jnrfuse;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.measure.Latency;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import ru.serce.jnrfuse.LibFuse;
import ru.serce.jnrfuse.struct.FuseContext;

/** All our callbacks, and the table that names them to libfuse. Whatever is left out libfuse answers with ENOSYS. */
final class Operations {
    private final LibFuse library;
    private final OperationTable table = new OperationTable();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final Guard guard;

    Operations(LibFuse library, FileSystemCalls calls, InstantSource clock) {
        this.library = library;
        guard = new Guard(this::caller);
        Serving serving = Serving.of(calls, guard, clock);
        table.set(table.init, Callbacks.Init.class, connection -> {
            started.complete(null);
            return null;
        });
        names(new NameCallbacks(serving));
        files(new FileCallbacks(serving));
    }

    private void names(NameCallbacks names) {
        table.set(table.getattr, Callbacks.PathAndOne.class, names::getattr);
        table.set(table.statfs, Callbacks.PathAndOne.class, names::statfs);
        table.set(table.readlink, Callbacks.PathAndRoom.class, names::readlink);
        table.set(table.mknod, Callbacks.Mknod.class, names::mknod);
        table.set(table.mkdir, Callbacks.PathAndMode.class, names::mkdir);
        table.set(table.unlink, Callbacks.Path.class, names::unlink);
        table.set(table.rmdir, Callbacks.Path.class, names::rmdir);
        table.set(table.symlink, Callbacks.PathAndOne.class, names::symlink);
        table.set(table.rename, Callbacks.PathAndOne.class, names::rename);
        table.set(table.link, Callbacks.PathAndOne.class, names::link);
        table.set(table.chmod, Callbacks.PathAndMode.class, names::chmod);
        table.set(table.chown, Callbacks.Chown.class, names::chown);
        table.set(table.truncate, Callbacks.Truncate.class, names::truncate);
        table.set(table.utimens, Callbacks.PathAndOne.class, names::utimens);
        table.set(table.setxattr, Callbacks.Setxattr.class, names::setxattr);
        table.set(table.getxattr, Callbacks.Getxattr.class, names::getxattr);
        table.set(table.listxattr, Callbacks.PathAndRoom.class, names::listxattr);
        table.set(table.removexattr, Callbacks.PathAndOne.class, names::removexattr);
    }

    private void files(FileCallbacks files) {
        table.set(table.open, Callbacks.PathAndOne.class, files::open);
        table.set(table.create, Callbacks.Create.class, files::create);
        table.set(table.release, Callbacks.Release.class, (path, file) -> files.release(file));
        table.set(
                table.read, Callbacks.Transfer.class, (path, data, size, at, file) -> files.read(data, size, at, file));
        table.set(
                table.write,
                Callbacks.Transfer.class,
                (path, data, size, at, file) -> files.write(data, size, at, file));
        table.set(table.fsync, Callbacks.Sync.class, (path, dataOnly, file) -> files.fsync(file));
        table.set(table.fsyncdir, Callbacks.Sync.class, (path, dataOnly, file) -> files.fsync(file));
        table.set(table.ftruncate, Callbacks.OpenTruncate.class, (path, size, file) -> files.ftruncate(size, file));
        table.set(table.fgetattr, Callbacks.OpenAttributes.class, (path, stat, file) -> files.fgetattr(stat, file));
        table.set(
                table.fallocate,
                Callbacks.Fallocate.class,
                (path, mode, at, length, file) -> files.fallocate(mode, at, length, file));
        table.set(table.opendir, Callbacks.PathAndOne.class, files::opendir);
        table.set(table.releasedir, Callbacks.Release.class, (path, file) -> files.releasedir(file));
        table.set(
                table.readdir,
                Callbacks.Readdir.class,
                (path, into, filler, offset, file) -> files.readdir(into, filler, offset, file));
    }

    private Caller caller() {
        FuseContext context = library.fuse_get_context();
        return new Caller(context.uid.intValue(), context.gid.intValue(), context.pid.intValue(), true);
    }

    OperationTable table() {
        return table;
    }

    /** Completes when the kernel has begun to use the mount. */
    CompletableFuture<Void> started() {
        return started;
    }

    Map<String, Latency> latencies() {
        return guard.latencies();
    }

    Map<String, Long> counts() {
        return guard.counts();
    }
}
