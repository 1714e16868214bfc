#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# aged.sh: whether tide-fwd is as fast after a while as at its start. One lcore takes packets from eight
# net_null ports and sends them to eight net_ring ports; another takes them out of these rings and frees
# them. The rings complete in their own time, so another lcore frees buffers out of order.
# Prints the packets that came through per second in the first and in the last period.
#
# DURATION (600) seconds in all, PERIOD (60) of each. Further arguments go to tide-fwd.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

duration=${DURATION:-600}
period=${PERIOD:-60}
ports=8

need_cpus 2
eal_on huge "$prefix" 512
pairs=''
devices=()
for ((i = 0; i < ports; i++)); do
	devices+=("--vdev=net_null$i")
	pairs+="($i,$((ports + i)))"
done
for ((i = 0; i < ports; i++)); do
	devices+=("--vdev=net_ring$i")
done

# The main lcore sleeps while packets flow.
say "forwarding for $duration s, a line each $period s"
timeout -k 10 $((duration + 60)) "$fwd" --lcores '0@0,1@0,2@1' "${eal_args[@]}" "${devices[@]}" -- \
	--portmap "$pairs" --duration "$duration" --stats "$period" "$@" >"$work/out" 2>"$work/err" ||
	{ cat "$work/err" "$work/out" >&2; broken "tide-fwd failed"; }

# What came through in a period: the packets that the null ports sent, port and rate being fields of a line.
awk -v ports=$ports '
	$2 == "s" && $3 == "port" && $4 + 0 < ports {
		time = $1
		for (i = 5; i < NF; i++)
			if ($i == "tx") {
				rate = $(i + 2)
				gsub(/[(\/s,)]/, "", rate)
				sum[time] += rate
			}
		if (!(time in seen)) { seen[time] = 1; order[++n] = time }
	}
	END {
		if (n < 2) exit 1
		printf "first %s s: %.2f Mpps\nlast, to %s s: %.2f Mpps\nlast / first: %.3f\n",
			order[1], sum[order[1]] / 1e6, order[n], sum[order[n]] / 1e6, sum[order[n]] / sum[order[1]]
	}' "$work/out" || { cat "$work/out" >&2; broken "no two periods"; }
sed -n '/^forwarded for/,$p' "$work/out" | grep -E '^(forwarded|lcore|pool)'
