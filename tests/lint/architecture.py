#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""doc/architecture.md names files and functions that exist, and lists all parts in the order of layers.py.

A function in a row of a table must be defined in the file of that row, any other one somewhere in lib, drivers or
app. Prints each fault, then how many files one walk through the tables opens. Exits 1 when there is a fault.
Reads the checkout that it is in; an argument is a page to read instead."""

import pathlib
import re
import sys

import layers

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CODE = re.compile(r'`([^`]+)`')
PATH = re.compile(r'(lib|drivers|app|tests|config|doc)/[\w./-]+')
FUNCTION = re.compile(r'(\w+)\(\)')


def sources():
    return [path for top in ('lib', 'drivers', 'app') for path in sorted((ROOT / top).rglob('*.[ch]'))]


def defines(text, function):
    """A definition has its return type on a line of its own, and no semicolon behind its parameters."""
    return re.search(rf'^{function}\([^;{{]*\)\s*\{{', text, re.MULTILINE) is not None


def faults_of(line, everywhere):
    words = CODE.findall(line)
    paths = [word for word in words if PATH.fullmatch(word)]
    found = [f'{path}: no such file' for path in paths if not (ROOT / path).exists()]
    files = [ROOT / path for path in paths if (ROOT / path).is_file()]
    place = files[0] if line.startswith('|') and files else None
    text = place.read_text() if place else everywhere
    for word in words:
        match = FUNCTION.fullmatch(word)
        if match and not defines(text, match.group(1)):
            found.append(f'{match.group(1)}(): not defined in {place.relative_to(ROOT) if place else "any source"}')
    return found, [path for path in files if place]


def main():
    page = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / 'doc/architecture.md'
    everywhere = '\n'.join(path.read_text() for path in sources())
    bad, walk = 0, set()
    for number, line in enumerate(page.read_text().splitlines(), 1):
        found, opened = faults_of(line, everywhere)
        walk.update(opened)
        bad += len(found)
        for fault in found:
            print(f'{page.name}:{number}: {fault}')
    listed = re.findall(r'^\| `([\w/]+)` \|', page.read_text(), re.MULTILINE)
    if listed != [part for part in layers.PARTS if part in listed]:
        bad += 1
        print(f'{page.name}: the parts are not in the order of PARTS of layers.py: {", ".join(listed)}')
    for part in layers.PARTS:
        if part.startswith(('lib/', 'drivers/')) and (ROOT / part).is_dir() and part not in listed:
            bad += 1
            print(f'{page.name}: the table of parts does not list {part}')
    print(f'{len(walk)} files on the walk of a buffer, {bad} faults')
    return 1 if bad or not walk else 0


if __name__ == '__main__':
    sys.exit(main())
