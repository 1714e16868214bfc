#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Looks for words and phrases that CONTRIBUTING.md asks not to use.

words.txt is a dictionary of codespell(1), which looks for whole words outside identifiers; phrases.txt has a
regular expression and, after a tab, the advice in each line. Reads the files of the checkout, or those given.
Prints each find with its place and the advice, then the count. Exits 1 when there is one, 2 when codespell is
missing."""

import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Texts that are not ours, and the lists themselves.
SKIP = re.compile(r'^(LICENSE|tests/lint/|tests/[^/]+/(captures|trees)/)')


def files():
    out = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    names = [name for name in out.decode().split('\0') if name and not SKIP.match(name)]
    return [name for name in names if is_text(ROOT / name)]


def is_text(path):
    try:
        path.read_bytes().decode('utf-8')
    except (UnicodeDecodeError, OSError):
        return False
    return path.is_file()


def words(names):
    try:
        out = subprocess.run(['codespell', '--builtin', 'clear', '-D', str(HERE / 'words.txt'), '--', *names],
                             cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    except FileNotFoundError:
        sys.exit('words.py: codespell is missing; as root: apt-get install codespell')
    return [line for line in out.decode().splitlines() if '==>' in line]


def phrases(names):
    rules = [line.split('\t') for line in (HERE / 'phrases.txt').read_text().splitlines() if line]
    rules = [(re.compile(pattern), advice) for pattern, advice in rules]
    found = []
    for name in names:
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            for pattern, advice in rules:
                match = pattern.search(line)
                if match:
                    found.append(f'{name}:{number}: {match.group(0).strip()} ==> {advice}')
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('file', nargs='*', help='files below the checkout (all)')
    names = parser.parse_args().file or files()
    found = sorted(words(names) + phrases(names))
    for line in found:
        print(line)
    print(f'{len(found)} words to replace')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
