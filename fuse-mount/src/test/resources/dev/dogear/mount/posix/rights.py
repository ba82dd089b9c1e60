"""Who may do what: owners, groups, sticky and set-group-id directories, access control lists."""

import os
import stat
import struct
import sys

from probe import *

ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
USER_OBJ, NAMED_USER, GROUP_OBJ, NAMED_GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32
NOBODY = 0xFFFFFFFF
LETTERS = {USER_OBJ: "u:", NAMED_USER: "u", GROUP_OBJ: "g:", NAMED_GROUP: "g", MASK: "m:", OTHER: "o:"}


def acl(*entries):
    """Bytes of a list: (tag, permissions) or (tag, permissions, id)."""
    value = struct.pack("<I", 2)
    for e in entries:
        value += struct.pack("<HHI", e[0], e[1], e[2] if len(e) > 2 else NOBODY)
    return value


def read_acl(path, name=ACCESS):
    value = os.getxattr(path, name, follow_symlinks=False)
    parts = []
    for at in range(4, len(value), 8):
        tag, permissions, number = struct.unpack_from("<HHI", value, at)
        parts.append("%s%s%o" % (LETTERS[tag], "" if number == NOBODY else "%d:" % number, permissions))
    return " ".join(parts)


def tell_acls(path):
    tell("mode", mode(path))
    say("access", read_acl, path)
    if os.path.isdir(path):
        say("default", read_acl, path, DEFAULT)
    tell("listed", sorted(n for n in os.listxattr(path) if n.startswith("system.")))


WIDE = acl((USER_OBJ, 6), (NAMED_USER, 7, USER), (GROUP_OBJ, 4), (NAMED_GROUP, 6, GROUP), (MASK, 6), (OTHER, 0))
NARROW = acl((USER_OBJ, 7), (NAMED_USER, 4, USER), (GROUP_OBJ, 5), (MASK, 5), (OTHER, 1))
PLAIN = acl((USER_OBJ, 7), (GROUP_OBJ, 5), (OTHER, 4))


@case
def sticky_directories():
    os.mkdir("d")
    os.chmod("d", 0o1777)
    os.mkdir("target")
    os.chmod("target", 0o777)
    for name in ("a", "b", "c", "e"):
        create("d/" + name)
        os.chown("d/" + name, OTHER_USER, OTHER_GROUP)
    os.mkdir("d/sub")
    create("d/mine")
    os.chown("d/mine", USER, GROUP)

    def user():
        create("d/own")
        say("unlink of another's", os.unlink, "d/a")
        say("rename of another's", os.rename, "d/a", "d/z")
        say("rename away", os.rename, "d/a", "target/a")
        say("rename over another's", os.rename, "d/own", "d/b")
        say("exchange with another's", rename2, "d/own", "d/b", RENAME_EXCHANGE)
        say("rmdir of another's", os.rmdir, "d/sub")
        say("unlink of own", os.unlink, "d/own")
        say("rename of own", os.rename, "d/mine", "d/mine2")
        say("link of another's", os.link, "d/a", "d/l")

    as_user(USER, GROUP, [], user)
    os.chown("d", USER, GROUP)
    as_user(USER, GROUP, [], lambda: say("the directory's owner", os.unlink, "d/c"))


@case
def inherited_groups():
    os.mkdir("d")
    os.chown("d", 0, OTHER_GROUP)
    os.chmod("d", 0o2777)
    os.mkdir("plain")
    os.chmod("plain", 0o777)

    def make(directory):
        create(directory + "/f")
        os.mkdir(directory + "/d")
        os.mkfifo(directory + "/p")
        os.symlink("x", directory + "/s")
        fd = os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o2775)
        os.link("/proc/self/fd/%d" % fd, directory + "/t", follow_symlinks=True)
        os.close(fd)
        os.umask(0)
        os.close(os.open(directory + "/x", os.O_CREAT | os.O_WRONLY, 0o6775))
        os.mkdir(directory + "/dx", 0o6775)
        os.mknod(directory + "/px", 0o6775 | stat.S_IFIFO)
        for name in sorted(os.listdir(directory)):
            tell(directory + "/" + name, mode(directory + "/" + name))

    as_user(USER, GROUP, [], make, "d")
    as_user(USER, GROUP, [], make, "plain")
    shutil.rmtree("d")
    os.mkdir("d")
    os.chown("d", 0, OTHER_GROUP)
    os.chmod("d", 0o2777)
    as_user(USER, GROUP, [OTHER_GROUP], make, "d")
    os.rename("plain/dx", "d/moved")
    tell("moved in", mode("d/moved"))


