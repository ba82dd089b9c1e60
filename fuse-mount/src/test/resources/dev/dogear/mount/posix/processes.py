"""What several processes see of each other: locks, maps, appends, events, running programs."""

import fcntl
import mmap
import os
import select
import struct
import sys
import threading

from probe import *

F_OFD_SETLK, F_OFD_GETLK = 37, 36


def lock(kind, start=0, length=0):
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0)


def attempt(label, fd, command, data):
    say(label, lambda: fcntl.fcntl(fd, command, data) and None)


@case
def record_locks():
    create("f", b"x" * 100)
    fd = os.open("f", os.O_RDWR)
    attempt("write lock", fd, fcntl.F_SETLK, lock(fcntl.F_WRLCK, 0, 10))

    def other():
        mine = os.open("f", os.O_RDWR)
        attempt("taken", mine, fcntl.F_SETLK, lock(fcntl.F_WRLCK, 5, 10))
        attempt("free", mine, fcntl.F_SETLK, lock(fcntl.F_WRLCK, 10, 10))
        attempt("read taken", mine, fcntl.F_SETLK, lock(fcntl.F_RDLCK, 0, 1))
        found = struct.unpack("hhqqi4x", fcntl.fcntl(mine, fcntl.F_GETLK, lock(fcntl.F_WRLCK, 0, 0)))
        tell("held", (found[0], found[2], found[3], found[4] == os.getppid()))
        attempt("open file lock", mine, F_OFD_SETLK, lock(fcntl.F_WRLCK, 0, 5))
        attempt("open file lock, free", mine, F_OFD_SETLK, lock(fcntl.F_WRLCK, 50, 5))

    os.waitpid(in_child(other), 0)
    attempt("read only", os.open("f", os.O_RDONLY), fcntl.F_SETLK, lock(fcntl.F_WRLCK))
    attempt("released by any close", fd, fcntl.F_SETLK, lock(fcntl.F_WRLCK, 0, 10))
    os.close(os.open("f", os.O_RDONLY))

    def again():
        mine = os.open("f", os.O_RDWR)
        attempt("after close of another descriptor", mine, fcntl.F_SETLK, lock(fcntl.F_WRLCK, 0, 10))

    os.waitpid(in_child(again), 0)
    one = os.open("f", os.O_RDWR)
    two = os.open("f", os.O_RDWR)
    attempt("first description", one, F_OFD_SETLK, lock(fcntl.F_WRLCK, 0, 10))
    attempt("second description", two, F_OFD_SETLK, lock(fcntl.F_WRLCK, 0, 10))
    attempt("unlock", one, F_OFD_SETLK, lock(fcntl.F_UNLCK, 0, 10))
    attempt("second description", two, F_OFD_SETLK, lock(fcntl.F_WRLCK, 0, 10))


