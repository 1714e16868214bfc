# SPDX-License-Identifier: BSD-3-Clause
# The audit of an unmodified dpdk-testpmd names the receive queue whose mempool is on the wrong node, where numa_maps
# and move_pages have the mempool too. The finding is gone once its remedy is followed. The same holds for pages that
# migratepages moves.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

for program in dpdk-testpmd dpdk-telemetry.py migratepages; do
	have $program || skip "$program is missing; it is in the packages dpdk, dpdk-dev and numactl"
done
safe_plugin
commands

# starts NAME CPUS EAL_ARGUMENT... -- OPTION...: start testpmd with the plugin. It does not poll, so that the emulated CPUs
# have time to answer.
starts() {
	local name=$1 cpus=$2 before rest

	split_arguments "${@:3}"
	: >"$work/$name.out"
	stdbuf -oL dpdk-testpmd -d "$plugin" -l "$cpus" --huge-unlink --file-prefix "$prefix$name" "${before[@]}" \
		--mbuf-pool-ops-name=tide -- "${rest[@]}" -i --total-num-mbufs=8192 --mbcache=32 \
		>>"$work/$name.out" 2>&1 <"$work/commands" &
	declare -g "pid_$name=$!"
	defer "reap $!"
	defer "rm -rf '$(eal_runtime_dir "$prefix$name")'"
	says "$name" 'testpmd>' 120
}

# stops NAME: end testpmd.
stops() {
	tell quit
	ends "$1" 60 0
}

# ask NAME REQUEST AS: store the answer to a request as AS.json.
ask() {
	printf '%s\n' "$2" quit | timeout 60 dpdk-telemetry.py -f "$prefix$1" >"$work/$3.out" 2>"$work/$3.err" ||
		broken "dpdk-telemetry.py ended with $?"
	grep -a "{\"${2%%,*}\"" "$work/$3.out" | sed 's/^[^{]*//' >"$work/$3.json"
	cat "$work/$3.json"
}

# audit NAME AS: store the answer of /tide/audit as AS.json.
audit() {
	ask "$1" /tide/audit "$2"
}

# claims AS CLAIM...: check claims about an answer a, and its findings of each kind.
claims() {
	$python - "$work/$1.json" "${@:2}" >&2 <<'END' || broken "the answer $1 is not what it should be"
import json
import sys

a = json.load(open(sys.argv[1]))['/tide/audit']
findings = [value for name, value in a.items() if name.startswith('finding_')]
names = {'a': a, 'findings': findings}
for kind in ('queue_remote', 'pages_away', 'polled_remotely', 'no_heap', 'node_unknown', 'cache_too_large', 'misuse'):
    names[kind] = [f for f in findings if f['kind'] == kind]
for claim in sys.argv[2:]:
    assert eval(claim, names), (claim, a)
END
}

# memory NAME POOL: store the addresses of a mempool of testpmd, pages of 2 MB, as from and to.
memory() {
	local line

	tell "dump_memzone"
	tell "dump memzone"
	says "$1" "name:<MP_$2_0>" 60
	line=$(grep -aE "name:<MP_$2_0>" "$work/$1.out" | tail -n 1)
	[[ $line =~ len:0x([0-9a-f]+),\ virt:0x([0-9a-f]+) ]] || broken "testpmd does not say where $2 is: $line"
	from=$((0x${BASH_REMATCH[2]} / (2 << 20) * (2 << 20)))
	to=$(((0x${BASH_REMATCH[2]} + 0x${BASH_REMATCH[1]} + (2 << 20) - 1) / (2 << 20) * (2 << 20)))
}

