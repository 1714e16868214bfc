#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# top.sh OPS: tide-top observes a dpdk-testpmd, unchanged, that has the plugin loaded and its buffers in a mempool with
# the ops OPS, as text, as JSON and on terminals; through its pause and its end. With other ops than tide, testpmd runs
# with --no-telemetry, and tide-top asks the socket of tidepool, which knows no ports.

. "$(dirname "${BASH_SOURCE[0]}")/looped.sh"

top=$build/app/tide-top

ports_once=('^0 net_ring0 +[0-9]{5,}')
ports_screen=('^port +')
if [ "$ops" != tide ]; then
	more_args=(--no-telemetry)
	ports_once=()
	ports_screen=()
fi
testpmd_starts
packets_circulate
owners='"lcore_" in str(s["owners"]["owners"])'
[ "$ops" = tide ] || owners='"no owners" in s["owners"]["error"]'

# shows NAME SIZE REGEX...: check lines of the last screen of the terminal that NAME.raw has.
shows() {
	local name=$1 size=$2 line

	shift 2
	$python "$root/tests/support/curses_screen.py" "$size" "$work/$name.raw" >"$work/$name.out" ||
		broken "the screens of $name are broken"
	for line in "$@"; do
		file_says "$work/$name.out" "$line" || broken "the screen of $name does not say \"$line\""
	done
}

# on_terminal NAME SIZE [OPTION...]: run tide-top on a terminal of that size; standard input is typed there.
on_terminal() {
	local name=$1 size=$2

	shift 2
	timeout -k 5 60 $python "$root/tests/support/terminal.py" "$size" keys "$top" --prefix "$prefix" "$@" \
		>"$work/$name.raw" 2>"$work/$name.err"
}

# seen NAME TEXT: wait until a text was written to the terminal NAME; keys that are typed too early reach no screen.
seen() {
	local i

	for ((i = 0; i < 200; i++)); do
		! grep -aFq -- "$2" "$work/$1.raw" "$work/$1.err" 2>/dev/null || return 0
		sleep 0.05
	done
}

# restored NAME: check that the terminal has its modes back.
restored() {
	file_says "$work/$1.err" '^canonical echo$' || broken "$1 left the terminal in other modes"
}

# Text and JSON.
"$top" --once --prefix "$prefix" --pool mb_pool_0 --scan --audit >"$work/once.out" 2>"$work/once.err" ||
	broken "--once ended with $?"
for line in "^dpdk-testpmd +pid [0-9]+ +up 0:0" "${ports_once[@]}" "^mb_pool_0 +$ops +0 +4096 +3840 +256" \
	'^owners of mb_pool_0' '^256 outstanding: ' '^findings'; do
	file_says "$work/once.out" "$line" || broken "--once does not say \"$line\""
done
"$top" --json --count 2 --pid "$(pgrep -P $pid_testpmd)" --pool mb_pool_0 --scan >"$work/json.out" 2>"$work/json.err" ||
	broken "--json ended with $?"
$python - "$work/json.out" 's["pools"][0]["in_use"] == 256 and s["pools"][0]["free"] == 3840' \
	's["pools"][0]["ops"] == "'"$ops"'"' "$owners" 's["scan"]["outstanding"] == 256' \
	's["program"]["name"] == "dpdk-testpmd" and "DPDK" in s["program"]["version"]' >&2 <<'END' ||
import json
import sys

samples = [json.loads(line) for line in open(sys.argv[1])]
for s in samples:
    for claim in sys.argv[2:]:
        assert eval(claim, {'s': s}), (claim, s)
assert len(samples) == 2, len(samples)
first, second = samples
if first['pools'][0]['ops'] == 'tide':
    assert first['ports'][0]['rx_pps'] is None and second['ports'][0]['rx_pps'] > 1000, second['ports']
else:
    assert first['ports'] == [] and '/tide_telemetry.' in first['program']['socket'], first
assert 0.9 < second['seconds'] < 3, second['seconds']
END
	broken "the JSON is not what it should be"

# interruptible: print the number of threads of tide-top in which Ctrl-Z is handled; that draws, as the main thread does.
interruptible() {
	local status blocked number=0

	for status in /proc/"$(pgrep -f "^$top --prefix $prefix")"/task/*/status; do
		blocked=$(sed -n 's/^SigBlk:[[:space:]]*/0x/p' "$status")
		((blocked & 1 << (20 - 1))) || number=$((number + 1))
	done
	echo $number
}

# The screen, with keys and a terminal that grows.
{
	seen keys mb_pool_0
	interruptible >"$work/interruptible"
	printf h
	seen keys 'Bar of a pool'
	printf '\00030x120\n'
	printf s
	seen keys outstanding:
	sleep 0.2
	printf q
} | on_terminal keys 24x80 || broken "the screen ended with $?"
restored keys
[ "$(cat "$work/interruptible")" = 1 ] || broken "Ctrl-Z interrupts $(cat "$work/interruptible") threads, not 1"
shows keys 30x120 '^dpdk-testpmd +pid' "${ports_screen[@]}" "^mb_pool_0 +$ops .*[#]" '^scan of mb_pool_0, [0-9] s ago' \
	'^256 outstanding: ' '^q quit'
