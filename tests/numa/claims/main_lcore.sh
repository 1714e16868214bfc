# SPDX-License-Identifier: BSD-3-Clause
# Only another node than that of the main lcore has huge pages: tide-fwd runs, or prints the reason in one sentence.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# try NAME CODE EAL_ARGUMENT...: run tide-fwd on a virtual port, with the main lcore on CPU 2 of node 1.
try() {
	local name=$1 code=$2 rc

	shift 2
	timeout 60 "$fwd" -l 2-3 --no-pci --no-telemetry --vdev=net_null0 --file-prefix "$prefix" "$@" \
		-- --duration 1 --stats 0 --json >"$work/$name.out" 2>"$work/$name.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "$name ended with $rc, expected $code"
	no_run_time_dir "$prefix"
}

[ "$(free_huge 1)" -eq 0 ] && [ "$(free_huge 0)" -gt 0 ] || broken "this is not the machine for it"
try plain 0
file_says "$work/plain.out" '^memory: EAL runs with --no-huge: node 1, of the main lcore, has no free huge page' ||
	broken "it does not say why it runs without huge pages"
all_back plain
try memory 1 --in-memory
err_says memory 1 '^tide-fwd: node 1, of the main lcore, has no free huge page.* or name an lcore of node 0'
err_says memory 0 'PANIC|EAL:'
command=$(grep -aoE "echo [0-9]+ > $node_root/[^ ;,]*" "$work/memory.err") || broken "the sentence has no command"
defer "echo 0 >$node_root/node1/$huge_kind/nr_hugepages"
bash -c "$command" || broken "the command failed: $command"
try remedied 0 --in-memory
all_back remedied
passed
