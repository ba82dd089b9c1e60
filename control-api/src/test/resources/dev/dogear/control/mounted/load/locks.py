"""Holds a record lock and a whole-file lock that another process must never get, until the file named by the first argument is there."""
import fcntl
import os
import sys
import time

stop = sys.argv[1]
kinds = {"record": fcntl.lockf, "whole": fcntl.flock}
files = {name: open(name, "w") for name in kinds}
for name, lock in kinds.items():
    lock(files[name], fcntl.LOCK_EX)


def try_all(expected):
    for name, lock in kinds.items():
        with open(name, "r+") as file:
            try:
                lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                got = True
            except BlockingIOError:
                got = False
        if got != expected:
            print(f"the {name} lock is {'free' if got else 'held'}", file=sys.stderr)
            os._exit(1)


def in_child(work):
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(1)


tries = 0


def until_stopped():
    while not os.path.exists(stop):
        try_all(False)
        time.sleep(0.01)


in_child(until_stopped)
for file in files.values():
    file.close()
in_child(lambda: try_all(True))
print("locks held")
