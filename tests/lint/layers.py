#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Reads the #include lines of lib, drivers and app and says which go up or cross a private header.

A part may use the parts above it in PARTS and nothing below. Of another part it may include the public
headers, tide_*.h, and the one header that this part offers to the others of the library, <part>_friend.h;
the allocator, which has no public header, offers magazine.h. Exits 1 when an include breaks a rule."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# From the ground up, as in doc/architecture.md. A program uses the library and app/common, no other program.
PARTS = ['lib/log', 'lib/sys', 'lib/topology', 'lib/region', 'lib/bump', 'lib/magazine', 'drivers/mempool/tide',
         'lib/mempool', 'lib/shard', 'lib/pool', 'lib/arena', 'lib/pktbuf', 'lib/audit', 'lib/telemetry', 'app/common']
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def part_of(path):
    return path.parent.relative_to(ROOT).as_posix()


def headers():
    """The parts that have a header of a name: each program may have its own options.h."""
    found = {}
    for top in ('lib', 'drivers', 'app'):
        for path in (ROOT / top).rglob('*.h'):
            found.setdefault(path.name, set()).add(part_of(path))
    return found


def offered(header, part):
    return (header.startswith('tide_') or header == f'{pathlib.PurePath(part).name}_friend.h' or
            (part, header) == ('lib/magazine', 'magazine.h') or part == 'app/common')


def rank(part):
    return PARTS.index(part) if part in PARTS else len(PARTS)


def wrong(user, header, part):
    if part not in PARTS and part != user:
        return f'{user} uses {part}, which is no part of the library'
    if rank(part) > rank(user):
        return f'{user} is below {part}'
    if not offered(header, part):
        return f'{header} is private to {part}'
    return None


def main():
    found, bad = headers(), 0
    unknown = sorted({part_of(p) for p in (ROOT / 'lib').rglob('*.h')} - set(PARTS))
    for part in unknown:
        print(f'{part}: no place in the order of parts; add it to PARTS of {pathlib.Path(__file__).name}')
    for top in ('lib', 'drivers', 'app'):
        for path in sorted((ROOT / top).rglob('*.[ch]')):
            user = part_of(path)
            for header in INCLUDE.findall(path.read_text()):
                parts = found.get(header, set())
                if not parts or user in parts:
                    continue
                why = wrong(user, header, min(parts, key=rank))
                if why:
                    bad += 1
                    print(f'{path.relative_to(ROOT)}: #include "{header}": {why}')
    print(f'{bad} includes that break the order of parts')
    return 1 if bad or unknown else 0


if __name__ == '__main__':
    sys.exit(main())
