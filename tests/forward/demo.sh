#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# demo.sh live|capture: what `make run` shows works, ends by itself and by Ctrl-C, and leaves nothing.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

[ "$1" = capture ] || need_root "network namespaces"
mkdir -p "$work/build/app"
ln -s "$fwd" "$work/build/app/tide-fwd"
# The demo's own temporary files can be told from those of others there.
mkdir "$work/tmp"
export TMPDIR=$work/tmp

left_nothing() {
	[ -z "$(ls "$work/tmp")" ] || broken "the demo left $(ls "$work/tmp")"
	[ ! -e "$(eal_runtime_dir "tide_demo_$1")" ] || broken "the demo left a run-time directory"
	[ "$(readlink /proc/[0-9]*/ns/net 2>/dev/null | sort -u)" = "$namespaces" ] ||
		say "note: the network namespaces of this machine changed meanwhile"
}
namespaces=$(readlink /proc/[0-9]*/ns/net 2>/dev/null | sort -u)

# The traffic's own verdict: every TCP transfer hashed alike, or every frame compared.
verdict='SHA-256 the same at both ends'
[ "$1" = live ] || verdict='frames, .* as sent, in order'

spawn demo "$root/config/demo.sh" "$work/build" 4 "$1"
ends demo 60 0
file_says "$work/demo.out" "$verdict" || broken "the demo does not say what became of the traffic"
file_says "$work/demo.out" '[0-9]+ of [0-9]+ buffers back' || broken "the demo shows no summary"
left_nothing "$pid_demo"

# Ctrl-C goes to the whole group of processes, so the demo gets one of its own.
spawn again setsid "$root/config/demo.sh" "$work/build" 0 "$1"
says again 'port 0: rx [0-9]{4,}' 60
kill -INT -- "-$pid_again"
ends again 60 0
file_says "$work/again.out" 'ended by SIGINT' || broken "the forwarder did not end by SIGINT"
file_says "$work/again.out" "$verdict" || broken "the demo does not say what became of the traffic"
left_nothing "$pid_again"
passed
