# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# What the set-up scripts, the demo and the tests share: saying things, cleaning up, running programs
# to their end, network namespaces, huge page accounts. To be sourced by bash.

python=/usr/bin/python3

say() {
	printf '%s\n' "$*"
}

# fail SENTENCE: say why on stderr and end with 1.
fail() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# --- clean up -------------------------------------------------------------------------------------

# Commands to run at the end, last first, whatever the end is.
at_end=()

# defer COMMAND: run it at the end of the script.
defer() {
	at_end+=("$1")
}

run_deferred() {
	local rc=$? i

	trap '' INT TERM HUP
	for ((i = ${#at_end[@]} - 1; i >= 0; i--)); do
		eval "${at_end[i]}"
	done
	at_end=()
	exit "$rc"
}

# --- processes ------------------------------------------------------------------------------------

# spawn NAME COMMAND...: start a program or function in the background; its output goes to $work/NAME.out
# and NAME.err, its process id to pid_NAME. A program ends when this script does, even if that is killed;
# a function ends its programs itself, or becomes one by exec.
spawn() {
	local name=$1
	local out=$work/$1.out err=$work/$1.err

	shift
	# A background job of a script starts with SIGINT ignored; undo that.
	if [ "$(type -t "$1")" = function ]; then
		(trap - INT; "$@") >"$out" 2>"$err" </dev/null &
	else
		(trap - INT; exec setpriv --pdeathsig TERM "$@") >"$out" 2>"$err" </dev/null &
	fi
	declare -g "pid_$name=$!"
	defer "reap $!"
}

# reap PID: end a process of ours that still runs; it has 5 seconds to go by itself.
reap() {
	kill -TERM "$1" 2>/dev/null || return 0
	gone_within 5 "$1" || kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# gone_within SECONDS PID: wait for a process to end.
gone_within() {
	local end=$((SECONDS + $1))

	while kill -0 "$2" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# within SECONDS COMMAND...: repeat it until it succeeds.
within() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# What else to do when run_to_end is interrupted; a script may define its own.
interrupted() {
	:
}

# run_to_end COMMAND...: run it on our terminal, pass SIGTERM and SIGHUP on, and return its exit code
# only when it is gone. Ctrl-C reaches it by itself.
run_to_end() {
	local child rc

	(trap - INT TERM HUP; exec setpriv --pdeathsig TERM "$@") <&0 &
	child=$!
	trap interrupted INT
	trap 'interrupted; kill -TERM '$child' 2>/dev/null' TERM HUP
	wait $child
	rc=$?
	while kill -0 $child 2>/dev/null; do
		wait $child
		rc=$?
	done
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	return $rc
}

# --- network namespaces ---------------------------------------------------------------------------

# netns NAME: make a namespace that lives as long as this script, even if the script is killed. Its
# holder is pid_NAME.
netns() {
	local here

	here=$(readlink /proc/self/ns/net)
	setpriv --pdeathsig KILL unshare --net sleep infinity </dev/null >/dev/null 2>&1 &
	declare -g "pid_$1=$!"
	defer "kill -KILL $! 2>/dev/null; wait $! 2>/dev/null"
	within 5 in_other_netns $! "$here" || fail "no network namespace could be made"
	in_netns "$1" ip link set lo up
}

in_other_netns() {
	[ -e "/proc/$1/ns/net" ] && [ "$(readlink "/proc/$1/ns/net")" != "$2" ]
}

# netns_of NAME: what nsenter needs to get there.
netns_of() {
	local holder=pid_$1

	echo "--net=/proc/${!holder}/ns/net"
}

# in_netns NAME COMMAND...: run it there; it ends when the shell that waits for it does.
in_netns() {
	local there

	there=$(netns_of "$1")
	shift
	setpriv --pdeathsig TERM nsenter "$there" "$@"
}

# wire NAME ADDRESS IFACE: join namespace NAME to namespace `lab`, where the forwarder runs, by a veth
# pair: eth0 with that address on its side, IFACE on ours.
wire() {
	local holder=pid_$1

	in_netns lab ip link add "$3" type veth peer name eth0 netns "${!holder}" || return
	in_netns "$1" ip address add "$2" dev eth0 || return
	plain_veth lab "$3" && plain_veth "$1" eth0
}

# A packet socket sees what the kernel hands to the wire: unfinished checksums and unsplit segments, if
# those are left to the device.
plain_veth() {
	in_netns "$1" sysctl -q -w "net.ipv6.conf.$2.disable_ipv6=1" 2>/dev/null
	in_netns "$1" ethtool -K "$2" rx off tx off sg off tso off gso off gro off >/dev/null 2>&1
	in_netns "$1" ip link set "$2" up
}

# --- huge pages and EAL arguments -----------------------------------------------------------------

huge_root=/sys/devices/system/node
huge_kind=hugepages/hugepages-2048kB

# huge_free: free 2 MB pages on all nodes.
huge_free() {
	local f sum=0

	for f in "$huge_root"/node*/$huge_kind/free_hugepages; do
		[ -r "$f" ] && sum=$((sum + $(<"$f")))
	done
	echo $sum
}

# huge_orphans: 2 MB pages taken that no living process has mapped: what a program left behind. Pages that
# two processes share count twice as mapped, so it can be too low while such run, never too high for long.
huge_orphans() {
	local f used=0

	for f in "$huge_root"/node*/$huge_kind; do
		[ -r "$f/free_hugepages" ] || continue
		used=$((used + $(<"$f/nr_hugepages") - $(<"$f/free_hugepages")))
	done
	cat /proc/[0-9]*/status 2>/dev/null |
		awk -v used=$used '/^HugetlbPages:/ { kb += $2 } END { n = used - int(kb / 2048); print (n > 0 ? n : 0) }'
}

# lcores N: an --lcores list for N lcores on the CPUs we may use, several to one when there are fewer.
lcores() {
	local cpus i list=

	cpus=$(taskset -pc $$ | sed 's/.*: //')
	cpus=$(awk -v RS='[,\n]' -F- 'NF { for (i = $1; i <= ($2 ? $2 : $1); i++) print i }' <<<"$cpus")
	# shellcheck disable=SC2206
	cpus=($cpus)
	for ((i = 0; i < $1; i++)); do
		list+=${list:+,}$i@${cpus[i % ${#cpus[@]}]}
	done
	echo "$list"
}

# eal_memory PREFIX MB: put the EAL arguments into eal_args for memory on 2 MB pages when enough are
# free, else without huge pages.
eal_memory() {
	if [ "$(huge_free)" -ge $(($2 / 2)) ]; then
		eal_args=(--in-memory --file-prefix "$1")
	else
		eal_args=(--no-huge --no-shconf -m "$2" --file-prefix "$1")
	fi
}

# eal_runtime_dir PREFIX: where EAL keeps its run-time files.
eal_runtime_dir() {
	if is_root; then
		echo "/var/run/dpdk/$1"
	else
		echo "${XDG_RUNTIME_DIR:-/tmp}/dpdk/$1"
	fi
}
