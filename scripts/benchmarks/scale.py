"""What history costs in a repository of a million files: nested, and in one directory."""

import argparse
import os
import sys

from measured import Daemon, Goals, median_ms

options = argparse.ArgumentParser(prog="scripts/bench scale", description=__doc__)
options.add_argument("--files", type=int, default=1_000_000)
options.add_argument("--rounds", type=int, default=15)
options.add_argument("--bookmarks", type=int, default=1000, help="made, to know what one costs")
options.add_argument("--warm", type=int, default=200, help="requests before those that count, in another repository")
asked = options.parse_args()
EDITED = 1000
FOLDER = 1000


def nested(i):
    return f"folder-{i // FOLDER:04d}/file-{i % FOLDER:03d}"


def flat(i):
    return f"files/file-{i:07d}"


SHAPES = {"small": (nested, 1000), "nested": (nested, asked.files), "flat": (flat, asked.files)}


def edit(daemon, shape, bookmark, numbers, text):
    path = SHAPES[shape][0]
    for i in numbers:
        with open(os.path.join(daemon.mount, shape, bookmark, path(i)), "w") as file:
            file.write(text)


def spread(shape, first):
    """1,000 numbers of files, all over the tree."""
    count = SHAPES[shape][1]
    return [(first + i * (count // EDITED)) % count for i in range(EDITED)]


def checkpoints(daemon, goals):
    times = {shape: [] for shape in SHAPES}
    for number in range(asked.rounds + 5):
        for shape, (_, count) in SHAPES.items():
            edit(daemon, shape, "main", [number * 7919 % count], f"edited {number}\n")
            answer, took = daemon.checkpoint(shape)
            if answer["unchanged"] or answer["files"] > 2:
                sys.exit(f"not a checkpoint of one file: {answer}")
            if number >= 5:
                times[shape].append(took)
    small = median_ms(times["small"])
    goals.show("checkpoint of one file, 1,000 files, median", small, "ms")
    for shape in ("nested", "flat"):
        took = median_ms(times[shape])
        goals.show(f"… {asked.files:,} files, {shape}", took, "ms")
        goals.show("… ratio", took / small, "x", most=2)


def bookmark_size(daemon, goals):
    """In the small repository: the tables of large ones have pages free, and a thousand rows do not grow them."""
    part = daemon.ask("GET", "small")[0]["id"]
    sizes = []
    for batch in range(3):
        for i in range(asked.bookmarks):
            daemon.post("small/bookmarks", {"name": f"batch-{batch}/{i}", "from": "main"})
        daemon.down()  # which folds all there is
        sizes.append(daemon.disk_bytes(part))
        daemon.up()
    goals.show(f"disk for one bookmark of {2 * asked.bookmarks:,}", (sizes[2] - sizes[0]) / 2 / asked.bookmarks, "bytes", most=1024)


def bookmarks(daemon, goals, shape):
    took = [daemon.post(shape + "/bookmarks", {"name": f"session/{i}", "from": "main"})[1] for i in range(asked.bookmarks)]
    goals.show(f"bookmark creation, {shape}, mean of {asked.bookmarks:,}", sum(took) / len(took) * 1000, "ms", most=5)
    daemon.down()
    daemon.up()
    opened = daemon.ask("GET", daemon.bookmark(shape, "main"))[1]
    goals.show(f"first request after a start, {asked.bookmarks:,} bookmarks", opened * 1000, "ms")


def warm(daemon):
    """Diffs in another repository, so that the figure is not that of a daemon's first second."""
    base = daemon.ask("GET", daemon.bookmark("small", "main"))[0]["change_id"]
    edit(daemon, "small", "main", [3], "warm\n")
    head = daemon.checkpoint("small", message="warm")[0]["change"]["id"]
    for _ in range(asked.warm):
        daemon.ask("GET", f"small/diff?base_change_id={base}&head_change_id={head}")


def diffs(daemon, goals, shape):
    times = []
    warm(daemon)
    for number in range(asked.rounds):
        base = daemon.ask("GET", daemon.bookmark(shape, "main"))[0]["change_id"]
        edit(daemon, shape, "main", [number * 104_729 % SHAPES[shape][1]], f"differs {number}\n")
        head = daemon.checkpoint(shape)[0]["change"]["id"]
        found, took = daemon.ask("GET", f"{shape}/diff?base_change_id={base}&head_change_id={head}")
        if len(found["entries"]) != 1:
            sys.exit(f"not a diff of one file: {found['stats']}")
        times.append(took)
    goals.show(f"diff of one change, {shape}, median", median_ms(times), "ms", most=5)


def merges(daemon, goals, shape):
    times = []
    for number in range(max(3, asked.rounds // 3)):
        sides = [f"session/left-{number}", f"session/right-{number}"]
        for side, name in enumerate(sides):
            daemon.post(shape + "/bookmarks", {"name": name, "from": "main"})
            edit(daemon, shape, name, spread(shape, side + 2 * number), f"side {side} of {number}\n")
            daemon.checkpoint(shape, name)
        body = {"target": sides[0], "source": sides[1]}
        times.append(daemon.post(shape + "/bookmarks/merge", body)[1])
    goals.show(f"merge of two sides with 1,000 changes each, {shape}, median", median_ms(times), "ms", most=1000)


def undos(daemon, goals, shape):
    times = []
    path = SHAPES[shape][0]
    for number in range(max(3, asked.rounds // 3)):
        numbers = spread(shape, 500 + number)
        before = []
        for i in numbers:
            with open(os.path.join(daemon.mount, shape, "main", path(i))) as file:
                before.append(file.read())
        edit(daemon, shape, "main", numbers, f"undone {number}\n")
        daemon.checkpoint(shape)
        times.append(daemon.post(daemon.bookmark(shape, "main") + "/undo", {})[1])
        for i, text in zip(numbers, before):
            with open(os.path.join(daemon.mount, shape, "main", path(i))) as file:
                if file.read() != text:
                    sys.exit(f"{path(i)} does not show the undo")
    goals.show(f"undo of a checkpoint of 1,000 files, {shape}, median", median_ms(times), "ms", most=200)


goals = Goals()
with Daemon() as daemon:
    for shape, (path, count) in SHAPES.items():
        daemon.post("repos", {"name": shape})
        took = daemon.import_files(shape, ((path(i), b"file %d\n" % i) for i in range(count)))
        goals.show(f"import of {count:,} files, {shape}", took, "s")
    checkpoints(daemon, goals)
    for shape in ("nested", "flat"):
        diffs(daemon, goals, shape)
        merges(daemon, goals, shape)
        undos(daemon, goals, shape)
        bookmarks(daemon, goals, shape)
    bookmark_size(daemon, goals)
goals.end()
