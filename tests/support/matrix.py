# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Prints the table of tests/matrix.sh.

matrix.py DIRECTORY
    DIRECTORY/rows has a line for each system and compiler: release, compiler, "DPDK-VERSION
    COMPILER-VERSION" and a problem, empty when tests ran, with tabs between. The log of meson is
    DIRECTORY/RELEASE-COMPILER.json. Ends with 1 when a row has a problem or a failure, or there is no row.
"""

import json
import sys

HEAD = ("Debian", "DPDK", "compiler", "passed", "failed", "skipped", "failures")


def results(path):
    """Names of tests by result."""
    found = {"passed": [], "failed": [], "skipped": []}
    with open(path) as log:
        for line in log:
            if line.strip():
                test = json.loads(line)
                kind = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}
                found[kind.get(test["result"], "failed")].append(test["name"].split(" / ")[-1])
    return found


def row(directory, line):
    """The cells of a row, and whether the row passed."""
    release, compiler, versions, problem = line.rstrip("\n").split("\t")
    dpdk, _, version = versions.partition(" ")
    head = [release, dpdk, f"{compiler} {version}"]
    if problem:
        return head + ["-", "-", "-", problem], False
    try:
        found = results(f"{directory}/{release}-{compiler}.json")
    except (OSError, ValueError) as err:
        return head + ["-", "-", "-", f"no test ran: {err}"], False
    counts = [str(len(found[kind])) for kind in ("passed", "failed", "skipped")]
    return head + counts + [", ".join(found["failed"])], bool(found["passed"]) and not found["failed"]


def main(directory):
    try:
        with open(f"{directory}/rows") as lines:
            rows = [row(directory, line) for line in lines]
    except OSError as err:
        sys.exit(f"no row: {err}")
    table = [HEAD] + [cells for cells, _ in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(HEAD))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    return 0 if rows and all(well for _, well in rows) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
