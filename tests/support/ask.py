# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""ask.py SOCKET REQUEST: prints the answer of a program to a request, without its name, as one line of JSON.

SOCKET is that of DPDK's telemetry, or the library's own.
"""

import json
import socket
import sys


def main(path, request):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(20)
        s.connect(path)
        most = json.loads(s.recv(1 << 16))["max_output_len"]
        s.send(request.encode())
        (answer,) = json.loads(s.recv(most + 1)).values()
        print(json.dumps(answer))


main(*sys.argv[1:])
