# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Runs a program on a terminal of a given size, whose other end reads or hangs.

terminal.py ROWSxCOLUMNS reads|hangs COMMAND...
    Standard output of the program is the terminal, full already when it hangs; all that it wrote there is printed when it has ended. SIGTERM is
    passed on. Ends with the program's exit code; a hung terminal is never read.
"""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time


def fill(name):
    """Write until the terminal takes nothing more; by a description of its own, as O_NONBLOCK is shared.

    The kernel makes room again when it hands what was written to the other end, which it does a little later."""
    tty = os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    taken = True
    while taken:
        taken = False
        try:
            while True:
                os.write(tty, b"x" * 512)
                taken = True
        except BlockingIOError:
            time.sleep(0.2)
    os.close(tty)


def main(size, kind, *command):
    rows, columns = map(int, size.split("x"))
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    if kind == "hangs":
        fill(os.ttyname(slave))
    environment = dict(os.environ, TERM="xterm")
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave, env=environment)
    os.close(slave)
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    while kind == "reads":
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    return program.wait()


sys.exit(main(*sys.argv[1:]))
