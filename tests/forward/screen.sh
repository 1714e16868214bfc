#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# screen.sh ROWS COLUMNS PORTS [OPTION]...: the live screen on a terminal of that size neither scrolls nor
# wraps a line, and what matters is on it.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

size=$1x$2
rows=$1
columns=$2
nb=$3
shift 3
eal_on nohuge "$prefix" 128
ports=()
for ((i = 0; i < nb; i++)); do
	ports+=(--vdev="net_null_a_long_name$i")
done
timeout -k 5 40 $python "$root/tests/support/terminal.py" "$size" reads \
	"$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" "${ports[@]}" -- --duration 4 "$@" \
	>"$work/raw.out" 2>"$work/raw.err" </dev/null || broken "it does not run on a terminal of $size"
$python "$root/tests/support/screen.py" "$size" "$work/raw.out" >"$work/screen.out" ||
	broken "the screen of $size is broken"
say "$(cat "$work/screen.out")"
# On a smaller terminal there is no room for a line that says anything.
[ "$rows" -ge 10 ] && [ "$columns" -ge 40 ] || passed
file_says "$work/screen.out" '^tide-fwd, mode macswap, [234] s' || broken "the title is not on the screen"
[ "$rows" -lt 24 ] || for ((i = 0; i < nb; i++)); do
	file_says "$work/screen.out" "^$i +net_null_a_lon " || broken "port $i is not on the screen"
done
if [ "$rows" -ge 24 ]; then
	file_says "$work/screen.out" 'up, 10 Gbit/s$' || broken "the link is not on the screen"
	file_says "$work/screen.out" '^tide +0 +[0-9]+' || broken "the pool is not on the screen"
else
	file_says "$work/screen.out" '^\([0-9]+ more lines: ' || broken "a screen that is cut does not say so"
fi
passed
