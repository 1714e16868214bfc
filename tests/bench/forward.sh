#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# forward.sh: packets per second of tide-fwd against dpdk-testpmd, both swapping MAC addresses on one
# lcore of the same virtual ports. Rounds alternate between the two; medians and their ratio are
# printed, one line per scenario.
#
# ROUNDS (5) and SECONDS_EACH (3) change the effort, BURST (32) the burst of both. Further arguments go
# to tide-fwd.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-3}
burst=${BURST:-32}
ours=(--mode macswap --burst "$burst" --stats 0 --json "$@")
theirs=(-i --burst="$burst" --rxd=1024 --txd=1024 --no-lsc-interrupt --total-num-mbufs=16384)
null=(--vdev=net_null0 --vdev=net_null1)

need_cpus 2
have dpdk-testpmd || skip "dpdk-testpmd is not installed (package dpdk-dev)"

# eal ROLE CPU: main and worker on one CPU; the main lcore sleeps while packets flow.
eal() {
	eal_on huge "$prefix$1" 256
	eal_args+=(--lcores "0@$2,1@$2")
}

# --- testpmd, by its commands -----------------------------------------------------------------------

mkfifo "$work/candidate.in" "$work/generator.in"

# testpmd NAME CPU ARGUMENT...: start one; command() talks to it.
testpmd() {
	local name=$1

	eal "$1" "$2"
	shift 2
	rm -f "$work/$name.out"
	spawn_in "$name" stdbuf -oL dpdk-testpmd "${eal_args[@]}" "$@"
	within 30 file_says "$work/$name.out" "^testpmd>" || broken "testpmd did not start"
}

# As spawn, with commands from a pipe; descriptor in_NAME is its other end.
spawn_in() {
	local name=$1 fd

	shift
	setpriv --pdeathsig TERM "$@" >"$work/$name.out" 2>"$work/$name.err" <"$work/$name.in" &
	declare -g "pid_$name=$!"
	defer "reap $!"
	exec {fd}>"$work/$name.in"
	declare -g "in_$name=$fd"
}

command_to() {
	local fd=in_$1

	shift
	echo "$*" >&"${!fd}"
}

quit() {
	local fd=in_$1 pid=pid_$1
	local end=${!fd}

	command_to "$1" quit
	exec {end}>&-
	wait "${!pid}" || broken "the $1 failed"
}

# rate_of NAME START: let a testpmd forward; sets `rate` to the packets per second it sent.
rate_of() {
	local begin ns

	begin=$(date +%s%N)
	command_to "$1" "$2"
	sleep "$seconds"
	command_to "$1" stop
	ns=$(($(date +%s%N) - begin))
	within 20 file_says "$work/$1.out" "Accumulated.*all ports" || broken "the $1 did not stop"
	within 5 file_says "$work/$1.out" "^Done" || broken "the $1 did not stop"
	rate=$(awk -v ns=$ns '/Accumulated/ { all = 1 }
		all && $1 == "TX-packets:" { printf "%.0f", $2 * 1e9 / ns; exit }' "$work/$1.out")
}

# --- net_null: as fast as it goes -------------------------------------------------------------------

null_tide() {
	eal tide 1
	timeout -k 5 60 "$fwd" "${eal_args[@]}" "${null[@]}" -- "${ours[@]}" --duration "$seconds" \
		>"$work/tide.out" 2>"$work/tide.err" || broken "tide-fwd failed"
	rate=$(tail -n 1 "$work/tide.out" | $python -c 'import json, sys
d = json.load(sys.stdin)
print(round(sum(p["tx"] for p in d["ports"]) / d["seconds"]))')
}

null_testpmd() {
	testpmd candidate 1 "${null[@]}" -- "${theirs[@]}" --forward-mode=macswap
	rate_of candidate start
	quit candidate
}

# --- memif: bursts that go round between two processes on two CPUs ----------------------------------

# The generator counts: the candidate has returned each packet that it sends.
bursts_in_flight=16

memif() {
	echo "--vdev=net_memif0,role=$1,socket=$work/memif.sock,socket-abstract=no"
}

generator() {
	rm -f "$work/memif.sock"
	testpmd generator 0 "$(memif server)" -- "${theirs[@]}" --forward-mode=io --port-topology=loop \
		--disable-link-check
}

# Until both ends are linked, bursts would be lost for good.
linked() {
	command_to generator "show port summary 0"
	sleep 0.1
	file_says "$work/generator.out" "net_memif.* up"
}

memif_tide() {
	generator
	eal tide 1
	spawn tide "$fwd" "${eal_args[@]}" "$(memif client)" -- "${ours[@]}"
	within 20 linked || broken "tide-fwd did not link"
	rate_of generator "start tx_first $bursts_in_flight"
	kill -TERM "$pid_tide"
	ends tide 20 0
	quit generator
}

memif_testpmd() {
	generator
	testpmd candidate 1 "$(memif client)" -- "${theirs[@]}" --forward-mode=macswap --port-topology=loop
	command_to candidate start
	within 20 linked || broken "testpmd did not link"
	rate_of generator "start tx_first $bursts_in_flight"
	quit candidate
	quit generator
}

# --- rounds -----------------------------------------------------------------------------------------

median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# scenario NAME TITLE
scenario() {
	local a=() b=()

	for ((i = 0; i < rounds; i++)); do
		"$1_tide"
		a+=("$rate")
		"$1_testpmd"
		b+=("$rate")
	done
	awk -v title="$2" -v a="$(median "${a[@]}")" -v b="$(median "${b[@]}")" -v n="$rounds" \
		'BEGIN { printf "forward %s: tide-fwd %.2f Mpps, testpmd %.2f Mpps, ratio %.3f, medians of %d\n",
			title, a / 1e6, b / 1e6, a / b, n }'
	say "  tide-fwd ${a[*]}; testpmd ${b[*]}"
}

for role in tide candidate generator; do
	defer "rm -rf '$(eal_runtime_dir "$prefix$role")'"
done
# Two busy CPUs are needed: any other work on them changes the figures, those of memif most of all.
say "forward: load average before $(cut -d' ' -f1 /proc/loadavg) on $(nproc) CPUs"
scenario null "net_null"
scenario memif "memif between two processes"
