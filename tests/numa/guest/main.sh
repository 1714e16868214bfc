# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# Main script of a guest of the lab: completes the machine, runs the command, and passes its exit code to qemu. The
# command uses hvc0 as its terminal, the kernel ttyS0.

. /run/lab/env
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$LAB_BUILD/app HOME=/root TERM=${LAB_TERM:-dumb} LANG=C.UTF-8
export TIDE_BUILD=$LAB_BUILD
cd "$LAB_ROOT" || exit

# done_with CODE: the byte at that port ends qemu; see isa-debug-exit in machine.py. It keeps seven bits.
done_with() {
	exec <&- >/dev/null 2>&1
	echo "lab: exit $1" >/dev/ttyS0
	sleep 0.2 # What was written to hvc0 and ttyS0 is on its way.
	printf "\\x$(printf %x $(($1 % 128)))" | dd of=/dev/port bs=1 seek=$((0xf4)) conv=notrunc
	poweroff -f
}

ln -s /proc/self/fd /dev/fd
mkdir -p /dev/pts /dev/shm /dev/hugepages /run/lock
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t hugetlbfs hugetlbfs /dev/hugepages
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up

for line in "${LAB_HUGE[@]}"; do
	read -r node pages <<<"$line"
	echo "$pages" >"/sys/devices/system/node/node$node/hugepages/hugepages-2048kB/nr_hugepages"
done

# EAL uses NICs through vfio-pci. The kernel's own driver had the virtio NICs until now.
for address in "${LAB_NICS[@]}"; do
	device=/sys/bus/pci/devices/$address
	echo vfio-pci >"$device/driver_override"
	[ ! -e "$device/driver" ] || echo "$address" >"$device/driver/unbind"
	echo "$address" >/sys/bus/pci/drivers_probe
done 2>/dev/console

# The first lines that a user sees.
welcome() {
	local i

	numactl --hardware 2>/dev/null
	for i in "${!LAB_NICS[@]}"; do
		echo "NIC $i: ${LAB_NICS[i]} ${LAB_NIC_MODELS[i]}, node ${LAB_NIC_NODES[i]}, bound to vfio-pci"
	done
	echo "try: tide-fwd --in-memory ${LAB_NICS[*]/#/-a } -- --dry-run"
}

if [ "${#LAB_COMMAND[@]}" -gt 0 ]; then
	printf '\001up\n' >/dev/hvc0
	"${LAB_COMMAND[@]}" </dev/hvc0 >/dev/hvc0 2>&1
else
	welcome >/dev/hvc0
	stty -F /dev/hvc0 rows "${LAB_ROWS:-24}" cols "${LAB_COLUMNS:-80}"
	PS1="$LAB_NAME \\w\\$ " setsid --ctty --wait bash --norc -i </dev/hvc0 >/dev/hvc0 2>&1
fi
done_with $?
