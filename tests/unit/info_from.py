#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""tide-info plan --from, on programs that are not there and on one that answers anything. Usage: info_from.py
TIDE-INFO"""

import json
import os
import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'support'))
import info  # noqa: E402


class Program(threading.Thread):
    """A program with a telemetry socket: answer() makes the answer to a command; None closes the connection."""

    def __init__(self, path, answer):
        super().__init__(daemon=True)
        self.answer = answer
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen()
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.serve(client)

    def serve(self, client):
        try:
            client.send(json.dumps({'version': 'DPDK 22.11', 'pid': os.getpid(), 'max_output_len': 16384}).encode())
            while True:
                command = client.recv(1024).decode()
                answer = self.answer(command) if command else None
                if answer is None:
                    return
                client.send(json.dumps({command.split(',')[0]: answer}).encode())
        except OSError:
            pass

    def end(self):
        self.listener.close()


class From(unittest.TestCase):
    def setUp(self):
        self.info = info.Info(PROGRAM)
        self.addCleanup(self.info.directory.cleanup)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.info.directory.name)

    def ask(self, answer, *args):
        path = self.info.path(f'socket{time.monotonic_ns()}')
        program = Program(path, answer)
        self.addCleanup(program.end)
        return self.info.run('plan', '--from', path, '--seconds', '1', *args)

    def pools(self, changes, *args):
        """What is said about pools of 1,000 buffers, each with its fields changed."""
        usual = {'ops': 'tide', 'socket_id': 0, 'cache_size': 0, 'size': 1000, 'in_use': 100, 'cached': 0, 'peak': 150,
                 'failures': 0}
        answers = {'/tide/pools': [f'mp{i}' for i in range(len(changes))], '/ethdev/list': [0],
                   '/ethdev/info,0': {'numa_node': 0}}
        for i, changed in enumerate(changes):
            answers[f'/tide/pool,mp{i}'] = {**usual, 'name': f'mp{i}', **changed}
        began = time.monotonic()

        def answer(command):
            if command == '/ethdev/stats,0':
                return {'ipackets': int((time.monotonic() - began) * 1000), 'rx_nombuf': 0}
            if command.startswith('/tide/owners'):
                return {'lcore_1': {'buffers': 100, 'oldest_min_ms': 1, 'oldest_max_ms': 255}}
            return answers.get(command, {})
        result = self.ask(answer, '--json', *args)
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        return json.loads(result.stdout)['pools']

    def refused(self, result, *words):
        self.assertEqual((result.returncode, result.stdout), (1, ''), result)
        self.assertTrue(result.stderr.startswith('tide-info: '), result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_rate_and_age_make_the_prediction(self):
        pool, = self.pools([{}])
        # 1,000 packets per second that stay for one tick, 128 ms, and a burst.
        self.assertTrue(150 < pool['predicted'] < 170, pool)
        self.assertTrue(900 < pool['packets_per_second'] < 1100, pool)
        self.assertAlmostEqual(pool['error_percent'], 100 * (pool['predicted'] - 150) / 150, delta=1)
        self.assertTrue(pool['predicted'] <= pool['needed'] < 1.3 * pool['predicted'] + 64, pool)

    def test_a_planned_rate_in_packets_or_bits_is_needed(self):
        pool, = self.pools([{}], '--rate', '100kpps', '--margin', '0')
        self.assertTrue(11000 < pool['needed'] < 14500, pool)
        again, = self.pools([{}], '--rate', '67.2Mbps', '--margin', '0')
        self.assertTrue(0.9 * pool['needed'] < again['needed'] < 1.1 * pool['needed'], (pool, again))

    def test_a_pool_of_other_ops_is_counted(self):
        pool, = self.pools([{'ops': 'ring_mp_mc'}])
        self.assertTrue(pool['by_count'])
        self.assertEqual((pool['predicted'], pool['peak'], pool['error_percent']), (100, None, None))

    def test_absurd_figures_do_no_harm(self):
        changes = [{field: value} for value in (-5, 2**63 - 1, 'many', None, [], 1e300)
                   for field in ('size', 'in_use', 'cached', 'peak', 'failures', 'cache_size', 'socket_id')]
        self.assertEqual(len(self.pools(changes, '--rate', '10000000000000')), len(changes))

    def test_programs_that_are_not_there_are_named(self):
        more = {'env': self.environment}
        self.refused(self.info.run('plan', '--from', 'nosuchprefix', **more), 'nosuchprefix')
        self.refused(self.info.run('plan', '--from', '/none/socket', **more), '/none/socket')
        self.refused(self.info.run('plan', '--from', str(os.getpid()), **more), str(os.getpid()))
        self.refused(self.info.run('plan', '--from', './' + 'x' * 1000, **more))

    def test_a_program_without_the_plugin_is_told_to_load_it(self):
        self.refused(self.ask(lambda command: {'/ethdev/list': [0]}.get(command, {}) if 'tide' not in command else {}),
                     '-d librte_mempool_tide.so')

    def test_a_program_that_hangs_up_is_an_error(self):
        self.refused(self.ask(lambda command: None))
        answers = iter([['mp'], [0], {}, {}])
        self.refused(self.ask(lambda command: next(answers, None)))

    def test_a_pool_that_is_gone_is_said_to_be(self):
        result = self.ask(lambda command: {'/tide/pools': ['mp'], '/ethdev/list': []}.get(command, 'gone'))
        self.assertEqual(result.returncode, 0, result)
        self.assertIn('pool mp\n  it is gone\n', result.stdout)

    def test_wrong_arguments_are_2(self):
        for args in (('--from', ''), ('--from', 'x', '--seconds', '0'), ('--from', 'x', '--seconds', '3601'),
                     ('--from', 'x', '--margin', '1001'), ('--from', 'x', '--margin', '-1')):
            self.assertEqual(self.info.run('plan', *args).returncode, 2, args)


if __name__ == '__main__':
    PROGRAM = sys.argv.pop(1)
    unittest.main()
