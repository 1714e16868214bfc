#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Boots each topology and tries the claims its file names; prints the table of topologies and claims.

Exit code: 0: proven, except what was skipped and said to be; 1: some failed, or a guest did not boot or end
well; 77: nothing was proven, all was skipped.
"""

import argparse
import os
import pathlib
import re
import signal
import sys
import time

import lab

CLAIMS = lab.HERE / 'claims'
# Seconds for all claims of one topology; several times the duration on an idle machine.
LIMIT = 600
PROVEN, SKIPPED = 0, 77
# Complete lines of prove.sh: a guest that dies may leave half of one.
END = re.compile(r'@end (\S+) (\d+) (\d+)', re.ASCII)


class Column:
    """One topology of the table."""

    def __init__(self, topo):
        self.topo = topo
        self.result = {}  # Claim -> (exit code, seconds).
        self.seconds = 0.0
        self.skipped = False  # This machine cannot make that one.
        self.lost = False  # The guest did not come to its own end.

    def word(self, claim):
        if claim not in self.topo.prove:
            return '-'
        if self.skipped:
            return 'skipped'
        code, seconds = self.result.get(claim, (None, 0))
        word = {None: 'NOT TRIED', PROVEN: 'proven', SKIPPED: 'skipped'}.get(code, 'FAILED')
        return f'{word} {seconds:.0f} s' if code is not None else word

    def proven(self):
        return [c for c in self.topo.prove if self.result.get(c, (None,))[0] == PROVEN]

    def failed(self):
        if self.skipped:
            return []
        claims = [c for c in self.topo.prove if self.result.get(c, (None,))[0] not in (PROVEN, SKIPPED)]
        return claims or (['the guest went wrong after its claims'] if self.lost else [])

    def left_out(self):
        return [c for c in self.topo.prove if self.skipped or self.result.get(c, (None,))[0] == SKIPPED]


def known_claims():
    return sorted(p.stem for p in CLAIMS.glob('*.sh'))


def take(column, line, log):
    """One line from the guest: a mark of prove.sh, or output of a claim, which is printed if it fails."""
    text = line.decode(errors='replace')
    end = END.fullmatch(text)
    if text.startswith('@try '):
        log.clear()
    elif end:
        claim, code = end[1], int(end[2])
        column.result[claim] = (code, int(end[3]) / 1000)
        if code != PROVEN:
            for said in log:
                print(f'    {said}')
        print(f'{column.topo.name}: {claim}: {column.word(claim)}', flush=True)
    else:
        log.append(text)


def try_topology(topo, build, wrong):
    column = Column(topo)
    began = time.monotonic()
    command = ['env', f'LAB_BREAK={wrong}', lab.HERE / 'guest/prove.sh', *topo.prove]
    log = []
    try:
        lab.check_seen('the build directory', build)
        with lab.Guest(topo, build, command) as guest:
            lab.say(lab.describe(topo, guest.accel))
            guest.start(interactive=False)
            for line in guest.lines(LIMIT):
                take(column, line, log)
            guest.exit_code()
    except lab.Failed as e:
        for text in log:
            print(f'    {text}')
        column.skipped = e.code == lab.EXIT_SKIP
        column.lost = not column.skipped
        lab.say(f'skipped: {e}' if column.skipped else e)
    column.seconds = time.monotonic() - began
    return column


def show(columns):
    claims = [c for c in known_claims() if any(c in col.topo.prove for col in columns)]
    rows = [['claim'] + [c.topo.name for c in columns]]
    rows += [[claim] + [c.word(claim) for c in columns] for claim in claims]
    rows.append(['all, with boot'] + [f'{c.seconds:.0f} s' for c in columns])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print()
    for row in rows:
        print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def unproven(columns):
    """Claims that no topology proved, if all were tried; without those skipped for lack of a machine."""
    return [c for c in known_claims()
            if not any(col.result.get(c, (None,))[0] == PROVEN or (col.skipped and c in col.topo.prove)
                       for col in columns)]


def check_names(topos):
    known = known_claims()
    for topo in topos:
        for claim in topo.prove + topo.prove_long:
            if claim not in known:
                raise lab.Failed(2, f'{topo.name}: there is no claim "{claim}"; there are: {", ".join(known)}')


def arguments():
    p = argparse.ArgumentParser(prog='prove.py', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--build', type=pathlib.Path, default=os.environ.get('TIDE_BUILD', lab.ROOT / 'build'))
    p.add_argument('--short', action='store_true', help='without the claims that take long')
    p.add_argument('--claim', action='append', help='only this one; may be given several times')
    p.add_argument('--break', dest='wrong', metavar='HOW', default='', choices=['', 'wrong-pool'],
                   help='place wrongly on purpose (wrong-pool): the claims must find it')
    p.add_argument('topology', nargs='*', help='files, or names in tests/numa/topology; none: all of them')
    return p.parse_args()


def main():
    args = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lab.exit_on_signal)
    names = args.topology or sorted(p.stem for p in (lab.HERE / 'topology').glob('*.topo'))
    try:
        topos = [lab.find_topology(name) for name in names]
        check_names(topos)
        for topo in topos:
            tried = topo.prove + ([] if args.short else topo.prove_long)
            topo.prove = [c for c in tried if not args.claim or c in args.claim]
        columns = [try_topology(topo, args.build.resolve(), args.wrong) for topo in topos if topo.prove]
    except lab.Failed as e:
        lab.say(e)
        return e.code
    except KeyboardInterrupt:
        return 130
    if not columns:
        lab.say('no topology named proves such a claim')
        return 2
    if all(c.skipped for c in columns):
        return lab.EXIT_SKIP
    show(columns)
    failed = [f'{c.topo.name}: {claim}' for c in columns for claim in c.failed()]
    if not (args.topology or args.claim or args.short):
        failed += [f'{claim}: proven nowhere' for claim in unproven(columns)]
    proven = sum(len(c.proven()) for c in columns)
    left_out = [f'{c.topo.name}: {claim}' for c in columns for claim in c.left_out()]
    print(f'\n{proven} proven, {len(failed)} not{": " if failed else ""}{"; ".join(failed)}')
    if left_out:
        print(f'{len(left_out)} skipped: {"; ".join(left_out)}')
    if failed:
        return 1
    return 0 if proven else lab.EXIT_SKIP


if __name__ == '__main__':
    sys.exit(main())
