"""Transactions over connections that stay open, in both journal modes, until the file named by the first argument is there."""
import os
import sqlite3
import subprocess
import sys

stop = sys.argv[1]
rows = 20
open_databases = {}
for mode in ("wal", "delete"):
    database = sqlite3.connect(mode + ".db", timeout=120, isolation_level=None)
    assert database.execute("pragma journal_mode=" + mode).fetchone()[0] == mode
    database.execute("create table t (i integer primary key, v blob)")
    open_databases[mode] = database


def check(mode):
    # Another process, which has nothing in its memory.
    text = "pragma busy_timeout=120000; pragma integrity_check; select count(*) from t"
    found = subprocess.run(["sqlite3", "-bail", mode + ".db", text], capture_output=True, text=True)
    if found.returncode != 0 or found.stdout.split() != ["120000", "ok", str(done * rows)]:
        sys.exit(f"{mode} after {done}: {found.stdout} {found.stderr}")


done = 0
while not os.path.exists(stop):
    for database in open_databases.values():
        database.execute("begin immediate")
        for _ in range(rows):
            database.execute("insert into t (v) values (randomblob(2000))")
        database.execute("commit")
    done += 1
    if done % 5 == 0:
        for mode in open_databases:
            check(mode)
for mode, database in open_databases.items():
    check(mode)
    database.close()
print(done * 2, "transactions")
