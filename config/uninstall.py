#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Removes what `make install` puts down.

uninstall.py BUILD [DESTDIR]
    BUILD is a build folder; what it would install is removed, below DESTDIR if that is given, whether it was
    installed from there or not. Folders that are tidepool's alone go too when they are empty then.
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
    # An absolute path stays one below DESTDIR.
    paths = [destdir.rstrip("/") + path for path in plan.values()]
    try:
        removed = sum(remove(path) for path in paths)
    except OSError as error:
        sys.exit(f"uninstall.py: {error.filename}: {error.strerror}; as root: make uninstall")
    for folder in {os.path.dirname(path) for path in paths}:
        if os.path.basename(folder) not in ("tide", "dpdk"):
            continue
        try:
            os.rmdir(folder)
        except OSError:
            # Not empty, or gone.
            pass
    print(f"{removed} of {len(paths)} files were there and are removed")


if not 2 <= len(sys.argv) <= 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
