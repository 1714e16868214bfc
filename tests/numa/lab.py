#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors

"""Boots a machine with the nodes and NICs of a topology file under qemu and runs a command in it.

The guest sees this machine's root, read-only, so the command is one of this machine. Without a command it
is a shell. The exit code is that of the command; 77 where there is no qemu; 124 when time ran out; 125 when
the guest did not boot.
"""

import argparse
import ctypes
import os
import pathlib
import re
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import machine
import topology

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

EXIT_SKIP, EXIT_TIME, EXIT_BOOT = 77, 124, 125
UP = b'\001up\r\n'
# Seconds. Software emulation on a busy machine of two CPUs boots within 15.
BOOT_LIMIT = 120
PROBE_LIMIT = 8
# Directories where guest/init and guest/main.sh mount something over those of this machine.
HIDDEN = ('/tmp', '/run', '/dev', '/proc', '/sys')


class Failed(Exception):
    """The lab failed: a sentence and the exit code."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def say(text):
    print(f'lab: {text}', file=sys.stderr, flush=True)


def die_with_parent():
    """A guest ends when the lab does, even if the lab is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def find_topology(name):
    path = pathlib.Path(name)
    try:
        if not path.is_file():
            path = HERE / 'topology' / f'{name}.topo'
        if not path.is_file():
            there = ', '.join(sorted(p.stem for p in (HERE / 'topology').glob('*.topo')))
            raise Failed(2, f'there is no topology "{name}"; give a file, or one of: {there}')
        return topology.parse(path.stem, path.read_text(encoding='utf-8', errors='replace'))
    except topology.Wrong as e:
        raise Failed(2, str(e)) from None
    except OSError as e:
        raise Failed(2, f'the topology file cannot be read: {e.strerror}') from None


def check_seen(what, path):
    """The guest mounts its own file systems over some of this machine."""
    for top in HIDDEN:
        if path.is_relative_to(top):
            raise Failed(EXIT_SKIP, f'{what} {path} cannot be seen by the guest, which has a {top} of its own; '
                         'move it')


def fetch(build):
    boot = build / 'numa'
    if shutil.which('qemu-system-x86_64') is None:
        raise Failed(EXIT_SKIP, 'qemu-system-x86_64 is missing; install qemu-system-x86')
    got = subprocess.run([HERE / 'fetch.sh', boot], stdout=subprocess.PIPE, text=True)
    if got.returncode != 0:
        code = EXIT_SKIP if got.returncode == EXIT_SKIP else 1
        raise Failed(code, got.stdout.strip() or 'the guest\'s kernel could not be fetched')
    return boot


def environment(topo, build, command):
    """Shell assignments for the guest."""
    def array(name, values):
        return f'{name}=({" ".join(shlex.quote(str(v)) for v in values)})'

    size = shutil.get_terminal_size()
    return '\n'.join([
        f'LAB_NAME={shlex.quote(topo.name)}',
        f'LAB_ROOT={shlex.quote(str(ROOT))}',
        f'LAB_BUILD={shlex.quote(str(build))}',
        f'LAB_TERM={shlex.quote(os.environ.get("TERM", "dumb"))}',
        f'LAB_ROWS={size.lines} LAB_COLUMNS={size.columns}',
        array('LAB_HUGE', [f'{n.id} {n.huge}' for n in topo.nodes if n.huge]),
        array('LAB_NICS', [machine.address(n) for n in topo.nics]),
        array('LAB_NIC_NODES', [n.node for n in topo.nics]),
        array('LAB_NIC_MODELS', [n.model for n in topo.nics]),
        array('LAB_NIC_QUEUES', [n.queues for n in topo.nics]),
        array('LAB_NIC_MACS', [machine.mac(n) for n in topo.nics]),
        array('LAB_PEER_MACS', [machine.peer_mac(n) for n in topo.nics]),
        array('LAB_COMMAND', command),
        '',
    ])


def text_of(topo):
    """The expected result of tide_topology_create(), in the format of tide_topology_parse()."""
    lines = []
    for node in filter(lambda n: n.seen, topo.nodes):
        cpus = ','.join(map(str, node.cpus)) or '-'
        far = ','.join(f'{o.id}:{topo.distance(node, o)}' for o in topo.nodes if o.seen)
        lines.append(f'node {node.id} cpus {cpus} memory {node.memory}K huge 2M:{node.huge} distance {far}')
    return '\n'.join(lines) + '\n'


def make_initrd(boot, work, files):
    """The small file system that the guest boots from: busybox, modules, init, and files for /run/lab."""
    tree = work / 'initrd'
    for d in ('bin', 'proc', 'sys', 'dev', 'newroot', 'lab'):
        (tree / d).mkdir(parents=True)
    shutil.copy(boot / 'busybox', tree / 'bin/busybox')
    shutil.copytree(boot / 'modules', tree / 'modules')
    shutil.copy(HERE / 'guest/init', tree / 'init')
    (tree / 'init').chmod(0o755)
    for name, text in files.items():
        (tree / 'lab' / name).write_text(text, encoding='utf-8')
    initrd = work / 'initrd.cpio'
    names = '\n'.join(['.'] + [str(p.relative_to(tree)) for p in sorted(tree.rglob('*'))])
    with initrd.open('wb') as out:
        subprocess.run([boot / 'busybox', 'cpio', '-o', '-H', 'newc'], cwd=tree, input=names.encode(),
                       stdout=out, stderr=subprocess.DEVNULL, check=True)
    shutil.rmtree(tree)
    return initrd


