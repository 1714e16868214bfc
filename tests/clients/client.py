# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""A program under test: started unmodified with the plugin and the library that loses buffers, asked over DPDK's
telemetry."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import wires

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME', pathlib.Path.home() / '.cache')) / 'tidepool/clients'


class Absent(Exception):
    """A program cannot be had here."""


class Broken(Exception):
    """A program does not do what it should."""


def within(seconds, what, check):
    """Return the first result of check that is true."""
    end = time.monotonic() + seconds
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > end:
            raise Broken(f'not within {seconds} seconds: {what}')
        time.sleep(0.05)


def fetch(package, suite):
    """Download and unpack a package of Debian, if that was not done before. Needs the network of the machine."""
    done = subprocess.run([HERE / 'unpack.sh', CACHE / package, package, suite], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise Absent((done.stderr.strip().splitlines() or ['unpack.sh failed'])[-1])


class Telemetry:
    """A connection to DPDK's telemetry socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.socket.recv(16384)

    def ask(self, command):
        self.socket.send(command.encode())
        return list(json.loads(self.socket.recv(1 << 20)).values())[0]

    def close(self):
        self.socket.close()


class Client:
    """Base of the programs. A subclass has a name, and starts its program in start_program()."""

    name = ''
    # Kinds of tests/clients/leaks.c that this program can show.
    kinds = ('rx', 'tx', 'thread', 'chain', 'ring', 'heap', 'variable')
    # The package that has it, and the suite if that is not one of the system; none: it is installed.
    package, suite = '', ''
    # Seconds until its ports are there.
    patience = 30
    # Of hold(): all buffers that the preloaded library does not have.
    REST = -1

    def __init__(self, build, work, ops):
        self.build, self.work, self.ops = build, work, ops
        self.plugin = build / 'drivers/plugin/librte_mempool_tide.so'
        self.prefix = f'clients{os.getpid()}'
        self.run_dir = pathlib.Path('/var/run/dpdk') / self.prefix
        self.env = dict(os.environ, LD_PRELOAD=str(build / 'tests/clients/libleaks.so'), TIDE_LEAKS=str(work))
        self.processes = []
        self.telemetry = None

    # --- for subclasses

    @classmethod
    def fetch(cls):
        """Get the program; raises Absent."""
        fetch(cls.package, cls.suite)

    @classmethod
    def root(cls):
        """The directory with the files of its package."""
        return CACHE / cls.package

    def start_program(self):
        raise NotImplementedError

    def frames(self):
        """{interface: frames} of its traffic; none: it makes its own."""
        return {f'out{i}': wires.datagrams(f'198.18.{1 - i}.1') for i in range(wires.WIRES)}

    def hold(self):
        """Make the program hold buffers itself. Returns their number or REST; 0: it cannot."""
        return 0

    def holds(self, place):
        """Tell whether a place of a report is that in which the program holds them."""
        raise NotImplementedError

    # --- for subclasses to use

    def eal(self, *more):
        return ['-d', str(self.plugin), f'--mbuf-pool-ops-name={self.ops}', '--no-pci', '--file-prefix', self.prefix,
                *more]

    def spawn(self, *command, env=None, stdin=subprocess.DEVNULL):
        """Start a process, with its output in a file of its name."""
        log = open(self.work / (pathlib.Path(command[0]).name + '.log'), 'ab')
        process = subprocess.Popen(['setpriv', '--pdeathsig', 'KILL', *map(str, command)], env=env or self.env,
                                   stdin=stdin, stdout=log, stderr=log, cwd=self.work)
        log.close()
        self.processes.append(process)
        return process

    # --- for the proof

    def start(self):
        shutil.rmtree(self.run_dir, ignore_errors=True)
        self.start_program()
        path = self.run_dir / 'dpdk_telemetry.v2'
        within(self.patience, f'{self.name} has telemetry', path.exists)
        self.telemetry = Telemetry(path)

    def moved(self):
        """Packets that the ports received and sent, as telemetry counts them."""
        ports = [self.telemetry.ask(f'/ethdev/stats,{port}') for port in self.telemetry.ask('/ethdev/list') or []]
        return sum(p['ipackets'] + p['opackets'] for p in ports if p)

    def wait_for_traffic(self):
        within(self.patience, f'{self.name} moves packets', lambda: self.moved() > 1000)

    def pools(self):
        return self.telemetry.ask('/tide/pools')

    def lose(self, kind, number):
        """Ask the preloaded library for a kind of loss. Returns the number of buffers lost."""
        request = self.work / 'request'
        (self.work / 'request.new').write_text(f'{kind} {number}\n', encoding='ascii')
        (self.work / 'request.new').rename(request)
        within(30, f'{self.name} lost {number} buffers: {kind}', lambda: not request.exists())
        return int((self.work / 'lost').read_text(encoding='ascii'))

    def stop(self):
        if self.telemetry:
            self.telemetry.close()
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []
        shutil.rmtree(self.run_dir, ignore_errors=True)

    def alive(self):
        return all(process.poll() is None for process in self.processes)

    def logs(self):
        """The last lines of each log."""
        for path in sorted(self.work.glob('*.log')):
            lines = path.read_text(errors='replace').splitlines()[-15:]
            yield from (f'{path.name}: {line}' for line in lines)
