# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one round showed on one host: which case turned which checks red, what else did, and whether it was repaired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean

GREEN = ("pass", "not_applicable")
SEEN = "seen"
NOTHING_RED = "nothing turned red"
OTHERS_RED = "something else turned red"
NOT_REPAIRED = "not repaired"
NOT_OBSERVED = "not observed"
NOTHING_TO_BREAK = "nothing to break"
#: The control of a role that whatever its next run would change turns red, beside the control that it is about.
AS_DECLARED = ".as_declared"
#: What may become of a case. All but the first and the last let the run fail.
OUTCOMES = (SEEN, NOTHING_RED, OTHERS_RED, NOT_REPAIRED, NOT_OBSERVED, NOTHING_TO_BREAK)
FAILED = OUTCOMES[1:-1]
_MAX_NOTE = 300


@dataclass(frozen=True)
class Stages:
    """The records of a host's audits around one round; None where there is none. commands: what each case's said."""

    before: Mapping[str, Any]
    broken: Mapping[str, Any] | None = None
    repaired: Mapping[str, Any] | None = None
    commands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def red(record: Mapping[str, Any]) -> dict[str, str]:
    """The checks of a host's record that are not green, with status and reason."""
    return {
        one["check"]: f"{one['status']}: {one['reason']}" for one in record["findings"] if one["status"] not in GREEN
    }


def _observed(record: Mapping[str, Any] | None) -> bool:
    return record is not None and bool(record["observed"])


def _note(said: Mapping[str, Any] | None) -> str:
    """What a command that failed said, on one line."""
    if said is None:
        return "its command was not run"
    if said.get("rc") == 0:
        return ""
    text = " ".join(str(said.get("stderr") or said.get("msg") or "").split())
    note = f"its command ended with {said.get('rc')}{': ' if text else ''}{text}"
    return str(clean(note if len(note) <= _MAX_NOTE else note[: _MAX_NOTE - 1] + "…"))


def judge_round(cases: Sequence[Mapping[str, Any]], stages: Stages) -> list[dict[str, Any]]:
    """What became of each case of a round: ``{case, outcome, turned_red, others, still_red, note}``.

    What was red before anything was broken counts for and against no case. What turned red and belongs to no case of
    the round, and what is red afterwards, is held against all of its cases, as nobody can say which of them it was.
    That a role would change what a case broke is meant to be seen, and held against none; and a case that breaks all
    that a role keeps may turn the role's other controls red.
    """
    known = red(stages.before)
    control_of = {one["check"]: one["control"] for one in stages.before["findings"]}
    broken = {check: why for check, why in red(stages.broken or stages.before).items() if check not in known}
    still = {check: why for check, why in red(stages.repaired or stages.before).items() if check not in known}
    expected = {case["control"] for case in cases}
    whole = tuple(control[: -len(AS_DECLARED)] + "." for control in expected if control.endswith(AS_DECLARED))
    others = {
        check: why
        for check, why in broken.items()
        if control_of.get(check) not in expected
        and not str(control_of.get(check)).endswith(AS_DECLARED)
        and not check.startswith(whole)
    }
    found = []
    for case in cases:
        mine = {check: why for check, why in broken.items() if control_of.get(check) == case["control"]}
        note = _note(stages.commands.get(case["id"]))
        if not _observed(stages.broken) or case["id"] not in stages.commands:
            outcome = NOT_OBSERVED
        elif note:
            outcome = NOTHING_TO_BREAK
        elif not mine:
            outcome = NOTHING_RED
        elif others:
            outcome = OTHERS_RED
        else:
            outcome = SEEN
        if outcome in (SEEN, NOTHING_TO_BREAK) and (still or not _observed(stages.repaired)):
            outcome = NOT_REPAIRED
        found.append(
            {
                "case": case["id"],
                "outcome": outcome,
                "turned_red": mine,
                "others": others,
                "still_red": still,
                "note": note,
            }
        )
    return found
