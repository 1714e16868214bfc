# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# Functions that the set-up scripts, the demo and the tests share: messages, clean-up, processes, network
# namespaces, huge pages, EAL arguments. To be sourced by bash.

python=/usr/bin/python3

say() {
	printf '%s\n' "$*"
}

# fail SENTENCE: print the reason on stderr and exit with 1.
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

# Commands to run at any exit, last first.
at_end=()

# defer COMMAND: run it when the script exits.
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

# spawn NAME COMMAND...: start a program or function in the background. Its output goes to $work/NAME.out and
# NAME.err, its process id to pid_NAME. A program ends when this script does, even if the script is killed. A
# function ends its programs itself, or becomes one by exec.
spawn() {
	local name=$1
	local out=$work/$1.out err=$work/$1.err

	shift
	# The child opens these only when it runs: until then a caller must not read those of a run before.
	rm -f "$out" "$err"
	# bash starts a background job with SIGINT ignored; undo that.
	if [ "$(type -t "$1")" = function ]; then
		(trap - INT; "$@") >"$out" 2>"$err" </dev/null &
	else
		(trap - INT; exec setpriv --pdeathsig TERM "$@") >"$out" 2>"$err" </dev/null &
	fi
	declare -g "pid_$name=$!"
	defer "reap $!"
}

# reap PID: end a process of this script if it still runs; it gets SIGKILL after 5 seconds.
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

# interrupted: called when run_to_end is interrupted; a script may define its own.
interrupted() {
	:
}

# run_to_end COMMAND...: run it on the terminal of this script, pass SIGTERM and SIGHUP on, and return its exit
# code after it has ended. Ctrl-C reaches it without this script.
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

# netns NAME: make a namespace that lives as long as this script, even if the script is killed. The process
# pid_NAME keeps it.
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

# netns_of NAME: print the argument with which nsenter enters the namespace.
netns_of() {
	local keeper=pid_$1

	echo "--net=/proc/${!keeper}/ns/net"
}

# in_netns NAME COMMAND...: run it in the namespace; it ends with the shell that waits for it.
in_netns() {
	local there

	there=$(netns_of "$1")
	shift
	setpriv --pdeathsig TERM nsenter "$there" "$@"
}

# wire NAME ADDRESS IFACE: connect namespace NAME with namespace `lab`, where the forwarder runs, by a veth
# pair. eth0 with that address is in NAME, IFACE in `lab`.
wire() {
	local keeper=pid_$1

	in_netns lab ip link add "$3" type veth peer name eth0 netns "${!keeper}" || return
	in_netns "$1" ip address add "$2" dev eth0 || return
	plain_veth lab "$3" && plain_veth "$1" eth0
}

# plain_veth NAME IFACE: turn offloads off and the interface up. With offloads a packet socket sees checksums
# that are not computed and segments that are not split yet.
plain_veth() {
	in_netns "$1" sysctl -q -w "net.ipv6.conf.$2.disable_ipv6=1" 2>/dev/null
	in_netns "$1" ethtool -K "$2" rx off tx off sg off tso off gso off gro off >/dev/null 2>&1
	in_netns "$1" ip link set "$2" up
}

# --- huge pages and EAL arguments -----------------------------------------------------------------

huge_root=/sys/devices/system/node
huge_kind=hugepages/hugepages-2048kB

# huge_free: print the number of free 2 MB pages on all nodes.
huge_free() {
	local f sum=0

	for f in "$huge_root"/node*/$huge_kind/free_hugepages; do
		[ -r "$f" ] && sum=$((sum + $(<"$f")))
	done
	echo $sum
}

# huge_orphans: print the number of 2 MB pages that are taken but mapped by no living process: a program left
# them behind. Pages that two processes share count twice as mapped. So the number can be too low while such
# processes run; it is too high only for moments.
huge_orphans() {
	local f used=0

	for f in "$huge_root"/node*/$huge_kind; do
		[ -r "$f/free_hugepages" ] || continue
		used=$((used + $(<"$f/nr_hugepages") - $(<"$f/free_hugepages")))
	done
	cat /proc/[0-9]*/status 2>/dev/null |
		awk -v used=$used '/^HugetlbPages:/ { kb += $2 } END { n = used - int(kb / 2048); print (n > 0 ? n : 0) }'
}

# lcores N: print an --lcores list for N lcores on the allowed CPUs; several share one if there are fewer.
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

# eal_memory PREFIX MB: set eal_args to the EAL arguments for memory on 2 MB pages if enough are free, else for
# memory without huge pages.
eal_memory() {
	if [ "$(huge_free)" -ge $(($2 / 2)) ]; then
		eal_args=(--in-memory --file-prefix "$1")
	else
		eal_args=(--no-huge --no-shconf -m "$2" --file-prefix "$1")
	fi
}

# eal_runtime_dir PREFIX: print the directory of the run-time files of EAL.
eal_runtime_dir() {
	if is_root; then
		echo "/var/run/dpdk/$1"
	else
		echo "${XDG_RUNTIME_DIR:-/tmp}/dpdk/$1"
	fi
}