def kvm_works(boot, work):
    """Whether a guest under KVM starts its first process; on some hosts with KVM it does not."""
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return False
    tree = work / 'probe'
    (tree / 'bin').mkdir(parents=True)
    (tree / 'dev').mkdir()
    shutil.copy(boot / 'busybox', tree / 'bin/busybox')
    (tree / 'init').write_text('#!/bin/busybox sh\n/bin/busybox mount -t devtmpfs d /dev\n'
                               'printf "\\001" | /bin/busybox dd of=/dev/port bs=1 seek=244 conv=notrunc\n')
    (tree / 'init').chmod(0o755)
    initrd = work / 'probe.cpio'
    with initrd.open('wb') as out:
        subprocess.run([boot / 'busybox', 'cpio', '-o', '-H', 'newc'], cwd=tree,
                       input=b'.\nbin\nbin/busybox\ndev\ninit', stdout=out, stderr=subprocess.DEVNULL, check=True)
    try:
        ended = subprocess.run(
            ['qemu-system-x86_64', '-nodefaults', '-display', 'none', '-no-reboot',
             '-machine', 'q35,kernel-irqchip=split', *machine.accelerator('kvm'), '-m', '256M',
             '-device', 'isa-debug-exit,iobase=0xf4,iosize=1',
             '-kernel', boot / 'vmlinuz', '-initrd', initrd, '-append', 'quiet panic=-1'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=PROBE_LIMIT, preexec_fn=die_with_parent)
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 3


def choose_accel(boot, work):
    """TIDE_LAB_ACCEL, else KVM if it has worked once, else software emulation."""
    asked = os.environ.get('TIDE_LAB_ACCEL')
    if asked:
        if asked not in ('tcg', 'kvm'):
            raise Failed(2, f'TIDE_LAB_ACCEL={asked}: tcg or kvm')
        return asked
    # The build directory may belong to another user or machine, and another lab may write there now.
    note = boot / 'accel'
    seen = note.read_text() if note.exists() else ''
    if seen == 'kvm' and not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return 'tcg'
    if seen not in ('kvm', 'tcg'):
        seen = 'kvm' if kvm_works(boot, work) else 'tcg'
        if os.access(boot, os.W_OK):
            note.write_text(seen)
    return seen


def check_taps():
    """Several queues need taps; some containers have no /dev/net/tun, or may not use it."""
    script = ['ip tuntap add tide0 mode tap multi_queue']
    tried = subprocess.run(private_network(script, ['true']), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True)
    if tried.returncode != 0:
        why = (tried.stdout.strip().splitlines() or ['no reason given'])[-1]
        raise Failed(EXIT_SKIP, f'NICs with several queues need taps (/dev/net/tun): {why}')


def in_namespace(topo, argv):
    """Run qemu in a network namespace of its own, where the taps are; nothing leaves it."""
    return private_network(machine.taps(topo), argv)


def private_network(script, argv):
    """A command in a network namespace of its own, after a shell script there."""
    text = '\n'.join(['set -e', *script, 'exec setpriv --pdeathsig KILL "$@"'])
    unshare = ['unshare', '--net'] if os.geteuid() == 0 else ['unshare', '--net', '--map-root-user']
    return [*unshare, 'sh', '-c', text, 'sh', *argv]


class Guest:
    """One boot of a topology; the work directory and the guest end with the `with` block."""

    def __init__(self, topo, build, command, log=None):
        check_seen('the checkout', ROOT)
        self.topo = topo
        self.log = log
        self.build = build
        self.process = None
        self.work = pathlib.Path(tempfile.mkdtemp(prefix='tide-lab.'))
        self.console = self.work / 'console'
        try:
            boot = fetch(build)
            if machine.wants_taps(topo):
                check_taps()
            self.accel = choose_accel(boot, self.work)
            files = {'root': str(ROOT), 'env': environment(topo, build, command), 'topology': text_of(topo)}
            initrd = make_initrd(boot, self.work, files)
            argv = machine.command(topo, self.accel, str(boot / 'vmlinuz'), str(initrd), str(self.console),
                                   keys=not command)
        except BaseException:
            self.end()
            raise
        self.argv = in_namespace(topo, argv) if machine.wants_taps(topo) else argv

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def start(self, interactive):
        pipe = None if interactive else subprocess.PIPE
        self.process = subprocess.Popen(
            self.argv, stdin=None if interactive else subprocess.DEVNULL, stdout=pipe,
            stderr=(self.work / 'qemu').open('wb'), preexec_fn=die_with_parent)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)

    def kept(self):
        """Keep the console log of a guest that failed; return its path."""
        kept = self.log or self.build / 'numa' / f'{self.topo.name}.console'
        text = b''
        for name in ('qemu', 'console'):
            if (self.work / name).exists():
                text += (self.work / name).read_bytes()
        where = f'its console log is kept in {kept}'
        try:
            kept.write_bytes(text)
        except OSError as e:
            where = f'its console log cannot be kept in {kept}: {e.strerror}'
        lines = [line for line in text.decode(errors='replace').splitlines() if line.strip()]
        for line in lines[-5:]:
            say(f'console: {line.strip()[:200]}')
        return where

    def lines(self, limit, boot_limit=BOOT_LIMIT):
        """The output of the command, line by line as bytes, until the guest has ended."""
        selector = selectors.DefaultSelector()
        selector.register(self.process.stdout, selectors.EVENT_READ)
        began = time.monotonic()
        up, rest = False, b''
        while True:
            end = began + (limit if up else boot_limit)
            left = end - time.monotonic()
            # A command that never stops printing is late too.
            if left <= 0 or not selector.select(left):
                what = f'the command did not end within {limit} s' if up else \
                    f'the guest did not boot within {boot_limit} s'
                raise Failed(EXIT_TIME if up else EXIT_BOOT, f'{self.topo.name}: {what}; {self.kept()}')
            got = os.read(self.process.stdout.fileno(), 65536)
            if not got:
                break
            rest += got
            while not up and UP in rest:
                rest = rest.split(UP, 1)[1]
                up = True
                say(f'{self.topo.name}: up after {time.monotonic() - began:.1f} s')
                began = time.monotonic()
            while up and b'\n' in rest:
                line, rest = rest.split(b'\n', 1)
                yield line.rstrip(b'\r')
        if rest and up:
            yield rest
        self.process.wait()
        if not up:
            raise Failed(EXIT_BOOT, f'{self.topo.name}: the guest did not boot; {self.kept()}')

    def exit_code(self):
        """The command's: seven bits of it are in qemu's, see isa-debug-exit in machine.py, all on the console."""
        code = self.process.wait()
        said = re.findall(rb'^lab: exit (\d+)\r?$', self.console.read_bytes(), re.MULTILINE)
        if code <= 0 or code % 2 == 0 or not said or int(said[-1]) % 128 != code // 2:
            raise Failed(EXIT_BOOT, f'{self.topo.name}: the guest ended by itself; {self.kept()}')
        return int(said[-1])


