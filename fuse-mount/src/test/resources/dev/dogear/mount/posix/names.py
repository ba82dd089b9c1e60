"""Names: create, rename, link, unlink, directories, limits."""

import os
import stat
import sys

from probe import *


@case
def rename_flags():
    create("a", b"a")
    create("b", b"b")
    os.mkdir("d")
    create("d/x")
    os.mkdir("e")
    for flags in range(0, 9):
        for pair in (("a", "b"), ("a", "none"), ("none", "a"), ("a", "a"), ("d", "e"), ("e", "d"), ("a", "d"),
                     ("d", "a"), ("d", "d/in"), ("d/x", "d"), ("d", "d")):
            create("a", b"a")
            create("b", b"b")
            os.makedirs("d", exist_ok=True)
            create("d/x")
            os.makedirs("e", exist_ok=True)
            if flags >= 4:
                continue
            say("rename %s to %s flags %d" % (pair[0], pair[1], flags), rename2, pair[0], pair[1], flags)
            tell("left", sorted(os.path.join(at, n) for at, ds, fs in os.walk(".") for n in ds + fs))
            for path in ("a", "b", "none", "d", "e"):
                if os.path.isdir(path):
                    shutil.rmtree(path)
                elif os.path.lexists(path):
                    os.unlink(path)
    create("a")
    say("unknown flag", rename2, "a", "b", 16)
    say("unknown and known", rename2, "a", "b", 17)


@case
def rename_rules():
    os.mkdir("d")
    os.mkdir("d/e")
    create("f", b"1")
    create("g", b"2")
    say("into itself", os.rename, "d", "d/e/f")
    say("dot", os.rename, "d/.", "x")
    say("dots", os.rename, "d/e/..", "x")
    say("to dot", os.rename, "d", "f/.")
    say("file with slash", os.rename, "f/", "x")
    say("file to slash", os.rename, "f", "x/")
    say("directory to slash", os.rename, "d", "x/")
    say("directory from slash", os.rename, "x/", "d")
    say("file over empty directory", os.rename, "f", "d/e")
    say("directory over file", os.rename, "d/e", "f")
    say("directory over its parent", os.rename, "d/e", "d")
    say("file over file", os.rename, "f", "g")
    tell("content", read("g"))
    os.link("g", "h")
    say("to the same file", os.rename, "g", "h")
    tell("both there", (os.path.exists("g"), os.path.exists("h")))
    os.mkdir("full")
    create("full/x")
    os.mkdir("empty")
    say("over full", os.rename, "empty", "full")
    say("full over empty", os.rename, "full", "empty")
    say("missing source", os.rename, "none", "x")
    say("missing parent", os.rename, "g", "none/x")
    say("below a file", os.rename, "g", "h/x")
    say("below a file, source", os.rename, "h/x", "y")
    os.symlink("empty", "s")
    say("symlink with slash", os.rename, "s/", "t")
    say("symlink itself", os.rename, "s", "t")
    tell("links", (mode("empty"), mode("d")))


@case
def directory_links():
    os.mkdir("d")
    tell("new", mode("d"))
    for i in range(3):
        os.mkdir("d/%d" % i)
    tell("three in it", os.stat("d").st_nlink)
    os.rename("d/0", "moved")
    tell("one moved out", (os.stat("d").st_nlink, os.stat(".").st_nlink))
    os.mkdir("e")
    rename2("d/1", "e", RENAME_EXCHANGE)
    tell("exchanged", (os.stat("d").st_nlink, os.stat(".").st_nlink, os.stat("e").st_nlink))
    create("f")
    rename2("d/2", "f", RENAME_EXCHANGE)
    tell("exchanged with file", (os.stat("d").st_nlink, os.stat(".").st_nlink))
    fd = os.open("e", os.O_RDONLY)
    os.rmdir("e")
    tell("removed", os.fstat(fd).st_nlink)
    say("list removed", os.listdir, fd)
    say("make in removed", os.mkdir, "x", dir_fd=fd)
    quiet("create in removed", os.open, "x", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=fd)
    say("stat . of removed", lambda: os.stat(".", dir_fd=fd).st_nlink)
    os.close(fd)


@case
def remove_errors():
    os.mkdir("d")
    create("d/x")
    create("f")
    os.symlink("d", "s")
    say("rmdir full", os.rmdir, "d")
    say("rmdir file", os.rmdir, "f")
    say("rmdir link", os.rmdir, "s")
    say("rmdir link with slash", os.rmdir, "s/")
    say("rmdir dot", os.rmdir, "d/.")
    say("rmdir dots", os.rmdir, "d/..")
    say("rmdir missing", os.rmdir, "none")
    say("unlink directory", os.unlink, "d")
    say("unlink with slash", os.unlink, "f/")
    say("unlink link with slash", os.unlink, "s/")
    say("unlink dot", os.unlink, ".")
    say("unlink below file", os.unlink, "f/x")
    say("unlink link", os.unlink, "s")
    say("unlink missing", os.unlink, "s")


