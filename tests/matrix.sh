#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Builds and tests the last commit inside a debootstrap of each Debian release, with each compiler, and
# prints a table. doc/matrix.md describes it. Settings, from the environment:
#
#   MATRIX_DIR        directory of the systems and the results; ~/.cache/tidepool
#   MATRIX_RELEASES   releases, by code name; bookworm trixie sid
#   MATRIX_COMPILERS  compilers; gcc clang
#   MATRIX_SUITES     suites of meson, or all; those that depend on DPDK and boot no machine
#   MATRIX_MIRROR     URL of a Debian mirror; that of this machine's apt
#   MATRIX_STALE      1: accept package lists that have expired, as those of a frozen mirror
#   MATRIX_THROUGH    command that starts each build and each run of suites, such as "nice"
#
# All mounts are in a mount namespace of the run of one compiler, so the kernel unmounts them when that run
# ends, even if it is killed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/config/lib.sh"

cache=${MATRIX_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/tidepool}
read -ra releases <<<"${MATRIX_RELEASES:-bookworm trixie sid}"
read -ra compilers <<<"${MATRIX_COMPILERS:-gcc clang}"
read -ra through <<<"${MATRIX_THROUGH:-}"
read -ra suites <<<"${MATRIX_SUITES:-unit stress bench conformance forward}"

# apt_mirror: print the URL from which apt of this machine takes packages of Debian.
apt_mirror() {
	apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' 2>/dev/null |
		awk '$2 == "Debian" && NF == 2 { print $1; exit }'
}

# apt_settings: print the proxies of this machine's apt and our own settings, as a configuration file.
apt_settings() {
	apt-config dump 2>/dev/null | grep -Ei '^Acquire::https?::Proxy '
	# apt still checks signatures.
	[ "${MATRIX_STALE:-}" != 1 ] || echo 'Acquire::Check-Valid-Until "false";'
}

# in_group COMMAND...: run it in a process group, which the trap below ends as a whole.
in_group() {
	setsid "$@" </dev/null &
	group=$!
	wait $group
}

# in_system SYSTEM SCRIPT [ARGUMENT...]: run a bash script as root inside SYSTEM, with its own mounts.
in_system() {
	in_group unshare --mount --propagation private bash "$root/tests/support/in_system.sh" "$1" \
		env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		bash -c "$2" "$1" "${@:3}"
}

# base RELEASE: make the system with debootstrap, again if an earlier run did not finish.
base() {
	local dir=$cache/$1

	[ -e "$dir/made" ] && return
	[ ! -e "$dir" ] || rm -rf --one-file-system "$dir"
	mkdir -p "$dir/root" "$cache/deb"
	say "$1: debootstrap from $mirror"
	in_group unshare --mount --propagation private debootstrap --variant=minbase --cache-dir="$cache/deb" \
		"$1" "$dir/root" "$mirror" >"$results/$1-debootstrap.log" 2>&1 || return
	touch "$dir/made"
}

# packages RELEASE: install the packages that build and tests need with config/install-deps.sh.
packages() {
	local system=$cache/$1/root

	apt_settings >"$system/etc/apt/apt.conf.d/99matrix"
	cp -L /etc/resolv.conf "$system/etc/" 2>/dev/null
	say "$1: packages"
	in_system "$system" '
		cd /src && apt-get -q update && config/install-deps.sh &&
		apt-get -q -y install --no-install-recommends "$@"
	' "${compilers[@]}" >"$results/$1-packages.log" 2>&1
}

# checkout RELEASE: copy the last commit, without files that are not committed.
checkout() {
	local src=$cache/$1/root/src

	rm -rf --one-file-system "$src"
	mkdir -p "$src"
	git -C "$root" archive HEAD | tar -x -C "$src"
}

# prepare RELEASE: make the system ready; on failure set why_not to the reason.
prepare() {
	if ! base "$1"; then
		why_not="no system: $(reason "$results/$1-debootstrap.log")"
	elif ! checkout "$1"; then
		why_not="no checkout"
	elif ! packages "$1"; then
		why_not="no packages: $(reason "$results/$1-packages.log")"
	else
		return 0
	fi
	return 1
}

# reason LOG: print its last line that names an error, else its last line.
reason() {
	{ grep -E '^(E|W): |rror:' "$1" || cat "$1"; } | tail -n 1
}

# build RELEASE COMPILER LOG: build the checkout.
build() {
	in_group "${through[@]}" "$BASH" "$root/tests/matrix.sh" in_system "$cache/$1/root" '
		cd /src && CC=$1 meson setup "build-$1" -Dwerror=true && ninja -C "build-$1"
	' "$2" >"$3" 2>&1
}

# test_suites RELEASE COMPILER LOG: run the suites.
test_suites() {
	local args=()

	[ "${suites[*]}" = all ] || args=("${suites[@]/#/--suite=}")
	in_group "${through[@]}" "$BASH" "$root/tests/matrix.sh" in_system "$cache/$1/root" '
		cd /src && meson test -C "build-$1" --no-rebuild --print-errorlogs "${@:2}"
	' "$2" "${args[@]}" >"$3" 2>&1
}

# try RELEASE COMPILER: build and test, and add a row to the results.
try() {
	local name=$1-$2 version

	say "$1, $2: build"
	version=$(in_system "$cache/$1/root" 'pkg-config --modversion libdpdk; "$1" -dumpversion' "$2" | xargs)
	if ! build "$1" "$2" "$results/$name-build.log"; then
		row "$1" "$2" "$version" "no build: $(reason "$results/$name-build.log")"
		return
	fi
	say "$1, $2: ${suites[*]}"
	test_suites "$1" "$2" "$results/$name-test.log"
	cp "$cache/$1/root/src/build-$2/meson-logs/testlog.json" "$results/$name.json"
	row "$1" "$2" "$version" ''
}

# row RELEASE COMPILER VERSION PROBLEM: add a row to the table, and print it.
row() {
	printf '%s\t%s\t%s\t%s\n' "$@" >>"$results/rows"
	$python "$root/tests/support/matrix.py" "$results" | tail -n 1
}

trap '[ -z "${group:-}" ] || kill -TERM -- "-$group" 2>/dev/null; exit 143' INT TERM HUP
if [ "${1:-}" = in_system ]; then
	# build and test_suites call this script again, through MATRIX_THROUGH.
	"$@"
	exit
fi

[ $# -eq 0 ] || fail "no arguments: the settings are in the environment, see doc/matrix.md"
is_root || fail "the matrix needs root: debootstrap, chroot and mount do"
have debootstrap || fail "no debootstrap: config/install-deps.sh matrix"
have git && git -C "$root" rev-parse -q --verify HEAD >/dev/null || fail "$root is no checkout of git"
mirror=${MATRIX_MIRROR:-$(apt_mirror)}
[ -n "$mirror" ] || fail "apt of this machine has no Debian mirror; give one: MATRIX_MIRROR=URL"
[ -z "$(git -C "$root" status --porcelain)" ] || say "changes that are not committed are left out"

results=$cache/results/$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$results" || exit
exec 9>"$cache/lock"
flock -n 9 || fail "another run uses $cache; set MATRIX_DIR to another directory, or wait"
for release in "${releases[@]}"; do
	if prepare "$release"; then
		for compiler in "${compilers[@]}"; do
			try "$release" "$compiler"
		done
	else
		row "$release" - '- -' "$why_not"
	fi
done
$python "$root/tests/support/matrix.py" "$results" | tee "$results/table.txt"
rc=${PIPESTATUS[0]}
say "logs: $results"
exit "$rc"
