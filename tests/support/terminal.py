# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""Runs a program on a terminal of a given size, whose other end reads or hangs.

terminal.py ROWSxCOLUMNS reads|keys|hangs|tostop COMMAND...
    Standard output of the program is the terminal, full already when it hangs; all that it wrote there is printed when it has ended. SIGTERM is
    passed on. Ends with the program's exit code; a hung terminal is never read. With tostop the program is a job in the background of a
    shell's terminal after "stty tostop". With keys, standard input is the terminal too: what comes in here is typed there, but a line that begins
    with a NUL and has a size, "ROWSxCOLUMNS", changes that of the terminal. At the end the modes of the terminal go to standard error. TERM is
    TIDE_TERM, or xterm.
"""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
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


def copy(master):
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def set_size(master, size):
    rows, columns = map(int, size.split("x"))
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def print_modes(master):
    flags = termios.tcgetattr(master)[3]
    print("canonical" if flags & termios.ICANON else "raw", "echo" if flags & termios.ECHO else "silent", file=sys.stderr)


def type_in(master):
    """Type what comes in, and change the size by lines that begin with a NUL."""
    command = None
    while data := os.read(0, 1):
        if data == b"\0":
            command = b""
        elif command is None:
            os.write(master, data)
        elif data == b"\n":
            set_size(master, command.decode())
            command = None
        else:
            command += data


def run_on_terminal(master, slave, command):
    """Run the program as the leader of the terminal's session, so that the terminal sends it signals."""
    def lead():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    environment = dict(os.environ, TERM=os.environ.get("TIDE_TERM", "xterm"))
    program = subprocess.Popen(command, stdin=slave, stdout=slave, env=environment, preexec_fn=lead)
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    threading.Thread(target=type_in, args=(master,), daemon=True).start()
    # The terminal stays open, so that its modes can be read after the program.
    threading.Thread(target=copy, args=(master,), daemon=True).start()
    code = program.wait()
    time.sleep(0.1)
    print_modes(master)
    return code


def run_in_background(command):
    """Be the shell of a terminal, and end as the program does."""
    flags = termios.tcgetattr(1)
    flags[3] |= termios.TOSTOP
    termios.tcsetattr(1, termios.TCSANOW, flags)
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=lambda: os.setpgid(0, 0))
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    os._exit(program.wait())


def main(size, kind, *command):
    if kind == "tostop":
        leader, master = pty.fork()
        if leader == 0:
            run_in_background(command)
        signal.signal(signal.SIGTERM, lambda *_: os.kill(leader, signal.SIGTERM))
        copy(master)
        return os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1])
    master, slave = pty.openpty()
    set_size(slave, size)
    if kind == "keys":
        return run_on_terminal(master, slave, command)
    if kind == "hangs":
        fill(os.ttyname(slave))
    environment = dict(os.environ, TERM="xterm")
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave, env=environment)
    os.close(slave)
    signal.signal(signal.SIGTERM, lambda *_: program.terminate())
    if kind == "reads":
        copy(master)
    return program.wait()


sys.exit(main(*sys.argv[1:]))
