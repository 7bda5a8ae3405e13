# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a round showed: who is seen, and everything that is held against a case."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import judging
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.applying import applying
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.judging import Stages, judge_round

CHECKS = ("a.x.one", "a.x.two", "a.y.one", "b.z.one")
CASES = [{"id": "break-x", "control": "a.x", "role": "a"}, {"id": "break-z", "control": "b.z", "role": "b"}]
RAN = {"break-x": {"rc": 0}, "break-z": {"rc": 0}}


def record(*, observed: bool = True, **statuses: str) -> dict[str, Any]:
    """A host's record in which these checks, with _ for their dots, have another status than pass."""
    named = {name.replace("_", "."): status for name, status in statuses.items()}
    findings = [
        {"check": one, "control": one.rsplit(".", 1)[0], "status": named.get(one, "pass"), "reason": f"why {one}"}
        for one in CHECKS
    ]
    return {"observed": observed, "reason": None, "findings": findings}


def outcomes(stages: Stages) -> list[str]:
    """The outcome of break-x and of break-z."""
    return [one["outcome"] for one in judge_round(CASES, stages)]


def test_both_are_seen() -> None:
    """Each with the checks of its control that turned red."""
    broken = record(a_x_two="fail", b_z_one="error")
    first, second = judge_round(CASES, Stages(record(), broken, record(), RAN))
    assert first["outcome"] == second["outcome"] == judging.SEEN
    assert first["turned_red"] == {"a.x.two": "fail: why a.x.two"}
    assert second["turned_red"] == {"b.z.one": "error: why b.z.one"}
    assert first["others"] == first["still_red"] == {}
    assert first["note"] == ""


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (Stages(record(), record(b_z_one="fail"), record(), RAN), [judging.NOTHING_RED, judging.SEEN]),
        # Nobody can say which of the two it was that broke something else.
        (
            Stages(record(), record(a_x_one="fail", b_z_one="fail", a_y_one="fail"), record(), RAN),
            [judging.OTHERS_RED] * 2,
        ),
        (
            Stages(record(), record(a_x_one="fail", b_z_one="fail"), record(a_x_one="fail"), RAN),
            [judging.NOT_REPAIRED] * 2,
        ),
        (Stages(record(), record(a_x_one="fail", b_z_one="fail"), None, RAN), [judging.NOT_REPAIRED] * 2),
        (Stages(record(), record(observed=False, a_x_one="not_observed"), record(), RAN), [judging.NOT_OBSERVED] * 2),
        (Stages(record(), None, None, {}), [judging.NOT_OBSERVED] * 2),
        (
            Stages(record(), record(a_x_one="fail"), record(), {"break-x": {"rc": 0}, "break-z": {"rc": 1}}),
            [judging.SEEN, judging.NOTHING_TO_BREAK],
        ),
        (
            Stages(record(), record(a_x_one="fail"), record(b_z_one="fail"), {**RAN, "break-z": {"rc": 1}}),
            [judging.NOT_REPAIRED] * 2,
        ),
    ],
)
def test_what_is_held_against_a_case(stages: Stages, expected: list[str]) -> None:
    """Nothing that went wrong ends as seen."""
    assert outcomes(stages) == expected


def test_what_was_red_before_counts_neither_way() -> None:
    """Neither as turned red, nor as something else, nor as not repaired."""
    before = record(a_y_one="fail", a_x_one="fail")
    broken = record(a_y_one="fail", a_x_one="fail", a_x_two="fail")
    first, second = judge_round(CASES, Stages(before, broken, before, RAN))
    assert first["turned_red"] == {"a.x.two": "fail: why a.x.two"}
    assert first["outcome"] == judging.SEEN
    assert second["outcome"] == judging.NOTHING_RED


def test_what_a_command_said() -> None:
    """On one line, cut, and without card numbers."""
    said = {"break-x": {"rc": 2, "stderr": "no such file\n4111111111111111 " + "x" * 400}, "break-z": {"rc": 0}}
    first, _second = judge_round(CASES, Stages(record(), record(b_z_one="fail"), record(), said))
    assert first["note"].startswith("its command ended with 2: no such file ")
    assert "4111111111111111" not in first["note"]
    assert len(first["note"]) <= 300


def test_which_cases_apply() -> None:
    """Those of a role that is held, whose control applies and is green."""
    before = record(a_x_one="not_applicable", a_y_one="fail", b_z_one="not_applicable")
    listed = [
        *CASES,
        {"id": "break-y", "control": "a.y", "role": "a"},
        {"id": "other-kind", "control": "a.w", "role": "a"},
        {"id": "not-held", "control": "c.v", "role": "c"},
    ]
    chosen, left = applying(listed, before, ["a", "b"])
    assert [case["id"] for case in chosen] == ["break-x"]
    assert left == {
        "break-z": "its control does not apply: why b.z.one",
        "break-y": "its control was red before: a.y.one",
        "other-kind": "its role does not belong to this kind of host",
        "not-held": "no play converges its role on this host",
    }


def test_that_a_role_would_change_what_was_broken_is_held_against_nobody() -> None:
    """Neither the role's own whole, nor another role's; but it has to be repaired."""
    names = ("a.x.one", "a.as_declared.steps", "b.as_declared.steps")

    def look(*bad: str) -> dict[str, Any]:
        findings = [
            {"check": one, "control": one.rsplit(".", 1)[0], "status": "fail" if one in bad else "pass", "reason": ""}
            for one in names
        ]
        return {"observed": True, "reason": None, "findings": findings}

    (seen,) = judge_round(CASES[:1], Stages(look(), look(*names), look(), RAN))
    assert (seen["outcome"], list(seen["turned_red"]), seen["others"]) == (judging.SEEN, ["a.x.one"], {})
    (left,) = judge_round(CASES[:1], Stages(look(), look(*names), look("b.as_declared.steps"), RAN))
    assert left["outcome"] == judging.NOT_REPAIRED
    # What breaks all that a role keeps may turn its other controls red.
    whole = [{"id": "break-x", "control": "a.as_declared", "role": "a"}]
    (broad,) = judge_round(whole, Stages(look(), look(*names), look(), RAN))
    assert (broad["outcome"], list(broad["turned_red"])) == (judging.SEEN, ["a.as_declared.steps"])
