#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Each public header compiles alone, as C and as C++.
# Usage: headers.sh HEADER...
set -eu
flags=$(pkg-config --cflags libdpdk)
for header in "$@"; do
	flags="$flags -I$(dirname "$header")"
done

# compile LANGUAGE COMPILER HEADER
compile() {
	# shellcheck disable=SC2086 # flags are words
	printf '#include "%s"\nint main(void) { return 0; }\n' "$(basename "$3")" |
		$2 $flags -DALLOW_EXPERIMENTAL_API -Wall -Wextra -Werror -fsyntax-only -x "$1" - ||
		{ echo "$(basename "$3") does not compile alone with $2" && exit 1; }
}

for header in "$@"; do
	compile c "${CC:-cc}" "$header"
done
if ! command -v "${CXX:-c++}" >/dev/null; then
	echo "no C++ compiler: headers tried as C alone"
	exit 77
fi
for header in "$@"; do
	compile c++ "${CXX:-c++}" "$header"
done
echo "$# headers compile alone, as C and as C++"
