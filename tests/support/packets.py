# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Makes captures of every kind of frame, and compares the frames after a forwarder.

packets.py write FILE COUNT SEED [LARGEST]
    COUNT frames of 60 to LARGEST (9,014: an MTU of 9,000) bytes: ARP, IPv4 and IPv6 with UDP, TCP and ICMP, one or two
    VLAN tags, an unknown EtherType. Each carries its number, so that no two are alike.

packets.py flows FILE COUNT SEED FLOWS
    COUNT frames of FLOWS flows that tests/support/flows.py tells apart, some heavier than others: TCP, UDP, SCTP,
    ICMP and others over IPv4 with options and IPv6 with extension headers, behind tags, fragmented, cut
    off, padded; and one in ten that is no IP.

packets.py runts FILE SEED
    Frames of 0 to 20 bytes between frames of 400 bytes: a buffer a runt comes in still holds a frame of before.

packets.py giants FILE REST SEED
    Frames above 65,535 bytes, which net_pcap of DPDK 22.11 misreads, between sound frames; REST holds the latter alone.

packets.py replay FILE PIPE RATE SECONDS
    Write the capture over and over into a pipe, at RATE frames a second, for SECONDS (0: until ended).

packets.py compare IN OUT MODE [TX_PORT TX_MAC]
    OUT must hold the frames of IN, in that order, as MODE (io, mac, macswap) leaves them. Mode mac
    needs the number and the address of the sending port.

packets.py compare-replayed IN OUT MODE
    The same for an IN that was replayed: OUT holds it several times, the last time perhaps not whole.
