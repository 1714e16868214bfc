#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each public header shows an example of at most 30 lines, and a test runs it.
# Usage: check.sh HEADER...
set -eu
here=$(dirname "$0")
for header in "$@"; do
	name=$(sed -n 's/^ \* @include \([a-z_]*\)\.c$/\1/p' "$header")
	[ -n "$name" ] || { echo "$header includes no example" && exit 1; }
	[ -f "$here/$name.c" ] || { echo "$header includes $name.c, which does not exist" && exit 1; }
	grep -q "^#include <$(basename "$header")>$" "$here/$name.c" ||
		{ echo "$name.c does not include $(basename "$header")" && exit 1; }
	grep -q "^ *'$name':" "$here/meson.build" || { echo "no test runs $name.c" && exit 1; }
	lines=$(wc -l <"$here/$name.c")
	[ "$lines" -le 30 ] || { echo "$name.c has $lines lines, 30 are the most" && exit 1; }
done
echo "$# headers show an example"
