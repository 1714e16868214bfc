# SPDX-License-Identifier: BSD-3-Clause
# tide-info: the report, the check and the plan agree with the sysfs of the guest, and tide-fwd runs as planned.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

info=$LAB_BUILD/app/tide-info

# agrees: compare the report with sysfs, file by file.
agrees() {
	"$info" --json --svg "$work/machine.svg" >"$work/show.json" 2>"$work/show.err" || broken "tide-info failed"
	[ ! -s "$work/show.err" ] || broken "tide-info complains: $(<"$work/show.err")"
	$python - "$work/show.json" "$work/machine.svg" <<'END' || broken "the report does not agree with sysfs"
import json
import pathlib
import re
import sys
import xml.etree.ElementTree

told = json.load(open(sys.argv[1], encoding='ascii'))
sysfs = pathlib.Path('/sys/devices/system/node')
ids = sorted(int(path.name[4:]) for path in sysfs.glob('node[0-9]*'))
assert [node['id'] for node in told['nodes']] == ids, (told['nodes'], ids)
for node in told['nodes']:
    path = sysfs / f"node{node['id']}"
    cpus = (path / 'cpulist').read_text().strip()
    assert node['cpus'] == (cpus or '-'), (node, cpus)
    assert node['distance'] == [int(word) for word in (path / 'distance').read_text().split()], node
    total = re.search(r'MemTotal:\s+(\d+) kB', (path / 'meminfo').read_text())
    assert node['memory'] == int(total[1]) << 10, (node, total)
    for huge in node['huge_pages']:
        pages = path / f"hugepages/hugepages-{huge['page_size'] >> 10}kB"
        assert huge['total'] == int((pages / 'nr_hugepages').read_text()), (node, huge)
        assert huge['free'] == int((pages / 'free_hugepages').read_text()), (node, huge)
devices = sorted(path for path in pathlib.Path('/sys/bus/pci/devices').iterdir()
                 if (path / 'class').read_text().startswith('0x02'))
assert [nic['address'] for nic in told['nics']] == [path.name for path in devices], (told['nics'], devices)
for nic, path in zip(told['nics'], devices):
    own = int((path / 'numa_node').read_text())
    driver = path / 'driver'
    assert nic['driver'] == (driver.resolve().name if driver.exists() else None), nic
    assert own < 0 or (nic['node'], nic['node_source']) == (own, 'device'), (nic, own)
texts = [element.text for element in xml.etree.ElementTree.parse(sys.argv[2]).iter()]
for node in told['nodes']:
    assert f"node {node['id']}" in texts, texts
for nic in told['nics']:
    assert nic['address'] in texts, texts
print(len(told['nodes']), 'nodes and', len(devices), 'NICs are as sysfs says')
END
}

# check_ends CODE COMMAND...: check the exit code of tide-info check, started by the command before "--".
check_ends() {
	local code=$1 before rest rc

	split_arguments "${@:2}"
	"${before[@]}" "$info" check "${rest[@]}" >"$work/check.out" 2>&1
	rc=$?
	[ $rc -eq "$code" ] || broken "check $* ended with $rc, not $code: $(<"$work/check.out")"
}

# other_cpu NODE: print a CPU of another node.
other_cpu() {
	local d

	for d in "$node_root"/node[0-9]*; do
		[ "${d##*/node}" = "$1" ] || [ -z "$(<"$d/cpulist")" ] || sed 's/[-,].*//' "$d/cpulist"
	done | head -n 1
}

# other_memory NODE: print another node that has memory.
other_memory() {
	local d

	for d in "$node_root"/node[0-9]*; do
		[ "${d##*/node}" = "$1" ] || ! grep -q 'MemTotal: *[1-9]' "$d/meminfo" || echo "${d##*/node}"
	done | head -n 1
}

# checks: each NIC is well where the process may use its node, and wrong where it may not.
checks() {
	local i nic node

	for i in "${!LAB_NICS[@]}"; do
		nic=${LAB_NICS[i]}
		node=$(nic_node "$i")
		check_ends 0 env -- --nic "$nic" --bytes 16M
		check_ends 0 env PCIDEVICE_TEST="$nic" -- --bytes 16M
		check_ends 1 taskset -c "$(other_cpu "$node")" -- --nic "$nic"
		grep -q 'where NIC .* is; 1 needed' "$work/check.out" || broken "not for the CPUs: $(<"$work/check.out")"
		check_ends 1 numactl "--membind=$(other_memory "$node")" -- --nic "$nic"
		grep -q 'gets no memory of node' "$work/check.out" || broken "not for the memory: $(<"$work/check.out")"
		check_ends 1 env -- --nic "$nic" --bytes "$(($(free_huge "$node") * 2 + 2))M" --page 2M
		check_ends 1 env -- --nic "$nic" --single
		check_ends 0 taskset -c "$(node_cpus "$node")" numactl "--membind=$node" -- --nic "$nic" --bytes 16M --single
		say "NIC $i: the check finds CPUs and memory of node $node, and says when they are not allowed"
	done
}

# plans: the plan has a pool on the node of each NIC; its commands reserve what lacks, and tide-fwd runs with it.
plans() {
	local node command eal

	node=$(nic_node 0)
	"$info" plan --json --queues 1 --buffers 20000 >"$work/plan.json" || broken "there is no plan"
	$python - "$work/plan.json" "$(nic_node_all | tr '\n' ' ')" >"$work/plan.sh" <<'END' || broken "a wrong plan"
import json
import shlex
import sys

plan = json.load(open(sys.argv[1], encoding='ascii'))
nodes = [int(node) for node in sys.argv[2].split()]
assert [port['node'] for port in plan['ports']] == nodes, (plan['ports'], nodes)
assert sorted(pool['node'] for pool in plan['pools']) == sorted(set(nodes)), (plan['pools'], nodes)
words = plan['eal'].split()
kept = [word for i, word in enumerate(words) if word != '-a' and words[i - 1] != '-a']
print('eal=(' + ' '.join(kept) + ')')
print('reserve=(' + ' '.join(shlex.quote(pool['reserve'] or 'true') for pool in plan['pools']) + ')')
print('pools=(' + ' '.join(f"{pool['node']}:{pool['pages']}" for pool in plan['pools']) + ')')
END
	. "$work/plan.sh"
	# Take pages away, so that the commands have something to do.
	set_huge "$node" 8
	"$info" plan --check --buffers 20000 >"$work/check.out" && broken "the check finds 8 pages enough"
	"$info" plan --json --buffers 20000 >"$work/plan.json"
	command=$($python -c 'import json, sys; print([pool["reserve"] for pool in json.load(open(sys.argv[1]))["pools"]
		if pool["node"] == int(sys.argv[2])][0])' "$work/plan.json" "$node")
	grep -qF "$command" "$work/check.out" || broken "the check does not name the command: $(<"$work/check.out")"
	bash -c "$command" || broken "the command fails: $command"
	"$info" plan --check --buffers 20000 >"$work/check.out" || broken "still not enough: $(<"$work/check.out")"
	for pool in "${pools[@]}"; do
		[ "$(free_huge "${pool%:*}")" -ge "${pool#*:}" ] || broken "node ${pool%:*} has too few pages"
	done
	say "node $node: $command; then the check is well"
	start_fwd planned "${eal[@]}" --in-memory -- --buffers 20000
	freeze planned
	for pool in "${pools[@]}"; do
		all_on planned "${pool%:*}" "${pool%:*}"
	done
	thaw planned
	stopped planned TERM "$prefix"
}

agrees
checks
plans
passed
