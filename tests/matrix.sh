#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Builds and tests the last commit inside a debootstrap of each Debian release, with each compiler, and
# prints a table. doc/matrix.md describes it. Settings, from the environment:
#
#   MATRIX_DIR        folder of the systems and the results; ~/.cache/tidepool
#   MATRIX_RELEASES   releases, by code name; bookworm trixie sid
#   MATRIX_COMPILERS  compilers; gcc clang
#   MATRIX_SUITES     suites of meson, or all; those that depend on DPDK and need no second machine
#   MATRIX_MIRROR     URL of a Debian mirror; that of this machine's apt
#   MATRIX_STALE      1: take lists of packages that have expired, as a mirror that was frozen has them
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

# apt_mirror: the URL from which apt of this machine takes the packages of Debian itself.
apt_mirror() {
	apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' 2>/dev/null |
		awk '$2 == "Debian" && NF == 2 { print $1; exit }'
}

# apt_settings: the proxies that apt of this machine knows, and our own settings, as a configuration file.
apt_settings() {
	apt-config dump 2>/dev/null | grep -Ei '^Acquire::https?::Proxy '
	# Signatures are checked all the same.
	[ "${MATRIX_STALE:-}" != 1 ] || echo 'Acquire::Check-Valid-Until "false";'
}

# in_group COMMAND...: run it in a group of processes that ends as a whole when this script is interrupted.
in_group() {
	setsid "$@" </dev/null &
	group=$!
	wait $group
}

# in_system SYSTEM SCRIPT [ARGUMENT...]: run a script of bash as root inside SYSTEM, on mounts of its own.
in_system() {
	in_group unshare --mount --propagation private bash "$root/tests/support/in_system.sh" "$1" \
		env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		bash -c "$2" "$1" "${@:3}"
}

# base RELEASE: the release as debootstrap makes it; a half-made one is made again.
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

# packages RELEASE: the packages that build and tests need, as config/install-deps.sh installs them.
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

# checkout RELEASE: the last commit, and nothing of the folder it was made in.
checkout() {
	local src=$cache/$1/root/src

	rm -rf --one-file-system "$src"
	mkdir -p "$src"
	git -C "$root" archive HEAD | tar -x -C "$src"
}

# prepare RELEASE: on failure, why not is set to the reason.
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

# reason LOG: its last line that names an error, else its last.
reason() {
	{ grep -E '^(E|W): |rror:' "$1" || cat "$1"; } | tail -n 1
}

# build RELEASE COMPILER LOG
build() {
	in_group "${through[@]}" "$BASH" "$root/tests/matrix.sh" in_system "$cache/$1/root" '
		cd /src && CC=$1 meson setup "build-$1" -Dwerror=true && ninja -C "build-$1"
	' "$2" >"$3" 2>&1
}

# test_suites RELEASE COMPILER LOG
test_suites() {
	local args=()

	[ "${suites[*]}" = all ] || args=("${suites[@]/#/--suite=}")
	in_group "${through[@]}" "$BASH" "$root/tests/matrix.sh" in_system "$cache/$1/root" '
		cd /src && meson test -C "build-$1" --no-rebuild --print-errorlogs "${@:2}"
	' "$2" "${args[@]}" >"$3" 2>&1
}

# try RELEASE COMPILER: build and test; what came of it goes into a file of the results.
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

# row RELEASE COMPILER VERSION PROBLEM: note one row of the table, and show it.
row() {
	printf '%s\t%s\t%s\t%s\n' "$@" >>"$results/rows"
	$python "$root/tests/support/matrix.py" "$results" | tail -n 1
}

trap '[ -z "${group:-}" ] || kill -TERM -- "-$group" 2>/dev/null; exit 143' INT TERM HUP
if [ "${1:-}" = in_system ]; then
	# By way of MATRIX_THROUGH.
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
flock -n 9 || fail "another run uses $cache; set MATRIX_DIR to another folder, or wait"
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
