#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# paused.sh LCORES: after SIGSTOP and SIGCONT one report comes, over the time that passed, and no burst.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
spawn fwd "$fwd" --lcores "$(lcores "$1")" "${eal_args[@]}" --vdev=net_null0 -- --json --flows 2
says fwd '^2\.[0-9] s port 0'
kill -STOP "$pid_fwd"
sleep 4.6
kill -CONT "$pid_fwd"
sleep 2
stopped fwd TERM "$prefix"
# Seconds of the reports: none is within 0.4 s of the one before.
grep -aEo '^[0-9]+\.[0-9] s port 0' "$work/fwd.out" |
	awk '{ if (NR > 1 && $1 - last < 0.4) bad = 1; if ($1 - last > 4) gap = 1; last = $1 }
		END { exit bad || !gap }' || broken "reports come in a burst after a pause"
grep -aEo '^[0-9.]+ s flows: interval [0-9]+, [0-9.]+ s' "$work/fwd.out" |
	awk '{ if ($6 < 0.4) bad = 1 } END { exit bad || NR < 3 }' ||
	broken "intervals of flows over a moment come after a pause"
passed
