# SPDX-License-Identifier: BSD-3-Clause
# A thread that may run only on the node of the port polls each of its queues, and several queues receive. With
# lcores on the wrong node there is one warning per port, and its advice helps.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# plan NAME CPUS: run tide-fwd --dry-run with these lcores.
plan() {
	devices
	"$fwd" -l "$2" --in-memory --file-prefix "$prefix" "${devices[@]}" -- --dry-run --json --queues 2 \
		>"$work/$1.out" 2>"$work/$1.err" || broken "$1: --dry-run failed"
}

warnings() {
	grep -c 'warning: port' "$work/$1.err"
}

nodes_of_lcore() {
	local thread

	for thread in /proc/"$pid_fwd"/task/*; do
		[[ $(<"$thread/comm") =~ ^(rte|lcore|dpdk)-worker-?$1$ ]] || continue
		node_of_cpu "$(awk '$1 == "Cpus_allowed_list:" { print $2 }' "$thread/status")"
	done
}

for i in 0 1; do
	node=$(nic_node $i)
	far=$(nic_node $((1 - i)))
	plan "far$i" "$(node_cpus "$far")"
	[ "$(warnings "far$i")" -eq 1 ] || broken "$(warnings "far$i") warnings when port $i is polled from node $far"
	[[ $(<"$work/far$i.err") =~ port\ $i\ .*\ lcores\ on\ CPUs\ ([0-9,-]+)\ would\ be\ local ]] &&
		[ "${BASH_REMATCH[1]}" = "$(node_cpus "$node")" ] ||
		broken "the warning about port $i does not advise CPUs $(node_cpus "$node")"
	plan "advised$i" "$(node_cpus "$far"),${BASH_REMATCH[1]}"
	[ "$(warnings "advised$i")" -eq 0 ] || broken "a warning remains about port $i after its advice was taken"
done

# The main lcore does not forward. It is on the node of port 1, so that two lcores poll port 0.
join 0
start_fwd fwd -l 0-3 --main-lcore "$(node_cpus "$(nic_node 1)" | sed 's/[-,].*//')" --in-memory -- \
	--mode io --queues 2 --stats 0
# Send many flows to an address without a host.
in_netns host0 $python -c '
import socket
for flow in range(64):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"flow", ("10.0.0.99", 7000 + flow))'
sleep 1
for i in 0 1; do
	asks xstats$i "$(eal_runtime_dir "$prefix")/dpdk_telemetry.v2" "/ethdev/xstats,$i"
done
freeze fwd
polled=0
while read -r lcore port; do
	[ "$(nodes_of_lcore "$lcore")" = "$(nic_node "$port")" ] ||
		broken "a queue of port $port is polled by lcore $lcore, which runs on node $(nodes_of_lcore "$lcore")"
	polled=$((polled + 1))
done < <(sed -nE 's/^lcore ([0-9]+), node [0-9]+: (.*)/\1;\2/p' "$work/fwd.out" |
	awk -F';' '{ for (i = 2; i <= NF; i++) if (split($i, w, " ") >= 4) print $1, w[2] }')
[ $polled -eq 4 ] || broken "$polled queues are polled, not 4"
[ "$(grep -oE '"rx_q[0-9]+_?(good_)?packets": [1-9]' "$work/xstats0.out" | wc -l)" -eq 2 ] ||
	broken "not both queues of port 0 received"
thaw fwd
stopped fwd TERM "$prefix"
passed
