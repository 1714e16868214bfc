# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# For claims, on top of tests/support/lib.sh: nodes and NICs of the guest, tide-fwd on them, and its memory as the
# kernel reports it. A claim sources it, does its work and ends with `passed`.

. /run/lab/env
export TMPDIR=/tmp XDG_RUNTIME_DIR=/run
. "$LAB_ROOT/tests/support/lib.sh"

node_root=/sys/devices/system/node
where=$LAB_BUILD/tests/numa/where

# node_cpus NODE: print its CPUs as a list.
node_cpus() {
	cat "$node_root/node$1/cpulist"
}

# node_of_cpu CPU: print its node.
node_of_cpu() {
	local d

	for d in "$node_root"/node[0-9]*; do
		[ -e "$d/cpu$1" ] && echo "${d##*/node}"
	done
}

# devices: store EAL arguments that name the NICs under test in devices[].
devices() {
	local address

	devices=()
	for address in "${LAB_NICS[@]}"; do
		devices+=(-a "$address")
	done
}

# start_fwd NAME EAL_ARGUMENT... -- OPTION...: start tide-fwd on all NICs, through start_by[] if that is
# set, and wait until every port is up.
start_fwd() {
	local name=$1 eal=() i

	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		eal+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	if [ "${LAB_BREAK:-}" = wrong-pool ]; then
		set -- "$@" --pool-node "(1,0)"
	fi
	devices
	spawn "$name" "${start_by[@]}" "$fwd" "${eal[@]}" --file-prefix "$prefix" "${devices[@]}" -- --json "$@"
	for ((i = 0; i < ${#LAB_NICS[@]}; i++)); do
		says "$name" "^link: port $i .* is up" 90
	done
}

# freeze NAME, thaw NAME: stop a program and continue it. The CPUs of the guest are emulated, so lcores that poll
# slow down everything else. NICs still receive.
freeze() {
	local pid=pid_$1

	kill -STOP "${!pid}"
}

thaw() {
	local pid=pid_$1

	kill -CONT "${!pid}"
}

# lcores_near: print a list for -l: the first CPU, which prints statistics, and the last CPU of each node that has
# a NIC.
lcores_near() {
	local node list=0

	for node in $(nic_node_all | sort -nu); do
		list+=,$(node_cpus "$node" | sed 's/.*[-,]//')
	done
	echo "$list"
}

# nic_node I: print the node of NIC I, as the kernel reports it.
nic_node() {
	cat "/sys/bus/pci/devices/${LAB_NICS[$1]}/numa_node"
}

nic_node_all() {
	local i

	for i in "${!LAB_NICS[@]}"; do
		nic_node "$i"
	done
}

# free_huge NODE: print the number of its free 2 MB huge pages.
free_huge() {
	cat "$node_root/node$1/$huge_kind/free_hugepages"
}

# pool_of NAME PORT: print the node of the pool of a port, as tide-fwd reports it.
pool_of() {
	sed -nE "s/^port $2 .* -> pool of node ([0-9]+)[; ].*/\1/p" "$work/$1.out" | head -n 1
}

# pool_memory NAME NODE: set the memory of that pool as tide-fwd reports it: pool_from and pool_to, both on the
# boundary of a page; pool_page, bytes; pool_pages; pool_backing, EAL or own.
pool_memory() {
	local line

	line=$(grep -aE "^pool of node $2: [0-9]+ buffers in memory " "$work/$1.out" | head -n 1)
	[[ $line =~ memory\ (0x[0-9a-f]+)-(0x[0-9a-f]+)\ .*,\ (EAL|own)\),\ [0-9]+\ of\ ([0-9]+)\ pages\ of\ ([0-9]+)\ ([kMG])B ]] ||
		broken "$1 does not say where its pool of node $2 is"
	pool_backing=${BASH_REMATCH[3]} pool_pages=${BASH_REMATCH[4]}
	case ${BASH_REMATCH[6]} in
	k) pool_page=$((BASH_REMATCH[5] << 10)) ;;
	M) pool_page=$((BASH_REMATCH[5] << 20)) ;;
	G) pool_page=$((BASH_REMATCH[5] << 30)) ;;
	esac
	pool_from=$((BASH_REMATCH[1] / pool_page * pool_page))
	pool_to=$(((BASH_REMATCH[2] + pool_page - 1) / pool_page * pool_page))
}

