"""What the probes share: each call is made, and its result or errno is a line of the output.

A probe is run once in a directory of ext4 and once in one of the mount; the two outputs have to be the same. So nothing
is printed that may differ by right: no inode numbers, no clock, no descriptor numbers.
"""

import ctypes
import errno
import os
import shutil
import stat
import sys
import time
import zlib

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
AT_SYMLINK_FOLLOW = 0x400
AT_EMPTY_PATH = 0x1000
RENAME_NOREPLACE, RENAME_EXCHANGE, RENAME_WHITEOUT = 1, 2, 4
KEEP_SIZE, PUNCH_HOLE, COLLAPSE_RANGE, ZERO_RANGE, INSERT_RANGE, UNSHARE_RANGE = 1, 2, 8, 16, 32, 64
USER, OTHER_USER, GROUP, OTHER_GROUP = 1000, 1001, 2000, 2001

_cases = []


def case(function):
    """A probe of its own, run in an empty directory."""
    _cases.append(function)
    return function


def show(value):
    """A value as text that is the same in every run."""
    if isinstance(value, bytes) and len(value) > 60:
        return "%d bytes, crc %08x" % (len(value), zlib.crc32(value))
    return str(value)


def name_of(error):
    return errno.errorcode.get(error, str(error))


def say(label, function, *arguments, **named):
    """Calls, prints what came out, and gives it; None if it failed."""
    try:
        value = function(*arguments, **named)
    except OSError as e:
        print("  %s: %s" % (label, name_of(e.errno)), flush=True)
        return None
    print("  %s: %s" % (label, "ok" if value is None else show(value)), flush=True)
    return value


def tell(label, value):
    print("  %s: %s" % (label, show(value)), flush=True)


def quiet(label, function, *arguments, **named):
    """Like say, for results that differ by right, such as descriptors."""
    try:
        value = function(*arguments, **named)
    except OSError as e:
        print("  %s: %s" % (label, name_of(e.errno)), flush=True)
        return None
    print("  %s: ok" % label, flush=True)
    return value


def checked(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def raw(name, *arguments):
    """A function of the C library, its failure as an OSError."""
    converted = [
        ctypes.c_long(a) if isinstance(a, int) else a for a in arguments
    ]
    function = getattr(LIBC, name)
    function.restype = ctypes.c_long if name in ("copy_file_range", "syscall", "lseek") else ctypes.c_int
    return checked(function(*converted))


def rename2(source, target, flags):
    raw("renameat2", AT_FDCWD, os.fsencode(source), AT_FDCWD, os.fsencode(target), flags)


def fallocate(fd, mode, offset, length):
    raw("fallocate", fd, mode, offset, length)


def create(path, content=b"", mode=0o644):
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode)
    try:
        if content:
            os.write(fd, content)
    finally:
        os.close(fd)


def read(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        parts = []
        while True:
            part = os.read(fd, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        os.close(fd)


def mode(path):
    s = os.lstat(path)
    return "%06o links %d owner %d:%d" % (s.st_mode, s.st_nlink, s.st_uid, s.st_gid)


def times(path):
    s = os.lstat(path)
    return {"a": s.st_atime_ns, "m": s.st_mtime_ns, "c": s.st_ctime_ns}


def stamps(label, paths, function, *arguments, **named):
    """Which times of which paths a call changes."""
    old = {path: times(path) for path in paths}
    time.sleep(0.012)
    say(label, function, *arguments, **named)
    changed = []
    for path in paths:
        try:
            now = times(path)
        except OSError as e:
            changed.append("%s %s" % (path, name_of(e.errno)))
            continue
        letters = "".join(k for k in "amc" if now[k] != old[path][k])
        changed.append("%s %s" % (path, letters or "-"))
    tell("  changed", ", ".join(changed))


def as_user(uid, gid, groups, function, *arguments):
    """Runs in a child of that user; what it prints comes in order."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 0
        try:
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
            function(*arguments)
        except OSError as e:
            print("  user %d: %s" % (uid, name_of(e.errno)))
        except BaseException as e:  # noqa: the parent must go on
            print("  user %d: %r" % (uid, e))
            code = 1
        sys.stdout.flush()
        os._exit(code)
    os.waitpid(child, 0)


def in_child(function, *arguments):
    """Starts a child; gives its process id."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            function(*arguments)
        finally:
            sys.stdout.flush()
            os._exit(0)
    return child


def main(directory):
    os.umask(0o022)
    only = [name for name in sys.argv[2:] if not name.startswith("-")]
    for function in _cases:
        if only and function.__name__ not in only or "-" + function.__name__ in sys.argv:
            continue
        print("%s" % function.__name__, flush=True)
        place = os.path.join(directory, function.__name__)
        os.mkdir(place, 0o755)
        os.chdir(place)
        try:
            function()
        except OSError as e:
            print("  broken off: %s" % name_of(e.errno), flush=True)
        finally:
            os.chdir("/")
            shutil.rmtree(place, ignore_errors=True)
            print("  left: %s" % os.path.lexists(place), flush=True)
