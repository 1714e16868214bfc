# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Checks claims about the JSON line that a program ended with.

result.py FILE CLAIM...
    FILE's last line is a JSON object. Each CLAIM is a Python expression over its keys and must be true.
"""

import json
import sys


def main(path, *claims):
    with open(path) as out:
        lines = out.read().rstrip("\n").split("\n")
    try:
        found = json.loads(lines[-1])
    except ValueError:
        sys.exit(f"{path}: the last line is no JSON: {lines[-1]}")
    for claim in claims:
        if not eval(claim, {"sum": sum, "all": all, "len": len}, dict(found)):
            sys.exit(f"not so: {claim}\nin: {lines[-1]}")


main(*sys.argv[1:])
