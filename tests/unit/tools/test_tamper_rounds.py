# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tamper cases are broken together."""

from __future__ import annotations

import pytest

from tests.support.tamper import cases, rounds

CASES = [
    {"id": "a1", "role": "a", "control": "a.x"},
    {"id": "a2", "role": "a", "control": "a.y", "alone": "role"},
    {"id": "a3", "role": "a", "control": "a.x"},
    {"id": "a4", "role": "a", "control": "a.z"},
    {"id": "b1", "role": "b", "control": "b.x"},
    {"id": "b2", "role": "b", "control": "b.y", "alone": "login_stacks"},
    {"id": "c1", "role": "c", "control": "c.x", "alone": "login_stacks"},
    {"id": "c2", "role": "c", "control": "c.y", "alone": True},
]


def names(listed: list[dict[str, object]]) -> dict[str, list[str]]:
    """Round -> ids of its cases."""
    return {one["name"]: [case["id"] for case in one["cases"]] for one in rounds(listed)}


def test_what_is_broken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases in the login stacks first, beside those of other roles; no control twice; what asks for it is alone."""
    monkeypatch.delenv("RINGFENCE_TAMPER_ALONE", raising=False)
    assert names(CASES) == {
        "round-1": ["b2", "a1", "a4"],
        "round-2": ["c1", "a2"],
        "round-3": ["a3", "b1"],
        "round-4": ["c2"],
    }


def test_all_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """On request."""
    monkeypatch.setenv("RINGFENCE_TAMPER_ALONE", "1")
    assert sorted(names(CASES).values()) == [[case["id"]] for case in CASES]


def test_cases_of_a_scenario_of_their_own_are_not_in_the_pass_over_all_roles() -> None:
    """They need what only the hosts of that scenario have."""
    own = {case["id"] for case in cases("login_delay")}
    assert own
    assert not own & {case["id"] for case in cases()}


def test_no_two_cases_of_a_round_break_the_same_control() -> None:
    """Otherwise one that breaks nothing could hide behind the other."""
    for one in rounds(cases()):
        broken = [case["control"] for case in one["cases"]]
        assert len(set(broken)) == len(broken), one["name"]
