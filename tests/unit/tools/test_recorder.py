# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the recorder of the behaviour tests keeps of a session, from which records and ``make claims`` are made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.recorder import Recorder

TEST = "tests/behaviour/lamp/test_lamp.py::test_light"


def recorded(*reports: tuple[str, str, str, str]) -> dict[tuple[str, str, str], str]:
    """What is kept of reports, each of a parameter, a release, a phase and its outcome."""
    recorder = Recorder("lamp")
    for parameter, release, when, outcome in reports:
        properties = [("release", release)] if release else []
        item: Any = SimpleNamespace(nodeid=f"{TEST}[{parameter}]", user_properties=properties)
        report = SimpleNamespace(when=when, outcome=outcome, passed=outcome == "passed")
        noting = recorder.pytest_runtest_makereport(item)
        next(noting)
        with pytest.raises(StopIteration) as ended:
            noting.send(report)
        assert ended.value.value is report
    return recorder.outcomes


@pytest.mark.parametrize("outcomes", [("failed", "passed"), ("passed", "failed"), ("skipped", "failed")])
def test_the_worst_outcome_counts(outcomes: tuple[str, str]) -> None:
    """A test is one, whatever its parameters: it failed where it failed for one of them."""
    found = recorded(*((str(at), "debian12", "call", outcome) for at, outcome in enumerate(outcomes)))
    assert found == {("behaviour", TEST, "debian12"): "failed"}


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_what_fails_before_or_after_a_test_counts(when: str) -> None:
    found = recorded(("a", "debian13", "call", "passed"), ("a", "debian13", when, "failed"))
    assert found == {("behaviour", TEST, "debian13"): "failed"}


def test_each_release_has_its_own_outcome() -> None:
    found = recorded(
        ("a", "debian12", "setup", "passed"),
        ("a", "debian12", "call", "passed"),
        ("a", "debian13", "call", "skipped"),
        ("a", "", "call", "passed"),
    )
    assert found == {
        ("behaviour", TEST, "debian12"): "passed",
        ("behaviour", TEST, "debian13"): "skipped",
        ("behaviour", TEST, ""): "passed",
    }
