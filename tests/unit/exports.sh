#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The shared library exports what the public headers declare, and nothing else.
# Usage: exports.sh LIBRARY HEADER...
set -eu
library=$1
shift
# Of a function that is defined in a header the name stands alone behind its type.
inline=$(cat "$@" | awk '/^static inline/ { getline; sub(/\(.*/, ""); print }')
declared=$(cat "$@" | grep -v '^ \*' | grep -oE '\btide_[a-z0-9_]+\(' | tr -d '(' | sort -u |
	grep -vxF "${inline:-none}")
exported=$(nm -D --defined-only "$library" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u)
[ -n "$declared" ]
if [ "$declared" != "$exported" ]; then
	echo "declared in the headers and exported by the library differ:"
	printf '%s\n' "$declared" >"${TMPDIR:-/tmp}/declared.$$"
	printf '%s\n' "$exported" | diff "${TMPDIR:-/tmp}/declared.$$" - || :
	rm -f "${TMPDIR:-/tmp}/declared.$$"
	exit 1
fi
echo "$(echo "$declared" | wc -l) functions declared and exported"
