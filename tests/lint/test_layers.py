#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""layers.py accepts what its rules allow and names each include that breaks one."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / 'layers.py'

# A small tree that keeps all rules.
GOOD = {
    'lib/log/tide_log.h': '#include <rte_log.h>\n',
    'lib/sys/sys_friend.h': '#include <stdint.h>\n',
    'lib/sys/sys_internal.h': '#include "sys_friend.h"\n',
    'lib/sys/sys_json.h': '',
    'lib/topology/tide_topology.h': '',
    'lib/topology/topology_internal.h': '#include "sys_friend.h"\n#include "tide_topology.h"\n',
    'lib/topology/deep/inside.c': '#include "topology_internal.h"\n',
    'lib/magazine/magazine.h': '',
    'drivers/mempool/tide/mempool_tide_friend.h': '#include "magazine.h"\n#include <rte_mempool.h>\n',
    'drivers/mempool/tide/tide_mempool_ops.h': '',
    'lib/mempool/query.c': '#include "mempool_tide_friend.h"\n#include "tide_log.h"\n',
    'lib/pool/tide_pool.h': '#include "tide_topology.h"\n#include "tide_mempool_ops.h"\n',
    'app/common/output.h': '#include "sys_json.h"\n',
    'app/one/options.h': '#include "output.h"\n#include "tide_pool.h"\n',
    'app/one/main/main.c': '#include "options.h"\n',
    'app/two/options.h': '',
    'app/two/main.c': '#include "options.h"\n',
}


def run(files):
    with tempfile.TemporaryDirectory() as top:
        for name, text in files.items():
            path = pathlib.Path(top) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run([sys.executable, SCRIPT, top], stdout=subprocess.PIPE, text=True, check=False)


class Layers(unittest.TestCase):
    def broken(self, name, include, why):
        """One more file with one include is one fault, with its place and its reason."""
        done = run({**GOOD, name: f'#include {include}\n'})
        self.assertEqual(done.returncode, 1, done.stdout)
        line = f'{name}: #include "{include[1:-1]}": {why}'
        self.assertEqual(done.stdout.splitlines(), [line, '1 includes that break the order of parts'])

    def test_a_tree_that_keeps_the_rules_passes(self):
        done = run(GOOD)
        self.assertEqual((done.returncode, done.stdout), (0, '0 includes that break the order of parts\n'))

    def test_an_include_of_a_later_part_is_named(self):
        self.broken('lib/topology/up.c', '"tide_pool.h"', 'lib/topology is below lib/pool')
        self.broken('lib/topology/up.h', '<tide_pool.h>', 'lib/topology is below lib/pool')
        self.broken('drivers/mempool/tide/up.c', '"tide_pool.h"', 'drivers/mempool/tide is below lib/pool')

    def test_a_private_header_of_another_part_is_named(self):
        self.broken('lib/pool/in.c', '"topology_internal.h"', 'topology_internal.h is private to lib/topology')

    def test_a_path_that_leads_up_is_named(self):
        self.broken('lib/pool/path.c', '"../topology/topology_internal.h"',
                    'the path leads up: name the header alone')

    def test_a_part_that_stands_alone_uses_neither_parts_nor_dpdk(self):
        self.broken('lib/sys/log.c', '"tide_log.h"', 'lib/sys uses no other part')
        self.broken('lib/magazine/log.c', '"sys_friend.h"', 'lib/magazine uses no other part')
        self.broken('lib/sys/dpdk.c', '<rte_common.h>', 'lib/sys does without DPDK')

    def test_a_program_uses_public_headers_alone(self):
        self.broken('app/one/friend.c', '"sys_friend.h"', 'sys_friend.h is private to lib/sys')
        self.broken('app/one/log.c', '"tide_log.h"', 'tide_log.h is private to lib/log')
        self.broken('app/one/magazine.c', '"magazine.h"', 'magazine.h is private to lib/magazine')
        self.broken('app/common/in.c', '"topology_internal.h"', 'topology_internal.h is private to lib/topology')

    def test_a_program_does_not_use_another(self):
        files = {**GOOD, 'app/two/plan.h': ''}
        done = run({**files, 'app/one/plan.c': '#include "plan.h"\n'})
        self.assertEqual(done.stdout.splitlines()[0],
                         'app/one/plan.c: #include "plan.h": app/one uses app/two, which is no part of the library')

    def test_the_library_does_not_use_a_program(self):
        self.broken('lib/pool/app.c', '"output.h"', 'lib/pool is below app/common')

    def test_a_part_without_a_place_is_named(self):
        done = run({**GOOD, 'lib/attic/attic.c': ''})
        self.assertEqual(done.returncode, 1)
        self.assertIn('lib/attic: no place in the order of parts; add it to PARTS of layers.py', done.stdout)


if __name__ == '__main__':
    unittest.main()
