# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next run of a role would change on this host: its own steps, in check mode.

Parameters: ``steps``, as step_session describes them, each with ``ignores``, regular expressions for whole lines in
which the host may differ. Observes ``differs``, a sentence for each thing that the role would change or cannot keep,
and ``difference``, the first lines that are there (``-``) and would be (``+``).

An audit asks nobody else: of packages it is told which are missing, and not whether they could be had.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import dpkg_status, step_session
from .base import Host, NotObservable, Observation

#: How many lines of a difference are shown, and how long they are at most.
LINES = 40
LONGEST = 200
#: Seconds that a step may take to look: one that waits for what never comes is not to hold the others up.
SECONDS = 60


def observe(host: Host, parameters: Mapping[str, Any]) -> Observation:
    """Run the steps in check mode."""
    if not host.is_root:
        raise NotObservable("comparing all that the role keeps needs root")
    steps = parameters.get("steps") or []
    differs: list[str] = []
    lines: list[str] = []
    missing: set[str] = set()
    for step in steps:
        if step["module"] == "packages":
            gone = dpkg_status.read().missing(step["arguments"]["names"])
            missing.update(gone)
            differs += [f"{step['name']}: {name} is not installed" for name in gone]
        elif not missing.intersection(step["packages"]):
            for what, shown in _differences(_result(step), [re.compile(text) for text in step["ignores"]]):
                differs.append(f"{step['name']}: {what}")
                lines += shown
    more = len(lines) - LINES
    told = [line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…" for line in lines[:LINES]]
    told += [f"and {more} lines more"] if more > 0 else []
    value: dict[str, Any] = {"differs": differs}
    if told:
        value["difference"] = told
    return Observation(value, f"the {len(steps)} steps of the role, run in check mode")


def _result(step: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step gives in check mode; nothing where it has no meaning on this host."""
    with _no_longer_than(SECONDS):
        ran = step_session.work({"steps": [step], "check_mode": True, "diff": True})["steps"]
    return ran[0]["result"] if ran else {}


@contextlib.contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    """Have whatever runs inside end with an exception after so many seconds, also where it waits for a file."""

    def end(_number: int, _frame: Any) -> None:
        raise TimeoutError(f"it gave no answer in {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _differences(result: Mapping[str, Any], ignored: Sequence[re.Pattern[str]]) -> Iterator[tuple[str, list[str]]]:
    """What a step would change or could not keep, each with the lines that differ."""
    if result.get("failed"):
        yield f"cannot be kept: {result.get('msg')}", []
        return
    if not result.get("changed"):
        return
    diff = result.get("diff") or []
    entries = [entry for entry in (diff if isinstance(diff, list) else [diff]) if entry]
    if not entries:
        yield _without_lines(result), []
    for entry in entries:
        shown = _lines(entry, ignored)
        if shown:
            yield str(entry.get("before_header") or entry.get("after_header") or "differs"), shown


def _without_lines(result: Mapping[str, Any]) -> str:
    """What is told of a change that has no lines."""
    if result.get("reason"):
        return str(result["reason"])
    commands = [" ".join(map(str, argv)) for argv in result.get("commands") or [] if isinstance(argv, list)]
    return f"owed: {', '.join(commands)}" if commands else "differs"


def _lines(entry: Mapping[str, Any], ignored: Sequence[re.Pattern[str]]) -> list[str]:
    """The lines of one difference but for those that may differ."""
    if "prepared" in entry:
        return str(entry["prepared"]).splitlines()
    # By line feeds alone: a carriage return, or an end without a line feed, is a difference too.
    before, after = (str(entry.get(key) or "").split("\n") for key in ("before", "after"))
    found: list[str] = []
    for _tag, was, was_end, will, will_end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if before[was:was_end] != after[will:will_end]:
            found += [f"- {line}" for line in before[was:was_end]] + [f"+ {line}" for line in after[will:will_end]]
    return [line for line in found if not any(pattern.fullmatch(line[2:]) for pattern in ignored)]
