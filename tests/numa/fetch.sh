#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Fetches the boot files of a guest of the lab into DIR, once: vmlinuz, busybox, and the kernel modules in the order
# of loading. They are from Debian's packages, unpacked and not installed. Exits with 77 and a sentence if that is
# not possible.
#
#   tests/numa/fetch.sh DIR

. "$(dirname "${BASH_SOURCE[0]}")/../../config/lib.sh"

modules=(virtio_pci virtio_console 9pnet_virtio 9p virtio_net vfio_pci vfio_iommu_type1)

cannot() {
	say "$*"
	exit 77
}

[ $# -eq 1 ] || fail "give the directory to fill"
mkdir -p "$1" || exit
exec 9<"$1" && flock 9
# The files that an older checkout fetched may lack modules.
[ "$(cat "$1/complete" 2>/dev/null)" != "${modules[*]}" ] || exit 0

[ "$(uname -m)" = x86_64 ] || cannot "the guest runs this machine's programs and must be x86_64, not $(uname -m)"
have apt-get && have dpkg-deb || cannot "no apt: the guest's kernel is a Debian package"
have depmod || PATH=$PATH:/usr/sbin:/sbin
have depmod || cannot "depmod is missing; install kmod"

trap run_deferred EXIT
# Remove the files of a killed run: the directory is locked, so no other run uses it.
rm -rf "$1"/fetch.*
work=$(mktemp -d "$1/fetch.XXXXXX") || exit
defer 'rm -rf "$work"'
kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
[ -n "$kernel" ] || cannot "apt knows no package linux-image-amd64; apt-get update, or Debian's package source"
for package in "$kernel" busybox-static; do
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$package") >"$work/log" 2>&1 9<&- || {
		tail -n 3 "$work/log" >&2
		cannot "apt-get could not download $package"
	}
	dpkg-deb -x "$work/$package"_*.deb "$work/root" || cannot "$package could not be unpacked"
done

version=$(cd "$work/root/lib/modules" && echo *)
depmod -b "$work/root" "$version" || exit
mkdir -p "$work/modules"
for module in "${modules[@]}"; do
	modprobe -d "$work/root" -S "$version" --show-depends "$module" >>"$work/depends" 2>/dev/null ||
		cannot "the kernel package has no module $module"
done
sed -n 's/^insmod \(.*\.ko[.a-z]*\).*/\1/p' "$work/depends" | awk '!seen[$0]++' >"$work/order"
while read -r file; do
	cp "$file" "$work/modules/" && echo "${file##*/}" || exit
done <"$work/order" >"$work/modules/order"
[ -s "$work/modules/order" ] || cannot "no kernel module was found in $kernel"

rm -rf "$1/complete" "$1/modules"
mv "$work/modules" "$1/modules" && cp "$work/root/boot/vmlinuz-$version" "$1/vmlinuz" &&
	cp "$work/root/bin/busybox" "$1/busybox" && echo "${modules[*]}" >"$1/complete"
