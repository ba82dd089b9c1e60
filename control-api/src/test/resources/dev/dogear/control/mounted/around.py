"""Tries to change what is in directories that are about to be protected, by every call there is.

usage: around.py DIRECTORY BESIDE OTHER...: DIRECTORY has the files a and d/b, BESIDE is of another bookmark and has outside. Opens and
maps first, says "ready", and goes on
at a line from standard input: then in DIRECTORY and in each OTHER, which show the same, and with what it holds of DIRECTORY.
Prints a line for each try that was not refused; what is only in the kernel's cache until it is handed on does not count.
"""
import ctypes, errno, mmap, os, sys

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
HANDLE_BYTES = 128


class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint), ("type", ctypes.c_int), ("handle", ctypes.c_char * HANDLE_BYTES)]


def checked(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def by_handle(path, mount):
    handle = Handle(bytes=HANDLE_BYTES)
    checked(libc.name_to_handle_at(AT_FDCWD, path.encode(), ctypes.byref(handle), ctypes.byref(ctypes.c_int()), 0))
    os.close(checked(libc.open_by_handle_at(mount, ctypes.byref(handle), os.O_RDWR)))


def reopened(path):
    shown = os.open(path, os.O_RDONLY)
    try:
        os.close(os.open("/proc/self/fd/%d" % shown, os.O_RDWR))
    finally:
        os.close(shown)


def attempt(what, call, allowed=(errno.EROFS,)):
    try:
        call()
    except OSError as failure:
        # A close says EIO when a write from before, still in the kernel's cache, is refused meanwhile.
        if allowed and failure.errno not in allowed + (errno.EIO,):
            print("%s: %s" % (what, errno.errorcode.get(failure.errno, failure.errno)))
        return
    print("%s: done" % what)


def opening(path, flags):
    return lambda: os.close(os.open(path, flags, 0o644))


def in_directory(where, beside):
    a, d, new = (os.path.join(where, name) for name in ("a", "d", "new"))
    outside = os.path.join(beside, "outside")
    for name in ("O_WRONLY", "O_RDWR", "O_TRUNC", "O_APPEND"):
        flags = getattr(os, name) | (os.O_WRONLY if name in ("O_TRUNC", "O_APPEND") else 0)
        attempt("%s open %s" % (where, name), opening(a, flags))
    attempt(where + " create", opening(new, os.O_CREAT | os.O_WRONLY))
    attempt(where + " tmpfile", opening(where, os.O_TMPFILE | os.O_RDWR))
    attempt(where + " reopen", lambda: reopened(a))
    attempt(where + " truncate", lambda: os.truncate(a, 0))
    attempt(where + " mkdir", lambda: os.mkdir(new))
    attempt(where + " rmdir", lambda: os.rmdir(d))
    attempt(where + " unlink", lambda: os.unlink(a))
    attempt(where + " symlink", lambda: os.symlink("a", new))
    attempt(where + " mkfifo", lambda: os.mkfifo(new))
    attempt(where + " mknod", lambda: os.mknod(new, 0o100644))
    attempt(where + " link", lambda: os.link(a, new))
    attempt(where + " rename", lambda: os.rename(a, new))
    attempt(where + " exchange", lambda: checked(libc.renameat2(AT_FDCWD, a.encode(), AT_FDCWD, d.encode(), 2)))
    # Into it and out of it: another bookmark is another device for these.
    attempt(where + " rename in", lambda: os.rename(outside, a), (errno.EROFS, errno.EXDEV))
    attempt(where + " rename out", lambda: os.rename(a, outside), (errno.EROFS, errno.EXDEV))
    attempt(where + " link in", lambda: os.link(outside, new), (errno.EROFS, errno.EXDEV))
    attempt(where + " chmod", lambda: os.chmod(a, 0o777))
    attempt(where + " chmod of the root", lambda: os.chmod(where, 0o777))
    attempt(where + " chown", lambda: os.chown(a, 1, 1))
    attempt(where + " utime", lambda: os.utime(a, (1, 1)))
    attempt(where + " setxattr", lambda: os.setxattr(a, "user.x", b"1"))
    attempt(where + " removexattr", lambda: os.removexattr(a, "user.kept"))
    # Refused one way or the other: these files are verbs.
    for verb in ("undo", "redo"):
        attempt("%s .dogear/%s" % (where, verb), lambda: write(os.path.join(where, ".dogear", verb)), None)
    # With nothing edited that is no error, and no change either.
    write(os.path.join(where, ".dogear", "checkpoint"))
    mount = os.open(where, os.O_RDONLY)
    attempt(where + " open by handle", lambda: by_handle(a, mount))
    os.close(mount)


def write(path):
    with open(path, "w") as file:
        file.write("1\n")


def held(where):
    """What was opened before: a call for each descriptor, to be made afterwards."""
    a = os.path.join(where, "a")
    file = os.open(a, os.O_RDWR)
    appending = os.open(a, os.O_WRONLY | os.O_APPEND)
    directory = os.open(where, os.O_RDONLY | os.O_DIRECTORY)
    unnamed = os.open(where, os.O_TMPFILE | os.O_RDWR, 0o644)
    pages = mmap.mmap(file, os.fstat(file).st_size)

    def synced(call):
        def both():
            call()
            os.fsync(file)

        return both

    def mapped():
        pages[0:4] = b"maps"
        pages.flush()

    def tries():
        # Writes go to the kernel's cache without anybody being asked: they are refused when they are handed on.
        attempt("held write", synced(lambda: os.pwrite(file, b"held", 0)), None)
        attempt("held append", lambda: (os.write(appending, b"held"), os.fsync(appending)), None)
        attempt("held map", mapped, None)
        attempt("held truncate", lambda: os.ftruncate(file, 0))
        attempt("held allocate", lambda: os.posix_fallocate(file, 0, 1 << 16), None)
        attempt("held copy", lambda: synced(lambda: os.copy_file_range(file, file, 1, 0, 2))(), None)
        attempt("held chmod", lambda: os.fchmod(file, 0o777))
        attempt("held utime", lambda: os.utime(file, (1, 1)))
        attempt("held setxattr", lambda: os.setxattr(file, "user.x", b"1"))
        attempt("held create", lambda: os.open("new", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=directory))
        attempt("held mkdir", lambda: os.mkdir("new", dir_fd=directory))
        attempt("held unlink", lambda: os.unlink("a", dir_fd=directory))
        name = ("/proc/self/fd/%d" % unnamed).encode()
        attempt("held link", lambda: checked(libc.linkat(AT_FDCWD, name, directory, b"new", 0x400)))

    return tries


def main():
    directory, beside, others = sys.argv[1], sys.argv[2], sys.argv[3:]
    tries = held(directory)
    print("ready", flush=True)
    sys.stdin.readline()
    tries()
    for where in [directory] + others:
        in_directory(where, beside)


main()
