"""Attributes: times, modes, owners, set-id bits, extended attributes."""

import os
import stat
import sys

from probe import *


@case
def times_of_names():
    os.mkdir("d")
    os.mkdir("e")
    create("d/f", b"x")
    stamps("create", ["d", "e"], create, "d/new")
    stamps("create over", ["d", "d/new"], create, "d/new")
    stamps("mkdir", ["d"], os.mkdir, "d/sub")
    stamps("mkdir below", ["d", "d/sub"], os.mkdir, "d/sub/sub")
    stamps("rmdir below", ["d", "d/sub"], os.rmdir, "d/sub/sub")
    stamps("rmdir", ["d"], os.rmdir, "d/sub")
    stamps("link", ["d", "d/f"], os.link, "d/f", "d/g")
    stamps("unlink one name", ["d", "d/f"], os.unlink, "d/g")
    stamps("rename inside", ["d"], os.rename, "d/f", "d/h")
    stamps("rename over", ["d", "d/new"], os.rename, "d/h", "d/new")
    stamps("rename away", ["d", "e"], os.rename, "d/new", "e/new")
    stamps("rename to the same", ["e", "e/new"], os.rename, "e/new", "e/new")
    create("d/x")
    stamps("exchange", ["d", "e", "d/x", "e/new"], rename2, "d/x", "e/new", RENAME_EXCHANGE)
    stamps("refused create", ["d", "d/x"], lambda: os.open("d/x", os.O_CREAT | os.O_EXCL))
    stamps("symlink", ["d"], os.symlink, "x", "d/s")
    stamps("fifo", ["d"], os.mkfifo, "d/p")
    stamps("rename directory", ["d", ".", "e"], os.rename, "d", "e/d")
    stamps("lookup of nothing", ["e"], lambda: os.path.exists("e/none"))
    stamps("refused rmdir", ["e", "e/d"], os.rmdir, "e/d")


@case
def times_of_files():
    create("f", b"0123456789")
    os.chmod("f", 0o666)
    fd = os.open("f", os.O_RDWR)
    stamps("stat", ["f"], lambda: os.stat("f").st_size)
    stamps("chmod", ["f"], os.chmod, "f", 0o600)
    stamps("chmod to the same", ["f"], os.chmod, "f", 0o600)
    stamps("chown", ["f"], os.chown, "f", 5, 5)
    stamps("chown to the same", ["f"], os.chown, "f", 5, 5)
    stamps("chown of nobody", ["f"], os.chown, "f", -1, -1)
    stamps("xattr", ["f"], os.setxattr, "f", "user.a", b"b")
    stamps("xattr to the same", ["f"], os.setxattr, "f", "user.a", b"b")
    stamps("remove xattr", ["f"], os.removexattr, "f", "user.a")
    stamps("write", ["f"], os.write, fd, b"x")
    stamps("write nothing", ["f"], os.write, fd, b"")
    stamps("truncate", ["f"], os.truncate, "f", 5)
    stamps("truncate to the same", ["f"], os.truncate, "f", 5)
    stamps("ftruncate", ["f"], os.ftruncate, fd, 4)
    stamps("ftruncate to the same", ["f"], os.ftruncate, fd, 4)
    stamps("allocate more", ["f"], fallocate, fd, 0, 0, 10000)
    stamps("allocate what is there", ["f"], fallocate, fd, 0, 0, 100)
    stamps("allocate beyond", ["f"], fallocate, fd, KEEP_SIZE, 20000, 100)
    stamps("punch", ["f"], fallocate, fd, PUNCH_HOLE | KEEP_SIZE, 0, 4096)
    stamps("zero", ["f"], fallocate, fd, ZERO_RANGE, 0, 4096)
    stamps("utime", ["f"], os.utime, "f", (1, 2))
    stamps("utime now", ["f"], os.utime, "f")
    stamps("open to truncate", ["f"], lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC)))
    stamps("open to truncate nothing", ["f"], lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC)))
    stamps("open to create", ["f"], lambda: os.close(os.open("f", os.O_WRONLY | os.O_CREAT)))
    stamps("fsync", ["f"], os.fsync, fd)
    stamps("close", ["f"], os.close, fd)
    create("g", b"y" * 5000)
    fd = os.open("f", os.O_RDWR)
    g = os.open("g", os.O_RDONLY)
    stamps("copy range", ["f"], os.copy_file_range, g, fd, 1000)
    os.close(fd)
    os.close(g)
    os.symlink("f", "s")
    stamps("chown of link", ["s", "f"], os.lchown, "s", 7, 7)
    stamps("chown through link", ["s", "f"], os.chown, "s", 8, 8)
    stamps("utime of link", ["s", "f"], os.utime, "s", (3, 4), follow_symlinks=False)
    tell("link", (os.lstat("s").st_mtime, os.stat("f").st_mtime > 4))
    os.mkfifo("p")
    stamps("chmod fifo", ["p"], os.chmod, "p", 0o600)
    os.mkdir("d")
    stamps("chmod directory", ["d", "."], os.chmod, "d", 0o700)
    fd = os.open("f", os.O_WRONLY)
    os.utime("f", (1, 2))
    os.write(fd, b"after")
    tell("write after utime", os.stat("f").st_mtime > 2)
    os.utime("f", (1, 2))
    os.close(fd)
    tell("close keeps utime", (os.stat("f").st_atime, os.stat("f").st_mtime))


