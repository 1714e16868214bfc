# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""seek.py PID HEX: prints the addresses of these bytes in the writable memory of another process.

Knows nothing of tidepool. Of bytes that repeat, the first of each page is told.
"""

import sys

PAGE = 4096
PIECE = 1 << 22


def writable(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            span, rights = line.split()[:2]
            if rights.startswith("rw") and "/dev/" not in line:
                yield (int(x, 16) for x in span.split("-"))


def seek(memory, low, high, want):
    """Read in pieces that overlap, so that no match is lost between them."""
    for at in range(low, high, PIECE):
        try:
            memory.seek(at)
            data = memory.read(min(PIECE + len(want) - 1, high - at))
        except OSError:
            continue
        found = data.find(want)
        while found >= 0:
            print(hex(at + found))
            found = data.find(want, found // PAGE * PAGE + PAGE)


def main(pid, text):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for low, high in writable(pid):
            seek(memory, low, high, bytes.fromhex(text))


main(*sys.argv[1:])
