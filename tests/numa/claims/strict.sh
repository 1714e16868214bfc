# SPDX-License-Identifier: BSD-3-Clause
# If a node has too few huge pages, a strict start ends with one sentence, and the command in it helps.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# left: print the state that a failed start may not change.
left() {
	grep -H . "$node_root"/node*/"$huge_kind"/*_hugepages
	find /dev/hugepages /dev/shm -type f
	pgrep -x tide-fwd
}

start=(env -- --lcores 0@0,2@1,3@2 -- --strict --duration 1)
set_huge 1 0
before=$(left)
try_fwd refused 1 "${start[@]}"
err_says refused 1 '^tide-fwd: --strict: '
sentence=$(grep -a '^tide-fwd: ' "$work/refused.err")
say "$sentence"
[[ $sentence =~ node\ 1\ has\ 0\ free\ 2\ MB\ huge\ pages,\ ([0-9]+)\ needed ]] ||
	broken "the sentence does not name node, page size, need and found"
[ "$(left)" = "$before" ] || broken "a refused start left something: $(left)"

command=$(grep -o "echo [0-9]* > $node_root/[^ ;]*" <<<"$sentence") || broken "the sentence has no command"
bash -c "$command" || broken "the command failed: $command"
say "$command"
before=$(left)
try_fwd remedied 0 "${start[@]}"
result remedied 'pages_elsewhere == 0' 'all(p["placement"]["local"] == p["placement"]["pages"] for p in pools)' \
	'all(p["memory"][0]["page_size"] == 2 << 20 for p in pools)'
[ "$(left)" = "$before" ] || broken "a run left something: $(left)"
passed
