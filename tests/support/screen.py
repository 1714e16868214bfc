# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""A terminal with the functions that tide-fwd uses: prints the last screen, and whether any was broken.

screen.py ROWSxCOLUMNS FILE
    FILE is what a terminal of that size got. Prints the last screen. Fails when a screen scrolled or a line was
    wrapped, up to the summary, which follows the last screen.
"""

import re
import sys


class Terminal:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.faults = []

    def put(self, char):
        if self.column == self.columns:
            self.faults.append(f"line {self.row + 1} was wrapped: {self.text(self.row)}")
            self.column = 0
            self.down()
        self.cells[self.row][self.column] = char
        self.column += 1

    def down(self):
        if self.row + 1 < self.rows:
            self.row += 1
            return
        self.faults.append(f"it scrolled, losing: {self.text(0)}")
        self.cells = self.cells[1:] + [[" "] * self.columns]

    def clear(self, below):
        at = min(self.column, self.columns - 1)
        self.cells[self.row][at:] = [" "] * (self.columns - at)
        for row in range(self.row + 1, self.rows if below else 0):
            self.cells[row] = [" "] * self.columns

    def text(self, row):
        return "".join(self.cells[row]).rstrip()

    def take(self, data):
        for part in re.findall(r"\033\[[0-9?]*[A-Za-z]|[^\033]", data):
            if part == "\033[H":
                self.row = self.column = 0
            elif part in ("\033[K", "\033[J"):
                self.clear(part == "\033[J")
            elif part == "\033[2J":
                self.cells = [[" "] * self.columns for _ in range(self.rows)]
            elif part == "\r":
                self.column = 0
            elif part == "\n":
                self.down()
            elif part[0] == "\033":
                self.faults.append(f"an unknown sequence: {part!r}")
            else:
                self.put(part)


def main(size, path):
    rows, columns = map(int, size.split("x"))
    with open(path, encoding="utf-8", errors="replace", newline="") as data:
        text = data.read()
    # The live screen begins when it is cleared, and ends with the last complete one.
    text = text[text.index("\033[2J"):text.rindex("\033[J") + 3]
    terminal = Terminal(rows, columns)
    terminal.take(text)
    print("\n".join(terminal.text(row) for row in range(rows)).rstrip())
    if terminal.faults:
        sys.exit("\n".join(terminal.faults[:5]))


main(*sys.argv[1:])