@case
def holes_asked_by_many():
    """Many at once, of files whose pages are not written yet: more than there are places for requests that wait."""
    many = 600
    found = []
    begin = threading.Barrier(many)

    def ask(name):
        fd = os.open(name, os.O_RDWR | os.O_CREAT)
        os.pwrite(fd, b"x" * 4096, 1 << 20)
        begin.wait()
        found.append((os.lseek(fd, 0, os.SEEK_DATA), os.lseek(fd, 1 << 20, os.SEEK_HOLE)))
        os.close(fd)

    threads = [threading.Thread(target=ask, args=("f%d" % i,)) for i in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell("answers", len(found))
    tell("data and hole", sorted(set(found)))


@case
def waiting_locks():
    create("f", b"0")
    fd = os.open("f", os.O_RDWR)
    fcntl.lockf(fd, fcntl.LOCK_EX)

    def wait():
        mine = os.open("f", os.O_RDWR)
        fcntl.lockf(mine, fcntl.LOCK_EX)
        tell("got it after", os.pread(mine, 5, 0))

    child = in_child(wait)
    time.sleep(0.05)
    os.pwrite(fd, b"1", 0)
    fcntl.lockf(fd, fcntl.LOCK_UN)
    os.waitpid(child, 0)
    create("counter", b"0")

    def count():
        for _ in range(50):
            mine = os.open("counter", os.O_RDWR)
            fcntl.flock(mine, fcntl.LOCK_EX)
            value = int(os.pread(mine, 20, 0))
            os.pwrite(mine, b"%d" % (value + 1), 0)
            os.close(mine)

    children = [in_child(count) for _ in range(4)]
    for child in children:
        os.waitpid(child, 0)
    tell("counted under flock", read("counter"))


@case
def whole_file_locks():
    create("f")
    os.mkdir("d")
    one = os.open("f", os.O_RDWR)
    two = os.open("f", os.O_RDONLY)
    no_wait = fcntl.LOCK_NB
    say("exclusive", fcntl.flock, one, fcntl.LOCK_EX | no_wait)
    say("second", fcntl.flock, two, fcntl.LOCK_SH | no_wait)
    say("to shared", fcntl.flock, one, fcntl.LOCK_SH | no_wait)
    say("second shared", fcntl.flock, two, fcntl.LOCK_SH | no_wait)
    say("upgrade", fcntl.flock, one, fcntl.LOCK_EX | no_wait)
    os.close(two)
    say("upgrade alone", fcntl.flock, one, fcntl.LOCK_EX | no_wait)
    d = os.open("d", os.O_RDONLY)
    say("directory", fcntl.flock, d, fcntl.LOCK_EX | no_wait)
    os.rename("f", "g")
    three = os.open("g", os.O_RDONLY)
    say("renamed", fcntl.flock, three, fcntl.LOCK_EX | no_wait)
    say("lease", fcntl.fcntl, three, fcntl.F_GETLEASE)


@case
def shared_maps():
    create("f", b"\0" * 8192)
    fd = os.open("f", os.O_RDWR)
    m = mmap.mmap(fd, 0)

    def other():
        mine = os.open("f", os.O_RDWR)
        n = mmap.mmap(mine, 0)
        n[0:5] = b"other"
        os.pwrite(mine, b"written", 4096)

    os.waitpid(in_child(other), 0)
    tell("seen", (bytes(m[0:5]), bytes(m[4096:4103])))
    m[100:104] = b"mine"
    tell("read by another", [])
    os.waitpid(in_child(lambda: tell("bytes", os.pread(os.open("f", os.O_RDONLY), 4, 100))), 0)
    os.ftruncate(fd, 4096)

    def beyond():
        import signal
        signal.signal(signal.SIGBUS, signal.SIG_DFL)
        m[5000]

    status = os.waitpid(in_child(beyond), 0)[1]
    tell("beyond the end", os.WIFSIGNALED(status) and os.WTERMSIG(status))


@case
def appenders():
    def append(letter):
        mine = os.open("f", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        for i in range(200):
            os.write(mine, b"%s%04d\n" % (letter, i))
        os.close(mine)

    children = [in_child(append, letter) for letter in (b"a", b"b", b"c", b"d")]
    for child in children:
        os.waitpid(child, 0)
    lines = read("f").splitlines()
    tell("lines", len(lines))
    for letter in b"abcd":
        own = [line for line in lines if line[0] == letter]
        tell(chr(letter), (len(own), own == sorted(own)))


@case
def makers():
    os.mkdir("d")

    def make(number):
        for i in range(100):
            try:
                os.close(os.open("d/%d" % i, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
                os.symlink("won", "d/%d-by-%d" % (i, number))
            except FileExistsError:
                pass

    children = [in_child(make, number) for number in range(4)]
    for child in children:
        os.waitpid(child, 0)
    names = os.listdir("d")
    tell("files and winners", (sum("by" not in n for n in names), sum("by" in n for n in names)))


@case
def running_programs():
    import shutil as copying
    copying.copy("/bin/sleep", "program")
    os.chmod("program", 0o755)
    child = os.fork()
    if child == 0:
        os.execv("./program", ["program", "10"])
    time.sleep(0.1)
    quiet("write to the running", os.open, "program", os.O_WRONLY)
    say("truncate the running", os.truncate, "program", 0)
    quiet("truncate by opening", os.open, "program", os.O_WRONLY | os.O_TRUNC)
    say("rename the running", os.rename, "program", "moved")
    say("unlink the running", os.unlink, "moved")
    os.kill(child, 9)
    os.waitpid(child, 0)
    copying.copy("/bin/true", "busy")
    os.chmod("busy", 0o755)
    fd = os.open("busy", os.O_WRONLY)
    child = os.fork()
    if child == 0:
        try:
            os.execv("./busy", ["busy"])
        except OSError as e:
            print("  run while written: " + name_of(e.errno), flush=True)
        os._exit(3)
    os.waitpid(child, 0)
    os.close(fd)
    tell("run", os.waitstatus_to_exitcode(os.system("./busy")))
    create("script", b"#!/bin/sh\nexit 7\n", 0o755)
    tell("script", os.waitstatus_to_exitcode(os.system("./script")))
    os.chmod("script", 0o644)
    tell("not to be run", os.waitstatus_to_exitcode(os.system("./script 2>/dev/null")))


@case
def set_id_programs():
    import shutil as copying
    copying.copy("/usr/bin/id", "id")
    os.chown("id", OTHER_USER, OTHER_GROUP)
    os.chmod("id", 0o755)
    sys.stdout.flush()
    as_user(USER, GROUP, [], lambda: os.system("./id -u"))


@case
def events():
    os.mkdir("d")
    inotify = raw("inotify_init1", 0o4000)
    raw("inotify_add_watch", inotify, b"d", 0xfff)

    def seen(label):
        parts = []
        while select.select([inotify], [], [], 0.05)[0]:
            data = os.read(inotify, 65536)
            at = 0
            while at < len(data):
                _, mask, _, length = struct.unpack_from("iIII", data, at)
                parts.append("%x %s" % (mask, data[at + 16:at + 16 + length].rstrip(b"\0").decode()))
                at += 16 + length
        tell(label, parts)

    create("d/f", b"x")
    seen("create")
    os.chmod("d/f", 0o600)
    os.utime("d/f", (1, 1))
    seen("attributes")
    os.truncate("d/f", 0)
    seen("truncate")
    os.link("d/f", "d/g")
    os.rename("d/f", "d/h")
    rename2("d/g", "d/h", RENAME_EXCHANGE)
    os.rename("d/g", "d/h")
    seen("names")
    os.mkdir("d/sub")
    os.rename("d/sub", "away")
    os.rmdir("away")
    seen("directories")
    read("d/h")
    os.setxattr("d/h", "user.a", b"1")
    seen("read and xattr")
    os.unlink("d/h")
    os.symlink("x", "d/s")
    seen("unlink and symlink")
    os.rmdir("d") if not os.listdir("d") else os.unlink("d/s")
    seen("end")
    os.rmdir("d")
    seen("gone")
    os.close(inotify)


@case
def working_directories():
    os.mkdir("d")
    os.chdir("d")
    os.rename("../d", "../e")
    tell("cwd", os.path.basename(os.getcwd()))
    os.rmdir("../e")
    say("getcwd", os.getcwd)
    quiet("create", create, "x")
    say("list", os.listdir, ".")
    quiet("parent", os.stat, "..")
    say("chdir up", os.chdir, "..")
    os.mkdir("d")
    create("f")
    say("chdir to file", os.chdir, "f")
    say("chroot and walk", lambda: os.stat("d/../d/../f").st_size)


@case
def pipes_and_sockets():
    import socket
    os.mkfifo("p")

    def writer():
        fd = os.open("p", os.O_WRONLY)
        os.write(fd, b"through the pipe")

    child = in_child(writer)
    tell("pipe", read("p"))
    os.waitpid(child, 0)
    quiet("no reader", os.open, "p", os.O_WRONLY | os.O_NONBLOCK)
    s = socket.socket(socket.AF_UNIX)
    quiet("bind", s.bind, "sock")
    quiet("bind again", socket.socket(socket.AF_UNIX).bind, "sock")
    s.listen(1)
    c = socket.socket(socket.AF_UNIX)
    quiet("connect", c.connect, "sock")
    c.send(b"hello")
    tell("socket", s.accept()[0].recv(10))
    tell("type", mode("sock"))
    os.unlink("sock")
    quiet("connect to nothing", socket.socket(socket.AF_UNIX).connect, "sock")
    quiet("connect to a pipe", socket.socket(socket.AF_UNIX).connect, "p")


if __name__ == "__main__":
    main(sys.argv[1])
