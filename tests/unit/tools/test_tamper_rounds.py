# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which tamper cases are broken together."""

from __future__ import annotations

import pytest

from tests.support.tamper import cases, rounds

CASES = [
    {"id": "a1", "role": "a"},
    {"id": "a2", "role": "a", "alone": True},
    {"id": "a3", "role": "a"},
    {"id": "b1", "role": "b"},
]


def names(listed: list[dict[str, object]]) -> dict[str, list[str]]:
    """Round -> ids of its cases."""
    return {one["name"]: [case["id"] for case in one["cases"]] for one in rounds(listed)}


def test_one_case_of_each_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones together, then the second ones; what asks for it is alone."""
    monkeypatch.delenv("RINGFENCE_TAMPER_ALONE", raising=False)
    assert names(CASES) == {"round-1": ["a1", "b1"], "a2": ["a2"], "round-2": ["a3"]}


def test_all_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """On request."""
    monkeypatch.setenv("RINGFENCE_TAMPER_ALONE", "1")
    assert names(CASES) == {"a1": ["a1"], "a2": ["a2"], "a3": ["a3"], "b1": ["b1"]}


def test_no_two_cases_of_a_round_break_the_same_control() -> None:
    """Otherwise one that breaks nothing could hide behind the other."""
    for one in rounds(cases()):
        broken = [case["control"] for case in one["cases"]]
        assert len(set(broken)) == len(broken), one["name"]
