"""Small files by the kernel transport, by io_uring and on the file system below, in turns. Needs root."""

import argparse
import os
import statistics
import subprocess
import sys
import time

from measured import Daemon, Goals

options = argparse.ArgumentParser(prog="scripts/bench transports", description=__doc__)
options.add_argument("--files", type=int, default=2000)
options.add_argument("--rounds", type=int, default=5)
asked = options.parse_args()
PARAMETER = "/sys/module/fuse/parameters/enable_uring"
CONTENT = b"x" * 4096
APPENDS = 20_000


class Switched(Daemon):
    """A daemon of a transport; the fuse module offers io_uring only while it mounts."""

    def __init__(self, transport):
        super().__init__("--transport", transport)
        self.transport = transport

    def up(self):
        with open(PARAMETER) as switch:
            before = switch.read()
        try:
            with open(PARAMETER, "w") as switch:
                switch.write("Y")
            super().up()
        finally:
            with open(PARAMETER, "w") as switch:
                switch.write(before)
        status = self.status()
        if status["transport"] != self.transport:
            sys.exit(f"not by {self.transport}: {status['why_not_better']}")


def create(path):
    with open(path, "wb", buffering=0) as file:
        file.write(CONTENT)


def read(path):
    with open(path, "rb", buffering=0) as file:
        file.read(8192)


def timed(results, what, call, over):
    began = time.perf_counter()
    for each in over:
        call(each)
    results.setdefault(what, []).append((time.perf_counter() - began) / len(over) * 1e6)


def once(root, anew, results):
    os.mkdir(root)
    paths = [os.path.join(root, f"file-{i:05d}") for i in range(asked.files)]
    timed(results, "create + write 4 KiB + close, µs", create, paths)
    timed(results, "rename, µs", lambda path: os.rename(path, path + ".r"), paths)
    paths = [path + ".r" for path in paths]
    with open(os.path.join(root, "appended"), "ab", buffering=0) as file:
        timed(results, "append of 100 bytes, µs", lambda _: file.write(CONTENT[:100]), range(APPENDS))
    anew()
    timed(results, "stat after a remount, µs", os.stat, paths)
    timed(results, "open + read + close, cold, µs", read, paths)
    timed(results, "open + read + close, warm, µs", read, paths)
    subprocess.run(["git", "init", "-q", root], check=True, stdout=subprocess.DEVNULL)
    began = time.perf_counter()
    subprocess.run(["git", "-C", root, "add", "-A"], check=True, stdout=subprocess.DEVNULL)
    results.setdefault(f"git add of {asked.files:,} files, ms", []).append((time.perf_counter() - began) * 1e3)
    timed(results, "unlink, µs", os.unlink, paths)


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")


if not os.access(PARAMETER, os.W_OK):
    sys.exit(f"transports: cannot write {PARAMETER}: be root, on Linux 6.14 or later")
goals = Goals()
with Switched("kernel") as kernel, Switched("io-uring") as uring:
    below = os.path.join(kernel.work, "below")
    os.mkdir(below)
    for daemon in (kernel, uring):
        daemon.post("repos", {"name": "work"})

    def remounting(daemon):
        def anew():
            daemon.down()
            daemon.up()

        return os.path.join(daemon.mount, "work/main"), anew

    places = {"below": (below, drop_caches), "kernel": remounting(kernel), "io-uring": remounting(uring)}
    times = {place: {} for place in places}
    for number in range(asked.rounds + 1):
        for place, (root, anew) in places.items():
            # The first round warms the daemons up.
            once(os.path.join(root, f"round{number}"), anew, times[place] if number else {})
print(f"{'median of ' + str(asked.rounds):<36}" + "".join(f"{place:>10}" for place in places))
for what in times["kernel"]:
    print(f"{what:<36}" + "".join(f"{statistics.median(times[place][what]):>10.1f}" for place in places))
goals.end()