# pages NAME NODE: print where the pages of the pool on that node are: "NODE PAGES" lines. The address is from
# tide-fwd, the answer from the kernel.
pages() {
	local pid=pid_$1

	pool_memory "$1" "$2"
	"$where" "${!pid}" "$pool_from" "$pool_to" "$pool_page"
}

# mapped_pages NAME FROM TO: print "NODE PAGES" lines of the mappings with these addresses, from numa_maps.
mapped_pages() {
	local pid=pid_$1

	awk -v from="$(printf %16x "$2")" -v to="$(printf %16x "$3")" '
		# Addresses of one width compare as text.
		function wide(hex) { return sprintf("%16s", hex) }
		FNR == NR {
			split($1, at, "-")
			if (wide(at[1]) < to && wide(at[2]) > from)
				ours[at[1]]
			next
		}
		$1 in ours {
			for (i = 2; i <= NF; i++)
				if (split($i, n, /[N=]/) == 3 && $i ~ /^N/)
					pages[n[2]] += n[3]
		}
		END { for (node in pages) print node, pages[node] }
	' "/proc/${!pid}/maps" "/proc/${!pid}/numa_maps" | sort -n
}

# peer_iface I: print the interface of the guest kernel at the other end of NIC I.
peer_iface() {
	local d

	for d in /sys/class/net/*; do
		[ "$(<"$d/address")" = "${LAB_PEER_MACS[$1]}" ] && echo "${d##*/}"
	done
}

# join I: make network namespace host$I with the peer of NIC I, at 10.0.0.(I+1). No host has 10.0.0.99.
join() {
	local iface holder=pid_host$1

	iface=$(peer_iface "$1")
	[ -n "$iface" ] || broken "NIC $1 has no peer"
	netns "host$1"
	ip link set "$iface" netns "${!holder}"
	in_netns "host$1" ip address add "10.0.0.$(($1 + 1))/24" dev "$iface"
	in_netns "host$1" ethtool -K "$iface" rx off tx off sg off tso off gso off gro off >/dev/null 2>&1
	in_netns "host$1" ip link set "$iface" up
	in_netns "host$1" ip neighbour add 10.0.0.99 lladdr 02:00:00:00:00:99 dev "$iface"
}

# set_huge NODE PAGES: reserve that number of 2 MB pages there until the claim ends.
set_huge() {
	local file=$node_root/node$1/$huge_kind/nr_hugepages

	defer "echo $(<"$file") >$file"
	echo "$2" >"$file"
	[ "$(<"$file")" = "$2" ] || broken "node $1 has $(<"$file") huge pages, not $2"
}

# all_on NAME POOL NODE: check with the kernel that every page of the pool made for node POOL is on NODE.
all_on() {
	local found

	found=$(pages "$1" "$2") || broken "the kernel does not report where the pool of node $2 is"
	[[ $found =~ ^$3\ [0-9]+$ ]] || broken "pages of the pool of node $2 are not all on node $3: ${found//$'\n'/; }"
	say "$1: pool of node $2: all ${found#* } pages on node $3"
}

# try_fwd NAME CODE COMMAND... -- EAL_ARGUMENT... -- OPTION...: run tide-fwd, started by COMMAND, until it ends by
# itself, and check the exit code.
try_fwd() {
	local name=$1 code=$2 by=() rc

	shift 2
	while [ "$1" != -- ]; do
		by+=("$1")
		shift
	done
	shift
	devices
	timeout 60 "${by[@]}" "$fwd" --in-memory --file-prefix "$prefix" "${devices[@]}" "$@" --json \
		>"$work/$name.out" 2>"$work/$name.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "$name ended with $rc, expected $code"
	no_run_time_dir "$prefix"
}

# err_says NAME COUNT REGEX: check the number of matching lines on its stderr.
err_says() {
	[ "$(grep -aEc -- "$3" "$work/$1.err")" -eq "$2" ] || broken "$1 does not say $2 times: $3"
}
