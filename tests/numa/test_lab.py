#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Tests how the lab reads the output of a guest and this machine, without a guest."""

import contextlib
import io
import os
import pathlib
import subprocess
import tempfile
import time
import unittest
from unittest import mock

import lab
import prove
import topology


def column(*said, claims=('a', 'b')):
    """A topology whose guest printed these lines."""
    topo = topology.Topology('x')
    topo.prove = list(claims)
    made, log = prove.Column(topo), []
    with contextlib.redirect_stdout(io.StringIO()):
        for line in said:
            prove.take(made, line, log)
    return made


class Table(unittest.TestCase):
    def test_half_a_mark_is_no_result(self):
        for line in (b'@end', b'@end b', b'@end b 0', b'@end b 0 ', b'said @end b 0 7', b'@end b 0 7 x', b'@end b x 7'):
            made = column(b'@try a', b'@end a 0 5', b'@try b', line)
            self.assertEqual((made.proven(), made.failed()), (['a'], ['b']), line)

    def test_a_guest_lost_after_its_claims_is_a_failure(self):
        made = column(b'@end a 0 5', b'@end b 0 5')
        self.assertEqual(made.failed(), [])
        made.lost = True
        self.assertEqual(len(made.failed()), 1)

    def run_prove(self, *said, claims=('a', 'b')):
        out = io.StringIO()
        with mock.patch('sys.argv', ['prove.py', 'two-nodes']), contextlib.redirect_stdout(out), \
                mock.patch.object(prove, 'try_topology', lambda *_: column(*said, claims=claims)):
            return prove.main(), out.getvalue()

    def test_skipped_is_said_and_is_not_proven(self):
        code, text = self.run_prove(b'@end a 77 5', b'@end b 0 5')
        self.assertEqual(code, 0)
        self.assertIn('\n1 proven, 0 not\n1 skipped: x: a\n', text)
        self.assertEqual(self.run_prove(b'@end a 77 5', b'@end b 77 5')[0], 77)
        self.assertEqual(self.run_prove(b'@end a 77 5')[0], 1)
        self.assertEqual(self.run_prove(b'@end a 77 5', b'@end b 1 5')[0], 1)


class Machine(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def guest(self, script):
        """A shell instead of a guest."""
        guest = object.__new__(lab.Guest)
        guest.topo, guest.work, guest.log = topology.Topology('x'), self.directory, self.directory / 'log'
        guest.process = subprocess.Popen(['sh', '-c', script], stdout=subprocess.PIPE)
        self.addCleanup(guest.process.stdout.close)
        self.addCleanup(guest.process.wait)
        self.addCleanup(guest.process.kill)
        return guest

    def test_a_command_that_never_stops_talking_is_stopped(self):
        guest, began = self.guest("printf '\\001up\\r\\n'; exec yes"), time.monotonic()
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(lab.Failed) as e:
            for _ in guest.lines(1):
                self.assertLess(time.monotonic() - began, 20)
        self.assertEqual(e.exception.code, lab.EXIT_TIME)

    def test_a_guest_whose_log_cannot_be_kept_fails_all_the_same(self):
        guest = self.guest('exit 1')
        guest.log = self.directory / 'nosuch/log'
        with contextlib.redirect_stderr(io.StringIO()), \
                self.assertRaisesRegex(lab.Failed, 'did not boot; its console log cannot be kept in .*: No such') as e:
            list(guest.lines(1))
        self.assertEqual(e.exception.code, lab.EXIT_BOOT)

    def test_what_the_guest_hides_is_refused(self):
        for path in ('/tmp/x', '/tmp/a b/c', '/run/x', '/dev/shm/x'):
            with self.assertRaisesRegex(lab.Failed, 'cannot be seen by the guest'):
                lab.check_seen('the checkout', pathlib.Path(path))
        for path in ('/', '/tmpx/y', '/home/a b', '/var/tmp/x', '/home/tmp'):
            lab.check_seen('the checkout', pathlib.Path(path))

    def choose(self, works, kvm_there):
        with mock.patch.dict(os.environ), mock.patch.object(lab, 'kvm_works', lambda *_: works), \
                mock.patch.object(lab.os, 'access', lambda path, _: kvm_there or path != '/dev/kvm'):
            os.environ.pop('TIDE_LAB_ACCEL', None)
            return lab.choose_accel(self.directory, self.directory)

    def test_what_was_seen_of_kvm_holds_while_it_is_there(self):
        (self.directory / 'accel').write_text('')
        self.assertEqual(self.choose(True, True), 'kvm')
        self.assertEqual(self.choose(False, True), 'kvm')
        self.assertEqual(self.choose(False, False), 'tcg')


if __name__ == '__main__':
    unittest.main()
