"""Stores into a shared map, seen by a second descriptor, until the file named by the first argument is there; then from disk."""
import mmap
import os
import random
import sys

stop, size = sys.argv[1], 1 << 20
choice = random.Random(int(sys.argv[2]))
model = bytearray(size)
file = os.open("mapped", os.O_RDWR | os.O_CREAT)
os.ftruncate(file, size)
shared = mmap.mmap(file, size)
stores = 0
while not os.path.exists(stop):
    for _ in range(200):
        at = choice.randrange(size - 8)
        value = choice.randbytes(8)
        shared[at : at + 8] = value
        model[at : at + 8] = value
        stores += 1
    if choice.randrange(8) == 0:
        shared.flush()
    other = os.open("mapped", os.O_RDONLY)
    seen = os.pread(other, size, 0)
    os.close(other)
    if seen != model or shared[:] != model:
        sys.exit(f"other bytes after {stores} stores")
shared.close()
os.close(file)
with open("mapped", "rb") as again:
    if again.read() != model:
        sys.exit("other bytes after the map was closed")
print(stores, "stores")
