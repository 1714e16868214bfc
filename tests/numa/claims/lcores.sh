# SPDX-License-Identifier: BSD-3-Clause
# If a cpuset or an offlined CPU moves an lcore to another node, a warning names both nodes.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

group=/sys/fs/cgroup/claim
mkdir -p $group && echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control || broken "no cpusets here"

in_group() {
	echo $BASHPID >$group/cgroup.procs && exec "$@"
}

# err_waits REGEX: wait for a matching line on stderr.
err_waits() {
	within 40 file_says "$work/run.err" "$1" || broken "it did not say \"$1\""
}

# bring_back COUNT: run the command of the last warning; the lcore has then been back COUNT times.
bring_back() {
	bash -c "$(grep -aoE 'taskset -cp 2 [0-9]+$' "$work/run.err" | tail -n 1)" >/dev/null || broken "the remedy fails"
	within 40 back "$1" || broken "it does not say that the lcore is back"
}

back() {
	[ "$(grep -ac '^tide-fwd: lcore 1 of node 1: is on its CPU 2$' "$work/run.err")" -eq "$1" ]
}

spawn run in_group "$fwd" --lcores 0@0,1@2 --in-memory --no-pci --no-telemetry --vdev=net_null0 \
	--file-prefix "$prefix" -- --json --stats 0 --check-placement 1 --port-node '(0,1)'
says run '^link: port 0 .* is up' 60

# The cpuset shrinks and grows again: the lcore stays on the other CPU.
echo 0-1 >$group/cpuset.cpus
err_waits '^tide-fwd: warning: lcore 1 of node 1: is on CPU [01] of node 0 now, it was started on CPU 2'
echo 0-3 >$group/cpuset.cpus
bring_back 1

# Its CPU goes offline.
defer 'echo 1 >/sys/devices/system/cpu/cpu2/online'
count=$(grep -ac 'warning: lcore 1' "$work/run.err")
echo 0 >/sys/devices/system/cpu/cpu2/online || broken "CPU 2 cannot go offline"
more() {
	[ "$(grep -ac 'warning: lcore 1' "$work/run.err")" -gt "$count" ]
}
within 40 more || broken "it does not say that the lcore left an offlined CPU"
stopped run TERM "$prefix"
result run "[(l['away'], l['node_planned'], l['cpu'] != 2) for l in lcores if l['packets']] == [(True, 1, True)]"
passed
