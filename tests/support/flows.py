# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Counts the flows of captures, and compares them with the counts of tide-fwd.

flows.py OUTPUT WHICH CAPTURE...
    OUTPUT's last line is the JSON summary of a run that forwarded the CAPTUREs. Its report WHICH (complete,
    busiest, unfinished) must have just their flows, packets and bytes; its top must be the first of them in order.

flows.py CAPTURE...
    Print the flows, most bytes first.
"""

import collections
import ipaddress
import json
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import packets  # noqa: E402

TAGS = (0x8100, 0x88a8, 0x9100)
WITH_PORTS = (6, 17, 33, 132, 136)
OPTIONS = (0, 43, 60)
FRAGMENT = 44


def ports(proto, segment):
    return struct.unpack("!HH", segment[:4]) if proto in WITH_PORTS and len(segment) >= 4 else (0, 0)


def ipv4(packet):
    if len(packet) < 20 or packet[0] >> 4 != 4:
        return None
    head, total = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
    packet = packet[:total] if total else packet
    if head < 20 or len(packet) < head:
        return None
    fragment = int.from_bytes(packet[6:8], "big") & 0x3fff
    proto = packet[9]
    return (str(ipaddress.ip_address(packet[12:16])), str(ipaddress.ip_address(packet[16:20])), proto,
            *((0, 0) if fragment else ports(proto, packet[head:])))


def ipv6(packet):
    if len(packet) < 40 or packet[0] >> 4 != 6:
        return None
    payload, proto = int.from_bytes(packet[4:6], "big"), packet[6]
    src, dst = (str(ipaddress.ip_address(packet[at:at + 16])) for at in (8, 24))
    rest = packet[40:40 + payload] if payload else packet[40:]
    for _ in range(8):
        if proto in OPTIONS and len(rest) >= 2 and len(rest) >= 8 * (rest[1] + 1):
            proto, rest = rest[0], rest[8 * (rest[1] + 1):]
        elif proto == FRAGMENT and len(rest) >= 8:
            proto, offset, rest = rest[0], int.from_bytes(rest[2:4], "big") & 0xfff9, rest[8:]
            if offset:
                return src, dst, proto, 0, 0
        elif proto in OPTIONS + (FRAGMENT,):
            return src, dst, proto, 0, 0
        else:
            break
    return (src, dst, proto, *ports(proto, rest))


def flow_of(frame):
    """The five values that identify a flow; None for a packet that is not IP."""
    at = 12
    for _ in range(5):
        kind = int.from_bytes(frame[at:at + 2], "big") if len(frame) >= at + 2 else 0
        at += 2
        if kind not in TAGS:
            break
        at += 2
    return {0x0800: ipv4, 0x86dd: ipv6}.get(kind, lambda packet: None)(frame[at:])


def count(paths):
    """Packets and bytes by flow; None counts as a flow."""
    flows = collections.defaultdict(lambda: [0, 0])
    for path in paths:
        for frame in packets.read(path):
            of = flows[flow_of(frame)]
            of[0] += 1
            of[1] += len(frame)
    return flows


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found}, counted here: {wanted}")


def check(output, which, paths):
    with open(output, encoding="ascii") as out:
        report = json.loads(out.read().rstrip("\n").split("\n")[-1])["flows"][which]
    flows = count(paths)
    other = flows.pop(None, [0, 0])
    top = report["top"]
    found = [((f["src"], f["dst"], f["proto"], f["sport"], f["dport"]), f["packets"], f["bytes"]) for f in top]
    same("flows", report["flows"], len(flows))
    same("packets", report["packets"], sum(n for n, _ in flows.values()))
    same("bytes", report["bytes"], sum(n for _, n in flows.values()))
    same("not IP", [report["not_ip"]["packets"], report["not_ip"]["bytes"]], other)
    same("not accounted", report["not_accounted"], {"packets": 0, "bytes": 0})
    for flow, npackets, nbytes in found:
        same(f"flow {flow}", [npackets, nbytes], flows[flow])
    same("flows told once", len({flow for flow, _, _ in found}), len(top))
    ranks = sorted(((-nbytes, -npackets) for npackets, nbytes in flows.values()))
    same("order of the top", [(-nbytes, -npackets) for _, npackets, nbytes in found], ranks[:len(top)])
    print(f"{len(flows)} flows, {report['packets']} packets, {report['bytes']} bytes and {other[0]} packets that are"
          f" no IP, as counted here; the first {len(top)} in order")
    return len(top)


def show(paths):
    for flow, (npackets, nbytes) in sorted(count(paths).items(), key=lambda item: (-item[1][1], -item[1][0])):
        print(npackets, nbytes, *(flow or ["no IP"]))


def main(args):
    if len(args) >= 3 and args[1] in ("complete", "busiest", "unfinished"):
        check(args[0], args[1], args[2:])
    elif args and not args[0].startswith("-"):
        show(args)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