@case
def classes():
    create("f", b"#!/bin/true\n")
    os.chown("f", USER, GROUP)
    os.mkdir("d")
    create("d/x")
    os.chown("d", USER, GROUP)

    def attempt(who):
        quiet(who + " read", lambda: os.close(os.open("f", os.O_RDONLY)))
        quiet(who + " write", lambda: os.close(os.open("f", os.O_WRONLY)))
        tell(who + " access", [os.access("f", m) for m in (os.R_OK, os.W_OK, os.X_OK)])
        quiet(who + " list", os.listdir, "d")
        quiet(who + " walk", os.stat, "d/x")
        quiet(who + " make", create, "d/new")
        quiet(who + " remove", os.unlink, "d/new")

    for m in (0o700, 0o070, 0o007, 0o444, 0o222, 0o111, 0o000, 0o640):
        os.chmod("f", m)
        os.chmod("d", m)
        print("  mode %o" % m, flush=True)
        as_user(USER, 77, [], attempt, "owner")
        as_user(OTHER_USER, GROUP, [], attempt, "group")
        as_user(OTHER_USER, 77, [76, GROUP], attempt, "supplementary group")
        as_user(OTHER_USER, 77, [], attempt, "other")
        attempt("root")


@case
def owners_only():
    create("f")
    os.chmod("f", 0o666)
    os.chown("f", OTHER_USER, GROUP)
    os.mkdir("d")
    os.chmod("d", 0o777)

    def user():
        say("chmod", os.chmod, "f", 0o600)
        say("chown", os.chown, "f", USER, -1)
        say("chgrp", os.chown, "f", -1, GROUP)
        say("chown of nobody", os.chown, "f", -1, -1)
        say("utime now", os.utime, "f")
        say("utime set", os.utime, "f", (1, 1))
        say("truncate", os.truncate, "f", 0)
        say("immutable root's directory", os.chmod, "d", 0o700)
        quiet("no atime", lambda: os.close(os.open("f", os.O_RDONLY | os.O_NOATIME)))

    as_user(USER, GROUP, [], user)

    def owner():
        say("chmod", os.chmod, "f", 0o644)
        say("chown away", os.chown, "f", USER, -1)
        say("chown to self", os.chown, "f", OTHER_USER, -1)
        say("chgrp to own", os.chown, "f", -1, OTHER_GROUP)
        say("chgrp to supplementary", os.chown, "f", -1, 76)
        say("chgrp to foreign", os.chown, "f", -1, 75)
        say("utime set", os.utime, "f", (1, 1))
        quiet("no atime", lambda: os.close(os.open("f", os.O_RDONLY | os.O_NOATIME)))

    as_user(OTHER_USER, OTHER_GROUP, [76], owner)
    os.chmod("f", 0o444)
    as_user(OTHER_USER, OTHER_GROUP, [], lambda: quiet("create read only",
            lambda: os.write(os.open("d/new", os.O_CREAT | os.O_WRONLY, 0o444), b"x")))


@case
def lists_set():
    create("f")
    os.mkdir("d")
    for label, value in (("wide", WIDE), ("narrow", NARROW), ("plain", PLAIN), ("empty", acl()), ("nothing", b""),
                         ("no mask", acl((USER_OBJ, 7), (NAMED_USER, 7, USER), (GROUP_OBJ, 5), (OTHER, 5))),
                         ("odd order", acl((OTHER, 5), (USER_OBJ, 7), (GROUP_OBJ, 5))),
                         ("twice", acl((USER_OBJ, 7), (USER_OBJ, 7), (GROUP_OBJ, 5), (OTHER, 5))),
                         ("short", WIDE[:-1]), ("version", b"\1\0\0\0" + WIDE[4:]),
                         ("mask alone", acl((USER_OBJ, 7), (GROUP_OBJ, 7), (MASK, 4), (OTHER, 1)))):
        for path in ("f", "d"):
            os.chmod(path, 0o750)
            say("%s access of %s" % (label, path), os.setxattr, path, ACCESS, value)
            tell_acls(path)
            say("%s default of %s" % (label, path), os.setxattr, path, DEFAULT, value)
            tell_acls(path)
            say("remove default", os.removexattr, path, DEFAULT)
            say("remove access", os.removexattr, path, ACCESS)
            say("remove access again", os.removexattr, path, ACCESS)
            tell_acls(path)
    os.symlink("f", "s")
    say("of a link", os.setxattr, "s", ACCESS, WIDE, follow_symlinks=False)
    os.mkfifo("p")
    say("of a fifo", os.setxattr, "p", ACCESS, WIDE)
    tell_acls("p")
    say("create flag", os.setxattr, "f", ACCESS, WIDE, os.XATTR_CREATE)
    say("create flag again", os.setxattr, "f", ACCESS, WIDE, os.XATTR_CREATE)
    stamps("set", ["f"], os.setxattr, "f", ACCESS, NARROW)
    stamps("remove", ["f"], os.removexattr, "f", ACCESS)


