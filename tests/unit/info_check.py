#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""tide-info check, on machines from texts and on this one. Usage: info_check.py TIDE-INFO"""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'support'))
import info  # noqa: E402


class Check(unittest.TestCase):
    def setUp(self):
        self.info = info.Info(PROGRAM)
        self.addCleanup(self.info.directory.cleanup)

    def check(self, text, *args, code=0, allowed='', env=None):
        """The grades and codes of the findings, with the answer."""
        machine = self.info.write(text + allowed)
        result = self.info.run('check', '--machine', machine, *args, env=env or {})
        self.assertEqual((result.returncode, result.stderr), (code, ''), result.stdout)
        answer = self.info.json('check', '--machine', machine, *args, code=code, env=env or {})
        self.assertEqual(answer['exit_code'], code)
        self.assertEqual(answer['result'], {0: 'well', 1: 'wrong', 3: 'unknown'}[code])
        for finding in answer['findings']:
            self.assertIn(finding['text'], result.stdout)
            self.assertIn('remedy: ' + finding['remedy'], result.stdout)
        return [(finding['grade'], finding['code']) for finding in answer['findings']], answer

    def test_a_nic_with_cpus_and_memory_on_its_node_is_well(self):
        findings, answer = self.check(info.TWO, '--nic', '0000:af:00.0', allowed='allowed cpus 4-7 nodes 1\n')
        self.assertEqual(findings, [])
        self.assertEqual(answer['nodes'], [1])
        self.assertEqual(answer['nics'], [{'address': '0000:af:00.0', 'node': 1, 'node_source': 'device'}])

    def test_a_nic_without_an_allowed_cpu_on_its_node_is_wrong(self):
        findings, answer = self.check(info.TWO, '--nic', 'af:00.0', code=1, allowed='allowed cpus 0-3\n')
        self.assertEqual(findings, [('wrong', 'cpu-few'), ('note', 'cpu-elsewhere')])
        self.assertIn('0 CPUs of node 1, where NIC 0000:af:00.0 is; 1 needed', answer['findings'][0]['text'])
        self.assertIn('--cpuset-cpus 4-7', answer['findings'][0]['remedy'])

    def test_a_nic_without_memory_on_its_node_is_wrong(self):
        findings, answer = self.check(info.TWO, '--nic', 'af:00.0', code=1, allowed='allowed cpus 4-7 nodes 0\n')
        self.assertEqual(findings, [('wrong', 'memory-refused')])
        self.assertIn('cpuset', answer['findings'][0]['remedy'])
        findings, answer = self.check(info.CXL, '--nic', '3b:00.0', code=1)
        self.assertIn(('wrong', 'memory-refused'), findings)
        self.assertIn('it has no memory', answer['findings'][0]['text'])

    def test_what_is_allowed_elsewhere_is_wrong_only_for_a_single_node(self):
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0')[0], [('note', 'cpu-elsewhere')])
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0', '--single', code=1)[0],
                         [('wrong', 'cpu-elsewhere'), ('wrong', 'memory-elsewhere')])
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0', '--single',
                                    allowed='allowed cpus 0-3 nodes 0\n')[0], [])
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0,af:00.0')[0], [])
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0,af:00.0', '--single', code=1)[0],
                         [('wrong', 'nodes-apart')])

        # A node without memory gives none.
        self.assertEqual(self.check('node 0 cpus 0 memory 1G huge 2M:9\nnode 1 memory 0\nnic 01:00.0 node 0\n',
                                    '--nic', '01:00.0', '--single')[0], [])

    def test_an_unknown_node_is_3_and_a_wrong_nic_beside_it_1(self):
        findings, answer = self.check(info.eight(), '--nic', 'c1:00.0', code=3)
        self.assertEqual(findings, [('unknown', 'nic-node-unknown')])
        self.assertIsNone(answer['nics'][0]['node'])
        self.assertEqual(self.check(info.eight(), '--nic', 'c1:00.0', '--nic', 'ff:00.0', code=1)[0],
                         [('unknown', 'nic-node-unknown'), ('wrong', 'nic-missing')])

    def test_the_bytes_must_be_free_on_each_node_in_pages_of_that_size(self):
        # 500 and 512 free pages of 2 MB; 12 of the first node are in use.
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0,af:00.0', '--bytes', '1000M')[0], [])
        findings, answer = self.check(info.TWO, '--nic', '3b:00.0,af:00.0', '--bytes', '1001M', code=1)
        self.assertEqual(findings, [('wrong', 'pages-few')])
        self.assertIn('echo 513 > /sys/devices/system/node/node0/', answer['findings'][0]['remedy'])
        findings, answer = self.check(info.TWO, '--nic', '3b:00.0', '--bytes', '20G', code=1)
        self.assertIn('does not have that much memory', answer['findings'][0]['remedy'])
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0', '--bytes', '1G', '--page', '1G', code=1)[0][0],
                         ('wrong', 'pages-few'))
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0', '--bytes', '16G', '--page', '4K')[0],
                         [('note', 'cpu-elsewhere')])
        self.assertEqual(self.check(info.TWO, '--nic', '3b:00.0', '--bytes', '17G', '--page', '4K', code=1)[0][0],
                         ('wrong', 'memory-few'))

    def test_huge_pages_of_another_size_do_not_count(self):
        text = 'node 0 cpus 0 memory 16G huge 1G:4 huge 2M:512\nnic 01:00.0 node 0\n'
        self.assertEqual(self.check(text, '--nic', '01:00.0', '--bytes', '2G')[0], [])
        self.assertEqual(self.check(text, '--nic', '01:00.0', '--bytes', '2G', '--page', '2M', code=1)[0],
                         [('wrong', 'pages-few')])

    def test_a_node_without_a_free_huge_page_is_noted(self):
        text = 'node 0 cpus 0 memory 1G huge 2M:10/0\nnic 01:00.0 node 0\n'
        self.assertEqual(self.check(text, '--nic', '01:00.0')[0], [('note', 'pages-none')])

    def test_without_nics_the_nodes_of_the_cpus_count(self):
        self.assertEqual(self.check(info.TWO)[1]['nodes'], [0, 1])
        self.assertEqual(self.check(info.TWO, allowed='allowed cpus 5\n')[1]['nodes'], [1])
        self.assertEqual(self.check(info.TWO, code=1, allowed='allowed nodes 0\n')[0], [('wrong', 'memory-refused')])

    def test_more_cpus_than_the_node_has_are_wrong(self):
        findings, answer = self.check(info.TWO, '--nic', '3b:00.0', '--cpus', '5', code=1)
        self.assertEqual(findings[0], ('wrong', 'cpu-few'))
        self.assertIn('only 4 CPUs', answer['findings'][0]['remedy'])

    def test_kubernetes_names_the_nics_of_a_container(self):
        env = {'PCIDEVICE_INTEL_COM_SRIOV': '0000:af:00.0', 'PCIDEVICE_X': '0000:3b:00.0,0000:af:00.0',
               'PCIDEVICE_INTEL_COM_SRIOV_INFO': '{"0000:af:00.0":{"generic":{}}}', 'PCIDEVICE': '0000:01:00.0'}
        answer = self.check(info.TWO, env=env)[1]
        self.assertEqual(sorted(nic['address'] for nic in answer['nics']), ['0000:3b:00.0', '0000:af:00.0'])
        answer = self.check(info.TWO, '--nic', '3b:00.0', env=env)[1]
        self.assertEqual([nic['address'] for nic in answer['nics']], ['0000:3b:00.0'])

    def test_a_remedy_has_every_cpu_of_a_long_list(self):
        even, odd = (','.join(str(cpu) for cpu in range(first, 256, 2)) for first in (0, 1))
        text = f'node 0 cpus {even} memory 16G\nnode 1 cpus {odd} memory 16G\nnic 01:00.0 node 1\n'
        answer = self.check(text, '--nic', '01:00.0', code=1, allowed=f'allowed cpus {even}\n')[1]
        self.assertIn(f'--cpuset-cpus {odd}, or', answer['findings'][0]['remedy'])
        self.assertRegex(answer['findings'][0]['text'], r'its CPUs are 0,2,[0-9,]*[0-9],\.\.\.$')
        self.assertEqual(answer['cpus_allowed'], even)
        # A list of 20 kB is named.
        even, odd = (','.join(str(cpu) for cpu in range(first, 8192, 2)) for first in (0, 1))
        text = f'node 0 cpus {even} memory 16G\nnode 1 cpus {odd} memory 16G\nnic 01:00.0 node 1\n'
        answer = self.check(text, '--nic', '01:00.0', code=1, allowed=f'allowed cpus {even}\n')[1]
        self.assertIn('--cpuset-cpus LIST, with the CPUs of node 1', answer['findings'][0]['remedy'])
        self.assertEqual(answer['cpus_allowed'], even)

    def test_the_remedy_for_cpus_elsewhere_names_those_of_all_nics(self):
        text = ''.join(f'node {i} cpus {2 * i}-{2 * i + 1} memory 1G huge 2M:9\nnic 0{i}:00.0 node {i}\n'
                       for i in range(3))
        answer = self.check(text, '--nic', '00:00.0,02:00.0')[1]
        self.assertEqual(answer['findings'][0]['remedy'], 'use only CPUs of nodes with a NIC of it: -l 0-1,4-5')
        answer = self.check(text, '--nic', '00:00.0', '--single', code=1)[1]
        self.assertIn('docker run --cpuset-mems 0', [finding['remedy'] for finding in answer['findings']])
        # No CPU of a node that is needed may be used, so there is none to name.
        answer = self.check(text, '--nic', '02:00.0', code=1, allowed='allowed cpus 0-3\n')[1]
        self.assertEqual({finding['remedy'] for finding in answer['findings'] if finding['code'] == 'cpu-elsewhere'},
                         {'allow CPUs of nodes with a NIC of it, and no others'})

    def test_wrong_arguments_are_2(self):
        machine = self.info.write(info.TWO)
        for args in (('--nic', 'eth0'), ('--nic', ''), ('--nic', '3b:00.0,'), ('--nic', '3b:00.0;rm'),
                     ('--nic', ','.join(f'{i:02x}:00.0' for i in range(65))), ('--bytes', '-1'), ('--bytes', '1025T'),
                     ('--bytes', '1e99'), ('--bytes', 'nan'), ('--bytes', '0x10'), ('--bytes', '1Q'), ('--page', '3M'),
                     ('--cpus', '0'), ('--cpus', '99999999999999999999'), ('node0',)):
            result = self.info.run('check', '--machine', machine, *args)
            self.assertEqual((result.returncode, result.stdout), (2, ''), args)
            self.assertTrue(result.stderr.startswith('tide-info: '))

    def test_a_machine_that_cannot_be_read_is_not_known(self):
        self.assertEqual(self.info.run('check', '--machine', self.info.path('none')).returncode, 3)

    def without(self, directory, *args):
        """Run a command where a directory is empty."""
        script = f'mount -t tmpfs none {directory} && exec "$@"'
        result = subprocess.run(['unshare', '-m', 'sh', '-c', script, 'sh', PROGRAM, *args], capture_output=True,
                                text=True, timeout=60, check=False)
        if 'unshare' in result.stderr or 'mount' in result.stderr.split('TIDE', 1)[0]:
            self.skipTest(result.stderr)
        return result

    @unittest.skipIf(os.geteuid() != 0, 'only root can hide files')
    def test_without_sysfs_nothing_is_known(self):
        result = self.without('/sys', 'check')
        self.assertEqual(result.returncode, 3, result)
        self.assertIn('sysfs cannot be read', result.stdout)
        self.assertEqual(self.without('/sys', 'show').returncode, 0)

    def test_this_machine_can_be_checked_by_any_user(self):
        more = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.geteuid() == 0 else {}
        result = self.info.run('check', **more)
        self.assertIn(result.returncode, (0, 1))
        self.assertEqual(result.stderr, '')
        self.assertTrue(result.stdout.splitlines()[-1].startswith('well: ' if result.returncode == 0 else 'wrong: '))


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
