"""What the benchmarks share: a daemon of their own, and how figures are shown."""

import http.client
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from urllib.parse import quote

DOGEAR = os.environ["DOGEAR"]
KEPT_SECONDS = 5


class _Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("dogear")
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


class _Mine(threading.local):
    """A thread's connection, which goes on from one request to the next, as those of clients do."""

    def __init__(self):
        self.connection, self.used = None, 0

    def connected(self, path):
        # The daemon ends what is idle for longer.
        if self.connection is None or time.monotonic() - self.used > KEPT_SECONDS:
            self.close()
            self.connection = _Unix(path)
            self.connection.connect()
        return self.connection

    def answered(self, reply):
        self.used = time.monotonic()
        if reply.will_close:
            self.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


class Daemon:
    """A daemon with data, mount and socket in a folder that is gone afterwards."""

    def __init__(self, *options):
        self.work = tempfile.mkdtemp(prefix="dogear-bench.")
        os.mkdir(os.path.join(self.work, "run"), 0o700)
        self.data, self.mount, self.socket = (os.path.join(self.work, name) for name in ("data", "mount", "run/socket"))
        self.options = options
        self._mine = _Mine()

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        try:
            self.down()
        except subprocess.CalledProcessError:
            subprocess.run(["umount", "-l", self.mount], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.work, ignore_errors=True)

    def command(self, *words):
        names = {"DOGEAR_DATA": self.data, "DOGEAR_MOUNT": self.mount, "DOGEAR_SOCKET": self.socket}
        done = subprocess.run([DOGEAR, *words], env={**os.environ, **names}, check=True, stdout=subprocess.PIPE)
        return done.stdout.decode()

    def up(self):
        self.command("up", *self.options)

    def down(self):
        self._mine.close()
        self.command("down")

    def status(self):
        return json.loads(self.command("status", "--json"))

    def ask(self, method, route, body=None):
        """The answer to a request below /v1/local, and how many seconds it took."""
        connection = self._mine.connected(self.socket)
        sent = None if body is None else json.dumps(body)
        began = time.perf_counter()
        connection.request(method, "/v1/local/" + route, sent, {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
        took = time.perf_counter() - began
        self._mine.answered(reply)
        if reply.status >= 400:
            sys.exit(f"{method} {route}: {reply.status} {text.decode()}")
        return json.loads(text), took

    def post(self, route, body):
        return self.ask("POST", route, body)

    def bookmark(self, repository, bookmark):
        return f"{repository}/bookmarks/{quote(bookmark, safe='')}"

    def checkpoint(self, repository, bookmark="main", message="round"):
        return self.post(self.bookmark(repository, bookmark) + "/checkpoint", {"message": message})

    def import_files(self, repository, files, bookmark=None):
        """Imports (path, content) pairs by a tar; how many seconds that took."""
        archive = os.path.join(self.work, "import.tar")
        with tarfile.open(archive, "w") as tar:
            for path, content in files:
                info = tarfile.TarInfo(path)
                info.size, info.mtime = len(content), 1_600_000_000
                tar.addfile(info, io.BytesIO(content))
        began = time.monotonic()
        self.post(repository + "/import", {"path": archive, **({"bookmark": bookmark} if bookmark else {})})
        os.remove(archive)
        return time.monotonic() - began

    def disk_bytes(self, *parts):
        """What the store's files take on the disk; only those below folders of these names, if any are given."""
        total = 0
        for folder, _, names in os.walk(self.data):
            if set(parts) <= set(folder.split(os.sep)):
                total += sum(os.stat(os.path.join(folder, name)).st_blocks * 512 for name in names)
        return total


class Goals:
    """A table of figures beside what was promised."""

    def __init__(self):
        self.kept = True
        print(f"load before: {' '.join(open('/proc/loadavg').read().split()[:3])}, {os.cpu_count()} CPUs, "
              f"kernel {os.uname().release}", flush=True)

    def show(self, what, figure, unit, most=None, least=None):
        good = (most is None or figure <= most) and (least is None or figure >= least)
        self.kept = self.kept and good
        promised = f"at most {most:g}" if most is not None else f"at least {least:g}" if least is not None else ""
        print(f"{what:<64} {figure:>10.2f} {unit:<6} {promised:<16} {'' if good else 'NOT KEPT'}", flush=True)

    def end(self):
        print(f"load after: {' '.join(open('/proc/loadavg').read().split()[:3])}")
        sys.exit(0 if self.kept else 1)


def median_ms(seconds):
    return statistics.median(seconds) * 1000
