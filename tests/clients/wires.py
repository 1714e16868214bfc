# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Wires for programs under test, in a network namespace, and the traffic on them.

Each wire is a veth pair: a program has the end inN, the frames come from the end outN.
"""

import ctypes
import itertools
import multiprocessing
import os
import signal
import socket
import struct
import subprocess
import time

WIRES = 2
CLONE_NEWNET = 0x40000000
# Frames of one turn, and turns a second: 3,200 frames a second on each wire.
TURN, TURNS = 64, 50


def interfaces():
    """Names of the interfaces in the namespace."""
    return [name for _, name in socket.if_nameindex()]


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def plug_in():
    """Go to a network namespace of our own, and make the wires. A packet socket must see what is sent, so offloads are
    off."""
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        raise OSError('no network namespace could be made')
    run('ip', 'link', 'set', 'lo', 'up')
    for i in range(WIRES):
        run('ip', 'link', 'add', f'out{i}', 'type', 'veth', 'peer', 'name', f'in{i}')
        for end in (f'out{i}', f'in{i}'):
            quiet(end)
            run('ethtool', '-K', end, 'rx', 'off', 'tx', 'off')
            run('ip', 'link', 'set', end, 'up')


def quiet(iface):
    """Let the kernel send nothing of its own."""
    with open(f'/proc/sys/net/ipv6/conf/{iface}/disable_ipv6', 'w', encoding='ascii') as f:
        f.write('1')


def checksum(data):
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(to, number, payload, fragment=0, proto=17):
    """An Ethernet frame with an IPv4 packet; fragment is the word of flags and offset."""
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), number & 0xffff, fragment, 64, proto, 0,
                       bytes([198, 18, 9, 1]), socket.inet_aton(to))
    head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
    return bytes.fromhex('020000000001' '020000000002' '0800') + head + payload


def udp(to, number, length):
    """A frame with a datagram without a checksum, of a flow that depends on the number."""
    head = struct.pack('!HHHH', 1024 + number % 50, 2000, length + 8, 0)
    return ipv4(to, number, head + bytes(length))


def datagrams(to):
    """Whole datagrams of several sizes, without end."""
    for number in itertools.count():
        yield udp(to, number, (26, 200, 900)[number % 3])


def fragments(to):
    """Datagrams in two fragments each, without end. Their ids leave 0 to 1,023 to others."""
    for number in itertools.count():
        first = struct.pack('!HHHH', 1024, 2000, 408, 0) + bytes(392)
        id_ = 1024 + number % 60000
        yield ipv4(to, id_, first, fragment=0x2000)
        yield ipv4(to, id_, bytes(8), fragment=400 // 8)


def send(iface, frames):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((iface, 0))
        for frame in frames:
            s.send(frame)


def _send_for_ever(iface, frames):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((iface, 0))
        while os.getppid() == parent:
            for frame in itertools.islice(frames, TURN):
                try:
                    s.send(frame)
                except OSError:
                    pass
            time.sleep(1 / TURNS)


class Traffic:
    """Frames on some interfaces from separate processes: {interface: generator}."""

    def __init__(self, frames):
        self.senders = [multiprocessing.Process(target=_send_for_ever, args=item, daemon=True)
                        for item in frames.items()]

    def __enter__(self):
        for sender in self.senders:
            sender.start()
        return self

    def __exit__(self, *_):
        for sender in self.senders:
            sender.terminate()
            sender.join()
