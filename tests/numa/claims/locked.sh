# SPDX-License-Identifier: BSD-3-Clause
# Memory of a process that locked its future memory is on the requested node, and on pages of the requested size.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

set_thp() {
	local file=/sys/kernel/mm/transparent_hugepage/enabled

	grep -q madvise $file || return
	defer "echo $(grep -o '\[.*\]' $file | tr -d '[]') >$file"
	echo madvise >$file
}

set_thp
spawn locked "$LAB_BUILD/tests/numa/locked"
says locked '^(ready|failed)$' 60
file_says "$work/locked.out" '^ready$' || broken "not all memory was available"
count=0
while read -r node what from to page; do
	found=$("$where" "$pid_locked" "$from" "$to" "$page") || broken "the kernel does not report where the $what is"
	[[ $found =~ ^$node\ [0-9]+$ ]] ||
		broken "pages of the $what for node $node are not all there: ${found//$'\n'/; }"
	say "$what for node $node: all ${found#* } pages are there"
	count=$((count + 1))
done < <(grep -a ' 0x' "$work/locked.out")
[ $count -eq $((4 * $(ls -d $node_root/node[0-9]* | wc -l))) ] || broken "$count places were printed"
kill -KILL "$pid_locked"
passed
