"""Content: writing, truncating, allocating, holes, copies, mapping."""

import fcntl
import mmap
import os
import sys

from probe import *

BLOCK = 4096
FICLONE = 0x40049409
FS_IOC_GETFLAGS = 0x80086601


def fill(path, size, step=251):
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o644)
    os.write(fd, bytes(i % step for i in range(size)))
    return fd


def whole(fd):
    return os.pread(fd, 1 << 24, 0)


@case
def allocate():
    for mode in (0, KEEP_SIZE, PUNCH_HOLE, PUNCH_HOLE | KEEP_SIZE, ZERO_RANGE, ZERO_RANGE | KEEP_SIZE,
                 COLLAPSE_RANGE | KEEP_SIZE, INSERT_RANGE | KEEP_SIZE, UNSHARE_RANGE, 4, 128,
                 PUNCH_HOLE | ZERO_RANGE, PUNCH_HOLE | KEEP_SIZE | ZERO_RANGE, COLLAPSE_RANGE | INSERT_RANGE):
        for offset, length in ((0, BLOCK), (BLOCK, BLOCK), (100, 300), (BLOCK, 10 * BLOCK), (20 * BLOCK, BLOCK),
                               (0, 0), (-1, 10), (10, -1), (3 * BLOCK, 2 * BLOCK), (5 * BLOCK, 100),
                               (0, 5 * BLOCK), (0, 6 * BLOCK), (4 * BLOCK, 2 * BLOCK), (2 * BLOCK, 3 * BLOCK)):
            fd = fill("f", 5 * BLOCK + 123)
            say("mode %d at %d length %d" % (mode, offset, length), fallocate, fd, mode, offset, length)
            tell("size", os.fstat(fd).st_size)
            tell("content", whole(fd))
            os.close(fd)


@case
def allocate_errors():
    create("f", b"x")
    fd = os.open("f", os.O_RDONLY)
    say("read only", fallocate, fd, 0, 0, 10)
    os.close(fd)
    fd = os.open("f", os.O_RDWR)
    say("over the end of numbers", fallocate, fd, 0, (1 << 63) - 5, 10)
    say("last block", fallocate, fd, PUNCH_HOLE | KEEP_SIZE, (1 << 44) - 8192, 4096)
    os.close(fd)
    r, w = os.pipe()
    say("pipe", fallocate, w, 0, 0, 10)
    os.mkfifo("p")
    fd = os.open("p", os.O_RDWR)
    say("fifo", fallocate, fd, 0, 0, 10)
    say("posix_fallocate of fifo", lambda: LIBC.posix_fallocate(fd, 0, 10))


@case
def truncate():
    create("f", b"0123456789")
    say("shorter", os.truncate, "f", 5)
    say("longer", os.truncate, "f", 20)
    tell("content", read("f"))
    say("negative", os.truncate, "f", -1)
    say("largest", os.truncate, "f", (1 << 44) - 4096)
    tell("size", os.stat("f").st_size)
    fd = os.open("f", os.O_RDWR)
    say("write at the end", os.pwrite, fd, b"xy", (1 << 44) - 4098)
    tell("size", os.stat("f").st_size)
    os.close(fd)
    os.truncate("f", 0)
    fd = os.open("f", os.O_RDONLY)
    say("read only", os.ftruncate, fd, 0)
    os.close(fd)
    os.mkdir("d")
    say("directory", os.truncate, "d", 0)
    os.symlink("f", "s")
    say("through link", os.truncate, "s", 3)
    tell("content", read("f"))
    say("trailing slash", os.truncate, "f/", 0)


@case
def holes():
    fd = os.open("f", os.O_CREAT | os.O_RDWR, 0o644)
    say("empty data", os.lseek, fd, 0, os.SEEK_DATA)
    say("empty hole", os.lseek, fd, 0, os.SEEK_HOLE)
    os.pwrite(fd, b"x" * BLOCK, 0)
    os.pwrite(fd, b"y" * BLOCK, 100 * BLOCK)
    os.ftruncate(fd, 200 * BLOCK)

    def seen(label):
        for at in (0, 1, BLOCK, BLOCK + 1, 50 * BLOCK, 100 * BLOCK, 101 * BLOCK, 150 * BLOCK, 200 * BLOCK - 1,
                   200 * BLOCK, 300 * BLOCK, -1):
            say("%s data from %d" % (label, at), os.lseek, fd, at, os.SEEK_DATA)
            say("%s hole from %d" % (label, at), os.lseek, fd, at, os.SEEK_HOLE)
        tell("position", os.lseek(fd, 0, os.SEEK_CUR) in (0, 200 * BLOCK, 100 * BLOCK, 199 * BLOCK, 200 * BLOCK - 1,
                                                           150 * BLOCK, 101 * BLOCK))

    seen("unwritten")
    os.fsync(fd)
    seen("written")
    other = os.open("g", os.O_CREAT | os.O_RDWR, 0o644)
    os.pwrite(other, b"x", 0)
    os.pwrite(other, b"y", 50 * BLOCK)
    for at in (0, BLOCK, 50 * BLOCK, 50 * BLOCK + 1):
        say("held back, data from %d" % at, os.lseek, other, at, os.SEEK_DATA)
        say("held back, hole from %d" % at, os.lseek, other, at, os.SEEK_HOLE)
    os.close(other)
    fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 100 * BLOCK, BLOCK)
    seen("punched")
    os.close(fd)


