# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a site model: collected while checking, reported all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Union

# The way to a value: keys and list positions, for example ("flows", 0, "from").
Path = tuple[Union[str, int], ...]

SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class Problem:
    """One reason to refuse a model.

    ``line`` counts from 1; it is None until the document has looked it up. ``at_key`` says that the key itself is
    wrong (unknown, twice there) and not its value.
    """

    path: Path
    message: str
    line: int | None = None
    at_key: bool = False

    def text(self, file: str) -> str:
        """``file:line: key path: message``, in the form editors and CI logs can jump to."""
        where = file if self.line is None else f"{file}:{self.line}"
        return f"{where}: {path_text(self.path)}: {self.message}" if self.path else f"{where}: {self.message}"


@dataclass
class Problems:
    """The problems found so far, and the warnings: what a model may have, and somebody should know of."""

    found: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def warn(self, path: Path, message: str) -> None:
        """Note what is no reason to refuse a model but will not do for long."""
        self.warnings.append(Problem(path, message))

    def add(self, path: Path, message: str, at_key: bool = False) -> None:
        """Note a problem at a key path."""
        self.found.append(Problem(path, message, at_key=at_key))

    def noted(self, path: Path) -> bool:
        """Whether a value or something in it has been refused already: then it isn't missing."""
        return any(problem.path[: len(path)] == path for problem in reversed(self.found))


class SiteModelError(ValueError):
    """A site model that is refused. ``problems`` holds every reason, in the order of the file."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        super().__init__(self.report())

    def report(self) -> str:
        """Every problem on a line of its own below one heading."""
        count = len(self.problems)
        heading = f"{self.file} is refused, nothing has been touched: {count} problem{'s' if count > 1 else ''}"
        lines = [f"  {problem.text(self.file)}" for problem in self.problems[:SHOWN_AT_MOST]]
        if count > SHOWN_AT_MOST:
            lines.append(f"  … and {count - SHOWN_AT_MOST} more")
        return "\n".join([heading, *lines])


def warning_report(file: str, warnings: Sequence[Problem]) -> str:
    """Every warning on a line of its own below one heading; empty without any."""
    if not warnings:
        return ""
    count = len(warnings)
    ordered = sorted(warnings, key=lambda warning: warning.line or 0)
    lines = [f"  {warning.text(file)}" for warning in ordered[:SHOWN_AT_MOST]]
    if count > SHOWN_AT_MOST:
        lines.append(f"  … and {count - SHOWN_AT_MOST} more")
    return "\n".join([f"{file} is in force, with {count} warning{'s' if count > 1 else ''}", *lines])


def path_text(path: Path) -> str:
    """A key path as people write it: ``flows[0].from``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def did_you_mean(wrong: str, valid: Iterable[str]) -> str:
    """`` Did you mean X?`` when a valid word is close to the wrong one, else nothing."""
    close = difflib.get_close_matches(wrong, list(valid), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def listed(words: Iterable[str]) -> str:
    """Valid values for a message: ``Valid: a, b, c.``"""
    return f"Valid: {', '.join(words)}."
