#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# profiles.sh: each profile in config/fwd is taken, says what it is for, and the command line wins over it.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
eal=(--lcores "$(lcores 2)" "${eal_args[@]}" --vdev=net_null0 --vdev=net_null1)
n=0
for profile in "$root"/config/fwd/*.conf; do
	name=${profile##*/}
	grep -q '^# [A-Z]' "$profile" || broken "$name does not say what it is for"
	"$fwd" "${eal[@]}" -- --config "$profile" --dry-run --json >"$work/dry.out" 2>"$work/dry.err" ||
		broken "tide-fwd does not take $name"
	mode=$(sed -n 's/^mode = //p' "$profile")
	result dry 'dry_run' "mode == '$mode'" 'len(ports) == 2'
	"$fwd" "${eal[@]}" -- --mode io --config "$profile" --dry-run --json >"$work/dry.out" \
		2>"$work/dry.err" || broken "tide-fwd does not take $name with --mode"
	result dry "mode == 'io'"
	no_run_time_dir "$prefix"
	n=$((n + 1))
done
[ $n -gt 0 ] || broken "there are no profiles"
say "$n profiles"
passed
