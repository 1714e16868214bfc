#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# output.sh: output that no reader takes is an error, and is never written elsewhere.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
eal=(--lcores "$(lcores 2)" "${eal_args[@]}")
null=(--vdev=net_null0 --vdev=net_null1)

# lost ARGUMENT...: on a full disk it ends with 1, and says why.
lost() {
	local rc

	timeout -k 5 30 "$fwd" "$@" >/dev/full 2>"$work/lost.err" </dev/null
	rc=$?
	[ $rc -eq 1 ] || broken "tide-fwd $* ended with $rc on a full disk"
	file_says "$work/lost.err" '^tide-fwd: .*output' || broken "tide-fwd $* does not say what was lost"
	no_run_time_dir "$prefix"
}
lost --help
lost "${eal[@]}" "${null[@]}" -- --dry-run --json
lost "${eal[@]}" "${null[@]}" -- --duration 1 --stats 0 --json
lost "${eal[@]}" "${null[@]}" -- --duration 2 --json

# Closed streams are not left for EAL's own pipes and files, which would then be printed into.
(trap - INT; exec "$fwd" "${eal[@]}" "${null[@]}" -- <&- >&- 2>&-) &
pid_mute=$!
defer "reap $pid_mute"
ready() {
	[ -e "$(eal_runtime_dir "$prefix")" ]
}
within 20 ready || broken "it does not start with its standard streams closed"
for i in 0 1 2; do
	found=$(readlink "/proc/$pid_mute/fd/$i")
	[ "$found" = /dev/null ] || broken "with its standard streams closed it prints into $found"
done
kill -TERM "$pid_mute"
ends mute 20 0

# A terminal without cursor control gets lines.
if have script; then
	script -qec "TERM=dumb '$fwd' ${eal[*]} ${null[*]} -- --duration 2" /dev/null >"$work/dumb.out" 2>&1 \
		</dev/null || broken "it does not run on a terminal"
	file_says "$work/dumb.out" 'port 0: rx [0-9]+,' || broken "a dumb terminal gets no statistics"
	! grep -q $'\033' "$work/dumb.out" || broken "a dumb terminal gets control sequences"
fi
passed
