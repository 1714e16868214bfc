# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""xstats.py DIRECTORY PORT: prints the counters of the driver of a port from DPDK's telemetry, "NAME VALUE" a line.

DIRECTORY is the run-time directory of the running program.
"""

import json
import socket
import sys


def main(directory, port):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(20)
        s.connect(f"{directory}/dpdk_telemetry.v2")
        s.recv(1 << 16)
        s.send(f"/ethdev/xstats,{port}".encode())
        for name, value in json.loads(s.recv(1 << 20))["/ethdev/xstats"].items():
            print(name, value)


main(*sys.argv[1:])
