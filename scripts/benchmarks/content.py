"""What large files and equal trees cost: random writes, an insertion at the front, one tree in many bookmarks."""

import argparse
import os
import random

from measured import Daemon, Goals, median_ms

options = argparse.ArgumentParser(prog="scripts/bench content", description=__doc__)
options.add_argument("--gib", type=int, default=10, help="size of the large file")
options.add_argument("--filled", type=int, default=20, help="how much of it is not a hole, in percent")
options.add_argument("--text-mib", type=int, default=1024, help="size of the text")
options.add_argument("--tree", type=int, default=30_000, help="files of the tree that many bookmarks have")
options.add_argument("--bookmarks", type=int, default=100)
options.add_argument("--installed", type=int, default=10, help="bookmarks that get the tree anew, not from another")
options.add_argument("--rounds", type=int, default=7)
asked = options.parse_args()
WRITES = 100
PIECE = 1 << 20
seeded = random.Random(7)


def fill(path, size):
    with open(path, "wb") as file:
        for _ in range(size // PIECE):
            file.write(seeded.randbytes(PIECE))


def fill_sparse(path, size):
    """Content in the first part of each 64 MiB, nothing in the rest: a disk image as they are."""
    with open(path, "wb") as file:
        for start in range(0, size, 64 << 20):
            file.seek(start)
            for _ in range(64 * asked.filled // 100):
                file.write(seeded.randbytes(PIECE))
        file.truncate(size)


def random_writes(daemon, name, size):
    path = os.path.join(daemon.mount, "large/main", name)
    times = []
    for number in range(asked.rounds + 1):
        with open(path, "r+b", buffering=0) as file:
            for _ in range(WRITES):
                file.seek(seeded.randrange(size // 4096) * 4096)
                file.write(seeded.randbytes(4096))
        took = daemon.checkpoint("large")[1]
        if number > 0:
            times.append(took)
    return median_ms(times)


def folded(daemon, repository):
    """Bytes of all objects of a repository, once everything is folded."""
    part = daemon.ask("GET", repository)[0]["id"]
    daemon.down()
    size = daemon.disk_bytes(part, "objects")
    daemon.up()
    return size


def line(i):
    return (f"{i:09d} " + " ".join(seeded.choice(WORDS) for _ in range(10)) + "\n").encode()


WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"]

goals = Goals()
with Daemon() as daemon:
    for name in ("large", "text", "trees"):
        daemon.post("repos", {"name": name})

    size = asked.gib << 30
    fill(os.path.join(daemon.mount, "large/main/small"), 64 << 20)
    daemon.checkpoint("large")
    small = random_writes(daemon, "small", 64 << 20)
    fill_sparse(os.path.join(daemon.mount, "large/main/big"), size)
    _, took = daemon.checkpoint("large")
    goals.show(f"first checkpoint of a file of {asked.gib} GiB, {asked.filled} % of it filled", took, "s")
    big = random_writes(daemon, "big", size)
    goals.show(f"checkpoint after {WRITES} random writes of 4 KiB, 64 MiB file, median", small, "ms")
    goals.show(f"… {asked.gib} GiB file", big, "ms")
    # Chunks of such a file are four times as long on average, so as much more is read and hashed.
    goals.show("… ratio", big / small, "x", most=8)
    daemon.ask("DELETE", "large")

    text = os.path.join(daemon.mount, "text/main/text")
    written = 0
    with open(text, "wb") as file:
        i = 0
        while written < asked.text_mib << 20:
            block = b"".join(line(i + n) for n in range(1000))
            # The block again and again, told apart by its numbers, is quicker to make than new words.
            for again in range(200):
                numbered = block.replace(b"\n0", b"\n%d" % (again % 10))
                file.write(b"%d\n" % (i + again) + numbered)
                written += len(numbered)
            i += 1000
    daemon.checkpoint("text")
    before = folded(daemon, "text")
    with open(text, "rb") as old, open(text + ".new", "wb") as new:
        new.write(b"a line in front of all others\n")
        while piece := old.read(PIECE):
            new.write(piece)
    os.rename(text + ".new", text)
    daemon.checkpoint("text")
    grown = folded(daemon, "text") - before
    goals.show(f"a line in front of a text of {asked.text_mib:,} MiB stores", grown / (asked.text_mib << 20) * 100, "%", most=1)

    files = [(f"node_modules/p{i // 40:04d}/{i % 40}.js", seeded.randbytes(1500).hex().encode()) for i in range(asked.tree)]
    daemon.import_files("trees", files)
    one = folded(daemon, "trees")
    for number in range(asked.bookmarks - 1):
        daemon.post("trees/bookmarks", {"name": f"session/{number}", "from": "main"})
        with open(os.path.join(daemon.mount, f"trees/session/{number}/own"), "w") as file:
            file.write(f"{number}\n")
        daemon.checkpoint("trees", f"session/{number}")
    goals.show(f"a tree of {asked.tree:,} files", one / PIECE, "MiB")
    many = folded(daemon, "trees")
    goals.show(f"… in {asked.bookmarks} bookmarks made from one, each with a file of its own, of one", many / one, "x", most=1.1)
    for number in range(asked.installed):
        name = f"anew/{number}"
        daemon.post("trees/bookmarks", {"name": name, "change_id": "z" * 32})
        daemon.import_files("trees", files, name)
    # The content is there once; names, numbers and times of files are each bookmark's own.
    each = (folded(daemon, "trees") - many) / asked.installed
    goals.show("… installed anew in another bookmark, each, of one", each / one * 100, "%", most=10)
goals.end()
