#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# buffer_pool.sh huge|nohuge|bare|user|wrong: tide-buffer-pool prints what it should, figure by figure, and
# leaves nothing. bare: without any EAL arguments, with and without a hugetlbfs; user: so too, but not as
# root; wrong: what a user can get wrong.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"
. "$root/tests/support/buffer_pool.sh"

kind=$1

# wrong CODE REGEX ARGUMENT...: it ends with CODE and one sentence that matches.
wrong() {
	local code=$1 regex=$2 rc

	shift 2
	timeout -k 5 60 "$pool" "$@" >"$work/wrong.out" 2>"$work/wrong.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "tide-buffer-pool $* ended with $rc, expected $code"
	[ "$(grep -c '^tide-buffer-pool: ' "$work/wrong.err")" -eq 1 ] &&
		grep -Eq "^tide-buffer-pool: .*$regex" "$work/wrong.err" ||
		broken "tide-buffer-pool $* does not say \"$regex\" in one sentence"
	no_run_time_dir "$prefix"
}

case $kind in
huge | nohuge)
	eal_on "$kind" "$prefix" 64
	for signal in TERM INT; do
		spawn "$signal" "$pool" --lcores "$(lcores 3)" "${eal_args[@]}" -- --hold 60
		says "$signal" '^  Ready$'
		held "$signal"
		pid=pid_$signal
		kill "-$signal" "${!pid}"
		ends "$signal" 20 0
		complete "$signal"
		no_run_time_dir "$prefix"
	done
	;;
bare)
	# Two at once: they share nothing.
	spawn one "$pool"
	spawn two "$pool"
	for name in one two; do
		ends $name 60 0
		complete $name
		pid=pid_$name
		no_run_time_dir "tide-buffer-pool.${!pid}"
	done
	# Where no hugetlbfs is mounted EAL is told so once, although there are two reasons to.
	if is_root && unshare --mount true 2>/dev/null; then
		# shellcheck disable=SC2016
		spawn unmounted unshare --mount --propagation private bash -c '
			awk "\$3 == \"hugetlbfs\" { print \$2 }" /proc/mounts | xargs -r -n 1 umount -l
			exec "$0"
		' "$pool"
		ends unmounted 60 0
		complete unmounted
		no_run_time_dir "tide-buffer-pool.$pid_unmounted"
	fi
	;;
user)
	need_root "to become another user"
	user=$(mktemp -d "${TMPDIR:-/tmp}/tide.XXXXXX")
	defer "rm -rf '$user'"
	chown 65534 "$user"
	become=(setpriv --reuid 65534 --regid 65534 --clear-groups env XDG_RUNTIME_DIR="$user")
	"${become[@]}" test -x "$pool" || skip "others may not run $pool"
	spawn user "${become[@]}" "$pool"
	ends user 60 0
	complete user
	[ -z "$(find "$user" -type f -o -type s)" ] && [ ! -e "$user/dpdk/tide-buffer-pool.$pid_user" ] ||
		broken "it left something in $user"
	;;
wrong)
	eal_on nohuge "$prefix" 64
	for value in '' x -1 1.5 0 65535 1073741825 99999999999999999999; do
		wrong 2 "--node-bytes '$value': not a number from 65536 to 1073741824" -- --node-bytes "$value"
	done
	wrong 2 "--node-bytes '65537': not a multiple" -- --node-bytes 65537
	for value in '' x -1 86401; do
		wrong 2 "--hold '$value': .*; give 0 to 86400" -- --hold "$value"
	done
	wrong 2 "--hold.*missing" -- --hold
	wrong 2 "--nosuch: no such option" -- --nosuch
	wrong 2 "-x: no such option" -- -x
	wrong 2 "'stray' is not an option" -- stray
	wrong 2 "'stray' is no EAL argument" "${eal_args[@]}" stray
	wrong 2 "primary process.*--proc-type" "${eal_args[@]}" --proc-type=secondary
	wrong 2 "EAL did not start" "${eal_args[@]}" --nosuch
	"$pool" "${eal_args[@]}" --log-level=help >"$work/help.out" 2>&1 &&
		! file_says "$work/help.out" "EAL did not start" ||
		broken "the help of EAL is an error"
	# More lcores than chunks.
	wrong 1 "lcore [0-9]+ has no chunk: .*--node-bytes" --lcores "$(lcores 20)" "${eal_args[@]}" \
		-- --node-bytes 65536
	"$pool" "${eal_args[@]}" >/dev/full 2>"$work/full.err"
	[ $? -eq 1 ] && file_says "$work/full.err" '^tide-buffer-pool: the output was not all written' ||
		broken "a full disk does not matter to it"
	no_run_time_dir "$prefix"
	awk 'length > 80 { exit 1 }' < <("$pool" --help) || broken "--help is wider than 80 columns"
	for option in --help --version; do
		"$pool" $option >"$work/$option.out" 2>&1 && file_says "$work/$option.out" tide-buffer-pool ||
			broken "$option does not work before --"
		"$pool" -- $option | cmp -s - "$work/$option.out" || broken "$option does not work after --"
	done
	;;
*)
	fail "no such kind: $kind"
	;;
esac
passed
