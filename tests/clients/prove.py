#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Loses buffers on purpose in unmodified programs and compares what /tide/scan reports with the truth.

For each program and mempool ops: reports while packets move, in which no buffer may be called leaked; then known
numbers of buffers are lost or held in several ways, and reports must call the lost ones leaked, name the place
of the held ones, and call no other buffer leaked. doc/clients.md explains the table.

Exit code: 0: no report was wrong, some programs may be skipped; 1: a program failed, or a report was wrong; 77: all skipped.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import client
import programs
import wires

HERE = pathlib.Path(__file__).resolve().parent
OPS = ('tide', 'ring_mp_mc')
KINDS = client.Client.kinds
LOST = ('rx', 'tx', 'thread', 'chain')
# Names of places of the kinds that are held.
PLACES = {'ring': 'ring stuck', 'heap': 'C heap', 'variable': 'variable leaks_held of libleaks.so'}
MARK = 0x88b5
# Shares that the last report has to find: of lost buffers, which old values can hide, and of held ones.
RECALL, NAMED = 0.9, 0.95


class Row:
    """What the reports about one program with one mempool ops found."""

    def __init__(self, program, ops):
        self.program, self.ops = program, ops
        self.reports = 0
        self.packets = 0  # Moved in the reports without a loss.
        self.judged = 0  # Outstanding buffers in all reports that are not lost.
        self.false = 0  # Of these, called leaked.
        self.found = []  # Of each report after the losses: {kind: buffers found}.
        self.truth = {}  # {kind: buffers lost or held}
        self.own = None  # Buffers that the program holds: (found, number, names).
        self.scan_ms = []
        self.state, self.why = 'ok', ''  # Why: it was skipped, or what is wrong.

    def lost(self):
        return sum(number for kind, number in self.truth.items() if kind in LOST)

    def recall(self, report):
        return sum(found for kind, found in self.found[report].items() if kind in LOST)


def members(answer, kind):
    return [value for name, value in answer.items() if name.startswith(kind + '_') and isinstance(value, dict)]


def kind_of(cluster):
    """The kind whose mark the packets of a cluster have."""
    number = int(cluster.get('ether_type', '0'), 16) - MARK
    return KINDS[number] if 0 <= number < len(KINDS) else None


def scan_all(program, row):
    """One report about each mempool."""
    answers = []
    for pool in program.pools():
        answer = program.telemetry.ask(f'/tide/scan,{pool}')
        if 'error' in answer or 'scans' not in answer:
            raise client.Broken(f'/tide/scan,{pool}: {answer}')
        row.scan_ms.append(answer['scan_us'] / 1000)
        answers.append(answer)
    return answers


def judge(row, answers):
    """Compare the reports about all mempools with the truth. Returns {kind: buffers found}."""
    found = dict.fromkeys(row.truth, 0)
    for answer in answers:
        marked = 0
        for cluster in members(answer, 'cluster'):
            kind, place = kind_of(cluster), cluster['place']
            lost = place.startswith('leaked') and kind in LOST
            marked += cluster['buffers'] if lost else 0
            if lost or (kind in PLACES and place.startswith(PLACES[kind])):
                found[kind] += cluster['buffers']
        # Those that are called leaked without a mark of a loss.
        row.false += answer['leaked'] - marked
        row.judged += answer['outstanding']
    row.judged -= row.lost()
    row.reports += 1
    return found


def quiet_reports(program, row, number):
    before = program.moved()
    for _ in range(number):
        judge(row, scan_all(program, row))
    row.packets = program.moved() - before


def lossy_reports(program, row, args):
    for kind in program.kinds:
        row.truth[kind] = program.lose(kind, args.lost)
    for _ in range(args.lost_reports):
        # Packets go on, so that newer pointers replace those in arrays of bursts.
        time.sleep(args.pause)
        answers = scan_all(program, row)
        row.found.append(judge(row, answers))
        if args.verbose:
            print(json.dumps(answers, indent=1))


def own_places(program, row):
    """The program holds buffers itself: their places have to be named."""
    number = program.hold()
    if number == 0:
        return
    time.sleep(0.5)
    answers = scan_all(program, row)
    judge(row, answers)
    if number == program.REST:
        number = sum(answer['outstanding'] for answer in answers) - sum(row.truth.values())
    places = [place for answer in answers for place in members(answer, 'place') if program.holds(place)]
    row.own = (sum(place['buffers'] for place in places), number, '; '.join(place['name'] for place in places))


def prove(program, row, args):
    program.start()
    with wires.Traffic(program.frames()):
        program.wait_for_traffic()
        quiet_reports(program, row, args.reports)
        lossy_reports(program, row, args)
    own_places(program, row)
    if not program.alive():
        raise client.Broken(f'{program.name} ended')


