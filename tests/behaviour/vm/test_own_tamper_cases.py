# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases that need tagged interfaces or a kernel of one's own: they are run in the virtual machine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.lab import Lab
from tests.support.tamper import Recorded, broken_and_repaired, cases, not_shown

#: One pass over the guests of both releases.
pytestmark = pytest.mark.together
SCENARIO = "vm"
CASES = cases(SCENARIO)


@pytest.fixture(scope="module")
def observed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Everything that one pass over the rounds observed."""
    return broken_and_repaired(lab, tmp_path_factory.mktemp(SCENARIO), SCENARIO, ["client_vlans"])


def test_all_is_green_before(observed: Recorded, name: str) -> None:
    """Nothing is red on a converged host: what turns red later was turned by the case."""
    assert observed.red_before(name) == {}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(*, case: dict[str, Any], observed: Recorded, name: str, record_property: Any) -> None:
    """The case turns its control red and no other, and the converge repairs it."""
    record_property("kind", "tamper")
    record_property("id", case["id"])
    observed.judge(case, name)


def test_checks_that_turn_red_here_only(observed: Recorded, name: str) -> None:
    """Those that the tamper pass leaves to this scenario, on each release."""
    mine = {one["check"] for one in not_shown() if one.get("scenario") == SCENARIO}
    seen = {one["check"] for one in observed.record["checks"] if one["host"] == name and one["seen_by"]}
    assert mine
    assert mine - seen == set()
