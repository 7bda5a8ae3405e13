# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matchers of expectations."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import expect


@pytest.mark.parametrize(
    ("seen", "held"),
    [
        ({"su": 4, "sudo": 9}, True),
        ({"su": 4, "sudo": 6, "more": 0}, True),
        ({"su": 3.9, "sudo": 6}, False),
        ({"su": 4}, False),
        ({"su": 4, "sudo": True}, False),
        ([4, 6], False),
        (None, False),
    ],
)
def test_each_key_has_a_least_value(seen: Any, held: bool) -> None:
    """More than asked for is no failure, a key that is missing is one."""
    wanted = {"each_min": {"su": 4, "sudo": 6}}
    assert expect.is_matcher(wanted)
    assert expect.holds(seen, wanted) is held