@case
def access_times():
    create("f", b"0123456789")
    fd = os.open("f", os.O_RDONLY)
    os.utime("f", (100, 200))
    stamps("first read", ["f"], os.pread, fd, 1, 0)
    stamps("second read", ["f"], os.pread, fd, 1, 0)
    os.utime("f", (100, 50))
    stamps("read a day later", ["f"], os.pread, fd, 1, 0)
    os.close(fd)
    quiet("noatime", lambda: os.close(os.open("f", os.O_RDONLY | os.O_NOATIME)))
    os.mkdir("d")
    create("d/x")
    os.utime("d", (100, 200))
    stamps("list", ["d"], os.listdir, "d")
    stamps("list again", ["d"], os.listdir, "d")
    os.symlink("f", "s")
    os.utime("s", (100, 200), follow_symlinks=False)
    stamps("readlink", ["s"], os.readlink, "s")
    stamps("readlink again", ["s"], os.readlink, "s")


@case
def times_set():
    create("f")
    for ns in ((0, 0), (1, 999999999), (-1, -1), (1 << 33) * 10**9 + 5, (-(1 << 31)) * 10**9, 1234567890123456789):
        pair = ns if isinstance(ns, tuple) else (ns, ns)
        say("set %s" % (pair,), os.utime, "f", ns=pair)
        s = os.stat("f")
        tell("is", (s.st_atime_ns, s.st_mtime_ns))
    os.utime("f", ns=(10, 20))
    omit, now = (1 << 30) - 2, (1 << 30) - 1

    def set_raw(label, a, m):
        buffer = (ctypes.c_long * 4)(a[0], a[1], m[0], m[1])
        say(label, raw, "utimensat", AT_FDCWD, b"f", ctypes.byref(buffer), 0)
        s = os.stat("f")
        tell("is", [t if t < 10**15 else "now" for t in (s.st_atime_ns, s.st_mtime_ns)])

    set_raw("omit both", (0, omit), (0, omit))
    set_raw("omit mtime", (1, 5), (0, omit))
    set_raw("omit atime", (0, omit), (2, 6))
    set_raw("atime now", (0, now), (3, 7))
    set_raw("both now", (0, now), (0, now))
    set_raw("bad", (0, 1 << 30), (0, 0))


@case
def modes():
    create("f")
    os.mkdir("d")
    os.symlink("f", "s")
    for m in (0, 0o777, 0o7777, 0o4755, 0o2644, 0o1777, 0o170777):
        say("chmod %o" % m, os.chmod, "f", m)
        say("chmod directory %o" % m, os.chmod, "d", m)
        tell("are", (mode("f"), mode("d"), mode("s")))
    say("fchmodat nofollow", raw, "fchmodat", AT_FDCWD, b"s", 0o600, 0x100)
    os.umask(0)
    for m in (0, 0o777, 0o7777, 0o4711):
        quiet("create %o" % m, lambda: os.close(os.open("n%o" % m, os.O_CREAT | os.O_WRONLY, m)))
        say("mkdir %o" % m, os.mkdir, "d%o" % m, m)
        say("mknod %o" % m, os.mknod, "p%o" % m, m | stat.S_IFIFO)
    os.umask(0o077)
    quiet("create with umask", lambda: os.close(os.open("masked", os.O_CREAT | os.O_WRONLY, 0o7777)))
    say("mkdir with umask", os.mkdir, "maskeddir", 0o7777)
    os.umask(0o022)
    for name in sorted(os.listdir(".")):
        tell(name, mode(name))


def bits(label, function, *arguments):
    """What a call leaves of set-id bits, for each of their combinations."""
    for m in (0o4755, 0o2755, 0o6755, 0o2644, 0o6644, 0o6777, 0o1755):
        os.chmod("f", m)
        say("%s %o" % (label, m), function, *arguments)
        tell("is", mode("f"))


