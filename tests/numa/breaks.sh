#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Tests the test: the port of node 1 gets the pool of node 0, and the table must show that the claim failed for
# this reason only.

here=$(dirname "${BASH_SOURCE[0]}")
out=$("$here/prove.py" two-nodes --claim buffers --break wrong-pool)
rc=$?
printf '%s\n' "$out"
[ $rc -ne 77 ] || exit 77
[ $rc -eq 1 ] || { echo "prove.py ended with $rc: it did not see the failure"; exit 1; }
for want in 'port 1 is on node 1, its buffers are on \(node, pages\): 0 [0-9]+$' \
	'^buffers +FAILED' '^0 proven, 1 not: two-nodes: buffers$'; do
	grep -qE "$want" <<<"$out" || { echo "prove.py does not say \"$want\""; exit 1; }
done
