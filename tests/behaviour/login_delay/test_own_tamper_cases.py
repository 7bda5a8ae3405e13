# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tamper cases that need a database: they are run on the hosts of this scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.lab import Lab
from tests.support.tamper import Recorded, broken_and_repaired, cases, not_shown

ROLE = "login_delay"
CASES = cases(ROLE)


@pytest.fixture(scope="module")
def observed(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """Everything that one pass over the rounds observed, on all hosts at once."""
    yield broken_and_repaired(lab, tmp_path_factory.mktemp(ROLE), ROLE, [ROLE])
    for name, host in lab.hosts.items():
        if ROLE in host["groups"]:
            lab.run(name, "rm -f /etc/postgresql/*/main/conf.d/10-rf.conf")
    lab.playbook(str(lab.inventory.parents[3] / f"molecule/{ROLE}/converge.yml"), inventory=lab.inventory)


# The one pass breaks and repairs both hosts.
pytestmark = pytest.mark.together


def test_all_is_green_before(observed: Recorded, name: str) -> None:
    """Nothing is red on a converged host: what turns red later was turned by the case."""
    assert observed.red_before(name) == {}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(*, case: dict[str, Any], observed: Recorded, name: str, record_property: Any) -> None:
    """The case turns its control red and no other, and the converge repairs it."""
    record_property("kind", "tamper")
    record_property("id", case["id"])
    observed.judge(case, name)


def test_checks_that_turn_red_here_only(observed: Recorded) -> None:
    """Those that the tamper pass leaves to this scenario."""
    mine = {one["check"] for one in not_shown() if one.get("scenario") == ROLE}
    assert mine
    assert mine - observed.seen_red() == set()