def all_bits():
    fd = os.open("f", os.O_RDWR)
    bits("write", lambda: os.pwrite(fd, b"x", 0))
    bits("write nothing", lambda: os.pwrite(fd, b"", 0))
    bits("ftruncate", os.ftruncate, fd, 3)
    bits("truncate", os.truncate, "f", 2)
    bits("truncate to the same", os.truncate, "f", 2)
    bits("allocate", fallocate, fd, 0, 0, 100)
    bits("punch", fallocate, fd, PUNCH_HOLE | KEEP_SIZE, 0, 50)
    bits("open to truncate", lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC)))
    bits("open to write", lambda: os.close(os.open("f", os.O_WRONLY)))
    bits("open to create", lambda: os.close(os.open("f", os.O_WRONLY | os.O_CREAT)))
    bits("chmod", os.chmod, "f", 0o6711)
    bits("utime", os.utime, "f")
    bits("xattr", os.setxattr, "f", "user.a", b"x")
    bits("link and unlink", lambda: (os.link("f", "g"), os.unlink("g"))[0])
    other = os.open("other", os.O_CREAT | os.O_RDWR)
    os.write(other, b"y" * 5000)
    bits("copy range", lambda: os.copy_file_range(other, fd, 100, 0, 0))
    bits("sendfile", lambda: os.sendfile(fd, other, 0, 100))
    os.close(other)
    os.close(fd)
    os.unlink("other")


@case
def set_id_bits_of_root():
    create("f", b"12345")
    all_bits()
    bits("chown to others", os.chown, "f", 5, 5)
    bits("chown to the same", os.chown, "f", 5, 5)
    bits("chown of nobody", os.chown, "f", -1, -1)
    bits("chown of uid", os.chown, "f", 6, -1)
    bits("chown of gid", os.chown, "f", -1, 6)
    os.mkdir("d")
    os.chmod("d", 0o6755)
    os.chown("d", 5, 5)
    tell("directory", mode("d"))


@case
def set_id_bits_of_owner():
    create("f", b"12345")
    os.chown("f", USER, GROUP)
    os.chmod(".", 0o777)
    as_user(USER, GROUP, [OTHER_GROUP], all_bits)

    def owner():
        bits("chown to own group", os.chown, "f", -1, OTHER_GROUP)
        bits("chown to the same", os.chown, "f", USER, OTHER_GROUP)
        bits("chown to foreign group", os.chown, "f", -1, 77)
        bits("chown to other user", os.chown, "f", OTHER_USER, -1)

    as_user(USER, GROUP, [OTHER_GROUP], owner)
    os.chown("f", USER, 77)

    def stranger_group():
        bits("chmod in foreign group", os.chmod, "f", 0o2755)

    as_user(USER, GROUP, [OTHER_GROUP], stranger_group)


@case
def set_id_bits_of_others():
    create("f", b"12345")
    os.chmod(".", 0o777)

    def write():
        fd = os.open("f", os.O_WRONLY)
        os.write(fd, b"z")
        tell("while open", mode("f"))
        os.close(fd)

    for m in (0o6777, 0o2767, 0o4777, 0o6767):
        for label, function in (("write", write), ("truncate", lambda: os.truncate("f", 1)),
                                ("open to truncate", lambda: os.close(os.open("f", os.O_WRONLY | os.O_TRUNC)))):
            os.chmod("f", m)
            as_user(OTHER_USER, OTHER_GROUP, [], say, "%s %o" % (label, m), function)
            tell("is", mode("f"))


@case
def chown_of_nobody():
    create("f")
    os.chown("f", USER, GROUP)
    for label, uid, gid, groups in (("owner", USER, OTHER_GROUP, []), ("group", OTHER_USER, GROUP, []),
                                    ("supplementary", OTHER_USER, OTHER_GROUP, [GROUP]),
                                    ("other", OTHER_USER, OTHER_GROUP, [])):
        for m in (0o755, 0o4644, 0o2755, 0o2644, 0o1755):
            os.chmod("f", m)
            as_user(uid, gid, groups, say, "%s %o" % (label, m), os.chown, "f", -1, -1)
            tell("is", mode("f"))
    os.mkfifo("p")
    os.chmod("p", 0o4755)
    os.chown("p", USER, GROUP)
    os.chmod("p", 0o4755)
    as_user(OTHER_USER, OTHER_GROUP, [], say, "fifo", os.chown, "p", -1, -1)
    tell("is", mode("p"))


@case
def mapped_set_id():
    import mmap
    create("f", b"1" * 4096)
    os.chown("f", USER, GROUP)
    os.chmod("f", 0o6777)

    def store():
        fd = os.open("f", os.O_RDWR)
        m = mmap.mmap(fd, 0)
        m[0:3] = b"map"
        m.flush()

    as_user(USER, GROUP, [], store)
    tell("is", mode("f"))