def verdict(row):
    """Set what is wrong with a row."""
    wrong = []
    last = row.found[-1]
    if row.false:
        wrong.append(f'{row.false} called leaked by mistake')
    if row.recall(-1) < RECALL * row.lost():
        wrong.append(f'{row.recall(-1)} of {row.lost()} lost buffers called leaked')
    wrong += [f'{kind}: {last[kind]} of {number} named' for kind, number in row.truth.items()
              if kind in PLACES and last[kind] < NAMED * number]
    if row.own and row.own[0] < NAMED * row.own[1]:
        wrong.append(f'{row.own[0]} of {row.own[1]} buffers of the program named')
    if wrong:
        row.state, row.why = 'WRONG', '; '.join(wrong)


def why_absent(kind):
    """Get a program; returns the reason if it cannot be had."""
    try:
        kind.fetch()
    except client.Absent as e:
        return str(e)
    return ''


def try_one(kind, ops, absent, args):
    row = Row(kind.name, ops)
    if absent:
        row.state, row.why = 'skipped', absent
        print(f'{row.program}: skipped: {absent}', flush=True)
        return row
    work = pathlib.Path(tempfile.mkdtemp(prefix='clients.', dir=args.work))
    program = kind(args.build.resolve(), work, ops)
    try:
        prove(program, row, args)
        verdict(row)
    except (client.Broken, OSError) as e:
        row.state, row.why = 'FAILED', str(e)
        print('\n'.join(program.logs()))
    finally:
        program.stop()
        shutil.rmtree(work, ignore_errors=True)
    print(f'{row.program}, {row.ops}: {row.state} {row.why}', flush=True)
    return row


def cells(row):
    if row.state in ('skipped', 'FAILED'):
        return [row.program, row.ops, row.state]
    kinds = ['{}/{}'.format(row.found[-1][kind], row.truth[kind]) if kind in row.truth else '-' for kind in KINDS]
    recall = '{:.1f} {:.1f}'.format(*(100 * row.recall(report) / row.lost() for report in (0, -1)))
    own = f'{row.own[0]}/{row.own[1]} {row.own[2]}' if row.own else '-'
    return [row.program, row.ops, str(row.reports), str(row.packets), str(row.judged), str(row.false), *kinds, recall,
            f'{sum(row.scan_ms) / len(row.scan_ms):.0f}', own]


def show(rows):
    table = [['program', 'ops', 'reports', 'packets', 'judged', 'false', *KINDS, 'recall %', 'ms', 'held by the program']]
    table += [cells(row) for row in rows]
    widths = [max((len(line[i]) for line in table if i < len(line)), default=0) for i in range(len(table[0]))]
    print()
    for line in table:
        print('  '.join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    print()


def arguments():
    p = argparse.ArgumentParser(prog='prove.py', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--build', type=pathlib.Path, default=os.environ.get('TIDE_BUILD', HERE.parents[1] / 'build'))
    p.add_argument('--work', default=None, help='directory of work files; that of temporary files')
    p.add_argument('--reports', type=int, default=10, help='reports without a loss (10)')
    p.add_argument('--lost-reports', type=int, default=3, help='reports after the losses (3)')
    p.add_argument('--pause', type=float, default=2, help='seconds before each of these (2)')
    p.add_argument('--lost', type=int, default=240, help='buffers of each kind of loss, a multiple of three (240)')
    p.add_argument('--ops', action='append', help='mempool ops (tide and ring_mp_mc)')
    p.add_argument('--verbose', action='store_true', help='print the reports after the losses')
    p.add_argument('program', nargs='*', help='names; none: all')
    args = p.parse_args()
    names = [kind.name for kind in programs.ALL]
    for name in args.program:
        if name not in names:
            p.error(f'there is no program "{name}"; there are: {", ".join(names)}')
    return args


def main():
    args = arguments()
    if os.geteuid() != 0:
        print('skipped: needs root, for a network namespace and packet sockets')
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    kinds = [kind for kind in programs.ALL if not args.program or kind.name in args.program]
    absent = {kind: reason for kind in kinds if (reason := why_absent(kind))}
    wires.plug_in()
    rows = [try_one(kind, ops, absent.get(kind), args) for kind in kinds for ops in args.ops or OPS]
    show(rows)
    states = [row.state for row in rows]
    right, skipped = states.count('ok'), states.count('skipped')
    print(f'{right} passed, {len(rows) - right - skipped} failed, {skipped} skipped')
    if len(rows) > right + skipped:
        return 1
    return 0 if right else 77


if __name__ == '__main__':
    sys.exit(main())
