# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single parameters of Postfix's main.cf: set, and put back word for word.

main.cf is a list of logical lines: ``name = value``, gone on by lines that begin with white space; comments and empty
lines may stand between. The last line for a name counts. Only the lines of named parameters are touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ASSIGNMENT = re.compile(r"([A-Za-z0-9_]+)\s*=")


@dataclass(frozen=True)
class Line:
    """A logical line: the parameter it sets (None: comment or empty) and its text with the ends of lines."""

    name: str | None
    text: str


def parse(text: str) -> list[Line]:
    """The logical lines of main.cf; joined they are the text again."""
    lines: list[Line] = []
    for physical in text.splitlines(keepends=True):
        if physical[0] in " \t" and physical.strip() and not physical.lstrip().startswith("#"):
            # A comment in between belongs to the line that is gone on: keep it there.
            index = next((number for number in range(len(lines) - 1, -1, -1) if lines[number].name), None)
            if index is not None:
                whole = "".join(line.text for line in lines[index:]) + physical
                lines[index:] = [Line(lines[index].name, whole)]
                continue
        found = _ASSIGNMENT.match(physical)
        lines.append(Line(found[1] if found else None, physical))
    return lines


def texts(text: str) -> dict[str, str]:
    """The text of the line that counts for each parameter that is set."""
    return {line.name: line.text for line in parse(text) if line.name}


def values(text: str) -> dict[str, str]:
    """The value of each parameter that is set, its lines joined by one space."""
    found = {}
    for name, line in texts(text).items():
        rows = [row for row in line.splitlines() if not row.lstrip().startswith("#")]
        found[name] = " ".join(" ".join(rows).split("=", 1)[1].split())
    return found


def with_lines(text: str, wanted: Mapping[str, str | None]) -> str:
    """The text with these lines for these parameters; None: without any line for it."""
    lines = parse(text)
    for name, new in wanted.items():
        places = [number for number, line in enumerate(lines) if line.name == name]
        if new is None:
            lines = [line for line in lines if line.name != name]
        elif places:
            lines[places[-1]] = Line(name, new)
        else:
            if lines and not lines[-1].text.endswith("\n"):
                lines[-1] = Line(lines[-1].name, lines[-1].text + "\n")
            lines.append(Line(name, new))
    return "".join(line.text for line in lines)


def assignment(name: str, value: str) -> str:
    """The line that sets a parameter."""
    return f"{name} = {value}".rstrip() + "\n"