def describe(topo, accel):
    count = lambda n, what: f'{n} {what}{"" if n == 1 else "s"}'
    return (f'{topo.name}: {count(sum(n.seen for n in topo.nodes), "node")}, {count(topo.cpus, "CPU")}, '
            f'{count(len(topo.nics), "NIC")} under test; qemu, {accel}')


def shell(guest):
    say(describe(guest.topo, guest.accel) + '; a shell comes up, "exit" ends the machine, '
        'and Ctrl-A X if it hangs')
    guest.start(interactive=True)
    # Ctrl-C goes to the guest.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    guest.process.wait()
    return guest.exit_code()


def run(guest, limit, boot_limit):
    say(describe(guest.topo, guest.accel))
    guest.start(interactive=False)
    for line in guest.lines(limit, boot_limit):
        sys.stdout.buffer.write(line + b'\n')
        sys.stdout.buffer.flush()
    return guest.exit_code()


def exit_on_signal(number, _):
    sys.exit(128 + number)


def arguments():
    p = argparse.ArgumentParser(prog='lab.py', description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--build', type=pathlib.Path, default=os.environ.get('TIDE_BUILD', ROOT / 'build'),
                   help='build directory (default: %(default)s)')
    p.add_argument('--limit', type=int, default=300, help='seconds for the command (default: %(default)s)')
    p.add_argument('--boot-limit', type=int, default=BOOT_LIMIT,
                   help='seconds until the command must run (default: %(default)s)')
    p.add_argument('--log', type=pathlib.Path, help='where to keep the console log of a guest that fails')
    p.add_argument('--check', action='store_true', help='only check the topology file and print the machine')
    p.add_argument('topology', help='a file, or the name of one in tests/numa/topology')
    p.add_argument('command', nargs=argparse.REMAINDER, help='what to run in the guest; none: a shell')
    return p.parse_args()


def main():
    args = arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, exit_on_signal)
    try:
        topo = find_topology(args.topology)
        if args.check:
            print(text_of(topo), end='')
            return 0
        command = args.command[1:] if args.command[:1] == ['--'] else args.command
        with Guest(topo, args.build.resolve(), command, args.log) as guest:
            return run(guest, args.limit, args.boot_limit) if command else shell(guest)
    except Failed as e:
        say(e)
        return e.code
    except KeyboardInterrupt:
        return 130


if __name__ == '__main__':
    sys.exit(main())
