#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# peak.sh OPS CACHE LCORES: bursts of 32 buffers come and go a million times a second, and the peak that
# tide-fwd tells holds one burst at least. Ops that count none have none.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
spawn fwd "$fwd" --lcores "$(lcores "$3")" "${eal_args[@]}" --vdev=net_null0 --vdev=net_null1 -- \
	--ops "$1" --cache "$2" --stats 1 --json
says fwd 'pool of node [0-9]+: size [0-9]+, free [0-9]+'
says fwd 'port [0-9]: rx [0-9]{5,}'
stopped fwd INT "$prefix"
lines=$(grep -ac 'peak [0-9]' "$work/fwd.out")
if [ "$1" = tide ]; then
	result fwd 'all(32 <= p["peak"] <= p["size"] for p in pools)'
	[ "$lines" -ge 2 ] || broken "the peak is not in the lines and in the summary"
	! grep -aE 'peak ([0-9]|[12][0-9]|3[01]),' "$work/fwd.out" || broken "a peak of less than a burst"
else
	result fwd 'all(p["peak"] is None for p in pools)'
	[ "$lines" -eq 0 ] || broken "a peak is printed that was not counted"
fi
passed
