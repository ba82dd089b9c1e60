"""What collections under load give back to the host, and how fast writing is before and after them."""

import argparse
import os
import random
import statistics
import threading
import time

from measured import Daemon, Goals, median_ms

options = argparse.ArgumentParser(prog="scripts/bench gc", description=__doc__)
options.add_argument("--waste-mib", type=int, default=512, help="size of what each collection is to give back")
options.add_argument("--collections", type=int, default=3, help="how often it is written and collected")
options.add_argument("--rounds", type=int, default=40, help="checkpoints before and after, of 20 files of 64 KiB each")
asked = options.parse_args()
seeded = random.Random(11)
PIECE = 1 << 20
COLLECTED, BESIDE = "collected", "beside"


def write_round(daemon, repository, bookmark="main"):
    """Writes 20 files and makes a checkpoint of them; how many seconds both took."""
    content = [seeded.randbytes(64 << 10) for _ in range(20)]
    began = time.perf_counter()
    for number in range(20):
        with open(os.path.join(daemon.mount, repository, bookmark, f"file{number}"), "wb") as file:
            file.write(content[number])
    daemon.checkpoint(repository, bookmark)
    return time.perf_counter() - began


def rest(daemon):
    """Waits until LMDB has all and the journals are small."""
    for _ in range(60):
        if all(daemon.ask("GET", name + "/stats")[0]["unfolded_bytes"] < 1 << 20 for name in (COLLECTED, BESIDE)):
            break
        time.sleep(2)
    os.sync()


def measure(daemon):
    """Rounds of both repositories in turn, since a machine is not as quick at one time as at another."""
    times = {COLLECTED: [], BESIDE: []}
    for number in range(asked.rounds):
        for name in times if number % 2 else reversed(times):
            times[name].append(write_round(daemon, name))
    rest(daemon)
    return times


def ratio(times):
    """How much longer the one took than the other, the median of pairs."""
    return statistics.median(a / b for a, b in zip(times[COLLECTED], times[BESIDE]))


def waste(daemon, number):
    bookmark = f"doomed-{number}"
    daemon.post(COLLECTED + "/bookmarks", {"name": bookmark, "from": "main"})
    with open(os.path.join(daemon.mount, COLLECTED, bookmark, "waste"), "wb") as file:
        for _ in range(asked.waste_mib):
            file.write(seeded.randbytes(PIECE))
    daemon.checkpoint(COLLECTED, bookmark)
    daemon.ask("DELETE", daemon.bookmark(COLLECTED, bookmark))
    write_round(daemon, COLLECTED)
    time.sleep(3)
    rest(daemon)


def collect(daemon, loaded):
    """Collects while a thread goes on writing; the seconds it took."""
    ended = threading.Event()

    def load():
        while not ended.is_set():
            loaded.append(write_round(daemon, COLLECTED, "load"))

    writer = threading.Thread(target=load)
    writer.start()
    time.sleep(1)
    took = daemon.post(COLLECTED + "/gc", {})[1]
    ended.set()
    writer.join()
    rest(daemon)
    return took


goals = Goals()
with Daemon() as daemon:
    for name in (COLLECTED, BESIDE):
        daemon.post("repos", {"name": name})
    daemon.ask("PATCH", COLLECTED + "/config", {"retention": "1s"})
    daemon.post(COLLECTED + "/bookmarks", {"name": "load", "from": "main"})
    measure(daemon)  # what a daemon learns in its first minute is no part of this
    before = measure(daemon)
    given, seconds, loaded = [], [], []
    for number in range(asked.collections):
        waste(daemon, number)
        full = daemon.disk_bytes()
        seconds.append(collect(daemon, loaded))
        given.append((full - daemon.disk_bytes()) / PIECE)
    after = measure(daemon)
    goals.show(f"{asked.waste_mib} MiB collected under load, {asked.collections} times, median", statistics.median(seconds), "s")
    goals.show("given back to the host each time, what the load wrote counted against it, least", min(given), "MiB",
               least=asked.waste_mib * 0.7)
    goals.show("20 files of 64 KiB and a checkpoint before, median", median_ms(before[COLLECTED]), "ms")
    goals.show("… while collecting", median_ms(loaded), "ms")
    goals.show("… after", median_ms(after[COLLECTED]), "ms")
    goals.show("the same in a repository that is never collected, before", median_ms(before[BESIDE]), "ms")
    goals.show("… after", median_ms(after[BESIDE]), "ms")
    goals.show("slower than beside before", ratio(before), "x")
    goals.show("slower than beside after", ratio(after), "x")
    goals.show("… after to before", ratio(after) / ratio(before), "x", most=1.25)
    print(daemon.command("check").strip())
goals.end()
