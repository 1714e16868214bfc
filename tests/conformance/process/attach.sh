#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# attach.sh PROGRAM PEER OTHER: a secondary process opens a pool set by tide_pool_attach(), for each way in
# which a process can get the ops. If the number of the set's ops means other ops, because only one process
# loaded the driver OTHER, the call fails with a sentence before it touches a buffer, and the primary goes on.

. "$(dirname "${BASH_SOURCE[0]}")/shared.sh"

program=$1
peer=$2
safe_plugin
ours=$plugin
plugin=$3
safe_plugin
other=$plugin

# opens FIRST SECOND: attach works between processes with these options.
opens() {
	# shellcheck disable=SC2086
	primary_starts '^ready' "$program" $1 "${primary[@]}" -- make set eal "$ops"
	# shellcheck disable=SC2086
	second second 0 "$program" $2 "${secondary[@]}" -- open set
	file_says "$work/second.out" '^used' || broken "the set was not used"
	file_says "$work/second.out" 'set_node[0-9]+: 1000 buffers, 1000 free .*; node' ||
		broken "the set is not dumped as the primary's is"
	primary_ends
}

# refused FIRST SECOND NAME BACKING OPS ERRNO SENTENCE
refused() {
	# shellcheck disable=SC2086
	primary_starts '^ready' "$program" $1 "${primary[@]}" -- make set "$4" "$5"
	# shellcheck disable=SC2086
	second second 3 "$program" $2 "${secondary[@]}" -- open "$3"
	file_says "$work/second.out" "^refused: $6\$" ||
		broken "refused with $(grep -a ^refused "$work/second.out"), expected $6"
	file_says "$work/second.out" "$7" || broken "the log does not say \"$7\""
	primary_ends
	say "$6: $(grep -aEo "$7.*" "$work/second.out")"
}

# full_beside_other: the driver OTHER takes the last place in the table of ops, so that tide has none.
full_beside_other() {
	"$program" -d "$other" "${shared[@]}" --no-huge --no-shconf -m 64 -- open none >"$work/full.out" 2>&1
	file_says "$work/full.out" 'no place for mempool ops'
}

opens "" ""
opens "-d $ours" ""
opens "" "-d $ours"
if full_beside_other; then
	refused "" "-d $other" set eal "$ops" ENOSYS 'this process has no mempool ops "tide": other drivers took all'
	say "not tried: other ops before tide in one process: the table of ops has no place for both"
else
	refused "" "-d $other" set eal "$ops" ENOSYS \
		'number [0-9]+ .* which means "[a-z0-9_]+" in this process'
	refused "-d $other" "" set eal "$ops" ENOSYS 'number [0-9]+ .* which means none in this process'
fi
refused "" "" set eal ring_mp_mc ENOSYS 'which means "ring_mp_mc" in this process'
refused "" "" set own "$ops" EFAULT 'in memory that the primary alone has mapped'
refused "" "" sets eal "$ops" ENOENT 'the primary has no mempool called sets_nodeN'
# The last of DPDK's ops has the number there that tide has here: the name is right, the memory is not.
last=$("$peer" "${shared[@]}" --no-huge --no-shconf -m 64 -- ops 2>/dev/null |
	awk '/^[0-9]+ / { name = $2 } END { print name }')
[ "$last" = bucket ] || [ "$last" = stack ] || {
	say "not tried: no pool can be made on DPDK's last ops, $last"
	shared_passed
}
primary_starts '^ready' "$peer" -d "$other" "${primary[@]}" -- make set_node0 $last
second second 3 "$program" "${secondary[@]}" -- open set
file_says "$work/second.out" "^refused: EPROTO\$" || broken "memory of other ops was not told from tide's"
file_says "$work/second.out" 'not that of the tide ops of this build' || broken "the log does not say why"
primary_ends
shared_passed
