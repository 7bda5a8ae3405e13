# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tamper cases are broken together."""

from __future__ import annotations

from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import cases
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.rounds import rounds

CASES: list[dict[str, Any]] = [
    {"id": "a1", "role": "a", "control": "a.x"},
    {"id": "a2", "role": "a", "control": "a.y", "alone": "role"},
    {"id": "a3", "role": "a", "control": "a.x"},
    {"id": "a4", "role": "a", "control": "a.z"},
    {"id": "b1", "role": "b", "control": "b.x"},
    {"id": "b2", "role": "b", "control": "b.y", "alone": "login_stacks"},
    {"id": "c1", "role": "c", "control": "c.x", "alone": "login_stacks"},
    {"id": "c2", "role": "c", "control": "c.y", "alone": True},
]


def ids(planned: list[list[dict[str, Any]]]) -> list[list[str]]:
    """The ids of the cases of each round."""
    return [[case["id"] for case in one] for one in planned]


def test_what_is_broken_together() -> None:
    """Cases in the login stacks first, beside those of other roles; no control twice; what asks for it is alone."""
    assert ids(rounds(CASES)) == [["b2", "a2"], ["c1", "a1", "a4"], ["c2"], ["a3", "b1"]]


def test_all_alone() -> None:
    """On request."""
    assert sorted(ids(rounds(CASES, alone=True))) == [[case["id"]] for case in CASES]


def test_no_two_cases_of_a_round_break_the_same_control() -> None:
    """Otherwise one that breaks nothing could hide behind the other."""
    for one in rounds(cases.chosen(cases.load(), [], cases.SHARED)):
        broken = [case["control"] for case in one]
        assert len(set(broken)) == len(broken), one
