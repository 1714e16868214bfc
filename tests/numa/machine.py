# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""The qemu command line of a topology.

Each NIC under test is alone behind a root port on a PCI expander of its node, so that its address can be
known in advance. Its other end is a NIC of the guest's own kernel, joined by a hub inside qemu, or by two
taps and a bridge where several queues are wanted: a hub has only one.
"""

import topology

FIRST_BUS, BUS_STEP = 0x20, 0x10
UNKNOWN_SLOT = 0x10  # NICs without a node sit on the root bus, whose node no firmware tells.

MODEL = {
    'e1000e': 'e1000e',
    'virtio': 'virtio-net-pci,disable-legacy=on',
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


def all_nodes(topo):
    """With those the file leaves out: qemu wants every id up to the highest, the guest sees no empty one."""
    there = {n.id: n for n in topo.nodes}
    return [there.get(i, topology.Node(i)) for i in range(max(there) + 1)]


def slots(topo):
    """Places for CPUs as [(node, has a CPU)].

    Linux numbers nodes as it meets them in the firmware's table, CPUs before memory. An empty place keeps
    the id of a node that would be met too late or never.
    """
    places, met = [], set()

    def meet(nodes):
        nonlocal met
        places.extend((n, False) for n in sorted(set(nodes) - met))
        met |= set(nodes)

    owner = {cpu: node.id for node in topo.nodes for cpu in node.cpus}
    for cpu in sorted(owner):
        meet(range(owner[cpu]))
        places.append((owner[cpu], True))
        met.add(owner[cpu])
    left = [n for n in all_nodes(topo) if n.id not in met]
    if not all(n.seen for n in left):
        meet(n.id for n in left)
    # With gaps between its CPUs qemu loses interrupts to a set of them, which Linux sends to 8 or fewer.
    if len(places) > len(owner):
        places.extend([places[-1][:1] + (False,)] * (9 - len(places)))
    return places


def memory(topo):
    args = []
    for node in all_nodes(topo):
        spec = f'node,nodeid={node.id}'
        if node.memory:
            args += ['-object', f'memory-backend-ram,id=m{node.id},size={node.memory}K']
            spec += f',memdev=m{node.id}'
        for i, (owner, _) in enumerate(slots(topo)):
            spec += f',cpus={i}' if owner == node.id else ''
        args += ['-numa', spec]
    for a in all_nodes(topo):
        for b in all_nodes(topo):
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
        if topo.iommu and nic.model == 'virtio':
            device += ',iommu_platform=on,ats=on'
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


def iommu(topo):
    if not topo.iommu:
        return []
    # 48 bits, because the default of 39 refuses memory at high addresses.
    return ['-device', 'intel-iommu,intremap=on,caching-mode=on,device-iotlb=on,aw-bits=48']


def cpus(topo):
    """Split CPUs evenly over sockets if that is possible; nodes need not follow sockets."""
    places = slots(topo)
    with_cpus = [n for n in topo.nodes if n.cpus]
    if len(places) != topo.cpus:
        args = ['-smp', f'1,sockets={len(places)},cores=1,maxcpus={len(places)}']
        for i, (_, there) in enumerate(places):
            if i > 0 and there:
                args += ['-device', f'max-x86_64-cpu,socket-id={i},die-id=0,core-id=0,thread-id=0']
        return args
    if len({len(n.cpus) for n in with_cpus}) == 1:
        return ['-smp', f'{topo.cpus},sockets={len(with_cpus)},cores={topo.cpus // len(with_cpus)}']
    return ['-smp', f'{topo.cpus},sockets=1,cores={topo.cpus}']


def accelerator(kind):
    # Emulation does "rep stosb" byte by byte. In a page that held code, it looks at all its code again for each
    # byte, so that clearing one page can take 10 ms. Without erms the kernel and libc write words.
    return {'tcg': ['-accel', 'tcg,thread=multi', '-cpu', 'max,-erms'],
            'kvm': ['-accel', 'kvm', '-cpu', 'max']}[kind]


def command(topo, accel, kernel, initrd, console, keys):
    """Arguments of qemu; its stdio is the console of the program in the guest, with keys for qemu or not."""
    return [
        'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
        '-machine', 'q35,kernel-irqchip=split', *accelerator(accel),
        *cpus(topo), '-m', f'{sum(n.memory for n in topo.nodes)}K', *memory(topo),
        *iommu(topo), *nics(topo),
        '-fsdev', 'local,id=root,path=/,readonly=on,security_model=none,multidevs=remap',
        '-device', 'virtio-9p-pci,fsdev=root,mount_tag=root,bus=pcie.0',
        '-device', 'virtio-serial-pci,bus=pcie.0', '-chardev', 'stdio,id=con,signal=off' + (',mux=on' if keys else ''),
        '-device', 'virtconsole,chardev=con', '-serial', f'file:{console}',
        # A byte c written there ends qemu with 2c + 1.
        '-device', 'isa-debug-exit,iobase=0xf4,iosize=1',
        '-kernel', kernel, '-initrd', initrd,
        # On a busy host timer interrupts can be so late that Linux assumes there are none, and its
        # self-tests of ciphers were seen stuck for minutes.
        '-append', ' '.join(['console=ttyS0 intel_iommu=on panic=-1 no_timer_check cryptomgr.notests quiet',
                             *topo.kernel]),
    ]
