# SPDX-License-Identifier: BSD-3-Clause
# If EAL cannot use a NIC, tide-fwd ends with one sentence that names the NIC and the remedy.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

devices=/sys/bus/pci/devices

# refused ADDRESS REGEX: check that tide-fwd exits with 1 and prints one sentence, which matches.
refused() {
	timeout 40 "$fwd" --lcores 1@0,2@2 --in-memory --file-prefix "$prefix" -a "$1" -- --duration 1 \
		>"$work/nic.out" 2>"$work/nic.err" </dev/null
	[ $? -eq 1 ] || broken "a start with $1 did not end with 1"
	[ "$(grep -c '^tide-fwd: ' "$work/nic.err")" = 1 ] || broken "not one sentence for $1"
	grep -aEq "^tide-fwd: device $1 .*($2)" "$work/nic.err" || broken "the sentence on $1 is not: $2"
	grep -a '^tide-fwd: ' "$work/nic.err"
	no_run_time_dir "$prefix"
}

# unbind ADDRESS, bind ADDRESS DRIVER
unbind() {
	[ ! -e "$devices/$1/driver" ] || echo "$1" >"$devices/$1/driver/unbind"
}

bind() {
	unbind "$1"
	echo "$2" >"$devices/$1/driver_override"
	echo "$1" >/sys/bus/pci/drivers_probe
}

nic=${LAB_NICS[0]}
if [ -e "$devices/$nic/iommu_group" ]; then
	remedy="dpdk-devbind.py --bind=vfio-pci $nic"
else
	# The guest told vfio-pci at boot to bind it.
	[ ! -e "$devices/$nic/driver" ] || broken "vfio-pci took $nic without an IOMMU"
	remedy="IOMMU group: .*intel_iommu=on.*dpdk-devbind.py --bind=vfio-pci $nic"
fi
unbind "$nic"
refused "$nic" "is bound to no driver.*$remedy"
for i in "${!LAB_NICS[@]}"; do
	[ "${LAB_NIC_MODELS[i]}" = virtio ] || continue
	bind "${LAB_NICS[i]}" virtio-pci
	refused "${LAB_NICS[i]}" "the kernel's driver virtio-pci.*${remedy/$nic/${LAB_NICS[i]}}"
done
for nic in "${LAB_NICS[@]}"; do
	[ ! -e "$devices/$nic/iommu_group" ] || bind "$nic" vfio-pci
done
passed