@case
def copies():
    a = fill("a", 10 * BLOCK + 77)
    b = os.open("b", os.O_CREAT | os.O_RDWR, 0o644)

    def copy(label, source, at, sink, to, length, flags=0):
        x, y = ctypes.c_long(at), ctypes.c_long(to)
        say(label, raw, "copy_file_range", source, ctypes.byref(x), sink, ctypes.byref(y), length, flags)
        tell("moved", (x.value - at, y.value - to))

    copy("whole", a, 0, b, 0, 1 << 20)
    tell("content", whole(b))
    copy("beyond the end", a, 1 << 20, b, 0, 10)
    copy("at the end", a, 10 * BLOCK + 77, b, 0, 10)
    copy("leaving a hole", a, 5, b, 30 * BLOCK, 1000)
    tell("content", whole(b))
    copy("inside, apart", a, 0, a, 20 * BLOCK, BLOCK)
    copy("inside, overlapping", a, 0, a, 10, BLOCK)
    copy("inside, touching", a, 0, a, BLOCK, BLOCK)
    tell("content", whole(a))
    copy("nothing", a, 0, b, 0, 0)
    copy("flags", a, 0, b, 0, 10, 1)
    copy("negative", a, -5, b, 0, 10)
    r = os.open("a", os.O_RDONLY)
    w = os.open("b", os.O_WRONLY)
    p = os.open("b", os.O_WRONLY | os.O_APPEND)
    d = os.open(".", os.O_RDONLY)
    copy("into read only", a, 0, r, 0, 10)
    copy("from write only", w, 0, a, 0, 10)
    copy("into append", a, 0, p, 0, 10)
    copy("directory", d, 0, b, 0, 10)
    os.pwrite(a, b"not yet written back", 100)
    copy("unwritten", a, 90, b, 0, 50)
    tell("content", os.pread(b, 100, 0))
    m = mmap.mmap(a, 0)
    m[200:205] = b"store"
    copy("of a map", a, 190, b, 0, 50)
    tell("content", os.pread(b, 100, 0))
    n = mmap.mmap(b, 0)
    copy("below a map", a, 0, b, 0, 300)
    tell("map", bytes(n[:300]))
    null = os.open("/dev/null", os.O_RDWR)
    copy("to a device", a, 0, null, 0, 10)
    for f in (a, b):
        say("reflink", fcntl.ioctl, f, FICLONE, a)
    say("ioctl nobody knows", fcntl.ioctl, a, 0x1234)
    say("sendfile", os.sendfile, b, a, 0, 5000)


@case
def direct():
    fd = quiet("open", os.open, "f", os.O_CREAT | os.O_RDWR | os.O_DIRECT, 0o644)
    page = mmap.mmap(-1, 4 * BLOCK)
    page[:] = bytes(i % 253 for i in range(4 * BLOCK))
    say("write", os.writev, fd, [page])
    say("size", lambda: os.fstat(fd).st_size)
    say("read", lambda: os.preadv(fd, [page], BLOCK))
    tell("content", bytes(page[:3 * BLOCK]))
    buffered = os.open("f", os.O_RDWR)
    os.pwrite(buffered, b"through the cache", BLOCK)
    say("read what was buffered", lambda: os.preadv(fd, [page], BLOCK))
    tell("content", bytes(page[:17]))
    page[:5] = b"DIREC"
    say("write under the cache", lambda: os.pwritev(fd, [page], 0))
    tell("seen", os.pread(buffered, 10, 0))
    say("append", lambda: os.pwritev(fd, [page], 8 * BLOCK))
    tell("size", os.fstat(buffered).st_size)
    quiet("set later", lambda: fcntl.fcntl(buffered, fcntl.F_SETFL, os.O_DIRECT))
    os.close(fd)
    os.close(buffered)


