#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Checks that the files and directories that the documents name exist.

Reads the *.md files of the checkout: the relative links, and names in backquotes that begin with a directory of
the project. Prints each one that does not exist. Exits 1 if there is one."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LINK = re.compile(r'\]\(([^)#:]+)(?:#[^)]*)?\)')
NAME = re.compile(r'`((?:app|config|doc|drivers|lib|tests)/[\w./-]+)`')


def missing(document):
    text = (ROOT / document).read_text()
    base = (ROOT / document).parent
    named = [(name, base / name) for name in LINK.findall(text)]
    named += [(name, ROOT / name) for name in NAME.findall(text)]
    return sorted({name for name, path in named if not path.exists()})


def main():
    out = subprocess.run(['git', 'ls-files', '*.md'], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    found = [(document, name) for document in out.decode().split() for name in missing(document)]
    for document, name in found:
        print(f'{document}: {name} does not exist')
    print(f'{len(found)} names without a file')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
