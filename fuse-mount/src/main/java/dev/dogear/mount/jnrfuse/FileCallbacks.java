package dev.dogear.mount.jnrfuse;

import com.kenai.jffi.MemoryIO;
import dev.dogear.mount.jnrfuse.Handles.Opened;
import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.DirectoryReply;
import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.AttributeChange;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import jnr.ffi.provider.jffi.ClosureHelper;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;

/** The callbacks about open files and directories: libfuse gives them a handle and no path. */
final class FileCallbacks {
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;
    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int GROUP_EXECUTE = 010;

    private final Serving serving;
    private volatile @Nullable Filler filler;

    /** libfuse's function that takes a name of a listing; it has one only. */
    private record Filler(long address, FuseFillDir function) {}

    FileCallbacks(Serving serving) {
        this.serving = serving;
    }

    int open(Pointer path, Pointer file) {
        return serving.guard().run("OPEN", caller -> serving.paths().at(caller, Paths.bytes(path), node -> {
            FuseFileInfo info = FuseFileInfo.of(file);
            int flags = info.flags.get();
            boolean command = FileSystemCalls.isControl(node);
            long handle = command
                    ? serving.calls().openControl(node, flags).join().handle()
                    : serving.calls().open(caller, node, flags).handle();
            info.fh.set(serving.handles().add(node, handle));
            if ((flags & O_TRUNC) != 0 && !command) {
                truncated(caller, node);
            }
            return 0;
        }));
    }

    /**
     * Where opening truncates the kernel leaves to us what else that changes: the time, also of a file that was empty, and set-id
     * bits, but for root. Set-group-id without group execution is something else and stays.
     */
    private void truncated(Caller caller, long node) throws PosixException {
        int mode = serving.calls().getattr(caller, node).attributes().mode();
        int cleared = mode & ~SET_UID & ((mode & GROUP_EXECUTE) != 0 ? ~SET_GID : ~0);
        Integer newMode = caller.uid() == 0 || cleared == mode ? null : (Integer) cleared;
        Timestamp now = Timestamp.of(serving.clock().instant());
        serving.calls().setattr(caller, node, 0, new AttributeChange(newMode, null, null, null, null, now, null));
    }

    int create(Pointer path, int mode, Pointer file) {
        return serving.guard()
                .run("CREATE", caller -> serving.paths().above(caller, Paths.bytes(path), (directory, name) -> {
                    FuseFileInfo info = FuseFileInfo.of(file);
                    FileSystemCalls.Created created = serving.calls()
                            .create(caller, directory, name, info.flags.get(), FileSystemCalls.Mode.of(mode));
                    long node = created.entry().node();
                    info.fh.set(serving.handles().add(node, created.file().handle()));
                    serving.calls().forget(node, 1);
                    return 0;
                }));
    }

    int release(Pointer file) {
        return serving.guard().run("RELEASE", caller -> {
            Opened closed = serving.handles().remove(number(file));
            serving.calls().release(closed.node(), closed.handle());
            if (!serving.handles().isOpen(closed.node())) {
                serving.hidden().forget(closed.node());
            }
            return 0;
        });
    }

    int read(Pointer data, long size, long offset, Pointer file) {
        return serving.guard().run("READ", caller -> {
            Opened opened = serving.handles().get(number(file));
            return serving.calls().read(caller, opened.node(), opened.handle(), offset, buffer(data, size));
        });
    }

    /** The kernel counts the end of the file from a size that an undo may have changed; an append goes where it really is. */
    int write(Pointer data, long size, long offset, Pointer file) {
        return serving.guard().run("WRITE", caller -> {
            FuseFileInfo info = FuseFileInfo.of(file);
            Opened opened = serving.handles().get(info.fh.get());
            if (FileSystemCalls.isControl(opened.node())) {
                byte[] text = new byte[(int) size];
                data.get(0, text, 0, text.length);
                serving.calls()
                        .writeControl(caller, opened.node(), opened.handle(), text)
                        .join();
                return text.length;
            }
            boolean append = (info.flags.get() & O_APPEND) != 0;
            long at = append ? serving.calls().getattr(caller, opened.node()).size() : offset;
            serving.calls().write(caller, opened.node(), opened.handle(), at, buffer(data, size));
            return (int) size;
        });
    }