@case
def synchronous():
    for label, flags in (("sync", os.O_SYNC), ("dsync", os.O_DSYNC)):
        fd = quiet(label, os.open, label, os.O_CREAT | os.O_RDWR | flags, 0o644)
        say("write", os.write, fd, b"x" * 10000)
        say("again", os.pwrite, fd, b"y" * 100, 50)
        tell("size", os.fstat(fd).st_size)
        os.close(fd)
        tell("content", read(label))
    fd = os.open("sync", os.O_RDONLY)
    say("fsync read only", os.fsync, fd)
    say("fdatasync read only", os.fdatasync, fd)
    say("sync_file_range", raw, "sync_file_range", fd, 0, 100, 7)
    say("syncfs", raw, "syncfs", fd)


@case
def appending():
    fd = os.open("f", os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644)
    os.write(fd, b"one")
    other = os.open("f", os.O_WRONLY)
    os.pwrite(other, b"xx", 10)
    os.write(fd, b"two")
    say("pwrite appends", os.pwrite, fd, b"three", 0)
    tell("content", read("f"))
    say("position", os.lseek, fd, 0, os.SEEK_CUR)
    say("readv", lambda: os.preadv(fd, [bytearray(4), bytearray(3)], 8))


@case
def reading():
    fd = fill("f", 10000)
    say("beyond", os.pread, fd, 10, 10000)
    say("across", os.pread, fd, 100, 9990)
    say("negative", os.pread, fd, 10, -1)
    say("far", os.pread, fd, 10, 1 << 60)
    w = os.open("f", os.O_WRONLY)
    say("write only", os.read, w, 10)
    r = os.open("f", os.O_RDONLY)
    say("write to read only", os.write, r, b"x")
    say("seek before", os.lseek, fd, -1, os.SEEK_SET)
    say("seek far", os.lseek, fd, (1 << 44) - 4096, os.SEEK_SET)
    say("seek from end", os.lseek, fd, -1, os.SEEK_END)
    say("seek odd", os.lseek, fd, 0, 9)
    say("fadvise", os.posix_fadvise, fd, 0, 0, os.POSIX_FADV_DONTNEED)
    say("readahead", raw, "readahead", fd, 0, 10000)
    p = os.open("f", os.O_PATH)
    say("read path", os.read, p, 1)
    say("fsync path", os.fsync, p)
    say("stat path", lambda: os.fstat(p).st_size)


@case
def mapping():
    fd = fill("f", 3 * BLOCK + 5)
    m = mmap.mmap(fd, 0)
    m[10:15] = b"abcde"
    tell("read after store", os.pread(fd, 20, 5))
    os.pwrite(fd, b"WRITE", 20)
    tell("map after write", bytes(m[15:30]))
    say("msync", m.flush)
    os.ftruncate(fd, 100)
    tell("map after truncation", bytes(m[:20]))
    os.ftruncate(fd, 3 * BLOCK)
    tell("zeros behind", bytes(m[90:BLOCK]).count(0))
    m.close()
    r = os.open("f", os.O_RDONLY)
    private = mmap.mmap(r, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    private[0:3] = b"own"
    tell("file", os.pread(r, 5, 0))
    say("shared of read only", mmap.mmap, r, 0, mmap.MAP_SHARED, mmap.PROT_WRITE)
    w = os.open("f", os.O_WRONLY)
    say("of write only", mmap.mmap, w, 0, mmap.MAP_SHARED, mmap.PROT_WRITE)
    os.unlink("f")
    tell("map of the unlinked", bytes(private[:8]))


@case
def sizes():
    fd = os.open("f", os.O_CREAT | os.O_RDWR, 0o644)
    for size in (0, 1, 511, 4096, 5000, 65536, 1 << 20):
        os.pwrite(fd, b"x" * size, 0)
        os.fsync(fd)
        s = os.fstat(fd)
        tell("blocks of %d" % size, (s.st_size, s.st_blocks, s.st_blksize))
    os.ftruncate(fd, 1 << 30)
    tell("blocks with a hole", os.fstat(fd).st_blocks)
    os.ftruncate(fd, 0)
    tell("blocks emptied", os.fstat(fd).st_blocks)


@case
def whole_file_system():
    s = os.statvfs(".")
    tell("name", s.f_namemax)
    tell("blocks", (s.f_bsize, s.f_frsize, s.f_blocks > 0, s.f_bfree > 0, 0 < s.f_bavail <= s.f_bfree <= s.f_blocks))
    say("files", lambda: s.f_files > 0 and 0 < s.f_ffree <= s.f_files)
    say("name max", os.pathconf, ".", "PC_NAME_MAX")


if __name__ == "__main__":
    main(sys.argv[1])
