#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# faults.sh PROGRAM PLUGIN: mempool-conformance finds each fault that the faulty handler can have, by the
# claim that is about it; without a fault the handler keeps the contract.

. "$(dirname "${BASH_SOURCE[0]}")/../../support/lib.sh"

program=$1
plugin=$2
safe_plugin

# fault, claim, verdict
faults="
keep-one one-thread-gets-all FAIL
odd-sizes pool-sizes FAIL
no-flags flags FAIL
no-large-bulk any-order FAIL
link data-kept FAIL
one-for-all pools-apart FAIL
lose all-or-nothing FAIL
scribble table-untouched FAIL
scribble cache-survives FAIL
count count-exact FAIL
wrong-address pages-huge-pa FAIL
wrong-address pieces-4k-pa FAIL
large-pieces pieces-of-16 FAIL
large-pieces pieces-of-1 FAIL
large-pieces pieces-unaligned FAIL
small-piece-errno pieces-too-small FAIL
more-than-asked no-more-than-size FAIL
need-addresses no-io-addresses FAIL
no-lock no-object-twice FAIL
own-lcore freed-elsewhere FAIL
own-lcore thread-ends FAIL
own-lcore thread-ends-warm FAIL
own-lcore taker-ended FAIL
lcores-only plain-threads CRASH
register-twice registered-once FAIL
panic-when-full ops-table-full CRASH
leak free-returns-all FAIL
leak free-with-objects-out FAIL
free-null free-unpopulated CRASH
leak out-of-memory FAIL
no-large-bulk packet-buffers FAIL
private-memory second-process FAIL
none killed-process FAIL
none paused-stalls-no-other FAIL
none paused-hides-few FAIL
none double-free FAIL
none foreign-pointer FAIL
none misaligned-pointer FAIL
"

# try FAULT CLAIMS: the table for the faulty handler, into $work/FAULT.out.
try() {
	FAULT=$1 "$program" -d "$plugin" -- --ops faulty --claims "$2" >"$work/$1.out" 2>&1
}

# verdict_of FAULT CLAIM
verdict_of() {
	awk -v claim="$2" '$1 == claim { print $3; exit }' "$work/$1.out"
}

contract=$("$program" -d "$plugin" -- --list |
	awk '$2 == "contract" || $2 == "users" { printf "%s%s", n++ ? "," : "", $1 }')
try none "$contract" || broken "a handler without a fault does not keep the contract"

mapfile -t names < <(awk 'NF { print $1 }' <<<"$faults" | sort -u)
for name in "${names[@]}"; do
	claims=$(awk -v f="$name" '$1 == f { printf "%s%s", n++ ? "," : "", $2 }' <<<"$faults")
	try "$name" "$claims"
done

while read -r name claim verdict; do
	[ -n "$name" ] || continue
	found=$(verdict_of "$name" "$claim")
	[ "$found" != skip ] || { say "$claim is skipped here" && continue; }
	[ "$found" = "$verdict" ] || broken "$claim on the fault $name: $found, not $verdict"
done <<<"$faults"
passed
