#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# in_system.sh SYSTEM COMMAND...: mount the file systems that tests need in SYSTEM, and run the command there with
# chroot. The caller gives it a mount namespace of its own; the mounts end with that.

system=$1
shift
set -e
# Some tests call unshare --mount, which needs a root that is a mount.
mount --bind "$system" "$system"
mount -t proc proc "$system/proc"
mount --rbind /sys "$system/sys"
mount --rbind /dev "$system/dev"
# Do not use /dev/hugepages: /dev is that of the machine, where the directory would stay.
mount -t hugetlbfs hugetlbfs "$system/mnt"
mount -t tmpfs tmpfs "$system/run"
mkdir -p "$system/run/lock"
exec chroot "$system" "$@"
