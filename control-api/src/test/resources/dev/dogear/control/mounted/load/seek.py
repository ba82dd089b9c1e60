"""Fills pages and asks where data is, which has the kernel write them before it is told to forget them, until the file $1 is there."""
import os
import random
import sys

stop, size = sys.argv[1], 24 << 20
choice = random.Random(int(sys.argv[2]))
file = os.open("pages", os.O_RDWR | os.O_CREAT)
rounds = 0
while not os.path.exists(stop):
    content = choice.randbytes(1 << 20) * (size >> 20)
    os.pwrite(file, content, 0)
    if os.lseek(file, 0, os.SEEK_DATA) != 0:
        sys.exit("no data at the beginning")
    if os.pread(file, size, 0) != content:
        sys.exit(f"other bytes in round {rounds}")
    rounds += 1
print(rounds, "rounds")
