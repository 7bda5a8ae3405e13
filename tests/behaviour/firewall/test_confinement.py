# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What loads the rules can do, tried from inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.confinement import EVERYWHERE, succeeded

if TYPE_CHECKING:
    from tests.support.lab import Lab

#: Unit -> what succeeds in it all the same.
UNITS: dict[str, set[str]] = {
    "ringfence-firewall.service": EVERYWHERE,
}


@pytest.mark.control("firewall.unit_confined")
@pytest.mark.parametrize("unit", UNITS)
def test_a_service_can_do_no_more_than_its_work_needs(lab: Lab, name: str, unit: str) -> None:
    """Whoever takes it over mounts nothing, writes nowhere else, makes no namespace and no set-uid program."""
    assert succeeded(lab, name, unit) == UNITS[unit]
