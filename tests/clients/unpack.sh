#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# unpack.sh DIR PACKAGE [SUITE]: download a package of Debian, with those of its dependencies that are not installed,
# and unpack them below DIR. Nothing is installed, so no service starts and no library of the system changes. A suite
# that the system does not have, such as bookworm-backports, is taken from the mirror of its Debian sources. Does
# nothing if DIR is there.

. "$(dirname "${BASH_SOURCE[0]}")/../../config/lib.sh"

dir=$1 package=$2 suite=${3:-}
[ ! -e "$dir" ] || exit 0
have apt-get && have dpkg-deb || fail "this system has no apt"
is_root || fail "needs root: apt-get locks its lists"

new=$dir.new
rm -rf "$new"
mkdir -p "$new/deb/partial" "$new/lists/partial" "$new/root" || exit
trap 'rm -rf "$new"' EXIT
options=(-q -y --no-install-recommends -o "Dir::Cache::archives=$new/deb" -o APT::Sandbox::User=root)

# add_suite: use package lists of our own, with the suite beside the sources of the system.
add_suite() {
	local uri key=/usr/share/keyrings/debian-archive-keyring.gpg

	uri=$(apt-get indextargets --format '$(SITE) $(LABEL)' 'Created-By: Packages' |
		awk '$2 == "Debian" && NF == 2 { print $1; exit }')
	[ -n "$uri" ] || fail "apt of this machine has no Debian mirror"
	mkdir "$new/parts"
	cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$new/parts/" 2>/dev/null
	cp /etc/apt/sources.list "$new/parts/system.list" 2>/dev/null
	echo "deb [signed-by=$key] $uri $suite main" >"$new/parts/suite.list"
	options+=(-o APT::Default-Release= -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$new/parts"
		-o "Dir::State::lists=$new/lists" -t "$suite")
	apt-get "${options[@]}" update >"$new/log" 2>&1 ||
		fail "apt-get cannot read the suite $suite: $(tail -n 1 "$new/log")"
}

[ -z "$suite" ] || add_suite
# A package that is installed is downloaded too.
apt-get "${options[@]}" --download-only --reinstall install "$package" >"$new/log" 2>&1 ||
	fail "apt-get cannot download $package: $(grep -E '^E: ' "$new/log" | head -n 1)"
for deb in "$new"/deb/*.deb; do
	dpkg-deb -x "$deb" "$new/root" || exit
done
mv "$new/root" "$dir"
