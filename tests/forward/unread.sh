#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# unread.sh LCORES pipe|terminal|disk|slow: no reader takes the output, or it cannot be written: packets flow on, signals end the
# program, the exit code says that something was lost.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 256
program=("$fwd" --lcores "$(lcores "$1")" "${eal_args[@]}")

# A pipe that is full from the start, and that this shell holds open but does not read.
mkfifo "$work/full"
exec 8<>"$work/full"
dd if=/dev/zero of="$work/full" bs=4096 oflag=nonblock >/dev/null 2>&1

# quiet NAME ARGUMENT...: start it with the full pipe as its output.
quiet() {
	local name=$1

	shift
	(
		trap - INT
		exec 8<&-
		exec "${program[@]}" "$@" >"$work/full" 2>"$work/$name.out" </dev/null
	) &
	declare -g "pid_$name=$!"
	defer "reap $!"
}

# bytes FILE: its size.
bytes() {
	stat -c %s "$1" 2>/dev/null || echo 0
}

# flows_on FILE: it grows for three seconds.
flows_on() {
	local i before

	for i in 1 2 3; do
		before=$(bytes "$1")
		sleep 1
		[ "$(bytes "$1")" -gt "$before" ] || broken "nothing is forwarded any more after $i seconds"
	done
}

packets=$root/tests/support/packets.py
$python "$packets" write "$work/in.pcap" 100 1 600 || broken "no capture"

# fed NAME: a stream of frames into a pipe of that name.
fed() {
	mkfifo "$work/$1.pipe"
	spawn "feed_$1" $python "$packets" replay "$work/in.pcap" "$work/$1.pipe" 5000 0
	ports=(--vdev="net_pcap0,rx_pcap=$work/$1.pipe,tx_pcap=$work/$1.pcap")
}

# on_terminal NAME KIND CODE WHERE: packets flow on a terminal of that kind, and SIGTERM ends it with that exit code.
on_terminal() {
	local pid

	fed "$1"
	(
		trap - INT
		exec $python "$root/tests/support/terminal.py" 24x80 "$2" "${program[@]}" "${ports[@]}" -- --mode io
	) >"$work/$1.out" 2>&1 &
	pid=$!
	declare -g "pid_$1=$pid"
	defer "reap $pid"
	within 20 test -s "$work/$1.pcap" || broken "nothing is forwarded $4"
	flows_on "$work/$1.pcap"
	kill -TERM "$pid"
	ends "$1" 30 "$3"
}

case $2 in
pipe)
	fed full
	quiet full "${ports[@]}" -- --json --mode io
	within 20 test -s "$work/full.pcap" || broken "nothing is forwarded while no reader reads"
	flows_on "$work/full.pcap"
	kill -TERM "$pid_full"
	ends full 30 1
	file_says "$work/full.out" 'standard output takes nothing more \(its reader does not read\)' ||
		broken "it does not warn that no reader reads"
	[ "$(grep -c 'takes nothing more' "$work/full.out")" = 1 ] || broken "it warns more than once"
	file_says "$work/full.out" '^tide-fwd: the output was not all written .*reports were lost' ||
		broken "it does not count what was lost"
	no_run_time_dir "$prefix"

	# A second signal does not wait for the reader.
	quiet again --vdev=net_null0 -- --json
	sleep 3
	kill -TERM "$pid_again"
	sleep 1
	kill -INT "$pid_again"
	ends again 3 1

	# Its standard error is the same pipe.
	(
		exec 8<&-
		exec timeout -k 5 30 "${program[@]}" --vdev=net_null0 -- --duration 3 >"$work/full" 2>&1 </dev/null
	)
	rc=$?
	[ $rc -eq 1 ] || broken "with both streams unread it ended with $rc"

	# A closed pipe ends it early, as ever.
	start=$SECONDS
	timeout -k 5 60 "${program[@]}" --vdev=net_null0 -- --duration 50 2>"$work/closed.err" </dev/null | head -n 1 >/dev/null
	[ $((SECONDS - start)) -lt 20 ] || broken "a closed pipe does not end it"
	;;