@case
def lists_and_modes():
    create("f")
    for m in (0o777, 0o600, 0o640, 0o7070, 0o000):
        os.setxattr("f", ACCESS, WIDE)
        say("chmod %o" % m, os.chmod, "f", m)
        tell_acls("f")
    os.setxattr("f", ACCESS, WIDE)
    os.chown("f", USER, GROUP)
    tell_acls("f")
    os.chmod("f", 0o6777)
    as_user(OTHER_USER, OTHER_GROUP, [], lambda: say("truncate", os.truncate, "f", 1))
    tell_acls("f")
    os.chmod("f", 0o2775)

    def owner_outside_group():
        say("set", os.setxattr, "f", ACCESS, NARROW)
        tell("mode", mode("f"))

    as_user(USER, OTHER_GROUP, [], owner_outside_group)
    as_user(OTHER_USER, OTHER_GROUP, [], lambda: say("set by another", os.setxattr, "f", ACCESS, WIDE))
    as_user(OTHER_USER, OTHER_GROUP, [], lambda: say("read by another", read_acl, "f"))


@case
def lists_inherited():
    os.mkdir("d")
    os.setxattr("d", DEFAULT, acl((USER_OBJ, 7), (NAMED_USER, 6, USER), (GROUP_OBJ, 5), (NAMED_GROUP, 7, GROUP),
                                  (MASK, 7), (OTHER, 4)))
    os.mkdir("simple")
    os.setxattr("simple", DEFAULT, PLAIN)
    for directory in ("d", "simple"):
        for mask in (0o022, 0o077, 0):
            os.umask(mask)
            for m in (0o666, 0o777, 0o600, 0o4750, 0):
                at = "%s/%o-%o" % (directory, mask, m)
                create(at, mode=m)
                tell_acls(at)
                os.mkdir(at + "d", m)
                tell_acls(at + "d")
                os.mknod(at + "p", m | stat.S_IFIFO)
                tell_acls(at + "p")
        os.symlink("x", directory + "/s")
        tell("symlink", mode(directory + "/s"))
        fd = os.open(directory, os.O_TMPFILE | os.O_RDWR, 0o666)
        os.link("/proc/self/fd/%d" % fd, directory + "/t", follow_symlinks=True)
        os.close(fd)
        tell_acls(directory + "/t")
    os.umask(0o022)
    os.mkdir("d/deep")
    os.mkdir("d/deep/deeper")
    create("d/deep/deeper/f")
    tell_acls("d/deep/deeper")
    tell_acls("d/deep/deeper/f")
    create("outside")
    os.rename("outside", "d/moved")
    tell_acls("d/moved")
    os.rename("d/022-666", "away")
    tell_acls("away")
    os.chmod("d", 0o2777)
    os.chown("d", 0, OTHER_GROUP)
    create("d/grouped")
    tell_acls("d/grouped")


@case
def lists_obeyed():
    create("f", b"secret")
    os.chmod("f", 0o600)
    os.mkdir("d")
    os.chmod("d", 0o700)
    create("d/x")

    def attempt(who):
        quiet(who + " read", lambda: os.close(os.open("f", os.O_RDONLY)))
        quiet(who + " write", lambda: os.close(os.open("f", os.O_WRONLY)))
        tell(who + " access", [os.access("f", m) for m in (os.R_OK, os.W_OK, os.X_OK)])
        quiet(who + " list", os.listdir, "d")
        quiet(who + " walk", os.stat, "d/x")
        quiet(who + " make", create, "d/new")
        quiet(who + " unlink", os.unlink, "d/new")

    def everybody(label):
        print("  " + label, flush=True)
        as_user(USER, 77, [], attempt, "named user")
        as_user(OTHER_USER, GROUP, [], attempt, "named group")
        as_user(OTHER_USER, 77, [GROUP], attempt, "supplementary")
        as_user(OTHER_USER, 77, [], attempt, "other")

    everybody("none")
    for path in ("f", "d"):
        os.setxattr(path, ACCESS, acl((USER_OBJ, 7), (NAMED_USER, 7, USER), (GROUP_OBJ, 0), (NAMED_GROUP, 5, GROUP),
                                      (MASK, 7), (OTHER, 0)))
    everybody("wide")
    for path in ("f", "d"):
        os.chmod(path, 0o740)
    everybody("masked")
    for path in ("f", "d"):
        os.setxattr(path, ACCESS, acl((USER_OBJ, 7), (NAMED_USER, 0, USER), (GROUP_OBJ, 7), (NAMED_GROUP, 0, GROUP),
                                      (MASK, 7), (OTHER, 7)))
    everybody("denied")
    for path in ("f", "d"):
        os.removexattr(path, ACCESS)
    everybody("removed")


if __name__ == "__main__":
    main(sys.argv[1])
