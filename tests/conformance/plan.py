#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""dpdk-testpmd starts with the arguments of tide-info plan, and with no more memory than planned.

Usage: plan.py TIDE-INFO PAGE, where PAGE is 4K or 2M. Exits 77 if the machine lacks the pages."""

import json
import os
import re
import shutil
import subprocess
import sys

PROGRAM, PAGE = sys.argv[1:]
REQUEST = ['--ports', 'node0', '--lcores', '1', '--queues', '2', '--cache', '256', '--hold', '10ms', '--rate', '1Mpps',
           '--page', PAGE]


def skip(reason):
    print(reason)
    sys.exit(77)


def plan():
    result = subprocess.run([PROGRAM, 'plan', '--json', '--check', *REQUEST], capture_output=True, text=True,
                            check=False)
    if result.returncode == 1:
        skip(json.loads(result.stdout)['findings'][0]['text'])
    return json.loads(result.stdout)


def testpmd(planned, prefix):
    """Run it until it reads the end of its input; memory beyond the plan is refused to it."""
    eal = planned['eal'].split()
    if '--socket-mem' in eal:
        eal += ['--in-memory', '--socket-limit', eal[eal.index('--socket-mem') + 1]]
    return subprocess.run(['dpdk-testpmd', *eal, '--no-pci', '--no-telemetry', '--file-prefix', prefix,
                           '--vdev=net_null0', '--', '--rxq=2', '--txq=2', '--rxd=1024', '--txd=1024',
                           '--mbcache=256', f'--total-num-mbufs={planned["pools"][0]["buffers"]}'],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, check=False)


def runtime_directory(prefix):
    """EAL leaves it behind."""
    above = '/var/run' if os.geteuid() == 0 else os.environ.get('XDG_RUNTIME_DIR', '/tmp')
    return os.path.join(above, 'dpdk', prefix)


def main():
    if shutil.which('dpdk-testpmd') is None:
        skip('there is no dpdk-testpmd')
    planned = plan()
    if len(set(re.findall(r'\d+', planned['eal'].split()[1]))) < 2:
        skip('testpmd needs two CPUs')
    prefix = f'tide-plan-{os.getpid()}'
    try:
        result = testpmd(planned, prefix)
    finally:
        shutil.rmtree(runtime_directory(prefix), ignore_errors=True)
    if result.returncode != 0 or 'Done.' not in result.stdout and 'Bye...' not in result.stdout:
        sys.exit(f'testpmd ended with {result.returncode}:\n{planned["eal"]}\n{result.stdout}')
    print(f'testpmd runs with {planned["eal"]} and {planned["pools"][0]["buffers"]} buffers')


main()
