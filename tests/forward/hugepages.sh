#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# hugepages.sh: config/hugepages.sh raises the reserve for a command, and returns what it raised when
# the command ends, fails or is interrupted.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

script=$root/config/hugepages.sh
nr=$(echo "$huge_root"/node*/$huge_kind/nr_hugepages | awk '{ print $1 }')
[ -r "$nr" ] || skip "this kernel has no huge pages of 2 MB"
need_root "to write $nr"
[ -w "$nr" ] || skip "$nr cannot be written here"

# refuses CODE REGEX ARGUMENT...
refuses() {
	local code=$1 regex=$2 rc

	shift 2
	"$script" "$@" >"$work/script.out" 2>"$work/script.err"
	rc=$?
	[ $rc -eq "$code" ] && grep -q "$regex" "$work/script.err" ||
		broken "hugepages.sh $* ended with $rc, expected $code and \"$regex\""
}
refuses 2 reserve
refuses 2 reserve reserve
refuses 2 reserve with 4
refuses 1 'not a number' reserve many
refuses 1 'not a number' with -1 true

before=$(<"$nr")
more=$(($(huge_free) + 32))
during=$("$script" with $more cat "$nr" | tail -n 2 | head -n 1)
[ "$during" -gt "$before" ] || broken "$during pages during the command, $before before"
[ "$(<"$nr")" -eq "$before" ] || broken "$(<"$nr") pages after the command, $before before"

"$script" with $more sh -c 'exit 7' >/dev/null
[ $? -eq 7 ] || broken "the exit code of the command is lost"
[ "$(<"$nr")" -eq "$before" ] || broken "$(<"$nr") pages after a failure, $before before"

for signal in INT TERM; do
	spawn "at_$signal" setsid "$script" with $more sh -c 'echo started; sleep 30'
	says "at_$signal" started
	pid=pid_at_$signal
	if [ $signal = INT ]; then
		kill -INT -- "-${!pid}"
	else
		kill -TERM "${!pid}"
	fi
	gone_within 20 "${!pid}" || broken "it does not end by SIG$signal"
	[ "$(<"$nr")" -eq "$before" ] || broken "$(<"$nr") pages after SIG$signal, $before before"
done

# With nothing to raise, nothing changes.
"$script" with 0 true >/dev/null || broken "0 pages are too many"
[ "$(<"$nr")" -eq "$before" ] || broken "0 pages wanted, and the number changed"
passed
