# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""The qemu command line of a topology.

Each NIC under test sits alone behind a root port on a PCI expander of its node, so that its address can be
told beforehand. Its other end is a NIC of the guest's own kernel, joined by a hub inside qemu, or by two
taps and a bridge where several queues are wanted: a hub has one.
"""

FIRST_BUS, BUS_STEP = 0x20, 0x10
UNKNOWN_SLOT = 0x10  # NICs without a node sit on the root bus, whose node no firmware tells.

MODEL = {
    'e1000e': 'e1000e',
    'virtio': 'virtio-net-pci,disable-legacy=on,iommu_platform=on,ats=on',
    'vmxnet3': 'vmxnet3',
}


def address(nic):
    """PCI address of a NIC under test."""
    if nic.node == -1:
        return f'0000:00:{UNKNOWN_SLOT + nic.id:02x}.0'
    return f'0000:{FIRST_BUS + BUS_STEP * nic.id + 1:02x}:00.0'


def mac(nic):
    return f'52:54:00:00:00:{nic.id:02x}'


def peer_mac(nic):
    return f'52:54:00:00:01:{nic.id:02x}'


def wants_taps(topo):
    return any(nic.queues > 1 for nic in topo.nics)


def taps(topo):
    """Shell commands that make the taps and bridges, in the network namespace of the guest."""
    lines = []
    for nic in topo.nics:
        if nic.queues == 1:
            continue
        lines.append(f'ip link add br{nic.id} type bridge mcast_snooping 0')
        for kind, flag in (('nut', ' multi_queue'), ('peer', '')):
            lines += [
                f'ip tuntap add {kind}{nic.id} mode tap{flag}',
                f'ip link set {kind}{nic.id} master br{nic.id} up',
            ]
        lines.append(f'ip link set br{nic.id} up')
    return lines


def memory(topo):
    args = []
    for node in topo.nodes:
        spec = f'node,nodeid={node.id}'
        if node.memory:
            args += ['-object', f'memory-backend-ram,id=m{node.id},size={node.memory}K']
            spec += f',memdev=m{node.id}'
        for cpu in node.cpus:
            spec += f',cpus={cpu}'
        args += ['-numa', spec]
    for a in topo.nodes:
        for b in topo.nodes:
            args += ['-numa', f'dist,src={a.id},dst={b.id},val={topo.distance(a, b)}']
    return args


def wire(nic):
    if nic.queues == 1:
        return [
            '-netdev', f'hubport,id=n{nic.id},hubid={nic.id}',
            '-netdev', f'hubport,id=p{nic.id},hubid={nic.id}',
        ]
    return [
        '-netdev', f'tap,id=n{nic.id},ifname=nut{nic.id},script=no,downscript=no,queues={nic.queues}',
        '-netdev', f'tap,id=p{nic.id},ifname=peer{nic.id},script=no,downscript=no',
    ]


def nics(topo):
    args = []
    for nic in topo.nics:
        device = f'{MODEL[nic.model]},netdev=n{nic.id},mac={mac(nic)},romfile='
        if nic.queues > 1 and nic.model == 'virtio':
            device += f',mq=on,vectors={2 * nic.queues + 2}'
        args += wire(nic)
        if nic.node == -1:
            device += f',bus=pcie.0,addr={UNKNOWN_SLOT + nic.id:#x}'
        else:
            bus = FIRST_BUS + BUS_STEP * nic.id
            args += [
                '-device', f'pxb-pcie,id=x{nic.id},bus_nr={bus},numa_node={nic.node},bus=pcie.0',
                '-device', f'pcie-root-port,id=r{nic.id},bus=x{nic.id},chassis={nic.id + 1}',
            ]
            device += f',bus=r{nic.id}'
        args += ['-device', device]
        args += ['-device', f'virtio-net-pci,netdev=p{nic.id},mac={peer_mac(nic)},romfile=,bus=pcie.0']
    return args


def sockets(topo):
    """CPUs are split evenly over sockets where they can be; nodes need not follow them."""
    with_cpus = [n for n in topo.nodes if n.cpus]
    if len({len(n.cpus) for n in with_cpus}) == 1:
        return f'{topo.cpus},sockets={len(with_cpus)},cores={topo.cpus // len(with_cpus)}'
    return f'{topo.cpus},sockets=1,cores={topo.cpus}'


def accelerator(kind):
    return {'tcg': ['-accel', 'tcg,thread=multi'], 'kvm': ['-accel', 'kvm']}[kind] + ['-cpu', 'max']


def command(topo, accel, kernel, initrd, console):
    """Arguments of qemu; its stdio is the console of the program in the guest."""
    return [
        'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
        '-machine', 'q35,kernel-irqchip=split', *accelerator(accel),
        '-smp', sockets(topo), '-m', f'{sum(n.memory for n in topo.nodes)}K', *memory(topo),
        # 48 bits: the default of 39 refuses memory that is mapped high.
        '-device', 'intel-iommu,intremap=on,caching-mode=on,device-iotlb=on,aw-bits=48', *nics(topo),
        '-fsdev', 'local,id=root,path=/,readonly=on,security_model=none,multidevs=remap',
        '-device', 'virtio-9p-pci,fsdev=root,mount_tag=root,bus=pcie.0',
        '-device', 'virtio-serial-pci,bus=pcie.0', '-chardev', 'stdio,id=con,signal=off',
        '-device', 'virtconsole,chardev=con', '-serial', f'file:{console}',
        # A byte c written there ends qemu with 2c + 1.
        '-device', 'isa-debug-exit,iobase=0xf4,iosize=1',
        '-kernel', kernel, '-initrd', initrd,
        '-append', 'console=ttyS0 intel_iommu=on panic=-1 quiet',
    ]
