#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""tide-info show, on machines from texts and on this one. Usage: info_show.py TIDE-INFO"""

import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'support'))
import info  # noqa: E402

SVG = '{http://www.w3.org/2000/svg}'


class Show(unittest.TestCase):
    def setUp(self):
        self.info = info.Info(PROGRAM)
        self.addCleanup(self.info.directory.cleanup)

    def picture(self, text, *more):
        target = self.info.path('picture.svg')
        result = self.info.run('--machine', self.info.write(text), '--svg', target, *more)
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        return xml.etree.ElementTree.parse(target).getroot()

    def texts(self, root):
        return [element.text for element in root.iter(SVG + 'text')]

    def refused(self, code, *args, **more):
        result = self.info.run(*args, **more)
        self.assertEqual(result.returncode, code, result)
        self.assertTrue(result.stderr.startswith('tide-info: ') or '\ntide-info: ' in result.stderr, result.stderr)
        self.assertEqual(result.stdout, '')
        return result.stderr

    def test_a_machine_is_told_as_its_text_says(self):
        told = self.info.json('--machine', self.info.write(info.TWO))
        self.assertEqual([node['id'] for node in told['nodes']], [0, 1])
        self.assertEqual(told['nodes'][1]['cpus'], '4-7')
        self.assertEqual(told['nodes'][0]['huge_pages'][0]['free'], 500)
        self.assertEqual(told['nodes'][0]['latency_ns'], [90, 140])
        self.assertEqual(told['nodes'][1]['distance'], [21, 10])
        self.assertEqual([(nic['address'], nic['node'], nic['driver'], nic['interface']) for nic in told['nics']],
                         [('0000:3b:00.0', 0, 'vfio-pci', None), ('0000:af:00.0', 1, 'ice', 'ens3')])
        self.assertNotIn('capabilities', told)

    def test_the_dump_of_a_machine_makes_the_same_machine(self):
        for text in (info.ONE, info.TWO, info.CXL, info.eight()):
            first = self.info.run('--dump', '--machine', self.info.write(text))
            again = self.info.run('--dump', '--machine', self.info.write(first.stdout))
            self.assertEqual(first.returncode, 0)
            self.assertEqual(first.stdout, again.stdout)

    def test_this_machine_is_what_sysfs_says(self):
        told = self.info.json('--latency=no')
        ids = sorted(int(path.name[4:]) for path in pathlib.Path('/sys/devices/system/node').glob('node[0-9]*'))
        self.assertEqual([node['id'] for node in told['nodes']], ids or [0])
        nics = sorted(path.name for path in pathlib.Path('/sys/bus/pci/devices').glob('*')
                      if (path / 'class').read_text().startswith('0x02'))
        self.assertEqual([nic['address'] for nic in told['nics']], nics)
        self.assertEqual(told['nodes'][0]['latency_ns'], [None] * len(told['nodes']))
        self.assertEqual(len(told['capabilities']), 6)
        for state in told['capabilities'].values():
            self.assertIn(state['answer'], ('yes', 'no', 'unknown'))
            self.assertTrue(state['consequence'])

    def test_a_list_of_cpus_is_whole_however_long(self):
        # Pairs with gaps make the longest text.
        cpus = ','.join(f'{cpu}-{cpu + 1}' for cpu in range(0, 8190, 3))
        machine = self.info.write(f'node 0 cpus {cpus} memory 1G\n')
        self.assertEqual(self.info.json('--machine', machine)['nodes'][0]['cpus'], cpus)
        self.assertIn(f'CPUs        {cpus}\n', self.info.run('--machine', machine).stdout)

    def test_the_cpus_that_are_allowed_are_told(self):
        for allowed, words in (('allowed cpus 0-2,7', ('0-3, of which this process may use 0-2\n',
                                                       '4-7, of which this process may use 7\n')),
                               ('allowed cpus 0-3', ('CPUs        0-3\n', '4-7, of which this process may use none\n'))):
            stdout = self.info.run('--machine', self.info.write(info.TWO + allowed)).stdout
            for word in words:
                self.assertIn(word, stdout)

    def test_an_unknown_node_is_said_to_be_unknown(self):
        told = self.info.json('--machine', self.info.write(info.eight()))
        self.assertIsNone(told['nics'][1]['node'])
        result = self.info.run('--machine', self.info.write(info.eight()))
        self.assertIn('on no known node\n  NIC         0000:c1:00.0, no driver: node not known', result.stdout)

    def test_every_machine_has_a_picture_with_all_its_nodes(self):
        for text in (info.ONE, info.TWO, info.CXL, info.eight(), 'node 7 cpus 0-2047 memory 1G\n'):
            root = self.picture(text)
            nodes = [line for line in self.texts(root) if line.startswith('node ')]
            for line in text.splitlines():
                if line.startswith('node '):
                    self.assertIn(' '.join(line.split()[:2]), nodes)
            width, height = float(root.get('width')), float(root.get('height'))
            for box in root.iter(SVG + 'rect'):
                x, y, w, h = (float(box.get(key)) for key in ('x', 'y', 'width', 'height'))
                self.assertTrue(0 <= x and 0 <= y and x + w <= width and y + h <= height, box.attrib)
            for line in root.iter(SVG + 'text'):
                self.assertTrue(0 < float(line.get('y')) < height, line.text)

    def test_arrows_have_latencies_and_a_node_without_cpus_has_none(self):
        self.assertIn('140 ns', self.texts(self.picture(info.TWO)))
        self.assertIn('141 ns', self.texts(self.picture(info.TWO)))
        self.assertEqual(len(list(self.picture(info.TWO).iter(SVG + 'polygon'))), 2)
        self.assertEqual(len(list(self.picture(info.CXL).iter(SVG + 'polygon'))), 2)

    def test_texts_of_the_picture_do_not_overlap(self):
        """By the widths that the program assumes: 0.62 of the height per character, 0.69 if bold."""
        for text in ('node 0 cpus 0 memory 1G\nnode 500 memory 1G\nnode 1023 cpus 1\n', info.eight(),
                     ''.join(f'node {i} cpus {i} memory 1G\n' for i in range(1000, 1018))):
            spans = []
            for line in self.picture(text).iter(SVG + 'text'):
                size, x, y = (float(line.get(key)) for key in ('font-size', 'x', 'y'))
                width = size * len(line.text) * (0.69 if line.get('font-weight') else 0.62)
                x -= {None: 0, 'middle': width / 2, 'end': width}[line.get('text-anchor')]
                spans.append((y, size, x, x + width, line.text))
            for i, (y, size, left, right, name) in enumerate(spans):
                for y2, size2, left2, right2, other in spans[i + 1:]:
                    self.assertFalse(abs(y - y2) < max(size, size2) / 2 and left < right2 and left2 < right,
                                     (name, other))

    def test_nics_without_room_are_counted_in_their_panel(self):
        nics = [f'0000:{i:02x}:00.0' for i in range(14)]
        root = self.picture(info.ONE + ''.join(f'nic {nic} node 0\n' for nic in nics[1:]))
        drawn = [line.text for line in root.iter(SVG + 'text') if line.text.startswith('0000:')]
        self.assertEqual(drawn, ['0000:00:03.0'] + nics[1:12])
        more = next(line for line in root.iter(SVG + 'text') if line.text == 'and 2 more')
        panel = next(box for box in root.iter(SVG + 'rect') if box.get('rx') == '12' and box.get('fill') == '#ffffff')
        self.assertLess(float(more.get('y')) + 4, float(panel.get('y')) + float(panel.get('height')))

    def test_a_long_title_is_cut_to_the_width(self):
        root = self.picture(info.ONE, '--title', 'x' * 300)
        title = next(line for line in root.iter(SVG + 'text') if line.text.startswith('xxx'))
        self.assertTrue(title.text.endswith('x\u2026'))
        width = len(title.text) * 0.69 * float(title.get('font-size'))
        self.assertTrue(float(root.get('width')) - 150 < float(title.get('x')) + width < float(root.get('width')), width)

    def test_a_table_that_is_cut_says_so(self):
        nodes = ''.join(f'node {i} cpus {i} memory 1G\n' for i in range(17))
        self.assertIn('1 more node is not in this table; tide-info --json has all', self.texts(self.picture(nodes)))
        nodes = ''.join(f'node {i} cpus {i} memory 1G\n' for i in range(16))
        self.assertFalse(any('not in this table' in line for line in self.texts(self.picture(nodes))))

    def test_any_title_makes_a_valid_picture(self):
        root = self.picture(info.ONE, '--title', '<a href="x">&\x01\x7f\u00e9')
        self.assertIn('<a href="x">&??\u00e9', self.texts(root))
        self.picture(info.ONE, '--title', os.fsdecode(b'\xff\xfe' * 500))
        # U+FFFE and U+FFFF are characters of UTF-8, but of no XML.
        self.assertIn('a??\ufffd', self.texts(self.picture(info.ONE, '--title', 'a\ufffe\uffff\ufffd')))

    def test_a_picture_is_written_whole_or_not_at_all(self):
        machine = self.info.write(info.TWO)
        self.refused(1, '--machine', machine, '--svg', self.info.path('none/picture.svg'))
        os.mkdir(self.info.path('directory'))
        self.refused(1, '--machine', machine, '--svg', self.info.path('directory'))
        self.assertEqual(sorted(os.listdir(self.info.directory.name)), ['directory', 'machine.txt'])
        old = self.info.write('old', 'picture.svg')
        os.chmod(old, 0o444)
        self.assertEqual(self.info.run('--machine', machine, '--svg', old).returncode, 0)
        self.assertTrue(pathlib.Path(old).read_text(encoding='utf-8').endswith('</svg>\n'))
        self.assertEqual(stat.S_IMODE(os.stat(old).st_mode) & 0o600, 0o600)

    def test_a_symbolic_link_stays_one(self):
        machine = self.info.write(info.TWO)
        old, link, lost = (self.info.path(name) for name in ('old.svg', 'link.svg', 'lost.svg'))
        os.symlink('old.svg', link)
        os.symlink('none/none.svg', lost)
        self.info.write('old', 'old.svg')
        self.assertEqual(self.info.run('--machine', machine, '--svg', link).returncode, 0)
        self.assertTrue(os.path.islink(link))
        self.assertTrue(pathlib.Path(old).read_text(encoding='utf-8').endswith('</svg>\n'))
        self.refused(1, '--machine', machine, '--svg', lost)
        self.assertTrue(os.path.islink(lost))

    @unittest.skipUnless(os.path.exists('/dev/full'), 'there is no /dev/full')
    def test_a_full_disk_is_a_failure(self):
        machine = self.info.write(info.TWO)
        self.assertIn('No space left', self.refused(1, '--machine', machine, '--svg', '/dev/full'))
        with open('/dev/full', 'w', encoding='utf-8') as full:
            result = subprocess.run([PROGRAM, '--machine', machine], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(result.returncode, 1)

    def test_a_wrong_machine_is_named_with_its_line(self):
        for text, words in (
                ('node 0 cpus 0 memory 1G\nnic\n', 'line 2: no PCI address'),
                ('node 0 cpus 0 memory 1G\nnic 1:2\n', 'line 2: no PCI address'),
                ('nic 0000:01:00.0 colour red\nnode 0 cpus 0 memory 1G\n', 'line 1: an unknown word'),
                ('nic 0000:01:00.0 node\nnode 0 cpus 0 memory 1G\n', 'line 1: the last word has no value'),
                ('nic 0000:01:00.0 node 1024\nnode 0 cpus 0 memory 1G\n', 'line 1: a value that is out of range'),
                ('nic 0000:01:00.0 node 99999999999999999999\nnode 0 cpus 0 memory 1G\n', 'out of range'),
                ('nic 0000:01:00.0 driver ' + 'x' * 40 + '\nnode 0 cpus 0 memory 1G\n', 'out of range'),
                ('nic 0000:01:00.0 driver a\x01b\nnode 0 cpus 0 memory 1G\n', 'out of range'),
                ('nic 01:00.0\nnic 0000:01:00.0\nnode 0 cpus 0 memory 1G\n', 'line 2: the address is named twice'),
                ('node 0 cpus 0 memory 1G\nnic 01:00.0 node 3\n', 'node 3, which the text does not have'),
                ('node 0 cpus 0 memory 99999999999999999999G\n', 'not the text of a machine'),
                ('node 0 cpus 0 memory 1G huge 1G:17179869184\n', 'not the text of a machine'),
                ('node 0 cpus 0 memory 1G huge 1G:9000000000 huge 512M:17179869184\n', 'not the text of a machine'),
                ('node 0\n', 'not the text of a machine'),
                ('', 'not the text of a machine')):
            self.assertIn(words, self.refused(2, '--machine', self.info.write(text)))

    def test_a_file_that_is_no_text_is_refused(self):
        self.refused(1, '--machine', self.info.path('none'))
        self.refused(1, '--machine', self.info.directory.name)
        pathlib.Path(self.info.path('binary')).write_bytes(b'node 0\0')
        self.assertIn('not a text', self.refused(2, '--machine', self.info.path('binary')))
        self.assertIn('4 MB at most', self.refused(2, '--machine', '/dev/zero'))

    def test_a_long_path_leaves_room_for_the_reason(self):
        self.assertIn('File name too long', self.refused(1, '--machine', 'x' * 2000))
        self.assertIn('File name too long', self.refused(1, '--machine', self.info.write(info.TWO), '--svg', 'x' * 2000))

    def test_two_outputs_at_once_are_refused(self):
        self.assertIn('--dump and --json', self.refused(2, '--dump', '--json', '--machine', self.info.write(info.TWO)))

    def test_the_option_that_is_wrong_is_named(self):
        self.assertIn('-x: no such option', self.refused(2, '-xh'))
        self.assertIn('-x: no such option', self.refused(2, '-hx'))
        self.assertIn('--x=1: no such option', self.refused(2, '--x=1'))
        self.assertIn('--help=1: no such option, or it takes no value', self.refused(2, '--help=1'))

    def test_wrong_arguments_are_refused_with_2(self):
        for args in (('shew',), ('--svg',), ('--svg', ''), ('--machine=',), ('show', 'x'), ('--latency=maybe',),
                     ('--nothing',), ('',)):
            self.refused(2, *args)

    def test_help_and_version_need_nothing(self):
        for args in (('--help',), ('show', '--help'), ('--version',), ('show', '--json', '--version')):
            result = self.info.run(*args, env={})
            self.assertEqual((result.returncode, result.stderr), (0, ''))
        self.assertTrue(self.info.run('--version').stdout.startswith('tide-info '))

    @unittest.skipIf(os.geteuid() != 0, 'only root can become another user')
    def test_any_user_may_ask(self):
        result = self.info.run('--json', user=65534, group=65534, extra_groups=[])
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        self.assertEqual(json.loads(result.stdout)['capabilities']['physical addresses']['answer'], 'no')


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
