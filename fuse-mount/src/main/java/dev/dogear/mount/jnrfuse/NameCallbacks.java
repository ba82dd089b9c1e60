package dev.dogear.mount.jnrfuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dogear.mount.vfs.Caller;
import dev.dogear.mount.vfs.Entry;
import dev.dogear.mount.vfs.FileSystemCalls;
import dev.dogear.store.tree.Attributes;
import dev.dogear.store.tree.Timestamp;
import dev.dogear.store.workspace.AttributeChange;
import dev.dogear.store.workspace.Errno;
import dev.dogear.store.workspace.NodeAttributes;
import dev.dogear.store.workspace.PosixException;
import jnr.ffi.Pointer;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/** The callbacks about names and attributes. */
final class NameCallbacks {
    private static final long UTIME_NOW = (1L << 30) - 1;
    private static final long UTIME_OMIT = (1L << 30) - 2;
    private static final int UNCHANGED = -1;
    private static final int SET_ID = 06000;

    private final Serving serving;

    NameCallbacks(Serving serving) {
        this.serving = serving;
    }

    /** libfuse takes one from the links of a hidden file, for a name that is not there with us. */
    int getattr(Pointer path, Pointer stat) {
        return serving.guard().run("GETATTR", caller -> {
            byte[] bytes = Paths.bytes(path);
            int counted = serving.hidden().node(Paths.name(bytes)) == null ? 0 : 1;
            return serving.paths().at(caller, bytes, node -> {
                NodeAttributes shown = serving.calls().getattr(caller, node);
                Stats.put(shown, shown.links() + counted, FileStat.of(stat));
                return 0;
            });
        });
    }

    int statfs(Pointer path, Pointer into) {
        return serving.guard()
                .run(
                        "STATFS",
                        caller -> at(caller, path, node -> {
                            Stats.put(serving.calls().statfs(caller, node), Statvfs.of(into));
                            return 0;
                        }));
    }

    /** What does not fit is cut off, as in C; the NUL is not. */
    int readlink(Pointer path, @Nullable Pointer room, long size) {
        return serving.guard()
                .run(
                        "READLINK",
                        caller -> at(caller, path, node -> {
                            byte[] target = serving.calls().readlink(caller, node);
                            if (room != null && size > 0) {
                                int length = (int) Math.min(target.length, size - 1);
                                room.put(0, target, 0, length);
                                room.putByte(length, (byte) 0);
                            }
                            return 0;
                        }));
    }

    int mknod(Pointer path, int mode, long device) {
        return made("MKNOD", path, (caller, directory, name) -> serving.calls()
                .mknod(caller, directory, name, FileSystemCalls.Mode.of(mode), device));
    }

    int mkdir(Pointer path, int mode) {
        return made("MKDIR", path, (caller, directory, name) -> serving.calls()
                .mkdir(caller, directory, name, FileSystemCalls.Mode.of(mode)));
    }

    int symlink(Pointer target, Pointer path) {
        return made("SYMLINK", path, (caller, directory, name) -> serving.calls()
                .symlink(caller, directory, name, Paths.bytes(target)));
    }

    int link(Pointer from, Pointer to) {
        return serving.guard()
                .run(
                        "LINK",
                        caller -> at(caller, from, node -> {
                            return serving.paths().above(caller, Paths.bytes(to), (directory, name) -> {
                                serving.calls()
                                        .forget(
                                                serving.calls()
                                                        .link(caller, node, directory, name)
                                                        .node(),
                                                1);
                                return 0;
                            });
                        }));
    }

    int unlink(Pointer path) {
        return serving.guard()
                .run("UNLINK", caller -> serving.paths().above(caller, Paths.bytes(path), (directory, name) -> {
                    if (serving.hidden().node(name) != null) {
                        serving.hidden().remove(name);
                    } else {
                        serving.calls().unlink(caller, directory, name);
                    }
                    return 0;
                }));
    }

    int rmdir(Pointer path) {
        return serving.guard()
                .run("RMDIR", caller -> serving.paths().above(caller, Paths.bytes(path), (directory, name) -> {
                    serving.calls().rmdir(caller, directory, name);
                    return 0;
                }));
    }

    int rename(Pointer from, Pointer to) {
        return serving.guard().run("RENAME", caller -> {
            byte[] target = Paths.bytes(to);
            return serving.paths().above(caller, Paths.bytes(from), (directory, name) -> {
                if (HiddenFiles.isHidden(Paths.name(target))
                        && Paths.areSiblings(Paths.bytes(from), target)
                        && hide(caller, directory, name, Paths.name(target))) {
                    return 0;
                }
                return serving.paths().above(caller, target, (newDirectory, newName) -> {
                    serving.calls().rename(caller, directory, name, newDirectory, newName, 0);
                    return 0;
                });
            });
        });
    }

