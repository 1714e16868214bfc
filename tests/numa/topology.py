# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Topology files of the lab: the text of tide_topology_parse(), and NICs.

    # two even nodes with a NIC each
    node 0 cpus 0-1 memory 1G huge 2M:160 distance 1:20
    node 1 cpus 2-3 memory 1G huge 2M:160 distance 0:20
    nic 0 node 0 model e1000e
    nic 1 node 1 model virtio queues 2
    iommu on
    kernel numa=fake=4
    prove topology buffers
    prove-long traffic

`cpus -` is a node without CPUs, `memory 0` one without memory; a node with neither, or left out, is never
seen by the guest, which makes the ids sparse. `huge 2M:N` is how many pages the guest reserves there.
`nic N node -1` is a NIC whose node the firmware does not tell. `iommu off` leaves the machine without one,
which it has otherwise. `kernel` adds words to the kernel's command line. `prove` names the claims to be tried on this
machine, `prove-long` those that take too long for `make test`.
"""

import re

MODELS = ('e1000e', 'virtio', 'vmxnet3')
NODES_MAX = 128  # MAX_NODES of qemu.
NICS_MAX = 8
CPUS_MAX = 64
LOCAL, REMOTE, UNREACHABLE = 10, 20, 255
UNITS = {'K': 1, 'M': 1 << 10, 'G': 1 << 20}  # In KiB.


class Wrong(Exception):
    """A topology file that describes no possible machine; the text names the line."""


class Node:
    def __init__(self, ident):
        self.id = ident
        self.cpus = []
        self.memory = 0  # KiB.
        self.huge = 0  # Pages of 2 MB.
        self.distance = {}

    @property
    def seen(self):
        """Whether the kernel of the guest brings it online."""
        return bool(self.cpus or self.memory)


class Nic:
    def __init__(self, ident):
        self.id = ident
        self.node = None
        self.model = 'e1000e'
        self.queues = 1


class Topology:
    def __init__(self, name):
        self.name = name
        self.nodes = []
        self.nics = []
        self.iommu = True
        self.kernel = []
        self.prove = []
        self.prove_long = []

    @property
    def cpus(self):
        return sum(len(n.cpus) for n in self.nodes)

    def distance(self, a, b):
        return a.distance.get(b.id, LOCAL if a.id == b.id else REMOTE)


def number(text, low, high, what):
    if not re.fullmatch(r'-?\d{1,9}', text) or not low <= int(text) <= high:
        raise Wrong(f'"{text}" is not {what} from {low} to {high}')
    return int(text)


def cpu_list(text):
    """The ids of a kernel list such as "0-3,8"; "-" for none."""
    ids = []
    if text == '-':
        return ids
    for part in text.split(','):
        first, dash, last = part.partition('-')
        first = number(first, 0, CPUS_MAX - 1, 'a CPU')
        last = number(last, 0, CPUS_MAX - 1, 'a CPU') if dash else first
        if last < first:
            raise Wrong(f'"{part}" is not a range of CPUs')
        ids += range(first, last + 1)
    return ids


def size(text):
    m = re.fullmatch(r'(\d{1,6})([KMG]?)', text)
    if not m or (m[2] == '' and m[1] != '0'):
        raise Wrong(f'"{text}" is not a size such as 512M or 1G')
    kib = int(m[1]) * UNITS.get(m[2], 0)
    if kib % (2 << 10):
        raise Wrong(f'"{text}" is not a multiple of 2M')
    return kib


def pages(text):
    kind, colon, count = text.partition(':')
    if kind != '2M' or not colon:
        raise Wrong(f'"{text}" is not huge pages as 2M:COUNT')
    return number(count, 0, 99999, 'a number of pages')


def distances(text):
    found = {}
    for part in text.split(','):
        to, colon, value = part.partition(':')
        to = number(to, 0, NODES_MAX - 1, 'a node')
        if not colon or to in found:
            raise Wrong(f'"{text}" is not NODE:DISTANCE,... with each node once')
        found[to] = number(value, LOCAL, UNREACHABLE - 1, 'a distance')
    return found


NODE_KEYS = {'cpus': cpu_list, 'memory': size, 'huge': pages, 'distance': distances}
NIC_KEYS = {
    'node': lambda t: number(t, -1, NODES_MAX - 1, 'a node, or -1 for unknown,'),
    'model': lambda t: t if t in MODELS else wrong(f'no model "{t}"; there are {", ".join(MODELS)}'),
    'queues': lambda t: number(t, 1, 8, 'a number of queues'),
}


def wrong(text):
    raise Wrong(text)


def fill(thing, words, keys):
    """Set the fields that a line names, each at most once."""
    seen = set()
    if len(words) % 2:
        raise Wrong(f'"{words[-1]}" has no value')
    for key, value in zip(words[::2], words[1::2]):
        if key not in keys:
            raise Wrong(f'unknown key "{key}"; there are {", ".join(keys)}')
        if key in seen:
            raise Wrong(f'"{key}" appears twice')
        seen.add(key)
        setattr(thing, key, keys[key](value))


def add_node(topo, words):
    node = Node(number(words[0], 0, NODES_MAX - 1, 'a node') if words else wrong('node without an id'))
    if any(n.id == node.id for n in topo.nodes):
        raise Wrong(f'node {node.id} appears twice')
    fill(node, words[1:], NODE_KEYS)
    if len(set(node.cpus)) != len(node.cpus):
        raise Wrong(f'node {node.id} has a CPU twice')
    for other in topo.nodes:
        for cpu in set(other.cpus) & set(node.cpus):
            raise Wrong(f'CPU {cpu} is on node {other.id} and on node {node.id}')
    if node.huge * (2 << 10) > node.memory * 3 // 4:
        raise Wrong(f'{node.huge} huge pages of 2M do not fit three quarters of the memory of node {node.id}')
    topo.nodes.append(node)


def add_nic(topo, words):
    nic = Nic(number(words[0], 0, NICS_MAX - 1, 'a NIC') if words else wrong('nic without an id'))
    if any(n.id == nic.id for n in topo.nics):
        raise Wrong(f'nic {nic.id} appears twice')
    fill(nic, words[1:], NIC_KEYS)
    if nic.node is None:
        raise Wrong(f'nic {nic.id} has no node; -1: one that is not known')
    if nic.queues > 1 and nic.model == 'e1000e':
        raise Wrong(f'nic {nic.id}: an e1000e has 1 queue for DPDK')
    topo.nics.append(nic)


def set_iommu(topo, words):
    if words not in (['on'], ['off']):
        raise Wrong(f'iommu is on or off, not "{" ".join(words)}"')
    topo.iommu = words == ['on']


def add_kernel(topo, words):
    for word in words:
        if not re.fullmatch(r'[A-Za-z0-9_.]+(=[A-Za-z0-9_.,=:-]+)?', word):
            raise Wrong(f'"{word}" is not a word for the kernel, such as numa=fake=4')
    topo.kernel += words


def check(topo):
    """Check the rules that span several lines."""
    nodes = {n.id: n for n in topo.nodes}
    cpus = sorted(c for n in topo.nodes for c in n.cpus)
    if not any(n.memory for n in topo.nodes):
        raise Wrong('no node has memory')
    if not cpus:
        raise Wrong('no node has a CPU')
    if cpus != list(range(len(cpus))):
        raise Wrong(f'CPUs must be 0 to {len(cpus) - 1}, none left out')
    if not any(n.memory and n.cpus for n in topo.nodes):
        raise Wrong('no node has both CPUs and memory: no kernel boots on that')
    if not any(n.id == 0 and 0 in n.cpus for n in topo.nodes):
        raise Wrong('CPU 0 must be on node 0')
    for node in topo.nodes:
        for to, value in node.distance.items():
            if to not in nodes:
                raise Wrong(f'node {node.id} has a distance to node {to}, which does not exist')
            if (value == LOCAL) != (to == node.id):
                raise Wrong(f'distance {LOCAL} is that of a node to itself: node {node.id} to {to} is {value}')
    for nic in topo.nics:
        if nic.node != -1 and not (nic.node in nodes and nodes[nic.node].seen):
            raise Wrong(f'nic {nic.id} is on node {nic.node}, which does not exist')
    topo.nodes.sort(key=lambda n: n.id)
    topo.nics.sort(key=lambda n: n.id)


def parse(name, text):
    topo = Topology(name)
    where = name
    try:
        for i, line in enumerate(text.splitlines(), 1):
            where = f'{name}, line {i}'
            words = line.split('#')[0].split()
            if not words:
                continue
            if words[0] == 'node':
                add_node(topo, words[1:])
            elif words[0] == 'nic':
                add_nic(topo, words[1:])
            elif words[0] == 'iommu':
                set_iommu(topo, words[1:])
            elif words[0] == 'kernel':
                add_kernel(topo, words[1:])
            elif words[0] == 'prove':
                topo.prove += words[1:]
            elif words[0] == 'prove-long':
                topo.prove_long += words[1:]
            else:
                raise Wrong(f'unknown key "{words[0]}"; a line starts with node, nic, iommu, kernel, prove or prove-long')
        where = name
        check(topo)
    except Wrong as e:
        raise Wrong(f'{where}: {e}') from None
    return topo