    int fsync(Pointer file) {
        return serving.guard().run("FSYNC", caller -> {
            serving.calls()
                    .fsync(caller, serving.handles().get(number(file)).node())
                    .join();
            return 0;
        });
    }

    /** Unlike truncate it comes without a time of modification. */
    int ftruncate(long size, Pointer file) {
        return serving.guard().run("SETATTR", caller -> {
            Opened opened = serving.handles().get(number(file));
            Timestamp now = Timestamp.of(serving.clock().instant());
            AttributeChange change = NameCallbacks.truncation(serving.calls(), caller, opened.node(), size, now);
            serving.calls().setattr(caller, opened.node(), opened.handle(), change);
            return 0;
        });
    }

    int fgetattr(Pointer stat, Pointer file) {
        return serving.guard().run("GETATTR", caller -> {
            NodeAttributes shown = serving.calls()
                    .getattr(caller, serving.handles().get(number(file)).node());
            Stats.put(shown, shown.links(), FileStat.of(stat));
            return 0;
        });
    }

    int fallocate(int mode, long offset, long length, Pointer file) {
        return serving.guard().run("FALLOCATE", caller -> {
            Opened opened = serving.handles().get(number(file));
            serving.calls().fallocate(caller, opened.node(), opened.handle(), offset, length, mode);
            return 0;
        });
    }

    /** The directory stays known by its node, whatever is renamed meanwhile. */
    int opendir(Pointer path, Pointer file) {
        return serving.guard().run("OPENDIR", caller -> {
            long node = serving.paths().take(caller, Paths.bytes(path));
            FuseFileInfo.of(file).fh.set(serving.handles().add(node, 0));
            return 0;
        });
    }

    int releasedir(Pointer file) {
        return serving.guard().run("RELEASEDIR", caller -> {
            serving.calls().forget(serving.handles().remove(number(file)).node(), 1);
            return 0;
        });
    }

    int readdir(Pointer into, Pointer function, long offset, Pointer file) {
        return serving.guard().run("READDIR", caller -> {
            list(caller, serving.handles().get(number(file)).node(), offset, new Names(into, filler(function)));
            return 0;
        });
    }

    private void list(Caller caller, long node, long offset, Names names) throws PosixException {
        serving.calls().readdir(caller, node, offset, false, names);
    }

    private FuseFillDir filler(Pointer function) {
        Filler known = filler;
        if (known == null || known.address() != function.address()) {
            ClosureHelper helper = ClosureHelper.getInstance();
            known = new Filler(
                    function.address(),
                    helper.getNativeConveter(FuseFillDir.class).fromNative(function, helper.getFromNativeContext()));
            filler = known;
        }
        return known.function();
    }

    /** Hands names of a listing to libfuse. */
    private static final class Names implements DirectoryReply {
        private final Pointer into;
        private final FuseFillDir filler;
        private final FileStat stat = new FileStat(jnr.ffi.Runtime.getSystemRuntime());

        private Names(Pointer into, FuseFillDir filler) {
            this.into = into;
            this.filler = filler;
        }

        @Override
        public boolean add(byte[] name, long inode, long cookie, int typeBits) {
            stat.st_ino.set(inode);
            stat.st_mode.set(typeBits);
            ByteBuffer text = ByteBuffer.wrap(Arrays.copyOf(name, name.length + 1));
            return filler.apply(into, text, Struct.getMemory(stat), cookie) == 0;
        }

        @Override
        public boolean addPlus(byte[] name, Entry entry, long cookie) {
            throw new IllegalStateException("libfuse 2.9 lists names without attributes");
        }
    }

    private static long number(Pointer file) {
        return FuseFileInfo.of(file).fh.get();
    }

    /** The memory itself, valid as long as the callback. */
    private static ByteBuffer buffer(Pointer data, long size) {
        return MemoryIO.getInstance().newDirectByteBuffer(data.address(), Math.toIntExact(size));
    }
}
