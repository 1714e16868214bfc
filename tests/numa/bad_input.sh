#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# bad_input.sh: each failure of the lab ends in time, with a sentence and its own exit code, and leaves neither a
# guest nor a file behind. Errors in topology files are in test_topology.py.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

here=$root/tests/numa
tmp=$work/tmp
mkdir "$tmp"
export TIDE_LAB_ACCEL=tcg

# A guest that outlives its lab fails the test; the test ends it.
defer 'for pid in $(pgrep -f "$tmp/"); do kill -KILL "$pid"; done'

# gone: check that no guest of this test runs and no file is left.
gone() {
	[ -z "$(pgrep -f "$tmp/")" ] && [ -z "$(ls -A "$tmp")" ]
}

# lab CODE REGEX ARGUMENT...: check that lab.py exits with CODE and prints a matching sentence.
lab() {
	local code=$1 regex=$2 rc

	shift 2
	timeout -k 5 150 env TMPDIR="$tmp" PATH="${path:-$PATH}" "$python" "$here/lab.py" "$@" \
		>"$work/lab.out" 2>"$work/lab.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "lab.py $* ended with $rc, expected $code"
	grep -aEq "^lab: .*($regex)" "$work/lab.err" || broken "lab.py $* does not say: $regex"
	! grep -q Traceback "$work/lab.err" || broken "lab.py $* ended with a traceback"
	gone || broken "lab.py $* left something: $(pgrep -af "$tmp/") $(ls -A "$tmp")"
}

# kept LOG REGEX: check that the log has the console of the failed guest.
kept() {
	grep -aEq "$2" "$1" || broken "$1 does not hold the console"
}

# ended SIGNAL CODE: check that the signal ends lab.py and the guest that boots.
ended() {
	spawn lab env TMPDIR="$tmp" "$python" "$here/lab.py" two-nodes -- true
	within 20 compgen -G "$tmp/tide-lab.*/console" >/dev/null || broken "no guest came up"
	kill "-$1" "${pid_lab:?}"
	ends lab 10 "$2"
	[ "$1" != KILL ] || rm -rf "$tmp"/*
	within 5 gone || broken "after SIG$1 this is left: $(pgrep -af "$tmp/") $(ls -A "$tmp")"
}

# --- without a boot -------------------------------------------------------------------------------

: >"$work/empty"
head -c 4096 /dev/urandom >"$work/garbage"
printf 'node 0 cpus 0-1 memory 1G\nnode 1 cpus 1-2 memory 1G\n' >"$work/overlap"
for kind in "there is no topology \"nosuch\"; give a file, or one of: .*two-nodes|nosuch" \
	"there is no topology|$work" \
	"cannot be read: File name too long|$(printf '%0300d' 0)" \
	"cannot be read: |/proc/self/mem" \
	"empty: no node has memory|$work/empty" \
	"garbage, line [0-9]+: |$work/garbage" \
	"overlap, line 2: CPU 1 is on node 0 and on node 1|$work/overlap"; do
	lab 2 "${kind%|*}" --check "${kind##*|}"
done
case $(readlink -f "$root")/ in
/tmp/* | /run/*) skip "the guest has a /tmp and a /run of its own, and this tree is there" ;;
esac
path=/nowhere lab 77 'qemu-system-x86_64 is missing; install' two-nodes -- true
have qemu-system-x86_64 || skip "qemu-system-x86_64 is missing"
why=$("$here/fetch.sh" "$build/numa") || skip "$why"
TIDE_LAB_ACCEL=warp lab 2 'TIDE_LAB_ACCEL=warp: tcg or kvm' two-nodes -- true

# --- guests that do not come up -------------------------------------------------------------------

mkdir "$work/b"
cp -r "$build/numa" "$work/b/"
head -c 100000 /dev/urandom >"$work/b/numa/vmlinuz"
lab 125 'the guest did not boot; its console log is kept in .*two-nodes.console' --build "$work/b" two-nodes -- true
cp "$build/numa/vmlinuz" "$work/b/numa/"
lab 125 'the guest did not boot within 1 s' --build "$work/b" --boot-limit 1 two-nodes -- true
sed -i '1i nosuch.ko' "$work/b/numa/modules/order"
lab 125 'the guest did not boot; .*/kept$' --build "$work/b" --log "$work/kept" two-nodes -- true
kept "$work/kept" 'lab: cannot load nosuch.ko'

ended TERM 143
ended HUP 129
ended INT 130
ended KILL 137

# --- guests that do -------------------------------------------------------------------------------

lab 137 'up after' two-nodes -- sh -c 'echo said; kill -KILL $$'
[ "$(cat "$work/lab.out")" = said ] || broken "the output of the command is missing"
lab 124 'the command did not end within 2 s' --log "$work/kept" --limit 2 two-nodes -- sh -c 'echo "<1>still here" >/dev/kmsg; sleep 100'
kept "$work/kept" 'still here'
passed
