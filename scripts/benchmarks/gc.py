"""What a collection under load gives back to the host, and how fast writing is before and after it."""

import argparse
import os
import random
import threading
import time

from measured import Daemon, Goals, median_ms

options = argparse.ArgumentParser(prog="scripts/bench gc", description=__doc__)
options.add_argument("--waste-mib", type=int, default=512, help="size of what is to be collected")
options.add_argument("--rounds", type=int, default=30, help="checkpoints before and after, of 20 files of 64 KiB each")
asked = options.parse_args()
seeded = random.Random(11)
PIECE = 1 << 20


def write_round(daemon, bookmark):
    """Writes 20 files and makes a checkpoint of them; how many seconds both took."""
    began = time.perf_counter()
    for number in range(20):
        with open(os.path.join(daemon.mount, "app", bookmark, f"file{number}"), "wb") as file:
            file.write(seeded.randbytes(64 << 10))
    daemon.checkpoint("app", bookmark)
    return time.perf_counter() - began


def rest(daemon):
    """Waits until LMDB has all and the journal is small."""
    for _ in range(120):
        if daemon.ask("GET", "app/stats")[0]["unfolded_bytes"] < 1 << 20:
            return
        time.sleep(1)


goals = Goals()
with Daemon() as daemon:
    daemon.post("repos", {"name": "app"})
    daemon.ask("PATCH", "app/config", {"retention": "1s"})
    daemon.post("app/bookmarks", {"name": "load", "from": "main"})
    before = [write_round(daemon, "main") for _ in range(asked.rounds)]

    daemon.post("app/bookmarks", {"name": "doomed", "from": "main"})
    with open(os.path.join(daemon.mount, "app/doomed/waste"), "wb") as file:
        for _ in range(asked.waste_mib):
            file.write(seeded.randbytes(PIECE))
    daemon.checkpoint("app", "doomed")
    daemon.ask("DELETE", daemon.bookmark("app", "doomed"))
    write_round(daemon, "main")
    time.sleep(3)
    rest(daemon)
    full = daemon.disk_bytes()

    ended = threading.Event()
    loaded = []

    def load():
        while not ended.is_set():
            loaded.append(write_round(daemon, "load"))

    writer = threading.Thread(target=load)
    writer.start()
    time.sleep(1)
    report, took = daemon.post("app/gc", {})
    ended.set()
    writer.join()
    rest(daemon)
    goals.show("written and collected", asked.waste_mib, "MiB")
    goals.show("collection under load", took, "s")
    goals.show("host's blocks before", full / PIECE, "MiB")
    given = (full - daemon.disk_bytes()) / PIECE
    goals.show("given back to the host, load's own writes counted against it", given, "MiB", least=asked.waste_mib * 0.7)
    goals.show("20 files of 64 KiB and a checkpoint before, median", median_ms(before), "ms")
    goals.show("… while collecting", median_ms(loaded), "ms")
    after = [write_round(daemon, "main") for _ in range(asked.rounds)]
    goals.show("… after", median_ms(after), "ms")
    goals.show("… after to before", median_ms(after) / median_ms(before), "x", most=1.25)
    print(daemon.command("check").strip())
goals.end()
