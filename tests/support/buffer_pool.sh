# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# For tests of tide-buffer-pool, on top of lib.sh: the expected output on the nodes of this machine, and the
# placement of its memory as the kernel reports it. It starts few programs, because each is slow in an emulated guest.

pool=$build/app/tide-buffer-pool
where=$build/tests/numa/where
node_bytes=1048576
chunk=4096

# find_nodes: store the ids of the nodes whose memory this process may use in nodes[], as the kernel has them.
find_nodes() {
	local list id

	nodes=()
	list=$(awk '/^Mems_allowed_list/ { print $2 }' /proc/self/status)
	for id in $(awk -v RS='[,\n]' -F- 'NF { for (i = $1; i <= ($2 ? $2 : $1); i++) print i }' <<<"$list"); do
		grep -q 'MemTotal: *[1-9]' "/sys/devices/system/node/node$id/meminfo" 2>/dev/null && nodes+=("$id")
	done
	[ -d /sys/devices/system/node/node0 ] || nodes=(0)
}
find_nodes

# document: store the expected output of the first part on these nodes in documented.
document() {
	local n=${#nodes[@]} i created= allocated= counted= reset=

	for ((i = 0; i < n; i++)); do
		created+="  Node ${nodes[i]}: $node_bytes bytes allocated"$'\n'
		allocated+="  Node ${nodes[i]}: allocated 1024 bytes, $((node_bytes - 1024)) remaining"$'\n'
		counted+="  Node ${nodes[i]}: $((10 / n + (i < 10 % n))) operations"$'\n'
		reset+=$'\n'"  Node ${nodes[i]}: $node_bytes bytes available"
	done
	documented="Creating buffer pools for $n NUMA node"
	[ "$n" -eq 1 ] || documented+=s
	documented+=$'\n\n'$created$'\nAllocating from pools:\n'$allocated
	documented+=$'\nUsing sharded counter for per-node statistics:\n'$counted'  Total: 10 operations'
	documented+=$'\n\nResetting pools for reuse...'$reset
}

# step NAME FIRST LAST: store the lines from the one that begins with FIRST to the empty one before LAST in step.
step() {
	IFS= read -r -d '' step <"$work/$1.out"
	step=${step#*$'\n'"$2"}
	step=$2${step%%$'\n\n'"$3"*}
}

# as_documented NAME: check that the first part is as documented.
as_documented() {
	document
	step "$1" 'Creating' 'Allocating on every'
	[ "$step" = "$documented" ] && return
	diff <(echo "$documented") <(echo "$step") >"$work/diff.out"
	broken "$1 does not print what the document shows"
}

# by_lcore NAME: check that each lcore took one chunk and did not share it. Store their number in lcores, the
# addresses of their records in record_at[].
by_lcore() {
	local line

	record_at=()
	step "$1" 'Allocating on every' 'Filling'
	while read -r line; do
		[[ $line =~ ^lcore\ ([0-9]+):\ 16\ records\ of\ 64\ bytes\ at\ (0x[0-9a-f]+),\ node\ [0-9]+\ by\ the\ kernel$ ]] &&
			record_at[BASH_REMATCH[1]]=${BASH_REMATCH[2]}
	done <<<"$step"
	lcores=${#record_at[@]}
	[ "$lcores" -gt 0 ] && [ "${step##*$'\n'}" = "  $lcores lcores took $lcores chunks" ] ||
		broken "$1: not every lcore took one chunk"
}

# balanced NAME: check that the table has every allocation of the run and every byte of every taken chunk.
balanced() {
	local filled=0 rows=0 sum=0 line node allocs bytes waste refills failures out most remaining

	step "$1" 'Filling' 'Flipping'
	while read -r line; do
		if [[ $line =~ ^Node\ [0-9]+:\ ([0-9]+)\ allocations\ of\ 1\ to\ 3000\ bytes ]]; then
			filled=$((filled + BASH_REMATCH[1]))
		elif [[ $line =~ ^[0-9] ]]; then
			read -r node allocs bytes waste refills failures out most remaining <<<"$line"
			[ "$node" = "${nodes[rows++]}" ] && [ $((refills * chunk)) -eq $((bytes + waste + remaining)) ] &&
				[ "$failures" -eq 1 ] && [ $((out * chunk)) -eq $node_bytes ] && [ "$most" -eq "$out" ] ||
				broken "$1: the statistics of node $node do not add up"
			sum=$((sum + allocs))
		fi
	done <<<"$step"
	[ $rows -eq ${#nodes[@]} ] && [ $sum -eq $((filled + 16 * lcores)) ] ||
		broken "$1: the statistics do not have every allocation"
}

# stalled NAME: check that the reader is named with its lcore and age, and that its epoch is freed only after it.
stalled_reader() {
	local node

	step "$1" 'Flipping' 'Buffer pool'
	[[ $step =~ $'\n  Stalled: reader "stalled reader" (id '[0-9]+', lcore '[0-9]+', thread '[0-9]+') has '[^$'\n']*' epoch '([0-9]+)' was closed '([0-9]+)\.([0-9]{6})' s ago'$'\n' ]] ||
		broken "$1 does not name the stalled reader"
	[ "$((10#${BASH_REMATCH[2]}${BASH_REMATCH[3]}))" -ge 50000 ] || broken "$1 did not wait for the reader"
	[[ $step == *$'\n'"  Epoch ${BASH_REMATCH[1]} is closed, epoch $((BASH_REMATCH[1] + 1)) is open"$'\n'* ]] ||
		broken "$1: the reader stalls another epoch than the one closed"
	for node in "${nodes[@]}"; do
		[[ $step == *$'\n'"  Node $node, before: 8 chunks out, $((node_bytes - 32 * 1024)) bytes remaining"$'\n'* ]] ||
			broken "$1: node $node gave something back under the eyes of the reader"
		[[ $step$'\n' == *$'\n'"  Node $node, after: 4 chunks out, $((node_bytes - 16 * 1024)) bytes remaining"$'\n'* ]] ||
			broken "$1: node $node did not get the closed epoch back"
	done
}

# complete NAME: check all of the above, and the end.
complete() {
	as_documented "$1"
	by_lcore "$1"
	balanced "$1"
	stalled_reader "$1"
	step "$1" 'Buffer pool' ''
	[ "$step" = $'Buffer pool example complete.\n' ] || broken "$1 is not complete"
	# The library may log a fallback; a remedy of ours or EAL's would be an error.
	! file_says "$work/$1.err" '^(tide-buffer-pool|EAL): ' || broken "$1 complains"
}

# places NAME: print the places that it reports while it waits: "NODE chunks|counter FROM TO PAGE" lines.
places() {
	local line

	while read -r line; do
		[[ $line =~ ^Node\ ([0-9]+):\ ([0-9]+\ )?(chunks|counter)\ at\ (0x[0-9a-f]+)-(0x[0-9a-f]+),\ pages\ of\ ([0-9]+)\ bytes$ ]] ||
			continue
		[ "${BASH_REMATCH[3]}" = counter ] || [ $((BASH_REMATCH[2] * chunk)) -eq $node_bytes ] || continue
		echo "${BASH_REMATCH[1]} ${BASH_REMATCH[3]} ${BASH_REMATCH[4]} ${BASH_REMATCH[5]} ${BASH_REMATCH[6]}"
	done <"$work/$1.out"
}

# held NAME: check that chunks and counters are on their nodes while it waits. The addresses are from the program,
# the nodes from the kernel.
held() {
	local pid=pid_$1 n=0 node what from to page pages

	while read -r node what from to page; do
		from=$((from / page * page)) to=$(((to + page - 1) / page * page))
		pages=$(((to - from) / page))
		[ "$("$where" "${!pid}" $from $to "$page")" = "$node $pages" ] ||
			broken "$1: the $what of node $node are not on $pages pages there"
		n=$((n + 1))
	done < <(places "$1")
	[ $n -eq $((2 * ${#nodes[@]})) ] ||
		broken "$1 says where $n of $((2 * ${#nodes[@]})) things are, or does not hold every chunk"
}
