# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Bulk TCP traffic that checks itself: both ends hash the bytes that they sent and received.

bulk.py serve ADDRESS PORT
    Take transfers until ended by a signal; answer each with its length and SHA-256.

bulk.py send ADDRESS PORT BYTES SECONDS
    Send transfers of BYTES random bytes, one after another, for SECONDS (0: just one, -1: until ended by
    a signal), and say how fast. Exit code 1 when one arrived otherwise than it was sent.
"""

import hashlib
import os
import signal
import socket
import sys
import time

PIECE = 1 << 16
# Keep fewer frames in flight than the rings of a packet socket have (512), so that none must be lost.
IN_FLIGHT = 1 << 18


class Ended(Exception):
    """A signal arrived."""


def ended(_signum, _frame):
    raise Ended


def serve(address, port):
    listener = socket.create_server((address, int(port)))
    while True:
        peer, _ = listener.accept()
        with peer:
            digest, length = hashlib.sha256(), 0
            while piece := peer.recv(PIECE):
                digest.update(piece)
                length += len(piece)
            peer.sendall(f"{length} {digest.hexdigest()}\n".encode())


def transfer(address, port, length):
    """Send once; the receiver must have received the same bytes."""
    digest, left = hashlib.sha256(), length
    block = os.urandom(PIECE)
    with socket.socket() as peer:
        peer.settimeout(20)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, IN_FLIGHT)
        peer.connect((address, int(port)))
        while left > 0:
            # Every piece is different, at little cost.
            piece = (left.to_bytes(8, "big") + block[8:])[:left]
            digest.update(piece)
            peer.sendall(piece)
            left -= len(piece)
        peer.shutdown(socket.SHUT_WR)
        answer = b""
        while not answer.endswith(b"\n"):
            more = peer.recv(PIECE)
            if not more:
                break
            answer += more
    want = f"{length} {digest.hexdigest()}\n".encode()
    if answer != want:
        sys.exit(f"bulk: sent {want.decode().strip()}, the other end got {answer.decode().strip()}")


def send(address, port, length, seconds):
    start, count, busy = time.monotonic(), 0, 0.0
    try:
        while count == 0 or seconds < 0 or time.monotonic() - start < seconds:
            transfer(address, port, length)
            count += 1
            busy = time.monotonic() - start
    except Ended:
        pass
    except OSError as err:
        sys.exit(f"bulk: transfer {count + 1} to {address}: {err}")
    total = count * length
    print(f"bulk: {count} TCP transfers, {total / 1e6:.0f} MB in {busy:.1f} s, "
          f"{total * 8 / 1e6 / max(busy, 1e-9):.0f} Mbit/s, SHA-256 the same at both ends", flush=True)


def main(args):
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, ended)
    try:
        if len(args) == 3 and args[0] == "serve":
            serve(*args[1:])
        elif len(args) == 5 and args[0] == "send":
            send(args[1], args[2], int(args[3]), float(args[4]))
        else:
            sys.exit(__doc__)
    except Ended:
        pass


main(sys.argv[1:])
