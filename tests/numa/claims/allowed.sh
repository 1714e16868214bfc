# SPDX-License-Identifier: BSD-3-Clause
# tide-fwd obeys numactl, cpusets and taskset: its plan and its pages are on allowed CPUs and nodes only.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# only_huge NAME NODE...: check with the kernel that the process has 2 MB pages on these nodes only.
only_huge() {
	local pid=pid_$1 found

	found=$(grep -a kernelpagesize_kB=2048 "/proc/${!pid}/numa_maps" | grep -ao ' N[0-9]*=' | sort -u | tr -dc '0-9\n' | xargs)
	shift
	[ "$found" = "$*" ] || broken "huge pages on nodes $found, allowed are $*"
}

# in_cpuset CPUS MEMS COMMAND...: run it in a cpuset of its own.
in_cpuset() {
	local group=/sys/fs/cgroup/claim

	mkdir -p $group && echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control || return
	echo "$1" >$group/cpuset.cpus && echo "$2" >$group/cpuset.mems || return
	shift 2
	echo $BASHPID >$group/cgroup.procs && exec "$@"
}

# A binding policy, and CPUs of two nodes: both ports are on nodes whose memory is not allowed.
try_fwd refused 1 numactl --membind=2,3 -- -- --dry-run --strict
err_says refused 1 '^tide-fwd: --strict: the buffers of port 0 .* belong on node 0, .*--membind'
start_by=(numactl --membind=2,3 --cpunodebind=0,2)
start_fwd run --in-memory -- --stats 0
err_says run 1 'warning: the buffers of port 0 .*--membind.* come from node 2, the nearest by distance \(16\)'
err_says run 1 'warning: the buffers of port 1 .*--membind.* come from node 3, the nearest by distance \(16\)'
all_on run 2 2
all_on run 3 3
stopped run TERM "$prefix"
result run 'ports_elsewhere == 2' 'pages_elsewhere == 0' '[l["node"] for l in lcores] == [2]'

# A cpuset with taskset inside: the kernel refuses everything else.
start_by=(in_cpuset 1-3 1,3 taskset -c 1,3)
start_fwd run --in-memory -- --stats 0
err_says run 1 'warning: the buffers of port 0 .*Mems_allowed.* come from node 3, the nearest by distance \(21\)'
err_says run 0 'warning: the buffers of port 1'
all_on run 1 1
all_on run 3 3
only_huge run 1 3
stopped run TERM "$prefix"
result run 'ports_elsewhere == 1' '[l["node"] for l in lcores] == [3]'
passed
