#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Installs missing packages with apt, from the package sources of the system: those to build, run and test (no
# argument), to boot machines with several nodes (lab), to check form and words (lint), to make the reference of
# the API (doc), to send random requests (fuzz), to test on other Debian releases (matrix), or to scrape tide-top in
# a test (prometheus).

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

packages=(
	meson ninja-build pkg-config make gcc libc6-dev
	libdpdk-dev dpdk-dev libnuma-dev libjansson-dev libncurses-dev libmicrohttpd-dev libcmocka-dev spin
	iproute2 iputils-ping ethtool python3-minimal libpython3-stdlib
)

case ${1:-} in
'') ;;
lint) packages=(clang-format codespell) ;;
doc) packages=(doxygen) ;;
matrix) packages=(debootstrap git) ;;
fuzz) packages=(clang libclang-rt-dev) ;;
prometheus) packages=(prometheus) ;;
lab) packages=(qemu-system-x86 kmod iproute2 iputils-ping ethtool numactl) ;;
*) fail "unknown argument \"$1\"; give none, doc, fuzz, lab, lint, matrix or prometheus" ;;
esac

have dpkg-query && have apt-get ||
	fail "this system has no apt; install the packages that Debian calls: ${packages[*]}"

missing=()
for p in "${packages[@]}"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if ! is_root; then
	have sudo || fail "not root and no sudo; as root: apt-get install ${missing[*]}"
	as_root=(sudo)
fi

say "installing with apt: ${missing[*]}"
log=$(mktemp) || exit
trap 'rm -f "$log"' EXIT

apt() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1
}

# After a failed update the existing package lists may be enough.
apt update || say "apt-get update failed; trying with the existing package lists"
if ! apt install --no-install-recommends "${missing[@]}"; then
	tail -n 15 "$log" >&2
	fail "apt-get could not install the packages; its last lines are above." \
		"Repair apt (network, sources, lock), then try again"
fi