# is_on NAME POOL NODE: check with the kernel that all pages of the mempool are there.
is_on() {
	local pid=pid_$1 found

	memory "$1" "$2"
	found=$("$where" "${!pid}" "$from" "$to" $((2 << 20)))
	[ "$found" = "$3 $(((to - from) / (2 << 20)))" ] || broken "move_pages has $2 on (node, pages) $found"
	found=$(mapped_pages "$1" "$from" "$to")
	[ "${found%% *}" = "$3" ] && [ "$(wc -l <<<"$found")" -eq 1 ] || broken "numa_maps has $2 on (node, pages) $found"
	say "$1: numa_maps has $2 on (node, pages) $found"
	ask "$1" "/tide/regions,$2" regions
	$python - "$work/regions.json" "$from" "$to" "$3" >&2 <<'END' || broken "/tide/regions says otherwise"
import json
import sys

pool = json.load(open(sys.argv[1]))['/tide/regions']
start, end, node = (int(text) for text in sys.argv[2:])
pages = (end - start) // (2 << 20)
assert {name: pool[name] for name in pool if name.startswith('pages')} == {'pages': pages, f'pages_node_{node}': pages}, pool
regions = [pool[f'region_{i}'] for i in range(pool['regions'])]
assert sum(region['bytes'] for region in regions) == pool['bytes'], pool
for region in regions:
    address = int(region['address'], 16)
    assert start <= address and address + region['bytes'] <= end and region['page_size'] == 2 << 20, (pool, start, end)
    assert region['pages'] == region[f'pages_node_{node}'], pool
END
}

devices
# Lcores and buffers are on node 0; NIC 1 is on node 1.
starts wrong "$(node_cpus 0)" "${devices[@]}" -- --no-numa --socket-num=0
audit wrong wrong
is_on wrong mb_pool_0 0
claims wrong 'len(queue_remote) == 1' 'pages_away == no_heap == node_unknown == []' \
	'(lambda f: (f["port"], f["queue"], f["pool"], f["node"], f["home"]))(queue_remote[0]) == (1, 0, "mb_pool_0", 0, 1)' \
	"'port 1 (${LAB_NICS[1]}) is on node 1' in queue_remote[0]['fact']" \
	"'mempool mb_pool_0 on node 0' in queue_remote[0]['fact']" \
	"'set up the queue with a mempool on node 1' in queue_remote[0]['remedy']" \
	'queue_remote[0]["severity"] == "warning" and queue_remote[0]["distance"] == 20' 'a["errors"] == 0' \
	'[(f["port"], f["node"], f["home"]) for f in polled_remotely] == [(1, 0, 1)]' \
	"'by an lcore of node 1, whose CPUs are $(node_cpus 1)' in polled_remotely[0]['remedy']"
stops wrong

# The remedies: each queue has a mempool on the node of its port, and each node has an lcore.
starts right "$(node_cpus 0),$(node_cpus 1 | sed 's/[-,].*//')" "${devices[@]}" -- "--port-numa-config=(0,0),(1,1)"
audit right right
is_on right mb_pool_0 0
is_on right mb_pool_1 1
claims right 'queue_remote == pages_away == polled_remotely == no_heap == node_unknown == []' \
	'a["errors"] == a["warnings"] == 0'
stops right

# Pages that move later. No device pins them here.
starts moved "$(node_cpus 0)" --no-pci --vdev=net_null0 -- --no-numa --socket-num=0
audit moved before
claims before 'pages_away == []'
migratepages "$pid_moved" 0 1 || broken "migratepages failed"
audit moved away
is_on moved mb_pool_0 1
claims away 'len(pages_away) == 1' 'pages_away[0]["pages_away"] == pages_away[0]["pages"]' \
	"pages_away[0]['pages'] == $(((to - from) / (2 << 20)))" \
	'(pages_away[0]["pool"], pages_away[0]["node"], pages_away[0]["home"]) == ("mb_pool_0", 1, 0)'
remedy=$(grep -aoE 'migratepages [0-9]+ [0-9]+ [0-9]+' "$work/away.json")
say "remedy: $remedy"
$remedy || broken "the remedy failed: $remedy"
audit moved back
is_on moved mb_pool_0 0
claims back 'pages_away == []'
stops moved
passed