testpmd_ends() {
	tell stop
	tell quit
}
if [ "$ops" != tide ]; then
	testpmd_ends
	ends testpmd 20 0
	passed
fi
for size in 1x1 10x40; do
	{
		seen "size_$size" d
		printf 'a\034'
	} | on_terminal "size_$size" $size || broken "on a terminal of $size it ended with $?"
	restored "size_$size"
	shows "size_$size" $size '^d'
done

# Ctrl-C, and SIGTERM where the other end of the terminal does not read.
{
	seen interrupted mb_pool_0
	printf '\003'
	sleep 0.2
} | on_terminal interrupted 24x80 || broken "after Ctrl-C it ended with $?"
restored interrupted
# shellcheck disable=SC2086 # python may have arguments
timeout -k 5 60 $python "$root/tests/support/terminal.py" 24x80 hangs "$top" --prefix "$prefix" \
	>"$work/hangs.out" 2>&1 &
pid_hangs=$!
sleep 2
kill $pid_hangs
ends hangs 10 0

# Terminals that are none, and options that go wrong.
# refuses NAME CODE REGEX COMMAND...: check that a command fails with that code and error.
refuses() {
	local name=$1 code=$2 line=$3

	shift 3
	timeout 20 "$@" >"$work/$name.out" 2>"$work/$name.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "$name ended with $rc, expected $code"
	file_says "$work/$name.err" "$line" || broken "$name does not say \"$line\""
	[ "$(wc -l <"$work/$name.err")" = 1 ] || broken "$name says more than one line"
}
long=$(printf 'x%.0s' {1..1024})
refuses no_terminal 2 'no terminal: give --once' "$top" --prefix "$prefix"
TIDE_TERM=dumb on_terminal dumb 24x80 </dev/null && broken "it runs on a dumb terminal"
file_says "$work/dumb.raw" "TERM is 'dumb', a terminal that cannot place its cursor: give --once" ||
	file_says "$work/dumb.err" "TERM is 'dumb', a terminal that cannot place its cursor: give --once" ||
	broken "it does not say what is wrong with a dumb terminal"
refuses no_prefix 1 "no program with the file prefix absent" "$top" --once --prefix absent
refuses long_prefix 2 '1024 bytes, 255 are the most' "$top" --once --prefix "$long"
refuses long_pool 2 '1024 bytes, 127 are the most' "$top" --once --prefix "$prefix" --pool "$long"
refuses long_socket 1 'longer than 107 bytes' "$top" --once --socket "/${long:0:200}"
refuses no_pid 1 'no process with PID 4194304 runs' "$top" --once --pid 4194304
refuses other_pid 1 'process 1 has no telemetry socket' "$top" --once --pid 1
refuses no_socket 1 'there is no such socket' "$top" --once --socket "$work/absent"
refuses no_pool 1 'the program has no pool absent' "$top" --once --prefix "$prefix" --pool absent
refuses two 2 'give one of --pid' "$top" --once --prefix "$prefix" --pid 1
refuses scan_alone 2 'give --pool' "$top" --once --prefix "$prefix" --scan
refuses sort 2 'no such column; give name, size, free' "$top" --once --sort absent
"$top" --once --prefix "$prefix" >/dev/full 2>"$work/full.err" && broken "a full disk is not noticed"
if is_root && have setpriv; then
	refuses other_user 1 'belongs to another user' setpriv --reuid 65534 --clear-groups \
		"$top" --once --socket "$(eal_runtime_dir "$prefix")/dpdk_telemetry.v2"
fi

# The program pauses, goes on, and ends.
{
	seen silent mb_pool_0
	kill -STOP "$(pgrep -P $pid_testpmd)"
	seen silent 'no answer for'
	sleep 1
	printf '\00025x81\n'
	sleep 0.3
	printf q
} | on_terminal silent 24x80 || broken "the screen of a stopped program ended with $?"
kill -CONT "$(pgrep -P $pid_testpmd)"
shows silent 25x81 '^no answer for [0-9]+ s'
{
	seen ended mb_pool_0
	testpmd_ends
	seen ended 'has ended'
} | on_terminal ended 24x80
rc=$?
[ $rc -eq 3 ] || broken "after the end of the program it ended with $rc, not 3"
restored ended
file_says "$work/ended.err" '^tide-top: dpdk-testpmd, pid [0-9]+, has ended' ||
	file_says "$work/ended.raw" '^tide-top: dpdk-testpmd, pid [0-9]+, has ended' ||
	broken "it does not say that the program has ended"
ends testpmd 20 0
passed
