# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each tamper case turns its control red and no other, and the next converge turns it green again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.tamper import cases, judge, rounds

if TYPE_CHECKING:
    from tests.support.lab import Lab
    from tests.support.tamper import Observed

RELEASES = ("debian12", "debian13")


@pytest.mark.parametrize("release", RELEASES)
def test_all_is_green_before(observed: Observed, release: str) -> None:
    """Nothing is red on a converged host: what turns red later was turned by the case."""
    assert observed.red("before", f"tamper-{release}") == {}


ROUNDS = [(one, case) for one in rounds(cases()) for case in one["cases"]]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("together", "case"), ROUNDS, ids=[case["id"] for _round, case in ROUNDS])
def test_case(
    *, together: dict[str, Any], case: dict[str, Any], release: str, observed: Observed, lab: Lab, record_property: Any
) -> None:
    """The case turns its control red, and its round no other than those of its cases; the converge repairs it."""
    host = f"tamper-{release}"
    for name, value in (("kind", "tamper"), ("id", case["id"]), ("release", lab.release(host))):
        record_property(name, value)
    judge(observed, together, case, host)
