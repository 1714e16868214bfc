# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Summarises the test logs of meson: reasons of skips, failed tests, then one line of totals."""

import json
import sys


def reason(test):
    """The last line of output of a skipped test."""
    lines = (test.get("stdout") or "").split("\n") + (test.get("stderr") or "").split("\n")
    lines = [line.strip() for line in lines if line.strip()]
    return lines[-1].removeprefix("skipped: ") if lines else "no reason given"


def main():
    passed = failed = skipped = 0
    for path in sys.argv[1:]:
        try:
            with open(path) as log:
                tests = [json.loads(line) for line in log if line.strip()]
        except OSError as err:
            print(f"{path}: {err.strerror}: no test ran")
            failed += 1
            continue
        for test in tests:
            if test["result"] in ("OK", "EXPECTEDFAIL"):
                passed += 1
            elif test["result"] == "SKIP":
                skipped += 1
                print(f"skipped: {test['name']}: {reason(test)}")
            else:
                failed += 1
                print(f"failed: {test['name']}: {test['result']}, its log is in {path}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed != 0


sys.exit(main())
