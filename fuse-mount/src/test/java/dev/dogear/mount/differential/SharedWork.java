package dev.dogear.mount.differential;

import java.util.function.Consumer;

/**
 * What one of several processes does in a directory that all of them work in: only such operations that the end is the same
 * in whatever order they meet. Records are appended to {@code log/all}, where their order is free.
 */
final class SharedWork {
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_APPEND = 02000;
    private static final int STEPS = 25;
    private static final int AT_REMOVEDIR = 0x200;

    private final long worker;
    private int step;

    SharedWork(long worker) {
        this.worker = worker;
    }

    /** The directories and files all of them need. */
    static void prepare(Target target) {
        for (String name : new String[] {"log", "files", "moved"}) {
            LibC.calls().mkdirat(LibC.AT_FDCWD, at(target, name), 0777);
        }
        put(target, "common", O_CREAT, "common");
    }

    /** Some steps in each of the targets, the same ones. */
    void run(Consumer<Consumer<Target>> inEach) {
        for (int i = 0; i < STEPS; i++, step++) {
            int now = step;
            inEach.accept(target -> one(target, now));
        }
    }

    private void one(Target target, int now) {
        String own = worker + "-" + now;
        put(target, "log/all", O_CREAT | O_APPEND, own + "\n");
        // Whoever comes first makes it; all of them would make the same.
        put(target, "files/race-" + now, O_CREAT | O_EXCL, "race");
        put(target, "files/" + own, O_CREAT, own.repeat(now % 50 * 40));
        LibC.calls().linkat(LibC.AT_FDCWD, at(target, "common"), LibC.AT_FDCWD, at(target, "moved/link-" + own), 0);
        LibC.calls().mkdirat(LibC.AT_FDCWD, at(target, "files/d-" + own), 0755);
        LibC.calls()
                .renameat2(LibC.AT_FDCWD, at(target, "files/d-" + own), LibC.AT_FDCWD, at(target, "moved/d-" + own), 1);
        byte[] value = {(byte) now};
        LibC.calls().lsetxattr(at(target, "common"), TreeState.latin("user.w" + worker + "\0"), value, value.length, 0);
        if (now % 3 > 0) {
            LibC.calls().unlinkat(LibC.AT_FDCWD, at(target, "files/" + own), 0);
            LibC.calls().unlinkat(LibC.AT_FDCWD, at(target, "moved/link-" + own), 0);
            LibC.calls().unlinkat(LibC.AT_FDCWD, at(target, "moved/d-" + own), AT_REMOVEDIR);
        }
    }

    private static byte[] at(Target target, String path) {
        return target.at(TreeState.latin(path));
    }

    private static void put(Target target, String path, int flags, String text) {
        int fd = LibC.calls().openat(LibC.AT_FDCWD, at(target, path), flags | 1 | LibC.O_CLOEXEC, 0666);
        if (fd >= 0) {
            byte[] bytes = TreeState.latin(text);
            LibC.calls().write(fd, bytes, bytes.length);
            LibC.calls().close(fd);
        }
    }
}