terminal)
	on_terminal hung hangs 1 "on a terminal that hangs"
	# A terminal that stops jobs in the background when they write.
	on_terminal back tostop 0 "in the background of a terminal"
	;;
disk)
	# A disk that is full from the start: to the end of the time.
	fed disk
	start=$SECONDS
	timeout -k 5 30 "${program[@]}" "${ports[@]}" -- --duration 4 --mode io >/dev/full 2>"$work/disk.err" </dev/null
	rc=$?
	[ $rc -eq 1 ] || broken "it ended with $rc on a full disk"
	[ $((SECONDS - start)) -ge 4 ] || broken "a full disk ends it early"
	file_says "$work/disk.err" 'takes nothing more \(No space left on device\)' || broken "it does not say that the disk is full"

	# A file that may not grow any more, by ulimit -f: as a full disk, and no signal ends it.
	start=$SECONDS
	(
		ulimit -f 1
		exec timeout -k 5 30 "${program[@]}" --vdev=net_null0 -- --duration 6
	) >"$work/large.log" 2>"$work/large.err" </dev/null
	rc=$?
	[ $rc -eq 1 ] || broken "it ended with $rc on a file that may not grow"
	[ $((SECONDS - start)) -ge 6 ] || broken "a file that may not grow ends it early"
	file_says "$work/large.err" 'takes nothing more \(File too large\)' || broken "it does not say that the file may not grow"

	# A disk that is full for a while: every line is whole, and the summary is there.
	if is_root && mkdir "$work/small" && mount -t tmpfs -o size=64k tmpfs "$work/small" 2>/dev/null; then
		defer "umount '$work/small'"
		fed small
		dd if=/dev/zero of="$work/small/filler" bs=1k count=62 >/dev/null 2>&1
		(
			trap - INT
			exec "${program[@]}" "${ports[@]}" -- --json --flows 100 >"$work/small/log" 2>"$work/small.out" </dev/null
		) &
		pid_small=$!
		defer "reap $pid_small"
		says small 'takes nothing more \(No space left on device\)'
		rm "$work/small/filler"
		sleep 3
		kill -TERM "$pid_small"
		ends small 30 1
		grep -aq '"reports_lost":[1-9]' "$work/small/log" || broken "what was lost is not in the JSON"
		grep -aq 'forwarded for' "$work/small/log" || broken "no summary where there is room again"
		! grep -aEq '.[0-9]+\.[0-9] s port' "$work/small/log" || broken "a line broke off and the next is behind it"
	fi
	;;
slow)
	# A reader that is slow at the end gets all of a summary that is longer than pipe and queue. It has two lists of
	# 1000 flows, as it ends within an interval.
	$python "$packets" flows "$work/flows.pcap" 20000 10 6000 || broken "no capture"
	mkfifo "$work/flows.pipe"
	spawn feed $python "$packets" replay "$work/flows.pcap" "$work/flows.pipe" 20000 0
	timeout -k 5 60 "${program[@]}" --vdev="net_pcap0,rx_pcap=$work/flows.pipe,tx_pcap=$work/slow.pcap" \
		-- --duration 5 --stats 0 --flows 1000 --flows-interval 3 --json 2>"$work/slow.err" </dev/null |
		(sleep 8; exec cat) >"$work/slow.out"
	rc=${PIPESTATUS[0]}
	[ "$rc" -eq 0 ] || broken "it ended with $rc although all was read in the end"
	[ "$(stat -c %s "$work/slow.out")" -gt 600000 ] || broken "the summary is short: $(stat -c %s "$work/slow.out")"
	result slow 'all_back' 'reports_lost == 0' 'len(flows["busiest"]["top"]) == 1000' \
		'len(flows["unfinished"]["top"]) == 1000'
	;;
esac
passed