@case
def extended_rules():
    create("f")
    os.mkdir("d")
    os.symlink("f", "s")
    os.mkfifo("p")
    for name in ("user.a", "user.", "user", "trusted.a", "trusted.", "security.a", "security.", "system.a", "system.",
                 "other.a", "", "a", ".a", "user." + "n" * 250, "user." + "n" * 251, "user.\u00e4", "user.a b",
                 "btrfs.x", "security.selinux2", "USER.a"):
        for path in ("f", "d", "p"):
            say("set %s of %s" % (name[:40], path), os.setxattr, path, name, b"value")
            say("get %s of %s" % (name[:40], path), os.getxattr, path, name)
        say("set %s of link" % name[:40], os.setxattr, "s", name, b"v", follow_symlinks=False)
        say("get %s of link" % name[:40], os.getxattr, "s", name, follow_symlinks=False)
    for path in ("f", "d", "p", "s"):
        tell("list of %s" % path, sorted(os.listxattr(path, follow_symlinks=False)))
    for name in sorted(os.listxattr("f")) + ["user.none", "other.x", "security.none"]:
        say("remove %s" % name[:40], os.removexattr, "f", name)
    tell("list", os.listxattr("f"))


@case
def extended_flags():
    create("f")
    say("replace none", os.setxattr, "f", "user.a", b"1", os.XATTR_REPLACE)
    say("create", os.setxattr, "f", "user.a", b"2", os.XATTR_CREATE)
    say("create again", os.setxattr, "f", "user.a", b"3", os.XATTR_CREATE)
    say("replace", os.setxattr, "f", "user.a", b"4", os.XATTR_REPLACE)
    say("both", os.setxattr, "f", "user.a", b"5", os.XATTR_CREATE | os.XATTR_REPLACE)
    say("both, new", os.setxattr, "f", "user.n", b"5", os.XATTR_CREATE | os.XATTR_REPLACE)
    say("unknown flag", os.setxattr, "f", "user.a", b"6", 4)
    say("value", os.getxattr, "f", "user.a")
    say("empty value", os.setxattr, "f", "user.e", b"")
    say("empty value", os.getxattr, "f", "user.e")
    buffer = ctypes.create_string_buffer(100)
    say("size asked", raw, "getxattr", b"f", b"user.a", None, 0)
    say("no room", lambda: raw("setxattr", b"f", b"user.long", b"x" * 50, 50, 0))
    say("room 10", raw, "getxattr", b"f", b"user.long", buffer, 10)
    say("room 50", raw, "getxattr", b"f", b"user.long", buffer, 50)
    say("list asked", raw, "listxattr", b"f", None, 0)
    say("list in 5", raw, "listxattr", b"f", buffer, 5)
    say("list in 100", raw, "listxattr", b"f", buffer, 100)
    say("too large", os.setxattr, "f", "user.big", b"x" * 65537)
    fd = os.open("f", os.O_RDONLY)
    say("by descriptor", os.setxattr, fd, "user.fd", b"1")
    say("missing file", os.getxattr, "none", "user.a")
    p = os.open("f", os.O_PATH)
    say("by path descriptor", os.setxattr, p, "user.fd", b"1")


@case
def extended_rights():
    create("f")
    os.mkdir("sticky")
    os.chmod("sticky", 0o1777)
    os.chmod("f", 0o604)
    os.setxattr("f", "user.a", b"1")
    os.setxattr("f", "trusted.a", b"1")
    os.setxattr("f", "security.a", b"1")

    def user():
        say("read user", os.getxattr, "f", "user.a")
        say("write user", os.setxattr, "f", "user.a", b"2")
        say("remove user", os.removexattr, "f", "user.a")
        say("read trusted", os.getxattr, "f", "trusted.a")
        say("write trusted", os.setxattr, "f", "trusted.a", b"2")
        say("read security", os.getxattr, "f", "security.a")
        say("write security", os.setxattr, "f", "security.a", b"2")
        say("list", lambda: sorted(os.listxattr("f")))
        say("sticky directory of another", os.setxattr, "sticky", "user.x", b"1")
        os.mkdir("/proc/self/cwd/mine") if os.access(".", os.W_OK) else None

    as_user(USER, GROUP, [], user)
    os.chmod("f", 0o600)
    as_user(USER, GROUP, [], user)


@case
def capabilities_of_files():
    create("f", b"#!/bin/sh\n", 0o755)
    value = bytes.fromhex("0100000200200000000000000000000000000000")
    say("set", os.setxattr, "f", "security.capability", value)
    say("get", os.getxattr, "f", "security.capability")
    os.chown("f", 5, 5)
    say("after chown", os.getxattr, "f", "security.capability")
    say("set", os.setxattr, "f", "security.capability", value)
    fd = os.open("f", os.O_WRONLY)
    os.write(fd, b"x")
    say("after write", os.getxattr, "f", "security.capability")
    os.close(fd)
    say("set", os.setxattr, "f", "security.capability", value)
    os.truncate("f", 3)
    say("after truncation", os.getxattr, "f", "security.capability")
    say("too short", os.setxattr, "f", "security.capability", b"x")


if __name__ == "__main__":
    main(sys.argv[1])
