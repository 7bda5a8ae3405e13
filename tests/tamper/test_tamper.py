# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each tamper case turns its control red and no other, the next converge repairs it, and no check is left out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.tamper import cases, not_shown

if TYPE_CHECKING:
    from tests.support.lab import Lab
    from tests.support.tamper import Recorded

RELEASES = ("debian12", "debian13")


@pytest.mark.parametrize("release", RELEASES)
def test_all_is_green_before(observed: Recorded, release: str) -> None:
    """Nothing is red on a converged host: what turns red later was turned by the case."""
    assert observed.red_before(f"tamper-{release}") == {}


def test_no_host_ended_early(observed: Recorded) -> None:
    """Otherwise its later cases are not run; what failed is told here."""
    assert observed.failed() == []


CASES = cases()


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(*, case: dict[str, Any], release: str, observed: Recorded, lab: Lab, record_property: Any) -> None:
    """The case turns its control red, and its round no other than those of its cases; the converge repairs it."""
    host = f"tamper-{release}"
    for name, value in (("kind", "tamper"), ("id", case["id"]), ("release", lab.release(host))):
        record_property(name, value)
    observed.judge(case, host)


def test_every_check_turns_red(observed: Recorded) -> None:
    """On one of the hosts at least, but for those whose reason not to is on record; that list holds no other."""
    only = [role for role in os.environ.get("RINGFENCE_TAMPER_ROLES", "").split(",") if role]
    listed = {one["check"] for one in not_shown() if not only or one["check"].split(".")[0] in only}
    unseen = {name: why for name, why in observed.unseen().items() if not only or name.split(".")[0] in only}
    assert {name: why for name, why in unseen.items() if name not in listed} == {}
    assert listed - set(unseen) == set(), "these are seen red, or there is no such check: take them off the list"
