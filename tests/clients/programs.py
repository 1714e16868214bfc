# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""The five programs: how each is found, started and given traffic."""

import pathlib
import shutil
import subprocess
import time

import wires
from client import HERE, Absent, Broken, Client, within

AF_PACKET = [f'net_af_packet{i},iface=in{i}' for i in range(wires.WIRES)]


def vdevs(devices):
    return [f'--vdev={device}' for device in devices]


def free_pages():
    """Huge pages of 2 MB that are free."""
    files = pathlib.Path('/sys/devices/system/node').glob('node*/hugepages/hugepages-2048kB/free_hugepages')
    return sum(int(path.read_text(encoding='ascii')) for path in files)


def example(name, root, work):
    """Compile an example program of DPDK from the sources of its package, unchanged."""
    source = root / 'usr/share/dpdk/examples'
    tree = work / 'examples'
    shutil.copytree(source / name, tree / name, dirs_exist_ok=True)
    shutil.copytree(source / 'common', tree / 'common', dirs_exist_ok=True)
    done = subprocess.run(['make', '-C', tree / name, 'shared'], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(f'{name} does not compile: {done.stderr[-500:]}')
    return tree / name / 'build' / name


class Testpmd(Client):
    """Two looped net_ring ports in which packets go round for ever, and two net_null ports."""

    name = 'dpdk-testpmd'

    @classmethod
    def fetch(cls):
        if shutil.which(cls.name) is None:
            raise Absent('no dpdk-testpmd; it is in the package dpdk-dev')

    def start_program(self):
        self.program = self.spawn(shutil.which(self.name), *self.eal('--lcores', '0,1', '--no-huge', '-m', '256'),
                                  *vdevs(['net_ring0', 'net_ring1', 'net_null0', 'net_null1']), '--', '-i',
                                  '--total-num-mbufs=8192', '--mbcache=32', '--no-lsc-interrupt',
                                  '--disable-link-check', stdin=subprocess.PIPE)
        self.tell('start tx_first 16')

    def tell(self, command):
        self.program.stdin.write(command.encode() + b'\n')
        self.program.stdin.flush()

    def frames(self):
        return {}

    def hold(self):
        """The packets stay in the rings when no thread polls the ports."""
        self.tell('stop')
        return self.REST

    def holds(self, place):
        return place['kind'] == 'ring' and place['name'].startswith('ring ETH_RXTX')


class L3fwd(Client):
    """Routes between two net_tap ports."""

    name = 'l3fwd'
    package = 'dpdk-doc'

    def start_program(self):
        program = example(self.name, self.root(), self.work)
        self.spawn(program, *self.eal('--lcores', '1', '--no-huge', '-m', '256'),
                   *vdevs(['net_tap0,iface=tap0', 'net_tap1,iface=tap1']),
                   '--', '-p', '3', '-P', '--parse-ptype', '--config', '(0,0,1),(1,0,1)')
        for i in range(wires.WIRES):
            within(20, f'tap{i} is there', lambda i=i: f'tap{i}' in wires.interfaces())

    def frames(self):
        return {f'tap{i}': wires.datagrams(f'198.18.{1 - i}.1') for i in range(wires.WIRES)}

    def hold(self):
        """The driver holds a buffer for each descriptor."""
        return self.REST

    def holds(self, place):
        return place['kind'] == 'queue'


class IpReassembly(Client):
    """Puts fragments together. net_pcap carries them, since the packet sockets of net_af_packet would do that."""

    name = 'ip_reassembly'
    package = 'dpdk-doc'

    def start_program(self):
        program = example(self.name, self.root(), self.work)
        self.env['TIDE_NIC'] = '1'
        self.spawn(program, *self.eal('--lcores', '1', '--no-huge', '-m', '512'),
                   *vdevs([f'net_pcap{i},iface=in{i}' for i in range(wires.WIRES)]),
                   '--', '-p', '3', '-q', '2', '--maxflows=256', '--flowttl=3600s')

    def frames(self):
        return {f'out{i}': wires.fragments(f'100.{20 - 10 * i}.0.1') for i in range(wires.WIRES)}

    def hold(self):
        """First fragments whose others never come."""
        first = [wires.ipv4('100.20.0.1', id_, bytes(400), fragment=0x2000) for id_ in range(200)]
        for i in range(0, len(first), 20):
            wires.send('out0', first[i:i + 20])
            time.sleep(0.02)
        return self.REST

    def holds(self, place):
        return place['kind'] == 'EAL heap'


class OpenVswitch(Client):
    """A bridge of two ports in the userspace datapath. It shares no memory, and such memory needs huge pages."""

    name = 'ovs-vswitchd'
    package = 'openvswitch-switch-dpdk'
    patience = 60
    pages = 128

    @classmethod
    def fetch(cls):
        super().fetch()
        if free_pages() < cls.pages:
            raise Absent(f'{free_pages()} huge pages of 2 MB are free, {cls.pages} needed: config/hugepages.sh')

    def start_program(self):
        base, run = self.root() / 'usr', self.work
        self.env.update({f'OVS_{name}DIR': str(run) for name in ('RUN', 'LOG', 'DB', 'SYSCONF')})
        self.env['LD_LIBRARY_PATH'] = str(base / 'lib/x86_64-linux-gnu')
        self.env['OVS_PKGDATADIR'] = str(base / 'share/openvswitch')
        plain = {name: value for name, value in self.env.items() if name != 'LD_PRELOAD'}
        database = f'unix:{run}/db.sock'

        def tool(*command):
            done = subprocess.run(command, env=plain, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Broken(f'{command[0].name}: {done.stderr.strip()}')

        def vsctl(*command):
            tool(base / 'bin/ovs-vsctl', f'--db={database}', '--timeout=30', *command)

        tool(base / 'bin/ovsdb-tool', 'create', run / 'conf.db', base / 'share/openvswitch/vswitch.ovsschema')
        self.spawn(base / 'sbin/ovsdb-server', run / 'conf.db', f'--remote=punix:{run}/db.sock', env=plain)
        within(10, 'the database listens', (run / 'db.sock').exists)
        vsctl('--no-wait', 'init')
        extra = ' '.join(self.eal('-m', '256'))
        vsctl('--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true',
              f'other_config:dpdk-extra="{extra}"', 'other_config:dpdk-lcore-mask=1', 'other_config:pmd-cpu-mask=2')
        self.spawn(base / 'lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk', database, '-vconsole:info')
        vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
        for i, device in enumerate(AF_PACKET):
            vsctl('add-port', 'br0', f'p{i}', '--', 'set', 'Interface', f'p{i}', 'type=dpdk',
                  f'options:dpdk-devargs="{device}"')


class Suricata(Client):
    """Inspects what comes in by a packet socket; it sends nothing."""

    name = 'suricata'
    package, suite = 'suricata', 'bookworm-backports'
    kinds = tuple(kind for kind in Client.kinds if kind != 'tx')

    def start_program(self):
        root = self.root()
        conf = self.work / 'suricata.yaml'
        text = (HERE / 'suricata.yaml.in').read_text(encoding='ascii')
        for name, value in {'LOG': self.work, 'PLUGIN': self.plugin, 'PREFIX': self.prefix, 'OPS': self.ops}.items():
            text = text.replace(f'@{name}@', str(value))
        conf.write_text(text, encoding='ascii')
        self.env['LD_LIBRARY_PATH'] = str(root / 'usr/lib/x86_64-linux-gnu')
        etc = root / 'etc/suricata'
        self.spawn(root / 'usr/bin/suricata', '-c', conf, '--dpdk', '-S', '/dev/null', '-v',
                   '--pidfile', self.work / 'suricata.pid',
                   '--set', f'classification-file={etc}/classification.config',
                   '--set', f'reference-config-file={etc}/reference.config')

    def frames(self):
        return {'out0': wires.datagrams('198.18.1.1')}


ALL = (Testpmd, L3fwd, IpReassembly, OpenVswitch, Suricata)
