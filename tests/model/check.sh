#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Searches all runs of one instance of a model:
#     check.sh SPIN CC MODEL CLAIM NAME=VALUE...
# CLAIM is the required result:
#     holds        no assertion fails, no thread is left behind, and the search is complete
#     ends         in addition, no run goes on for ever
#     breaks:WHAT  the search finds WHAT broken (a mutant, or a witness)
# Each NAME=VALUE goes to the model as a macro.

spin=$1 cc=$2 model=$(realpath "$3") claim=$4
shift 4

if [ -z "$spin" ]; then
	echo "spin is not installed; the model is not checked: apt-get install spin"
	exit 77
fi

# The message of spin for each property.
case ${claim#breaks:} in
holds | ends) ;;
twice) pattern='assertion violated .*(o_!=0\)|sum_&held|held\[me\]&)' ;;
torn) pattern='invalid array index' ;;
missed) pattern='assertion violated .*kept\[me\]==0' ;;
inexact) pattern='assertion violated .*strays' ;;
partial) pattern='assertion violated .*held\[me\]==had' ;;
room) pattern='assertion violated .*sum_>0' ;;
reused) pattern='assertion violated .*held\[i\]' ;;
overlap) pattern='assertion violated .*given\[' ;;
lost) pattern='assertion violated .*((moving|avail)==|sum_==\()' ;;
witness) pattern='assertion violated .*( !\((1|again|late)\)|\(([1-3])!=\3\))' ;;
endless) pattern='non-progress cycle' ;;
*)
	echo "unknown claim \"$claim\"; see $0" >&2
	exit 2
	;;
esac

dir=$(mktemp -d) || exit
trap 'rm -rf "$dir"' EXIT
cp "$model" "$dir" && cd "$dir" || exit
model=$(basename "$model")

# The model names no state as progress: any cycle is a run without end.
case $claim in
ends | breaks:endless) kind=-DNP loops=-l ;;
*) kind=-DSAFETY loops= ;;
esac

"$spin" "${@/#/-D}" -a "$model" >spin.log 2>&1 || {
	cat spin.log >&2
	exit 1
}
"$cc" -w -O0 $kind -DCOLLAPSE -DMEMLIM=3000 -o pan pan.c || exit
./pan $loops -m20000 -w22 >pan.log 2>&1
grep -E '^pan:|errors:|states, stored' pan.log

if [ -n "$pattern" ]; then
	grep -qE "^pan:.*$pattern" pan.log && exit
	echo "wanted: ${claim#breaks:} found broken; spin did not find it"
elif grep -q 'errors: 0$' pan.log && ! grep -qE 'not completed|too small|MEMLIM|out of memory|truncated' pan.log; then
	exit 0
else
	echo "wanted: it $claim in every run; the search failed or is not complete:"
fi
cat pan.log
[ ! -e "$model.trail" ] || "$spin" "${@/#/-D}" -t -p -g "$model" | tail -n 60
exit 1
