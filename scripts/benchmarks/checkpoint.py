"""A checkpoint of one edited file, in a directory of 1,000 entries and in one of a million."""

import argparse
import statistics
import sys

from measured import Daemon, Goals

options = argparse.ArgumentParser(prog="scripts/bench checkpoint", description=__doc__)
options.add_argument("--entries", type=int, default=1_000_000, help="of the large directory")
options.add_argument("--rounds", type=int, default=40)
asked = options.parse_args()
goals = Goals()


def once(daemon, name, count, number):
    with open(f"{daemon.mount}/{name}/main/files/file-{number * 7919 % count:07d}", "w") as file:
        file.write(f"edited {number}\n")
    answer, took = daemon.checkpoint(name)
    # The file, and nothing else, is what the change is made of.
    if answer["unchanged"] or answer["files"] > 2:
        sys.exit(f"not a checkpoint of one file: {answer}")
    return took * 1000


with Daemon() as daemon:
    sizes = {"small": 1000, "large": asked.entries}
    times = {name: [] for name in sizes}
    for name, count in sizes.items():
        daemon.post("repos", {"name": name})
        daemon.import_files(name, ((f"files/file-{i:07d}", b"file %d\n" % i) for i in range(count)))
    for number in range(asked.rounds + 5):
        for name, count in sizes.items():
            took = once(daemon, name, count, number)
            if number >= 5:  # the first ones warm the daemon up
                times[name].append(took)
    for name, count in sizes.items():
        goals.show(f"checkpoint of one file, {count:,} entries, median", statistics.median(times[name]), "ms")
    goals.show("ratio", statistics.median(times["large"]) / statistics.median(times["small"]), "x", most=2)
goals.end()