@case
def make_errors():
    create("f")
    os.symlink("none", "dangling")
    os.symlink("f", "s")
    os.mkdir("d")
    for path in ("f", "d", "s", "dangling", "f/x", "none/x", "d/", ".", "..", "", "new/"):
        say("mkdir %r" % path, os.mkdir, path)
        say("mknod %r" % path, os.mknod, path, 0o600 | stat.S_IFIFO)
        say("symlink %r" % path, os.symlink, "x", path)
        say("link %r" % path, os.link, "f", path)
        quiet("exclusive %r" % path, lambda: os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)))
        quiet("create %r" % path, lambda: os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)))
        tell("names", sorted(os.listdir(".")))
    say("link of directory", os.link, "d", "x")
    say("link of symlink", os.link, "s", "hard", follow_symlinks=False)
    tell("is link", os.path.islink("hard"))
    say("empty symlink", os.symlink, "", "x1")
    say("mknod directory", os.mknod, "x2", stat.S_IFDIR | 0o700)
    say("mknod link", os.mknod, "x3", stat.S_IFLNK | 0o700)
    say("mknod of no type", os.mknod, "x4", 0o600)
    say("mknod of bad type", os.mknod, "x5", 0o170000 | 0o600)
    for name in sorted(os.listdir(".")):
        tell(name, mode(name))


@case
def open_errors():
    create("f", b"x")
    os.mkdir("d")
    os.symlink("loop", "loop")
    os.symlink("f", "s")
    os.symlink("f/", "fs")
    os.mkfifo("p")
    for path in ("f", "d", "loop", "s", "fs", "none", "f/", "d/", "f/.", "d/.", "p", "f/..", "loop/x"):
        for label, flags in (("read", os.O_RDONLY), ("write", os.O_WRONLY), ("both", os.O_RDWR),
                             ("directory", os.O_DIRECTORY), ("nofollow", os.O_NOFOLLOW), ("truncate", os.O_TRUNC),
                             ("path", os.O_PATH), ("path nofollow", os.O_PATH | os.O_NOFOLLOW),
                             ("create directory", os.O_CREAT | os.O_DIRECTORY), ("tmpfile", os.O_TMPFILE),
                             ("tmpfile write", os.O_TMPFILE | os.O_RDWR), ("access 3", 3)):
            quiet("open %s %s" % (path, label), lambda: os.close(os.open(path, flags | os.O_NONBLOCK, 0o600)))
    tell("size", os.stat("f").st_size)


@case
def unnamed_files():
    fd = quiet("tmpfile", os.open, ".", os.O_TMPFILE | os.O_RDWR, 0o640)
    os.write(fd, b"hello")
    tell("links", os.fstat(fd).st_nlink)
    tell("mode", "%o" % os.fstat(fd).st_mode)
    say("link by proc", os.link, "/proc/self/fd/%d" % fd, "named", follow_symlinks=True)
    tell("links", os.fstat(fd).st_nlink)
    say("read", read, "named")
    say("link by empty path", raw, "linkat", fd, b"", AT_FDCWD, b"again", AT_EMPTY_PATH)
    tell("links", os.fstat(fd).st_nlink)
    os.unlink("named")
    os.unlink("again")
    tell("links", os.fstat(fd).st_nlink)
    say("link once unlinked", raw, "linkat", fd, b"", AT_FDCWD, b"back", AT_EMPTY_PATH)
    os.close(fd)
    fd = quiet("exclusive", os.open, ".", os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o640)
    say("link of exclusive", os.link, "/proc/self/fd/%d" % fd, "named", follow_symlinks=True)
    os.close(fd)
    fd = quiet("write only", os.open, ".", os.O_TMPFILE | os.O_WRONLY, 0o400)
    os.write(fd, b"x" * 10000)
    os.ftruncate(fd, 5000)
    say("link over", os.link, "/proc/self/fd/%d" % fd, ".", follow_symlinks=True)
    say("link", os.link, "/proc/self/fd/%d" % fd, "kept", follow_symlinks=True)
    os.close(fd)
    tell("kept", (mode("kept"), os.stat("kept").st_size))
    quiet("read only", os.open, ".", os.O_TMPFILE | os.O_RDONLY, 0o400)


@case
def unlinked_files():
    create("f", b"12345")
    fd = os.open("f", os.O_RDWR)
    os.unlink("f")
    tell("links", os.fstat(fd).st_nlink)
    say("read", os.pread, fd, 10, 0)
    say("write", os.pwrite, fd, b"abc", 5)
    say("truncate", os.ftruncate, fd, 7)
    say("chmod", os.fchmod, fd, 0o600)
    say("chown", os.fchown, fd, 5, 6)
    say("xattr", os.setxattr, fd, "user.a", b"b")
    say("read xattr", os.getxattr, fd, "user.a")
    say("times", os.utime, fd, (1, 2))
    say("fsync", os.fsync, fd)
    say("allocate", fallocate, fd, 0, 0, 100)
    s = os.fstat(fd)
    tell("state", ("%o" % s.st_mode, s.st_size, s.st_uid, s.st_gid))
    quiet("open by proc", lambda: os.close(os.open("/proc/self/fd/%d" % fd, os.O_RDWR)))
    create("f", b"other")
    say("old", os.pread, fd, 10, 0)
    os.close(fd)
    create("a", b"a")
    create("b", b"b")
    fd = os.open("b", os.O_RDWR)
    os.rename("a", "b")
    say("replaced", os.read, fd, 10)
    tell("links", os.fstat(fd).st_nlink)


