"""A checkpoint beside git's add and commit, of the same edits of the same tree."""

import argparse
import os
import shutil
import subprocess
import time

from measured import Daemon, Goals, median_ms

options = argparse.ArgumentParser(prog="scripts/bench git", description=__doc__)
options.add_argument("--files", type=int, default=100_000)
options.add_argument("--rounds", type=int, default=5, help="of 10,000 files; of fewer four times as many")
options.add_argument("--warm", type=int, default=2000, help="checkpoints before, in another repository")
asked = options.parse_args()
FOLDER = 200
BYTES = 4096
# How many times quicker than git as it comes a checkpoint has to be, by the number of edited files.
PROMISED = {1: 100, 100: 20, 10_000: 3}
TUNED = ["feature.manyFiles=true", "core.untrackedCache=true", "index.version=4"]
KINDS = {"git": [], "git, index 4 and untracked cache": TUNED}
# What git ships to have watchman tell it what changed.
HOOK = "/usr/share/git-core/templates/hooks/fsmonitor-watchman.sample"
WATCHED = shutil.which("watchman") is not None and os.path.exists(HOOK)
if WATCHED:
    KINDS["git, the same and watchman for fsmonitor"] = [*TUNED, f"core.fsmonitor={HOOK}", "core.fsmonitorHookVersion=2"]


def path(i):
    return f"folder-{i // FOLDER:04d}/file-{i % FOLDER:03d}.txt"


def content(i, version):
    line = f"{version} of file {i}\n".encode()
    return (line * (BYTES // len(line) + 1))[:BYTES]


def write(root, numbers, version):
    for i in numbers:
        with open(os.path.join(root, path(i)), "wb") as file:
            file.write(content(i, version))


def git(root, *words):
    identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
    subprocess.run(["git", "-C", root, *identity, *words], check=True, stdout=subprocess.DEVNULL)


def prepare(root, settings):
    os.makedirs(root)
    for folder in range(asked.files // FOLDER + 1):
        os.makedirs(os.path.join(root, f"folder-{folder:04d}"))
    write(root, range(asked.files), "first")
    git(root, "init", "-q")
    for setting in ("gc.auto=0", *settings):
        git(root, "config", *setting.split("=", 1))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")
    git(root, "status")


def commit(root):
    began = time.perf_counter()
    git(root, "add", "-A")
    git(root, "commit", "-qm", "round")
    return time.perf_counter() - began


def warm(daemon):
    """Checkpoints in another repository, so that the figures are not those of a daemon's first seconds."""
    daemon.post("repos", {"name": "warm"})
    root = os.path.join(daemon.mount, "warm", "main")
    for folder in range(200 // FOLDER + 1):
        os.makedirs(os.path.join(root, f"folder-{folder:04d}"))
    for number in range(asked.warm):
        write(root, range(200 if number % 40 == 0 else 1), f"warm {number}")
        daemon.checkpoint("warm")


def forget(root):
    """Has watchman let go of a tree that is to be deleted."""
    if WATCHED:
        subprocess.run(["watchman", "watch-del", root], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


goals = Goals()
with Daemon() as daemon:
    roots = {kind: os.path.join(daemon.work, f"git{number}") for number, kind in enumerate(KINDS)}
    for kind, root in roots.items():
        prepare(root, KINDS[kind])
    daemon.post("repos", {"name": "bench"})
    daemon.import_files("bench", ((path(i), content(i, "first")) for i in range(asked.files)))
    warm(daemon)
    mount = os.path.join(daemon.mount, "bench", "main")
    for edited, promised in PROMISED.items():
        times = {kind: [] for kind in (*roots, "checkpoint")}
        for number in range(asked.rounds * (1 if edited > 100 else 4) + 1):
            numbers = [(number * 31 + i * (asked.files // edited)) % asked.files for i in range(edited)]
            version = f"{edited}.{number}"
            os.sync()  # what the others left to be written is not to be waited for by this one
            write(mount, numbers, version)
            took = {"checkpoint": daemon.checkpoint("bench")[1]}
            for kind, root in roots.items():
                os.sync()
                write(root, numbers, version)
                took[kind] = commit(root)
            for kind, seconds in took.items():
                if number > 0:
                    times[kind].append(seconds)
        checkpoint = median_ms(times["checkpoint"])
        goals.show(f"checkpoint of {edited:,} edited files of {asked.files:,}, median", checkpoint, "ms")
        for kind in roots:
            goals.show(f"… {kind}, add and commit", median_ms(times[kind]), "ms")
            quicker = median_ms(times[kind]) / checkpoint
            goals.show("… times quicker than that", quicker, "x", least=promised if kind == "git" else None)
    for root in roots.values():
        forget(root)
    if not WATCHED:
        print("git with fsmonitor: not measured (watchman or git's hook for it is not installed, and git has none of its own on Linux)")
    if not shutil.which("jj"):
        print("jj: not measured (not installed)")
goals.end()