    /** @return false if the file is not open, so that it is a rename like any other */
    private boolean hide(Caller caller, long directory, byte[] name, byte[] hiddenName) throws PosixException {
        long node = serving.calls().lookup(caller, directory, name).node();
        boolean kept = false;
        try {
            if (serving.handles().isOpen(node)) {
                serving.calls().unlink(caller, directory, name);
                serving.hidden().add(hiddenName, node);
                kept = true;
            }
        } finally {
            if (!kept) {
                serving.calls().forget(node, 1);
            }
        }
        return kept;
    }

    int chmod(Pointer path, int mode) {
        return change(path, new AttributeChange(mode & Attributes.MODE_MASK, null, null, null, null, null, null));
    }

    int chown(Pointer path, int uid, int gid) {
        Integer owner = uid == UNCHANGED ? null : (Integer) uid;
        Integer group = gid == UNCHANGED ? null : (Integer) gid;
        return change(path, new AttributeChange(null, owner, group, null, null, null, null));
    }

    int truncate(Pointer path, long size) {
        return serving.guard()
                .run(
                        "SETATTR",
                        caller -> at(caller, path, node -> {
                            serving.calls()
                                    .setattr(caller, node, 0, truncation(serving.calls(), caller, node, size, null));
                            return 0;
                        }));
    }

    /** Whether truncation takes set-id bits is the kernel's to say, which then sends a chmod: they are kept here. */
    static AttributeChange truncation(
            FileSystemCalls calls, Caller caller, long node, long size, @Nullable Timestamp mtime)
            throws PosixException {
        int mode = calls.getattr(caller, node).attributes().mode();
        return new AttributeChange((mode & SET_ID) == 0 ? null : mode, null, null, size, null, mtime, null);
    }

    int utimens(Pointer path, Pointer times) {
        Timespec atime = Timespec.of(times);
        Timespec mtime = Timespec.of(times.slice(Struct.size(atime)));
        return change(path, new AttributeChange(null, null, null, null, time(atime), time(mtime), null));
    }

    private @Nullable Timestamp time(Timespec given) {
        long nanos = given.tv_nsec.longValue();
        if (nanos == UTIME_OMIT) {
            return null;
        }
        return nanos == UTIME_NOW
                ? Timestamp.of(serving.clock().instant())
                : new Timestamp(given.tv_sec.longValue(), (int) nanos);
    }

    int setxattr(Pointer path, Pointer name, Pointer value, long size, int flags) {
        return serving.guard()
                .run(
                        "SETXATTR",
                        caller -> at(caller, path, node -> {
                            byte[] bytes = new byte[Math.toIntExact(size)];
                            value.get(0, bytes, 0, bytes.length);
                            serving.calls().setxattr(caller, node, text(name), bytes, flags);
                            return 0;
                        }));
    }

    int getxattr(Pointer path, Pointer name, @Nullable Pointer room, long size) {
        return serving.guard()
                .run(
                        "GETXATTR",
                        caller -> at(
                                caller,
                                path,
                                node -> put(serving.calls().getxattr(caller, node, text(name)), room, size)));
    }

    int listxattr(Pointer path, @Nullable Pointer room, long size) {
        return serving.guard()
                .run(
                        "LISTXATTR",
                        caller -> at(caller, path, node -> put(serving.calls().listxattr(caller, node), room, size)));
    }

    int removexattr(Pointer path, Pointer name) {
        return serving.guard()
                .run(
                        "REMOVEXATTR",
                        caller -> at(caller, path, node -> {
                            serving.calls().removexattr(caller, node, text(name));
                            return 0;
                        }));
    }

    /** Size 0 asks how much there is. */
    private static int put(byte[] value, @Nullable Pointer room, long size) throws PosixException {
        if (size != 0 && room != null) {
            if (value.length > size) {
                throw new PosixException(Errno.ERANGE);
            }
            room.put(0, value, 0, value.length);
        }
        return value.length;
    }

    private int change(Pointer path, AttributeChange change) {
        return serving.guard()
                .run(
                        "SETATTR",
                        caller -> at(caller, path, node -> {
                            serving.calls().setattr(caller, node, 0, change);
                            return 0;
                        }));
    }

    /** Makes a name. */
    private interface Making {
        Entry make(Caller caller, long directory, byte[] name) throws PosixException;
    }

    private int made(String request, Pointer path, Making making) {
        return serving.guard()
                .run(request, caller -> serving.paths().above(caller, Paths.bytes(path), (directory, name) -> {
                    serving.calls().forget(making.make(caller, directory, name).node(), 1);
                    return 0;
                }));
    }

    private int at(Caller caller, Pointer path, Paths.Use<Integer> use) throws PosixException {
        return serving.paths().at(caller, Paths.bytes(path), use);
    }

    private static String text(Pointer name) {
        return new String(Paths.bytes(name), UTF_8);
    }
}
