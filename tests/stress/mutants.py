#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Puts the faults of mutants.txt into copies of lib/magazine, one at a time, and builds the stress and unit
tests of the allocator on each. Prints which test detects a fault and after how long, or that none does.

Exits 1 if a mutant survives or does not build, or a test fails on the unchanged code; 2 if a mutant does
not apply."""

import argparse
import concurrent.futures
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
UNIT = os.path.join(ROOT, 'tests', 'unit')
SUPPORT = os.path.join(ROOT, 'tests', 'support')
UNIT_SUPPORT = sorted(glob.glob(os.path.join(UNIT, 'magazine_*.c'))) + [os.path.join(SUPPORT, 'child.c')]
MAGAZINE = os.path.join(ROOT, 'lib', 'magazine')

CFLAGS = ['-std=gnu11', '-D_GNU_SOURCE', '-w', '-O1', '-g', '-I' + SUPPORT]
HOOK = ['-DTIDEI_STEP_HOOK']
TSAN = ['-fsanitize=thread']


def stress(*names):
    return [os.path.join(HERE, name) for name in names]


CALLS = os.path.join(UNIT, 'test_magazine_calls.c')
REFUSE = os.path.join(SUPPORT, 'membarrier.c')
HAMMER_SOURCES = stress('hammer.c') + [REFUSE]


class Flavour:
    """How the allocator is compiled, and the programs that are linked with it."""

    def __init__(self, cflags, libs, programs):
        self.cflags, self.libs, self.programs = cflags, libs, programs


FLAVOURS = {
    'schedule': Flavour(
        HOOK + ['-include', os.path.join(HERE, 'fence_hook.h')],
        ['-Wl,--wrap=syscall', '-Wl,--wrap=clock_gettime', '-Wl,--wrap=sched_yield'],
        {'schedule': stress('schedule.c', 'coroutine.c', 'step_check.c')}),
    'plain': Flavour(HOOK, ['-lcmocka'], {
        'killed': stress('killed.c') + [REFUSE],
        'hammer': HAMMER_SOURCES,
        'fences': stress('fences.c') + [REFUSE],
        'dead_or_not': stress('dead_or_not.c')}),
    'tsan': Flavour(HOOK + TSAN + ['-DPLAIN_MARKS', '-Wno-tsan'], TSAN,
                    {'hammer_tsan': HAMMER_SOURCES}),
    'unit': Flavour([], ['-lcmocka'], {
        os.path.basename(path)[:-2]: [path] + UNIT_SUPPORT
        for path in sorted(glob.glob(os.path.join(UNIT, 'test_magazine*.c')))
        if path != CALLS}),
    'calls': Flavour([], ['-lcmocka', '-Wl,--wrap=syscall'], {
        'test_magazine_calls': [CALLS, os.path.join(SUPPORT, 'syscalls.c')] + UNIT_SUPPORT}),
}


class Run:
    """One run of a program: its flavour, its arguments and the seconds after which it hangs."""

    def __init__(self, flavour, program, args, limit):
        self.flavour, self.program, self.args, self.limit = flavour, program, args, limit


SCHEDULE = Run('schedule', 'schedule', ['-n', '40000', '-s', '20'], 60)
KILLED = Run('plain', 'killed', ['-m', '-n', '3000', '-r', '1'], 60)
KILLED_BARRIER = Run('plain', 'killed', ['-n', '100', '-r', '1'], 60)
DEAD_OR_NOT = Run('plain', 'dead_or_not', [], 60)
FENCES = Run('plain', 'fences', [], 60)
HAMMER_FENCED = Run('plain', 'hammer', ['-m', '-o', '6000000', '-n', '700', '-s', '3', '-r', '1'], 60)
HAMMER = Run('plain', 'hammer', ['-o', '6000000', '-n', '700', '-s', '3', '-r', '1'], 60)
HAMMER_OVERSUBSCRIBED = Run('plain', 'hammer', ['-o', '6000000', '-t', '16', '-n', '9000', '-s', '40', '-r', '1'],
                   60)
HAMMER_TSAN = Run('tsan', 'hammer_tsan',
                  ['-o', '6000000', '-t', '6', '-n', '700', '-s', '3', '-r', '1'], 120)
OVERSUBSCRIBED_TSAN = Run('tsan', 'hammer_tsan',
                 ['-o', '2000000', '-t', '40', '-n', '900', '-s', '3', '-r', '1'], 120)
# The quick ones first.
UNITS = [Run('unit', program, [], 60) for program in sorted(
    FLAVOURS['unit'].programs, key=lambda name: name not in ('test_magazine_wide', 'test_magazine_random',
                                                             'test_magazine_segments'))]
UNITS.append(Run('calls', 'test_magazine_calls', [], 60))

ALL = [SCHEDULE, KILLED, KILLED_BARRIER, DEAD_OR_NOT, FENCES, HAMMER, HAMMER_FENCED, HAMMER_OVERSUBSCRIBED,
       HAMMER_TSAN, OVERSUBSCRIBED_TSAN, *UNITS]
# The cheapest test that can detect the fault comes first.
ORDER = {
    'protocol': [SCHEDULE, KILLED, KILLED_BARRIER, HAMMER, HAMMER_OVERSUBSCRIBED, HAMMER_TSAN] + UNITS,
    'deaths': [SCHEDULE, KILLED, DEAD_OR_NOT, HAMMER] + UNITS,
    'kernel': [FENCES, HAMMER_FENCED, SCHEDULE],
    'values': UNITS,
    'orders': [HAMMER_TSAN, OVERSUBSCRIBED_TSAN, HAMMER],
}


class Mutant:
    def __init__(self, name, kind):
        self.name, self.kind, self.hunks, self.what = name, kind, [], ''


class Error(Exception):
    pass


def read_mutants(path):
    """The mutants of a table."""
    mutants = []
    with open(path, encoding='utf-8') as table:
        for number, line in enumerate(table, 1):
            line = line.rstrip('\n')
            if line.startswith('@@ '):
                mutants[-1].hunks.append((line[3:], [], []))
            elif line.startswith('@'):
                name, kind, where = line[1:].split()
                if kind not in ORDER or any(m.name == name for m in mutants):
                    raise Error(f'{path}:{number}: unknown kind, or a name that is there')
                mutants.append(Mutant(name, kind))
                mutants[-1].hunks.append((where, [], []))
            elif line.startswith('-'):
                mutants[-1].hunks[-1][1].append(line[1:])
            elif line.startswith('+'):
                mutants[-1].hunks[-1][2].append(line[1:])
            elif line and not line.startswith('#'):
                mutants[-1].what = line
    return mutants


def apply(mutant, directory):
    """Put a mutant into a copy of the allocator; the names of the files that change."""
    for where, before, after in mutant.hunks:
        path = os.path.join(directory, where)
        with open(path, encoding='utf-8') as source:
            text = source.read()
        pattern = r'\s+'.join(re.escape(word) for word in ' '.join(before).split())
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise Error(f'{mutant.name} does not apply: its text is {len(found)} times in {where}')
        text = text[:found[0].start()] + '\n'.join(after).strip() + text[found[0].end():]
        with open(path, 'w', encoding='utf-8') as source:
            source.write(text)
    return {where for where, _, _ in mutant.hunks}


def included(directory, source):
    """The headers of the allocator that a source includes, and those that they include."""
    found, todo = set(), [source]
    while todo:
        with open(todo.pop(), encoding='utf-8') as text:
            names = set(re.findall(r'^#include "(\w+\.h)"', text.read(), re.M)) - found
        names = {name for name in names if os.path.exists(os.path.join(directory, name))}
        found |= names
        todo += [os.path.join(directory, name) for name in names]
    return found


class Copy:
    """The allocator, with or without a mutant, and the programs that are built of it."""

    def __init__(self, directory, compiler, base=None, changed=()):
        self.directory, self.compiler, self.base = directory, compiler, base
        self.changed = set(changed)

    def compile(self, flavour, source):
        name = os.path.basename(source)
        ours = os.path.dirname(source) == self.directory
        if self.base is not None:
            touched = included(self.directory, source) | ({name} if ours else set())
            if not touched & self.changed:
                there = os.path.join(self.base.directory, name) if ours else source
                return self.base.compile(flavour, there)
        target = os.path.join(self.directory, f'{flavour}-{name}.o')
        if not os.path.exists(target):
            subprocess.run([*self.compiler, *CFLAGS, *FLAVOURS[flavour].cflags, '-I' + self.directory,
                            '-c', source, '-o', target], check=True)
        return target

    def build(self, flavour, program):
        target = os.path.join(self.directory, f'{flavour}-{program}')
        if not os.path.exists(target):
            sources = FLAVOURS[flavour].programs[program]
            sources = sources + sorted(glob.glob(os.path.join(self.directory, '*.c')))
            objects = [self.compile(flavour, source) for source in sources]
            subprocess.run([*self.compiler, *objects, *FLAVOURS[flavour].libs, '-lpthread',
                            '-o', target], check=True)
        return target


def message_of(text):
    """The line in which a test reports the fault."""
    case = re.search(r'\[  FAILED  \] (\w+)', text)
    if case:
        return case[1]
    lines = [line for line in text.splitlines()
             if re.search(r'schedule:|killed:|hammer:|data race|rror|Assert', line)]
    return re.sub(r'; turn.*|; seed.*|\(pid=\d+\)', '', lines[0])[:70].strip() if lines else ''


def run(copy, test):
    """Runs a test. Returns None if it passes, else its message."""
    program = copy.build(test.flavour, test.program)
    env = dict(os.environ, TSAN_OPTIONS='halt_on_error=1 exitcode=66')
    try:
        done = subprocess.run(['nice', program, *test.args], stdin=subprocess.DEVNULL, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=test.limit,
                              check=False)
    except subprocess.TimeoutExpired:
        return 'hangs'
    if done.returncode == 0:
        return None
    said = message_of(done.stdout.decode(errors='replace'))
    return said or f'ends with {done.returncode}'


def first_failure(copy, tests):
    """Returns the first test that fails, its seconds and its message; or None."""
    for test in tests:
        copy.build(test.flavour, test.program)
        start = time.monotonic()
        said = run(copy, test)
        if said is not None:
            return test.program, time.monotonic() - start, said
    return None


def examine(mutant, base, top):
    """Builds and tests one mutant. Returns a line of the table, and whether it survives or does not build."""
    directory = os.path.join(top, mutant.name)
    shutil.copytree(MAGAZINE, directory)
    copy = Copy(directory, base.compiler, base, apply(mutant, directory))
    try:
        verdict = first_failure(copy, ORDER[mutant.kind])
    except subprocess.CalledProcessError:
        return f'{mutant.name:20} {mutant.kind:9} DOES NOT BUILD', True
    shutil.rmtree(directory)
    if verdict is None:
        return f'{mutant.name:20} {mutant.kind:9} SURVIVED: {mutant.what}', True
    program, seconds, said = verdict
    return f'{mutant.name:20} {mutant.kind:9} {program:12} {seconds:6.1f} s  {said}', False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('names', nargs='*', help='mutants to try; none: all')
    parser.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument('--list', action='store_true', help='only list the mutants')
    parser.add_argument('--kind', choices=sorted(ORDER), help='only mutants of this kind')
    parser.add_argument('--trust', action='store_true', help='do not test the unchanged code first')
    parser.add_argument('--check', action='store_true', help='only check that all apply')
    args = parser.parse_args()
    mutants = read_mutants(os.path.join(HERE, 'mutants.txt'))
    unknown = set(args.names) - {m.name for m in mutants}
    if unknown:
        raise Error('no such mutant: ' + ' '.join(sorted(unknown)))
    mutants = [m for m in mutants if not args.names or m.name in args.names]
    if args.kind is not None:
        mutants = [m for m in mutants if m.kind == args.kind]
    if args.list:
        for m in mutants:
            print(f'{m.name:20} {m.kind:9} {m.what}')
        return 0
    with tempfile.TemporaryDirectory(prefix='tide-mutants-') as top:
        wrong = []
        for m in mutants:
            shutil.copytree(MAGAZINE, os.path.join(top, m.name))
            try:
                apply(m, os.path.join(top, m.name))
            except Error as error:
                wrong.append(str(error))
            shutil.rmtree(os.path.join(top, m.name))
        if wrong:
            raise Error('\n'.join(wrong))
        if args.check:
            print(f'{len(mutants)} mutants apply')
            return 0
        directory = os.path.join(top, 'unchanged')
        shutil.copytree(MAGAZINE, directory)
        base = Copy(directory, os.environ.get('CC', 'gcc').split())
        # All programs first: mutants share what they do not change.
        needed = {test.flavour for m in mutants for test in ORDER[m.kind]}
        for flavour in sorted(needed):
            for program in FLAVOURS[flavour].programs:
                base.build(flavour, program)
        verdict = None if args.trust else first_failure(base, ALL)
        if verdict is not None:
            print('the unchanged code fails {} after {:.1f} s: {}'.format(*verdict))
            return 1
        survivors = 0
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for line, survived in pool.map(lambda m: examine(m, base, top), mutants):
                print(line, flush=True)
                survivors += survived
        print(f'{len(mutants)} mutants, {survivors} survived')
    return 1 if survivors else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except Error as error:
        print(f'mutants: {error}', file=sys.stderr)
        sys.exit(2)