@case
def limits():
    for length in (254, 255, 256):
        name = "n" * length
        quiet("create %d" % length, create, name)
        say("mkdir %d" % length, os.mkdir, "d" * length)
        say("symlink %d" % length, os.symlink, "x", "s" * length)
        say("stat %d" % length, lambda: os.stat(name).st_size)
        say("rename to %d" % length, os.rename, name, "m" * length)
        say("link to %d" % length, os.link, "m" * length, "l" * length)
        say("unlink %d" % length, os.unlink, "m" * length)
    for length in (4094, 4095, 4096):
        say("symlink target %d" % length, os.symlink, "t" * length, "t%d" % length)
    say("readlink", lambda: len(os.readlink("t4095")))
    for length in (4094, 4095, 4096):
        path = "./" * (length // 2 - 1) + ("x" if length % 2 else "xx") + ("" if length % 2 else "")
        path = path.ljust(length, "y")[:length] if length - len(path) < 200 else path
        quiet("path of %d" % length, create, path)
    create("f")
    say("utf-8 and bytes", lambda: sorted(os.listdir(b".")).index(b"f") >= 0)
    for name in (b"\xff\xfe", b"a\nb", b" ", b"-", b"...", b"..x", b"\\", b"\x01", "\u00e4".encode(), "a\u0308".encode()):
        say("name %r" % name, create, name)
        say("listed %r" % name, lambda: name in os.listdir(b"."))
    deep = 0
    start = os.getcwd()
    while deep < 60:
        os.mkdir("z" * 200)
        os.chdir("z" * 200)
        deep += 1
    tell("deep", deep)
    say("getcwd", lambda: len(os.getcwd()) > 4096)
    for i in range(deep):
        os.chdir("..")
        os.rmdir("z" * 200)
    tell("back", os.getcwd() == start)


@case
def loops():
    os.symlink("b", "a")
    os.symlink("a", "b")
    quiet("stat", os.stat, "a")
    quiet("lstat", os.lstat, "a")
    say("chmod", os.chmod, "a", 0o600)
    say("truncate", os.truncate, "a", 0)
    say("through", os.stat, "a/x")
    for i in range(42):
        os.symlink("c%d" % (i + 1), "c%d" % i)
    create("c42")
    for i in (1, 2, 3, 10):
        quiet("chain %d" % i, os.stat, "c%d" % i)


@case
def cross_device():
    create("f")
    say("rename", os.rename, "f", "/dev/shm/f")
    say("link", os.link, "f", "/dev/shm/f")


@case
def device_nodes():
    say("character", os.mknod, "c", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    say("block", os.mknod, "b", stat.S_IFBLK | 0o660, os.makedev(259, 70000))
    say("whiteout", os.mknod, "w", stat.S_IFCHR, 0)
    say("socket", os.mknod, "s", stat.S_IFSOCK | 0o644)
    say("fifo", os.mkfifo, "p", 0o644)
    for name in sorted(os.listdir(".")):
        s = os.lstat(name)
        tell(name, (mode(name), os.major(s.st_rdev), os.minor(s.st_rdev), s.st_size, s.st_blocks))
    quiet("open socket", os.open, "s", os.O_RDONLY)
    say("truncate fifo", os.truncate, "p", 0)
    say("truncate socket", os.truncate, "s", 0)
    os.link("c", "c2")
    tell("linked device", mode("c"))
    os.chmod("c", 0o600)
    tell("its other name", mode("c2"))

    def user():
        say("user makes device", os.mknod, "u", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        say("user makes fifo", os.mkfifo, "up", 0o644)

    os.chmod(".", 0o777)
    as_user(USER, GROUP, [], user)


@case
def directories_read():
    for i in range(500):
        create("file%03d" % i)
    names = sorted(os.listdir("."))
    tell("all", (len(names), names == ["file%03d" % i for i in range(500)]))
    with os.scandir(".") as entries:
        seen = [next(entries).name]
        for i in range(250):
            os.unlink("file%03d" % i)
        create("new")
        seen += [e.name for e in entries]
    tell("no name twice", len(seen) == len(set(seen)))
    tell("all that stayed", all("file%03d" % i in seen for i in range(250, 500)))
    os.mkdir("d")
    fd = os.open("d", os.O_RDONLY)
    say("read directory", os.read, fd, 10)
    say("write directory", os.write, fd, b"x")
    say("truncate directory", os.truncate, "d", 0)
    say("fsync directory", os.fsync, fd)
    say("fdatasync directory", os.fdatasync, fd)
    say("allocate directory", fallocate, fd, 0, 0, 10)
    say("seek", os.lseek, fd, 0, os.SEEK_SET)
    os.close(fd)


if __name__ == "__main__":
    main(sys.argv[1])
