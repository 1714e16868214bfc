#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Runs the tests of build directories one after another: for DIR all except the suite `long`, for DIR:SUITE those
# of the suite. Then prints each skipped test with its reason, and last "N passed, N failed, N skipped".

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/config/lib.sh"

logs=()
for arg in "$@"; do
	dir=${arg%%:*}
	suite=(--no-suite long)
	[ "$dir" = "$arg" ] || suite=(--suite "${arg#*:}")
	rm -f "$dir/meson-logs/testlog.json"
	meson test -C "$dir" --print-errorlogs "${suite[@]}" || failed=1
	logs+=("$dir/meson-logs/testlog.json")
done
$python "$root/tests/support/summary.py" "${logs[@]}" || failed=1
exit "${failed:-0}"
