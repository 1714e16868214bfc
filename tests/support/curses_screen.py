# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
"""A terminal with the functions that ncurses uses on an xterm: prints screens of what a program wrote.

curses_screen.py ROWSxCOLUMNS FILE [all]
    FILE is what a terminal of that size got. Prints the last screen before the terminal was restored, or with "all"
    each screen that was complete before the program waited, separated by lines of "=". A size change is noticed when
    the program clears the screen beyond the old one. Fails when a sequence is unknown, the terminal is not restored,
    or a control character got through.
"""

import re
import sys

SEQUENCE = re.compile(r"\033\[([0-9;?]*)([A-Za-z@`])|\033[()]([A-Z0-9])|\033([=>78M])|([^\033])", re.DOTALL)


class Terminal:
    def __init__(self, rows, columns):
        # Room for a terminal that grows.
        self.rows, self.columns = max(rows, 100), max(columns, 300)
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        # The rows that scroll.
        self.top, self.bottom = 0, self.rows
        self.last = " "
        self.faults = []
        self.alternate = False
        self.screens = []

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells).rstrip()

    def blank(self, row, begin, end):
        self.cells[row][begin:end] = [" "] * (end - begin)

    def put(self, char):
        if self.row < self.rows and self.column < self.columns:
            self.cells[self.row][self.column] = char
        self.column += 1
        self.last = char

    def control(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row += 1
            self.column = 0
        elif char == "\b":
            self.column = max(self.column - 1, 0)
        else:
            self.faults.append(f"a control character got through: {char!r}")

    def erase(self, what, number):
        if what == "J":
            for row in range(self.row + 1 if number == 0 else 0, self.rows):
                self.blank(row, 0, self.columns)
            if number:
                return
        if what == "K" and number == 1:
            self.blank(self.row, 0, self.column + 1)
        else:
            self.blank(self.row, self.column, self.columns)

    def mode(self, text, on):
        if text == "?1049":
            if not on:
                self.screens.append(self.text())
            self.alternate = on
        elif text == "?25" and on is False:
            pass

    def sequence(self, text, letter):
        numbers = [int(n) if n.isdigit() else 0 for n in text.split(";")]
        first = max(numbers[0], 1)
        if letter in "Hf":
            self.row, self.column = first - 1, max(numbers[1] if len(numbers) > 1 else 1, 1) - 1
        elif letter == "d":
            self.row = first - 1
        elif letter in "G`":
            self.column = first - 1
        elif letter in "ABCD":
            self.row += {"A": -first, "B": first}.get(letter, 0)
            self.column += {"C": first, "D": -first}.get(letter, 0)
        elif letter in "JK":
            self.erase(letter, numbers[0])
        elif letter == "X":
            self.blank(self.row, self.column, self.column + first)
        elif letter == "b":
            for _ in range(first):
                self.put(self.last)
        elif letter == "P":
            line = self.cells[self.row]
            line[self.column:] = line[self.column + first:] + [" "] * first
        elif letter == "@":
            line = self.cells[self.row]
            line[self.column:] = ([" "] * first + line[self.column:])[:self.columns - self.column]
        elif letter in "LM":
            blank = [[" "] * self.columns for _ in range(first)]
            above, below = self.cells[:self.row], self.cells[self.row:]
            below = blank + below[:-first] if letter == "L" else below[first:] + blank
            self.cells = above + below
        elif letter in "ST":
            blank = [[" "] * self.columns for _ in range(first)]
            region = self.cells[self.top:self.bottom]
            region = region[first:] + blank if letter == "S" else blank + region[:-first]
            self.cells[self.top:self.bottom] = region
        elif letter == "r":
            self.top = first - 1
            self.bottom = numbers[1] if len(numbers) > 1 else self.rows
        elif letter in "hl":
            self.mode(text, letter == "h")
        elif letter not in "mt":
            self.faults.append(f"an unknown sequence: ESC [ {text} {letter}")

    def take(self, data):
        at = 0
        while at < len(data):
            part = SEQUENCE.match(data, at)
            if part is None:
                self.faults.append(f"an unknown sequence: {data[at:at + 8]!r}")
                return
            at = part.end()
            if part[2]:
                self.sequence(part[1], part[2])
            elif part[5] and part[5] < " ":
                self.control(part[5])
            elif part[5]:
                self.put(part[5])


def main(size, path, which="last"):
    rows, columns = map(int, size.split("x"))
    with open(path, encoding="utf-8", errors="replace", newline="") as data:
        text = data.read()
    terminal = Terminal(rows, columns)
    terminal.take(text)
    if which == "all":
        print("\n=\n".join(terminal.screens))
    else:
        print(terminal.screens[-1] if terminal.screens else "")
    if terminal.alternate or not terminal.screens:
        terminal.faults.append("the terminal was not restored")
    if terminal.faults:
        sys.exit("\n".join(terminal.faults[:5]))


main(*sys.argv[1:])
