# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Machines made of text, and a way to ask tide-info about them."""

import json
import os
import pathlib
import subprocess
import tempfile

ONE = 'node 0 cpus 0-3 memory 8G free 3G huge 2M:1024/1000\nnic 0000:00:03.0 node 0 driver virtio-pci interface eth0\n'
TWO = '''# two sockets, a NIC each
node 0 cpus 0-3 memory 16G huge 2M:512/500 distance 1:21 latency 0:90,1:140
node 1 cpus 4-7 memory 16G huge 2M:512/512 distance 0:21 latency 0:141,1:91
nic 0000:3b:00.0 node 0 driver vfio-pci
nic 0000:af:00.0 node 1 driver ice interface ens3 # the other
'''
CXL = '''node 0 cpus 0-3 memory 16G huge 2M:512
node 1 cpus - memory 64G distance 0:17
node 4 cpus 4-7 memory 0
nic 0000:3b:00.0 node 4
'''


def eight():
    lines = [f'node {i} cpus {16 * i}-{16 * i + 15} memory 64G huge 1G:8' for i in range(8)]
    return '\n'.join(lines + ['nic 0000:41:00.0 node 2 driver vfio-pci', 'nic 0000:c1:00.0'])


class Info:
    def __init__(self, program):
        self.program = program
        self.directory = tempfile.TemporaryDirectory()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, text, name='machine.txt'):
        pathlib.Path(self.path(name)).write_text(text, encoding='utf-8', errors='surrogateescape')
        return self.path(name)

    def run(self, *args, **more):
        return subprocess.run([self.program, *args], capture_output=True, text=True, timeout=60, check=False,
                              **more)

    def json(self, *args, code=0, **more):
        """The answer as JSON, and that it came with this exit code."""
        result = self.run(*args, '--json', **more)
        assert result.returncode == code, result
        return json.loads(result.stdout)
