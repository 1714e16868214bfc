#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Removes the files that `make install` installs.

uninstall.py BUILD [DESTDIR]
    BUILD is a build directory. The script removes the files that this build would install, below DESTDIR if
    that is given, even if another build installed them. It also removes directories that belong to tidepool
    alone if they are empty.
"""

import json
import os
import subprocess
import sys


def remove(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        return 0
    return 1


def main(build, destdir=""):
    plan = json.loads(subprocess.check_output(["meson", "introspect", "--installed", build]))
    # The paths are absolute; DESTDIR precedes them.
    paths = [destdir.rstrip("/") + path for path in plan.values()]
    try:
        removed = sum(remove(path) for path in paths)
    except OSError as error:
        sys.exit(f"uninstall.py: {error.filename}: {error.strerror}; as root: make uninstall")
    for directory in {os.path.dirname(path) for path in paths}:
        if os.path.basename(directory) not in ("tide", "dpdk"):
            continue
        try:
            os.rmdir(directory)
        except OSError:
            # It is not empty, or does not exist.
            pass
    print(f"{removed} of {len(paths)} files were there and were removed")


if not 2 <= len(sys.argv) <= 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
