# SPDX-License-Identifier: BSD-3-Clause
# A node without CPUs has no worker, is offered as a spill tier, and has a pool only on request.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

[ "$(<"$node_root/has_cpu")" = 0 ] || broken "nodes $(<"$node_root/has_cpu") have CPUs"
far=$(cut -d' ' -f2 "$node_root/node0/distance")

# Without a request the plan only offers it.
try_fwd plan 0 env -- --lcores 0@0,1@1,2@2 -- --dry-run
file_says "$work/plan.out" "^node 1 has [0-9]+ MB of memory and no CPUs \(distance $far from node 0\): no worker.*spill tier" ||
	broken "node 1 is not offered as a spill tier"
result plan "len(tiers) == 1 and tiers[0]['node'] == 1 and tiers[0]['distance'] == $far" \
	'all(l["node"] == 0 for l in lcores)' 'all(p["node"] == 0 for p in pools)' 'ports_elsewhere == 0'

# On request the buffers are strictly there, as the kernel confirms; the buffers of port 1 stay where they were.
free=$(free_huge 1)
start_fwd run --lcores 0@0,1@1,2@2 --in-memory -- --strict --stats 0 --pool-node '(0,1)'
all_on run 1 1
all_on run 0 0
[ "$(free_huge 1)" -lt "$free" ] || broken "node 1 has as many free huge pages as before"
err_says run 1 'warning: port 0 .* is on node 0 but --pool-node puts its buffers on node 1'
stopped run TERM "$prefix"
result run 'all(l["node"] == 0 for l in lcores)' 'ports[0]["pool_node"] == 1' 'ports[1]["pool_node"] == 0'
[ "$(free_huge 1)" = "$free" ] || broken "node 1 did not get its huge pages back"
passed
