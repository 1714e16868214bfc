#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""tide-info plan, on machines from texts. Usage: info_plan.py TIDE-INFO"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'support'))
import info  # noqa: E402

MB = 1 << 20


class Plan(unittest.TestCase):
    def setUp(self):
        self.info = info.Info(PROGRAM)
        self.addCleanup(self.info.directory.cleanup)

    def plan(self, *args, text=info.TWO, code=0):
        machine = self.info.write(text)
        self.assertEqual(self.info.run('plan', '--machine', machine, *args).returncode, code)
        return self.info.json('plan', '--machine', machine, *args, code=code)

    def buffers(self, *args):
        """Those of one port of node 0, which one lcore polls."""
        return self.plan('--ports', 'node0', '--lcores', '1', *args)['pools'][0]['buffers']

    def test_the_buffers_are_those_of_queues_bursts_and_caches(self):
        for args, needed in (((), 2048 + 32),
                             (('--queues', '3'), 3 * 2048 + 32),
                             (('--rx-desc', '512', '--tx-desc', '256'), 512 + 256 + 32),
                             (('--burst', '64'), 2048 + 64),
                             (('--depth', '1000'), 2048 + 32 + 1000)):
            got = self.buffers(*args)
            self.assertTrue(needed <= got < needed + 64 and got % 64 == 0, (args, needed, got))
        # A cache keeps up to one and a half times its size before DPDK 26.07.
        self.assertTrue(2048 + 32 + 256 <= self.buffers('--cache', '256') <= 2048 + 32 + 384 + 63)

    def test_held_packets_are_rate_times_time(self):
        base = 2048 + 32
        for rate, hold, held in (('1Mpps', '1ms', 1000), ('1000000', '1000', 1000), ('2.5Mpps', '200us', 500),
                                 ('1pps', '1us', 1), ('10Gbps', '1ms', 14881), ('10Gbit', '1ms', 14881),
                                 ('1kpps', '2s', 2000)):
            got = self.buffers('--rate', rate, '--hold', hold)
            self.assertTrue(base + held <= got < base + held + 64, (rate, hold, got))
        # 1,518 bytes and 20 around them: 812,744 packets per second.
        got = self.buffers('--rate', '10Gbps', '--frame', '1518', '--hold', '10ms')
        self.assertTrue(base + 8128 <= got < base + 8128 + 64, got)
        self.assertEqual(self.buffers('--rate', '1Mpps'), self.buffers())

    def test_each_node_with_a_port_has_a_pool_and_lcores(self):
        plan = self.plan('--ports', '3b:00.0,af:00.0,node1', '--queues', '2', '--lcores', '5')
        self.assertEqual([pool['node'] for pool in plan['pools']], [0, 1])
        self.assertEqual([port['pool_node'] for port in plan['ports']], [0, 1, 1])
        for port, cpus in zip(plan['ports'], (range(0, 4), range(4, 8), range(4, 8))):
            self.assertTrue(all(lcore in cpus for lcore in port['lcores']), plan)
        self.assertIn('-a 0000:3b:00.0 -a 0000:af:00.0', plan['eal'])
        self.assertIn(f'--socket-mem {plan["pools"][0]["bytes"] // MB},{plan["pools"][1]["bytes"] // MB}', plan['eal'])

    def test_nics_that_are_bound_for_programs_are_the_usual_ports(self):
        self.assertEqual([port['name'] for port in self.plan()['ports']], ['0000:3b:00.0'])
        self.assertEqual([port['node'] for port in self.plan(text=info.ONE)['ports']], [0])
        self.assertEqual([port['node'] for port in self.plan(text='node 0 cpus 0-1 memory 1G\nnode 1 memory 1G\n')
                          ['ports']], [None])

    def test_the_pages_hold_the_buffers_and_the_command_reserves_them(self):
        plan = self.plan('--ports', 'node0', '--buffers', '1000000')
        pool = plan['pools'][0]
        self.assertTrue(pool['pool_bytes'] < pool['bytes'] < pool['pool_bytes'] * 1.05 + 64 * MB)
        self.assertEqual(pool['pages'] * pool['page_size'], pool['bytes'])
        # 12 pages are in use.
        self.assertEqual(pool['reserve'], f'echo {pool["pages"] + 12} > /sys/devices/system/node/node0/hugepages/'
                         'hugepages-2048kB/nr_hugepages')
        pool = self.plan('--ports', 'node0', '--buffers', '1000000', '--page', '1G')['pools'][0]
        self.assertEqual((pool['page_size'], pool['pages']), (1 << 30, 3))
        small = self.plan('--ports', 'node0', '--page', '4K')
        self.assertIsNone(small['pools'][0]['reserve'])
        self.assertIn('--no-huge -m ', small['eal'])

    def pages(self, pool, descriptors):
        """The pages of a pool, by hand: no buffer crosses a page, and EAL's own memory fills what is left of them."""
        per_page = pool['page_size'] // pool['object_size']
        pages = -(-pool['buffers'] // per_page)
        own = 32 * MB + 128 * descriptors
        if pages * pool['page_size'] - pool['buffers'] * pool['object_size'] < own:
            pages += -(-own // pool['page_size'])
        return pages

    def test_the_pages_are_those_of_buffers_and_of_what_eal_needs(self):
        pool = self.plan('--ports', 'node0')['pools'][0]
        self.assertEqual((pool['buffers'], pool['object_size'], pool['pages']), (2112, 2368, 20))
        for args in (('--buffers', '1000000'), ('--buffers', '1000000', '--page', '1G'),
                     ('--mtu', '9000'), ('--mtu', '9000', '--buffers', '100000')):
            pool = self.plan('--ports', 'node0', *args)['pools'][0]
            self.assertEqual(pool['pages'], self.pages(pool, 2048), args)
        # Descriptors count on the node of their port.
        for pool, ports in zip(self.plan('--ports', 'node0,node1,node1', '--queues', '64')['pools'], (1, 2)):
            self.assertEqual(pool['pages'], self.pages(pool, ports * 64 * 2048))

    def test_eal_reaches_no_node_beyond_its_own_limit(self):
        text = 'node 0 cpus 0 memory 1G\nnode 32 memory 1G\n'
        self.assertEqual(self.plan('--ports', 'node0', text=text)['pools'][0]['node'], 0)
        result = self.info.run('plan', '--machine', self.info.write(text), '--ports', 'node32')
        self.assertEqual(result.returncode, 2)
        self.assertIn('EAL does not reach node 32: its ids end at 31', result.stderr)

    def test_the_text_has_the_figures_of_the_sum(self):
        result = self.info.run('plan', '--machine', self.info.write(info.TWO), '--ports', 'node0', '--cache', '100',
                               '--lcores', '2', '--queues', '2', '--hold', '1ms', '--rate', '10Gbps')
        self.assertRegex(result.stdout, r'\n  caches of lcores +(300 = 2 x 150|200 = 2 x 100)\n')
        self.assertIn('14881 = 14880953 packets/s x 1000 us', result.stdout)

    def test_a_larger_mtu_has_larger_buffers(self):
        self.assertGreaterEqual(self.plan('--mtu', '9000')['data_room'], 9000 + 128)
        self.assertEqual(self.plan('--mtu', '9000', '--buffer-size', '2048')['data_room'], 2048 + 128)

    def test_only_named_cpus_are_lcores(self):
        plan = self.plan('--ports', 'node1', '--cpus', '2,5-6')
        self.assertEqual(plan['ports'][0]['lcores'], [5])
        self.assertTrue(plan['eal'].startswith('-l 2,5-6 --main-lcore 2 '), plan['eal'])
        plan = self.plan('--cpus', '3')
        self.assertEqual(plan['ports'][0]['lcores'], [3])
        self.assertTrue(plan['eal'].startswith('-l 3 --main-lcore 3 '), plan['eal'])

    def test_the_main_lcore_takes_no_cpu_that_a_port_needs(self):
        text = ('node 0 cpus 0-1 memory 1G huge 2M:96 distance 2:20,5:31\nnode 2 cpus 2 memory 1G huge 2M:64\n'
                'node 5 cpus 3 memory 1G huge 2M:64 distance 0:31\n')
        plan = self.plan('--ports', 'node5,node2', text=text)
        self.assertEqual([port['lcores'] for port in plan['ports']], [[3], [2]])
        self.assertEqual((plan['main_node']['node'], plan['main_node']['bytes']), (0, 32 * MB))
        self.assertTrue(plan['eal'].startswith('-l 0,2-3 --main-lcore 0 --socket-mem 32,0,'), plan['eal'])
        # Without a CPU to spare the last lcore becomes the main one; alone it polls.
        plan = self.plan('--ports', 'node0,node1', text='node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\n')
        self.assertEqual([port['lcores'] for port in plan['ports']], [[0], [0]])
        self.assertTrue(plan['eal'].startswith('-l 0-1 --main-lcore 1 '), plan['eal'])
        plan = self.plan('--ports', 'node5,node2', '--cpus', '2-3', text=text)
        self.assertEqual([port['lcores'] for port in plan['ports']], [[3], [3]])
        self.assertTrue(plan['eal'].startswith('-l 2-3 --main-lcore 2 '), plan['eal'])

    def test_the_check_finds_pages_that_lack_and_queues_that_are_remote(self):
        answer = self.plan('--check')
        self.assertEqual((answer['result'], answer['findings']), ('well', []))
        answer = self.plan('--check', '--buffers', '1000000', code=1)
        self.assertEqual([finding['code'] for finding in answer['findings']], ['pages-few'])
        self.assertIn('echo ', answer['findings'][0]['remedy'])
        answer = self.plan('--check', '--ports', 'node1', '--cpus', '0-1', code=1)
        self.assertEqual([finding['code'] for finding in answer['findings']], ['queue-remote'])
        answer = self.plan('--check', '--ports', '?', code=3)
        self.assertEqual([finding['code'] for finding in answer['findings']], ['nic-node-unknown'])
        answer = self.plan('--check', '--ports', '3b:00.0', text=info.CXL, code=1)
        self.assertIn('pool-elsewhere', [finding['code'] for finding in answer['findings']])

    def test_a_node_that_is_too_small_is_said_to_be(self):
        plan = self.plan('--ports', 'node0', '--buffers', '100000000')
        self.assertTrue(plan['pools'][0]['too_large'])
        self.assertIsNone(plan['pools'][0]['reserve'])

    def test_what_no_pool_can_have_is_refused_with_2(self):
        machine = self.info.write(info.TWO)
        for args in (('--ports', 'node9'), ('--ports', '01:00.0'), ('--ports', 'eth0'), ('--ports', ''),
                     ('--ports', 'node'), ('--ports', 'node1024'), ('--ports', 'node4294967296'), ('--ports', ','.join(['node0'] * 40)),
                     ('--queues', '0'), ('--queues', '1025'), ('--rx-desc', '65536'), ('--mtu', '67'),
                     ('--rate', '1e40pps'), ('--rate', 'fast'), ('--rate', '-1'), ('--rate', ''), ('--rate', 'nan'),
                     ('--hold', '2h'), ('--hold', '3601s'), ('--hold', '-1us'), ('--frame', '63'),
                     ('--cache', '513'), ('--buffers', '10'), ('--buffers', '4294967296'), ('--lcores', '9'),
                     ('--cpus', '9-8'), ('--cpus', '1,'), ('--cpus', '8'), ('--cpus', '99999999999999999999'),
                     ('--rate', '10000000000000pps', '--hold', '3600s'), ('--page', '64K'), ('x',)):
            result = self.info.run('plan', '--machine', machine, *args)
            self.assertEqual((result.returncode, result.stdout), (2, ''), args)
            self.assertTrue(result.stderr.startswith('tide-info: '), result.stderr)
        self.assertIn('0000:3b:00.0 is named twice',
                      self.info.run('plan', '--machine', machine, '--ports', '3b:00.0,node0,0000:3b:00.0').stderr)
        self.assertIn('the machine has no node 9', self.info.run('plan', '--machine', machine, '--ports', 'node9').stderr)


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
