#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# in_system.sh SYSTEM COMMAND...: mount in SYSTEM what tests need and run the command there by chroot. To be
# called in a mount namespace of its own; the mounts end with it.

system=$1
shift
set -e
# unshare --mount, which some tests call inside, wants a root that is a mount.
mount --bind "$system" "$system"
mount -t proc proc "$system/proc"
mount --rbind /sys "$system/sys"
mount --rbind /dev "$system/dev"
# Not on /dev/hugepages: /dev is that of the machine, where a folder would stay.
mount -t hugetlbfs hugetlbfs "$system/mnt"
mount -t tmpfs tmpfs "$system/run"
mkdir -p "$system/run/lock"
exec chroot "$system" "$@"