"""

import random
import signal
import struct
import sys
import time

# Sizes around the limits of buffers, cache lines, vectors, tags and standards; without the checksum (FCS).
EDGES = [60, 61, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 1279, 1280,
         1499, 1500, 1501, 1514, 1515, 1518, 1519, 1522, 1919, 1920, 1921, 2047, 2048, 2049, 2175, 2176,
         2177, 4095, 4096, 4097, 8191, 8192, 8193, 8999, 9000, 9001, 9013, 9014]


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def l4(rng, number, room, pseudo):
    """A UDP, TCP or ICMP-like segment of room bytes under a correct checksum."""
    proto = rng.choice([17, 6])
    ports = struct.pack("!HH", rng.randrange(1024, 65536), rng.randrange(1, 65536))
    head = 8 if proto == 17 else 20
    data = (struct.pack("!I", number) + rng.randbytes(room))[:room - head]
    if proto == 17:
        segment = ports + struct.pack("!HH", room, 0) + data
        at = 6
    else:
        segment = ports + struct.pack("!IIBBHHH", number, 0, 0x50, 0x18, 65535, 0, 0) + data
        at = 16
    value = checksum(pseudo(proto, room) + segment)
    return proto, segment[:at] + struct.pack("!H", value or 0xffff) + segment[at + 2:]


def ipv4(rng, number, room):
    src, dst = rng.randbytes(4), rng.randbytes(4)
    proto, segment = l4(rng, number, room - 20,
                        lambda p, n: src + dst + struct.pack("!BBH", 0, p, n))
    head = struct.pack("!BBHHHBBH", 0x45, rng.randrange(256), room, number & 0xffff, 0x4000, 64, proto,
                       0) + src + dst
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + segment


def ipv6(rng, number, room):
    src, dst = rng.randbytes(16), rng.randbytes(16)
    proto, segment = l4(rng, number, room - 40,
                        lambda p, n: src + dst + struct.pack("!IHBB", n, 0, 0, p))
    return struct.pack("!IHBB", 0x60000000 | rng.randrange(1 << 20), room - 40, proto,
                       64) + src + dst + segment


def arp(rng, number, room):
    body = struct.pack("!HHBBH", 1, 0x0800, 6, 4, rng.choice([1, 2])) + rng.randbytes(20)
    return (body + struct.pack("!I", number)).ljust(room, b"\0")


def other(rng, number, room):
    return (struct.pack("!I", number) + rng.randbytes(room))[:room]


KINDS = [(0x0800, ipv4), (0x86dd, ipv6), (0x0806, arp), (0x88b5, other)]


def frame(rng, number, size):
    """A whole Ethernet frame of size bytes."""
    ethertype, make = rng.choice(KINDS)
    if make is arp:
        size = rng.choice([60, 64])
    tags = b""
    for tpid in rng.choice([[], [], [0x8100], [0x88a8, 0x8100]]):
        if size - 14 - len(tags) - 4 >= 46:
            tags += struct.pack("!HH", tpid, rng.randrange(1, 4095) | rng.randrange(8) << 13)
    dst = rng.choice([bytes([0xff] * 6), bytes([0x33, 0x33]) + rng.randbytes(4),
                      bytes([0x02]) + rng.randbytes(5)])
    src = bytes([0x02]) + rng.randbytes(5)
    room = size - 14 - len(tags)
    # The smallest frames have no room for IPv6 and TCP headers.
    if make is ipv6 and room < 64:
        ethertype, make = 0x0800, ipv4
    return dst + src + tags + struct.pack("!H", ethertype) + make(rng, number, room)


FILE_HEAD = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)


def record(number, data):
    """A frame in the format of a capture, one microsecond after the one before."""
    return struct.pack("<IIII", 1700000000 + number // 1000000, number % 1000000, len(data),
                       len(data)) + data


def write(path, count, seed, largest=9014):
    rng = random.Random(seed)
    sizes = [size for size in EDGES if size <= largest]
    with open(path, "wb") as out:
        out.write(FILE_HEAD)
        for number in range(count):
            size = sizes[number] if number < len(sizes) else rng.choice(
                [rng.choice(sizes), rng.randrange(60, min(largest, 1514) + 1),
                 rng.randrange(60, largest + 1)])
            out.write(record(number, frame(rng, number, size)))


def write_runts(path, seed):
    rng = random.Random(seed)
    frames = [b"\xaa" * 400 for _ in range(300)]
    for _ in range(40):
        # The order is random: a burst has runts of all kinds and whole frames.
        sizes = list(range(21)) + [60, 400]
        rng.shuffle(sizes)
        frames += [rng.randbytes(size) for size in sizes]
    with open(path, "wb") as out:
        out.write(FILE_HEAD)
        for number, data in enumerate(frames):
            out.write(record(number, data))


def write_giants(path, rest, seed):
    rng = random.Random(seed)
    # net_pcap keeps 16 bits of the length: 0, 1 and more bytes of these frames remain.
    giants = [65536, 65537, 65536 + 60, 80066, 131072, 131072 + 1600]
    head = FILE_HEAD[:16] + struct.pack("<II", 262144, 1)
    with open(path, "wb") as out, open(rest, "wb") as out_rest:
        out.write(head)
        out_rest.write(head)
        for number in range(200):
            data = frame(rng, number, rng.choice([60, 300, 1514]))
            out.write(record(2 * number, data))
            out_rest.write(record(number, data))
            if number % 20 == 7:
                out.write(record(2 * number + 1, rng.randbytes(giants[number // 20 % len(giants)])))


def transport(rng, proto, ports):
    """The bytes after the IP header of a flow; the first bytes of other protocols only look like ports."""
    room = rng.choice([8, 8, 20, 40, 200, 1000, 1400])
    return ports + rng.randbytes(room - 4) if proto in (6, 17, 33, 132, 136) else rng.randbytes(room)


def flow_v4(rng, flow):
    options = rng.choice([0, 0, 0, 4, 40])
    body = transport(rng, flow["proto"], flow["ports"])
    head = struct.pack("!BBHHHBBH", 0x45 + options // 4, 0, 20 + options + len(body), rng.randrange(65536),
                       flow["fragment"], 64, flow["proto"], 0)
    return head + flow["src"][:4] + flow["dst"][:4] + rng.randbytes(options) + body


def flow_v6(rng, flow):
    body = transport(rng, flow["proto"], flow["ports"])
    kinds = rng.choice([[], [], [0], [60, 43], [0, 43, 60]])
    following = flow["proto"]
    if flow["fragment"] & 0x3fff:
        body = struct.pack("!BBHI", following, 0, rng.choice([1, 8, 1480]) & 0xfff9, rng.randrange(1 << 32)) + body
        following = 44
    for kind in reversed(kinds):
        units = rng.randrange(3)
        body = bytes([following, units]) + rng.randbytes(6 + 8 * units) + body
        following = kind
    return struct.pack("!IHBB", 0x60000000, len(body), following, 64) + flow["src"] + flow["dst"] + body


def flow_frame(rng, flow):
    ethertype, make = (0x0800, flow_v4) if flow["version"] == 4 else (0x86dd, flow_v6)
    tags = b"".join(struct.pack("!HH", tpid, rng.randrange(1, 4095))
                    for tpid in rng.choice([[], [], [0x8100], [0x88a8, 0x8100], [0x9100, 0x8100, 0x8100]]))
    data = rng.randbytes(12) + tags + struct.pack("!H", ethertype) + make(rng, flow)
    # A packet shorter than a frame is padded with old content of memory.
    data += rng.randbytes(max(0, 60 - len(data)))
    return data[:rng.randrange(14, len(data))] if rng.random() < 0.02 else data


def write_flows(path, count, seed, flows):
    # Seeds that differ only in the last digit have the same flows.
    rng = random.Random(seed // 10)
    known = [{"version": rng.choice([4, 6]), "proto": rng.choice([6, 6, 17, 17, 132, 136, 33, 1, 58, 47, 50, 51, 89]),
              "src": rng.randbytes(16), "dst": rng.randbytes(16), "ports": rng.randbytes(4),
              "fragment": rng.choice([0, 0x4000, 0, 0x4000, 0x2000, 0x0010])} for _ in range(flows)]
    rng = random.Random(seed)
    with open(path, "wb") as out:
        out.write(FILE_HEAD)
        for number in range(count):
            if rng.random() < 0.1:
                data = rng.randbytes(12) + struct.pack("!H", rng.choice([0x0806, 0x8847, 0x0026, 0x88cc])) + \
                    rng.randbytes(rng.randrange(46, 300))
            else:
                # Send every flow once, then the first ones more often than the last.
                data = flow_frame(rng, known[number if number < flows else int(flows * rng.random() ** 3)])
            out.write(record(number, data))


def replay(path, pipe, rate, seconds):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    frames = read(path)
    with open(pipe, "wb") as out:
        out.write(FILE_HEAD)
        number, start = 0, time.monotonic()
        while seconds == 0 or time.monotonic() - start < seconds:
            due = int((time.monotonic() - start) * rate)
            while number < due:
                out.write(record(number, frames[number % len(frames)]))
                number += 1
            out.flush()
            time.sleep(0.002)


def read(path):
    """The frames of a capture, in either byte order and precision."""
    with open(path, "rb") as capture:
        data = capture.read()
    for order in "<>":
        if data[:4] in (struct.pack(order + "I", 0xa1b2c3d4), struct.pack(order + "I", 0xa1b23c4d)):
            break
    else:
        sys.exit(f"{path}: not a capture")
    frames = []
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            sys.exit(f"{path}: cut off in the header of frame {len(frames)}")
        _, _, held, whole = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if held != whole or at + held > len(data):
            sys.exit(f"{path}: frame {len(frames)} of {whole} bytes is cut off")
        frames.append(data[at:at + held])
        at += held
    return frames


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def wanted(data, mode, tx_port, tx_mac):
    """The frame after the forwarder; one that ends before its second address is unchanged."""
    if len(data) < 12:
        return data
    if mode == "macswap":
        return data[6:12] + data[:6] + data[12:]
    if mode == "mac":
        return bytes([2, 0, 0, 0]) + struct.pack("!H", tx_port) + tx_mac + data[12:]
    return data


def differ(number, want, got):
    at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
    return (f"frame {number}: {len(got)} bytes instead of {len(want)}, the first difference at byte {at}:"
            f" {got[at:at + 8].hex(' ')} instead of {want[at:at + 8].hex(' ')}")


def compare(path_in, path_out, mode, tx_port=0, tx_mac="00:00:00:00:00:00", replayed=False):
    sent, got = read(path_in), read(path_out)
    if replayed and got:
        sent = (sent * (len(got) // len(sent) + 1))[:len(got)]
    want = [wanted(data, mode, int(tx_port), mac(tx_mac)) for data in sent]
    if want == got:
        print(f"{len(got)} frames, {sum(map(len, got))} bytes, as sent, in order (mode {mode})")
        return
    for number, (one, other_one) in enumerate(zip(want, got)):
        if one != other_one:
            where = " (that frame was sent as number %d)" % want.index(other_one) \
                if other_one in want else ""
            sys.exit(f"{path_out}: {differ(number, one, other_one)}{where}")
    sys.exit(f"{path_out}: {len(got)} frames instead of {len(sent)}")


def main(args):
    if len(args) in (4, 5) and args[0] == "write":
        write(args[1], *map(int, args[2:]))
    elif len(args) == 3 and args[0] == "runts":
        write_runts(args[1], int(args[2]))
    elif len(args) == 4 and args[0] == "giants":
        write_giants(args[1], args[2], int(args[3]))
    elif len(args) == 5 and args[0] == "flows":
        write_flows(args[1], *map(int, args[2:]))
    elif len(args) in (4, 6) and args[0] == "compare" and args[3] in ("io", "mac", "macswap"):
        compare(*args[1:])
    elif len(args) == 4 and args[0] == "compare-replayed" and args[3] in ("io", "macswap"):
        compare(*args[1:], replayed=True)
    elif len(args) == 5 and args[0] == "replay":
        replay(args[1], args[2], float(args[3]), float(args[4]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
