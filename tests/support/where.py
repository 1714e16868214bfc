# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Asks the kernel where memory of another process is: a reading that owes nothing to the library.

where.py PID ADDR LEN PAGE_SIZE
    Prints "NODE PAGES" a line, ascending, for the pages that [ADDR, ADDR + LEN) touches; a page without a
    node stands under its negative errno. Fails when some of the range is not mapped.
"""

import collections
import ctypes
import sys

BATCH = 1024


def mapped(pid, start, end):
    """Whether the mappings of the process cover the range."""
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            low, high = (int(x, 16) for x in line.split()[0].split("-"))
            if low <= start < high:
                start = high
    return start >= end


def nodes(pid, pages):
    numa = ctypes.CDLL("libnuma.so.1", use_errno=True)
    count = collections.Counter()
    for at in range(0, len(pages), BATCH):
        part = pages[at:at + BATCH]
        address = (ctypes.c_void_p * len(part))(*part)
        status = (ctypes.c_int * len(part))()
        if numa.move_pages(pid, ctypes.c_ulong(len(part)), address, None, status, 0) < 0:
            sys.exit(f"move_pages of process {pid}: errno {ctypes.get_errno()}")
        count.update(status)
    return count


def main(pid, addr, length, page_size):
    pid, addr, length, page_size = int(pid), int(addr, 0), int(length, 0), int(page_size, 0)
    if not mapped(pid, addr, addr + length):
        sys.exit(f"{addr:#x}-{addr + length:#x} is not mapped in process {pid}")
    first = addr - addr % page_size
    for node, pages in sorted(nodes(pid, range(first, addr + length, page_size)).items()):
        print(node, pages)


main(*sys.argv[1:])
