#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Tests topology files of the lab: their syntax, and that the library reads the machine they describe.

    test_topology.py LIBTIDEPOOL
"""

import ctypes
import pathlib
import random
import sys
import unittest

import lab
import machine
import topology

GOOD = 'node 0 cpus 0-1 memory 1G huge 2M:160 distance 1:21\nnode 1 cpus 2-3 memory 1G distance 0:21\n'
FILES = sorted((lab.HERE / 'topology').glob('*.topo'))
UNKNOWN = -1

# A text, and a part of the error it causes. The line is that of the mistake.
BAD = [
    ('', 'no node has memory'),
    ('\n# nothing\n   \n', 'no node has memory'),
    ('\x7fELF\x02\x01\x00\xff', 'line 1: unknown key'),
    ('nodes 0', 'line 1: unknown key "nodes"'),
    ('node', 'node without an id'),
    ('node x cpus 0', '"x" is not a node'),
    ('node -1 cpus 0', '"-1" is not a node'),
    ('node 128 cpus 0', '"128" is not a node from 0 to 127'),
    ('node 0 cpus', '"cpus" has no value'),
    ('node 0 cpu 0', 'unknown key "cpu"; there are cpus, memory, huge, distance'),
    ('node 0 cpus 0 cpus 1', '"cpus" appears twice'),
    ('node 0 cpus 0 memory 1G\nnode 0 cpus 1 memory 1G', 'line 2: node 0 appears twice'),
    ('node 0 cpus 0-2 memory 1G\nnode 1 cpus 2-3 memory 1G', 'line 2: CPU 2 is on node 0 and on node 1'),
    ('node 0 cpus 0,0-1 memory 1G', 'node 0 has a CPU twice'),
    ('node 0 cpus 1-0 memory 1G', '"1-0" is not a range of CPUs'),
    ('node 0 cpus 0, memory 1G', '"" is not a CPU'),
    ('node 0 cpus 0-64 memory 1G', '"64" is not a CPU from 0 to 63'),
    ('node 0 cpus 0,2 memory 1G', 'CPUs must be 0 to 1, none left out'),
    ('node 0 cpus 0 memory 0', 'no node has memory'),
    ('node 0 cpus - memory 1G', 'no node has a CPU'),
    ('node 0 cpus 1 memory 1G\nnode 1 cpus 0 memory 1G', 'CPU 0 must be on node 0'),
    ('node 1 cpus 0 memory 1G', 'CPU 0 must be on node 0'),
    ('node 0 cpus 0 memory 0\nnode 1 cpus - memory 1G', 'no kernel boots on that'),
    ('node 0 cpus 0 memory 1T', '"1T" is not a size'),
    ('node 0 cpus 0 memory 512', '"512" is not a size'),
    ('node 0 cpus 0 memory -1G', '"-1G" is not a size'),
    ('node 0 cpus 0 memory 1.5G', '"1.5G" is not a size'),
    ('node 0 cpus 0 memory 3M', '"3M" is not a multiple of 2M'),
    ('node 0 cpus 0 memory 9999999G', 'is not a size'),
    ('node 0 cpus 0 memory 1G huge 1G:1', '"1G:1" is not huge pages as 2M:COUNT'),
    ('node 0 cpus 0 memory 1G huge 2M', '"2M" is not huge pages'),
    ('node 0 cpus 0 memory 1G huge 2M:-1', '"-1" is not a number of pages'),
    ('node 0 cpus 0 memory 1G huge 2M:385', 'do not fit three quarters of the memory'),
    ('node 0 cpus 0 memory 1G distance 0:11', 'is that of a node to itself'),
    ('node 0 cpus 0 memory 1G distance 0:20', 'distance 10 is that of a node to itself'),
    (GOOD.replace('1:21', '1:10'), 'node 0 to 1 is 10'),
    (GOOD.replace('1:21', '1:9'), '"9" is not a distance'),
    (GOOD.replace('1:21', '1:255'), '"255" is not a distance from 10 to 254'),
    (GOOD.replace('1:21', '1:21,1:21'), 'with each node once'),
    (GOOD.replace('1:21', '21'), 'NODE:DISTANCE'),
    (GOOD.replace('1:21', '2:21'), 'a distance to node 2, which does not exist'),
    (GOOD + 'nic', 'line 3: nic without an id'),
    (GOOD + 'nic 8 node 0', '"8" is not a NIC from 0 to 7'),
    (GOOD + 'nic 0', 'nic 0 has no node; -1'),
    (GOOD + 'nic 0 node 2', 'nic 0 is on node 2, which does not exist'),
    (GOOD + 'node 2 cpus - memory 0\nnic 0 node 2', 'nic 0 is on node 2, which does not exist'),
    (GOOD + 'nic 0 node -2', '"-2" is not a node, or -1'),
    (GOOD + 'nic 0 node 0\nnic 0 node 1', 'line 4: nic 0 appears twice'),
    (GOOD + 'nic 0 node 0 model ne2000', 'no model "ne2000"; there are e1000e'),
    (GOOD + 'nic 0 node 0 queues 2', 'an e1000e has 1 queue'),
    (GOOD + 'nic 0 node 0 model virtio queues 0', '"0" is not a number of queues'),
    (GOOD + 'nic 0 node 0 model virtio queues 9', '"9" is not a number of queues from 1 to 8'),
    (GOOD + 'iommu', 'iommu is on or off'),
    (GOOD + 'iommu maybe', 'iommu is on or off, not "maybe"'),
    (GOOD + 'kernel numa=fake=4 a;b', '"a;b" is not a word for the kernel'),
    (GOOD + 'kernel =1', '"=1" is not a word for the kernel'),
]


def library(path):
    lib = ctypes.CDLL(path)
    lib.tide_topology_parse.restype = ctypes.c_void_p
    lib.tide_topology_parse.argtypes = [ctypes.c_char_p]
    lib.tide_topology_nb_nodes.argtypes = [ctypes.c_void_p]
    lib.tide_topology_distance.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    lib.tide_topology_cpu_node.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    lib.tide_topology_free.argtypes = [ctypes.c_void_p]
    return lib


def some_machine(rng):
    """A random topology file: CPUs in any order over nodes in any order."""
    ids = [0] + rng.sample(range(1, topology.NODES_MAX), rng.randint(0, 7))
    cpus = list(range(rng.randint(1, 16)))
    owner = {c: rng.choice(ids) if c else 0 for c in cpus}
    lines = []
    for node in ids:
        mine = [c for c in cpus if owner[c] == node]
        rng.shuffle(mine)
        far = [f'{o}:{rng.randint(11, 254)}' for o in ids if o != node and rng.random() < 0.7]
        memory = 512 if mine else rng.choice([0, 64])
        lines.append(f'node {node} cpus {",".join(map(str, mine)) or "-"} memory {memory}{"M" if memory else ""}'
                     + (f' distance {",".join(far)}' if far else ''))
    return '\n'.join(lines)


class Files(unittest.TestCase):
    def test_what_is_wrong_is_refused_with_its_line(self):
        for text, says in BAD:
            with self.subTest(text=text):
                with self.assertRaises(topology.Wrong) as refused:
                    topology.parse('x', text)
                self.assertIn(says, str(refused.exception))
                self.assertTrue(str(refused.exception).startswith('x'))

    def test_random_bytes_are_read_or_refused(self):
        rng = random.Random(1)
        words = GOOD.split() + ['nic', 'prove', '-', '#', '\n', ':', '-1', '', '\0', '\u00b2']
        for _ in range(3000):
            text = ' '.join(rng.choice(words) for _ in range(rng.randint(0, 12)))
            try:
                topology.parse('x', text)
            except topology.Wrong:
                pass

    def test_each_file_of_the_lab_is_a_machine_with_claims(self):
        for path in FILES:
            with self.subTest(path=path.stem):
                topo = topology.parse(path.stem, path.read_text(encoding='utf-8'))
                self.assertTrue(topo.prove + topo.prove_long)
                for claim in topo.prove + topo.prove_long:
                    self.assertTrue((lab.HERE / f'claims/{claim}.sh').exists(), claim)

    def test_linux_meets_nodes_in_the_order_of_their_ids(self):
        for seed in range(200):
            topo = topology.parse('x', some_machine(random.Random(seed)))
            places = machine.slots(topo)
            met = list(dict.fromkeys(node for node, _ in places))
            left = [n.id for n in topo.nodes if n.id not in met]
            self.assertEqual(met + left, list(range(max(met + left) + 1)), seed)
            self.assertEqual(sum(there for _, there in places), topo.cpus)
            self.assertTrue(places[0][1])

    def test_nics_have_addresses_of_their_own(self):
        text = GOOD + ''.join(f'nic {i} node {i % 3 - 1}\n' for i in range(topology.NICS_MAX))
        nics = topology.parse('x', text).nics
        for of in (machine.address, machine.mac, machine.peer_mac):
            self.assertEqual(len({of(n) for n in nics}), topology.NICS_MAX)


class Library(unittest.TestCase):
    """tide_topology_parse() reads lab.text_of()."""

    def same(self, topo):
        made = LIB.tide_topology_parse(lab.text_of(topo).encode())
        self.assertTrue(made, lab.text_of(topo))
        seen = [n for n in topo.nodes if n.seen]
        self.assertEqual(LIB.tide_topology_nb_nodes(made), len(seen))
        for a in seen:
            for b in seen:
                self.assertEqual(LIB.tide_topology_distance(made, a.id, b.id), topo.distance(a, b))
            for cpu in a.cpus:
                self.assertEqual(LIB.tide_topology_cpu_node(made, cpu), a.id)
        self.assertEqual(LIB.tide_topology_cpu_node(made, topo.cpus), UNKNOWN)
        LIB.tide_topology_free(made)

    def test_each_file_of_the_lab(self):
        for path in FILES:
            with self.subTest(path=path.stem):
                self.same(topology.parse(path.stem, path.read_text(encoding='utf-8')))

    def test_machines_nobody_has(self):
        for seed in range(200):
            with self.subTest(seed=seed):
                self.same(topology.parse('x', some_machine(random.Random(seed))))


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    LIB = library(str(pathlib.Path(sys.argv.pop(1)).resolve()))
    unittest.main()
