#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Reads the #include lines of lib, drivers and app and says which go up or cross a private header.

A part may use the parts before it in PARTS and nothing behind. Of another part it may include the public
headers, tide_*.h, and the one header that this part offers to the others of the library, <part>_friend.h;
the allocator, which has no public header, offers magazine.h too. A part of ALONE uses no other part and no
DPDK. A program uses public headers, those of EVERYBODY, its own and those of app/common, never another program's.

Reads the checkout that it is in, or the tree of its argument. Exits 1 when an include breaks a rule."""

import pathlib
import re
import sys

# From the ground up, as in doc/architecture.md.
PARTS = ['lib/log', 'lib/sys', 'lib/topology', 'lib/eal', 'lib/region', 'lib/bump', 'lib/magazine',
         'drivers/mempool/tide', 'lib/mempool', 'lib/shard', 'lib/pool', 'lib/plan', 'lib/monitor', 'lib/arena',
         'lib/pktbuf', 'lib/locate', 'lib/audit', 'lib/shortage', 'lib/telemetry', 'app/common']
ALONE = {'lib/sys', 'lib/bump', 'lib/magazine'}
# Headers whose names do not say who may include them.
LIBRARY_ONLY = {('lib/log', 'tide_log.h'), ('lib/magazine', 'magazine.h'),
                ('drivers/mempool/tide', 'mempool_tide_friend.h')}
# Headers without symbols that programs may include too.
EVERYBODY = {('lib/sys', 'sys_json.h')}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
DPDK = re.compile(r'rte_\w+\.h$')


class Tree:
    def __init__(self, root):
        self.root = root
        self.headers = {}  # By name: the parts that have one; each program may have its own options.h.
        for path in self.sources('*.h'):
            self.headers.setdefault(path.name, set()).add(self.part_of(path))

    def sources(self, pattern):
        return sorted(path for top in ('lib', 'drivers', 'app') for path in (self.root / top).rglob(pattern))

    def part_of(self, path):
        """A part can have directories of its own."""
        dirs = path.relative_to(self.root).parent.parts
        return '/'.join(dirs[:3 if dirs[0] == 'drivers' else 2])

    def parts_without_place(self):
        parts = {self.part_of(path) for path in self.sources('*.[ch]')}
        return sorted(part for part in parts - set(PARTS) if not part.startswith('app/'))

    def wrong(self, user, include):
        """What is wrong with one include line of a part; None: nothing."""
        header = pathlib.PurePath(include).name
        if DPDK.match(header):
            return f'{user} does without DPDK' if user in ALONE else None
        parts = self.headers.get(header, set())
        if '..' in pathlib.PurePath(include).parts:
            return 'the path leads up: name the header alone'
        if not parts or user in parts:
            return None
        return wrong_use(user, header, min(parts, key=rank))


def rank(part):
    return PARTS.index(part) if part in PARTS else len(PARTS)


def offered(header, part, to_program):
    if part == 'app/common' or (part, header) in EVERYBODY:
        return True
    if (part, header) in LIBRARY_ONLY or header == f'{pathlib.PurePath(part).name}_friend.h':
        return not to_program
    return header.startswith('tide_')


def wrong_use(user, header, part):
    if part not in PARTS:
        return f'{user} uses {part}, which is no part of the library'
    if user in ALONE:
        return f'{user} uses no other part'
    if rank(part) > rank(user):
        return f'{user} is below {part}'
    if not offered(header, part, user.startswith('app/')):
        return f'{header} is private to {part}'
    return None


def main():
    script = pathlib.Path(__file__)
    tree = Tree(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else script.resolve().parent.parent.parent)
    unknown, bad = tree.parts_without_place(), 0
    for part in unknown:
        print(f'{part}: no place in the order of parts; add it to PARTS of {script.name}')
    for path in tree.sources('*.[ch]'):
        user = tree.part_of(path)
        for include in INCLUDE.findall(path.read_text()):
            why = tree.wrong(user, include)
            if why:
                bad += 1
                print(f'{path.relative_to(tree.root)}: #include "{include}": {why}')
    print(f'{bad} includes that break the order of parts')
    return 1 if bad or unknown else 0


if __name__ == '__main__':
    sys.exit(main())
