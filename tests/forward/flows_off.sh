#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# flows_off.sh: with --flows off there is not one instruction more in the packet path: the loop without
# flows is compiled unchanged and with the lines about flows taken out of its source, and the machine code is
# the same, byte by byte.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

for tool in objcopy nm; do
	have $tool || skip "needs $tool"
done
source=$root/app/fwd
object=app/fwd/libfwd.a.p/loop.c.o
command=$(ninja -C "$build" -t commands "$object" 2>/dev/null | tail -n 1)
[[ $command == *loop.c* ]] || skip "ninja does not say how $object is compiled"

# Without what it writes where.
command=$(sed -E 's/ -M[DQF]( [^ -][^ ]*)?//g; s/ -o [^ ]*//; s/ -c [^ ]*//' <<<"$command")

# compile NAME: the loop in $work/NAME, as the build compiles it; its code is $work/NAME.text.
compile() {
	(cd "$build" && eval "$command -o '$work/$1.o' -c '$work/$1/loop.c'") ||
		broken "$1: the loop does not compile"
	objcopy -O binary --only-section=.text "$work/$1.o" "$work/$1.text" || broken "$1: no code"
	[ -s "$work/$1.text" ] || broken "$1: no code"
}

mkdir "$work/with" "$work/without" "$work/always"
cp "$source/loop.c" "$source/loop_walk.h" "$work/with"
cp "$source/loop.c" "$work/without"
sed '/if (flows != NULL)/,+1d' "$source/loop_walk.h" >"$work/without/loop_walk.h"
removed=$(diff "$work/with/loop_walk.h" "$work/without/loop_walk.h" | grep -c '^<')
[ "$removed" -eq 4 ] || broken "$removed lines about flows were taken out of the loop, expected 4"
! grep -q 'fwd_flow_[a-z]*(' "$work/without/loop_walk.h" || broken "the loop has other lines about flows"
compile with
compile without
cmp "$work/with.text" "$work/without.text" || broken "counting flows costs the loop that does not count them"
! nm "$work/with.o" | grep -Ei 'flow|arena|rcu' || broken "the loop that counts no flows refers to them"

# That the comparison sees a difference: a loop that looks whether to count.
sed 's/MODE_\([A-Z]*\), NULL)/MODE_\1, lcore->flows)/' "$source/loop.c" >"$work/always/loop.c"
cp "$source/loop_walk.h" "$work/always"
compile always
! cmp -s "$work/with.text" "$work/always.text" || broken "the comparison is blind"
say "$(stat -c %s "$work/with.text") bytes of code, the same with flows in the source and without"
passed
