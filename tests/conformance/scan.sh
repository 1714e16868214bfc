#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# scan.sh OPS: dpdk-telemetry.py, unchanged, asks a dpdk-testpmd, unchanged, that has the plugin loaded and its
# buffers in a mempool with the ops OPS, where its buffers are. While 256 of them go round for ever, none is called
# leaked. Then a faulty driver loses them all: each is called leaked, and no other.

. "$(dirname "${BASH_SOURCE[0]}")/looped.sh"

# The preloaded driver loses what it receives while the file of TIDE_LEAK exists.
testpmd_starts "LD_PRELOAD=$build/tests/conformance/libsick.so" "TIDE_LEAK=$work/leak"

# ask NAME PARAMETERS...: put the answers of as many scans into NAME.out.
ask() {
	local name=$1

	shift
	printf '/tide/scan%s\n' "$@" quit | sed 's|^/tide/scanquit$|quit|' >"$work/$name.questions"
	timeout 60 dpdk-telemetry.py -f "$prefix" <"$work/$name.questions" >"$work/$name.out" 2>"$work/$name.err" ||
		broken "dpdk-telemetry.py ended with $?"
}

# claims NAME CLAIM...: check claims about the first of these answers, a, and about its places and clusters.
claims() {
	$python - "$work/$1.out" "${@:2}" >&2 <<'END' || broken "the answer to $1 is not what it should be"
import json
import sys

answers = [list(json.loads(line[line.index('{'):]).values())[0] for line in open(sys.argv[1]) if '{"/tide' in line]
for a in answers:
    for claim in sys.argv[2:]:
        entries = {kind: [value for name, value in a.items() if name.startswith(kind + '_') and isinstance(value, dict)]
                   for kind in ('place', 'cluster', 'leaked', 'oldest')}
        assert eval(claim, {'a': a, **entries}), (claim, a)
assert answers
END
}

long=$(printf 'x%.0s' {1..900})
ask bad '' ,absent ",$long"
claims bad '"/tide/pools lists them" in a["error"]'

ask idle ,mb_pool_0
claims idle 'a["size"] == 4096' 'a["outstanding"] == a["leaked"] == 0' 'place == cluster == []'

packets_circulate
ask moving ,mb_pool_0 ,mb_pool_0 ,mb_pool_0
claims moving 'a["outstanding"] == 256 and a["leaked"] == 0' \
	'sum(p["buffers"] for p in place) == a["outstanding"]' \
	'all(p["kind"] in ("ring", "stack", "unknown") for p in place)'

tell stop
says testpmd '^Done\.'
ask stopped ,mb_pool_0
claims stopped 'a["located"] == 256 and a["leaked"] == a["unknown"] == 0' \
	'all(p["kind"] == "ring" and p["name"].startswith("ring ETH_RXTX") for p in place)' \
	'sum(c["buffers"] for c in cluster) == 256 and {c["length"] for c in cluster} == {64}'

touch "$work/leak"
: >"$work/testpmd.out"
tell start
sleep 1
tell stop
says testpmd '^Done\.'
ask leaked ,mb_pool_0
# A table of numbers in a library can look like a pointer to a buffer or two.
claims leaked 'a["outstanding"] == 256 and 250 <= a["leaked"] <= 256 and a["unknown"] == 0' \
	'place[0] == {"buffers": a["leaked"], "kind": "leaked", "name": "leaked: no reference in any scan"}' \
	'len(leaked) == 4 and all(l["length"] == 64 and len(l["bytes"]) == 96 for l in leaked)'

tell quit
ends testpmd 20 0
passed
