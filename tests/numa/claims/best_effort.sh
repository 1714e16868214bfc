# SPDX-License-Identifier: BSD-3-Clause
# Best effort first uses small pages on the node. EAL has only huge pages, so its memory is from the nearest node
# that has some.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

eal=(--lcores 0@2,1@0,2@1 --in-memory)
options=(--buffers 16384 --stats 0)

# fell POOL NODE DISTANCE PLACE: check that the pool for node POOL, at that place of the summary, is on NODE.
fell() {
	result run "pools[$4]['node'] == $1 == pools[$4]['placement']['requested']" \
		"pools[$4]['placement']['local'] == 0" \
		"[m['node'] for m in pools[$4]['placement']['made']] == [$2]" \
		"pools[$4]['placement']['reason'].startswith('asked of node $2, the nearest by distance ($3)')"
}

# There are too few pages for the buffers, enough for the rings of the NIC. Node 2 has room for the pool of node 1
# too, but 3 is nearer.
set_huge 0 6
set_huge 1 6
free2=$(free_huge 2) free3=$(free_huge 3)
start_fwd run "${eal[@]}" -- "${options[@]}" --backing EAL
all_on run 0 2
all_on run 1 3
[ "$(free_huge 2)" -lt "$free2" ] || broken "node 2 has as many free huge pages as before"
[ "$(free_huge 3)" -lt "$free3" ] || broken "node 3 has as many free huge pages as before"
stopped run TERM "$prefix"
fell 0 2 16 0
fell 1 3 16 1
result run 'pages_elsewhere == sum(p["placement"]["pages"] for p in pools)' 'pages_elsewhere > 0'

# With backing auto the requested node is more important than huge pages. Without a huge page EAL has no room even
# for the rings there.
set_huge 0 0
start_fwd run "${eal[@]}" -- "${options[@]}"
all_on run 0 0
all_on run 1 1
stopped run TERM "$prefix"
result run 'pages_elsewhere == 0' 'all(p["memory"][0]["backing"] == "own" for p in pools)'
passed
