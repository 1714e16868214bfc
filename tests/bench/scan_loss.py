#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Measures the packets that an unmodified dpdk-testpmd loses while its memory is scanned.

testpmd polls a net_ring port of 1,024 places on one CPU and sends the packets to a net_null port. It has a mempool of
100,000 buffers, and 1 GB of memory that a scan has to read. A thread of a preloaded library gives packets to the ring at
a steady rate, on the other CPU, which the scan shares: the share --load of the highest rate at which less than 0.1 %
find the ring full. Then windows of 5 seconds with scans, one after another, take turns with windows without.

testpmd has the highest priority, so other work of the machine does not take its CPU. doc/benchmarks.md has figures.
"""

import argparse
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'clients'))

import client  # noqa: E402

# Of tests/clients/leaks.c.
WINDOW_MS = 5000
# Packets a millisecond: the first rate that is tried, and the highest, which leaves time to the scan.
FIRST, HIGHEST = 200, 5000


class Testpmd(client.Client):
    """Forwards from a ring to a port that takes all."""

    name = 'dpdk-testpmd'

    def start_program(self):
        # Lcore 1 forwards. The other threads have the CPU of lcore 0.
        self.program = self.spawn(
            'setsid', 'nice', '-n', '-20', 'dpdk-testpmd', *self.eal('--lcores', '0,1', '--no-huge', '-m', '512'),
            '--vdev=net_ring0', '--vdev=net_null1,no-rx=1', '--', '-i', '--total-num-mbufs=100000', '--mbcache=256',
            '--no-lsc-interrupt', stdin=subprocess.PIPE)
        group = pathlib.Path(f'/proc/{self.program.pid}/autogroup')
        if group.exists():
            # The kernel shares a CPU between sessions first, and counts priorities within a session.
            time.sleep(0.5)
            group.write_text('-20', encoding='ascii')
        self.program.stdin.write(b'start\n')
        self.program.stdin.flush()


    def waited(self):
        """Seconds in which another process had the CPU of the forwarder."""
        for task in pathlib.Path(f'/proc/{self.program.pid}/task').iterdir():
            if 'worker-1' in (task / 'comm').read_text(encoding='ascii'):
                return int((task / 'schedstat').read_text(encoding='ascii').split()[1]) / 1e9
        raise client.Broken('testpmd has no worker')


class Scans:
    """Scans in a thread, one after another, as long as the block runs."""

    def __init__(self, program):
        self.program, self.answers, self.stop = program, [], threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stop.is_set():
            self.answers.append(self.program.telemetry.ask('/tide/scan,mb_pool_0'))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def window(program, rate):
    """Send for 5 seconds. Returns the share of packets that found the ring full, and of the time that other processes
    took from the forwarder."""
    before, began = program.waited(), time.monotonic()
    lost = program.lose('traffic', rate)
    return lost / (rate * WINDOW_MS), (program.waited() - before) / (time.monotonic() - began)


def highest(program):
    """The highest rate at which less than 0.1 % is lost."""
    best = rate = FIRST
    while rate <= HIGHEST:
        loss, _ = window(program, rate)
        print(f'{rate} packets a millisecond: {100 * loss:.3f} % lost', flush=True)
        if loss > 0.001:
            break
        best, rate = rate, rate * 3 // 20 * 10
    return best


def measure(program, args):
    # A rate is so many bursts of the same size.
    rate = args.rate or int(highest(program) * args.load) // 10 * 10
    losses = {'without scans': [], 'with scans': []}
    scans = []
    for _ in range(args.rounds):
        losses['without scans'].append(window(program, rate))
        with Scans(program) as running:
            losses['with scans'].append(window(program, rate))
        scans += running.answers
    print(f'{rate} packets a millisecond, {args.rounds} windows of 5 s each')
    for name, windows in losses.items():
        loss, taken = ([100 * one[i] for one in windows] for i in range(2))
        print(f'{name:13}: {statistics.mean(loss):.3f} % lost (' + ' '.join(f'{one:.3f}' for one in loss) +
              f'); other processes had the CPU for {statistics.mean(taken):.3f} % of the time')
    print(f'{len(scans)} reports; a scan read {statistics.median(s["bytes_read"] for s in scans) / 1e6:.0f} MB in '
          f'{statistics.median(s["scan_us"] for s in scans) / 1000:.0f} ms; '
          f'{scans[-1]["size"]} buffers, {max(s["leaked"] for s in scans)} called leaked')
    return 0


def arguments():
    p = argparse.ArgumentParser(prog='scan_loss.py', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--build', type=pathlib.Path, default=os.environ.get('TIDE_BUILD', HERE.parents[1] / 'build'))
    p.add_argument('--ops', default='tide', help='mempool ops (tide)')
    p.add_argument('--rate', type=int, help='packets a millisecond, a multiple of ten; none: found by trial')
    p.add_argument('--load', type=float, default=0.9, help='share of the highest rate (0.9)')
    p.add_argument('--memory', type=int, default=1024, help='MB that a scan reads (1024)')
    p.add_argument('--rounds', type=int, default=5, help='windows of each kind (5)')
    return p.parse_args()


def main():
    args = arguments()
    if os.geteuid() != 0 or len(os.sched_getaffinity(0)) < 2:
        print('skipped: needs root, for priorities, and two CPUs')
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # What measures stays off the CPU of the forwarder.
    os.sched_setaffinity(0, {0})
    with tempfile.TemporaryDirectory(prefix='scan_loss.') as work:
        program = Testpmd(args.build.resolve(), pathlib.Path(work), args.ops)
        try:
            program.start()
            program.lose('memory', args.memory)
            return measure(program, args)
        except client.Broken as e:
            print('\n'.join([*program.logs(), str(e)]))
            return 1
        finally:
            program.stop()


if __name__ == '__main__':
    sys.exit(main())
