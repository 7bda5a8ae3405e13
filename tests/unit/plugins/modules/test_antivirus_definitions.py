# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When definitions are too old, and what the module says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._clamav import Header
from ansible_collections.ringfence.callcenter.plugins.modules import antivirus_definitions


@pytest.mark.parametrize(
    ("built", "words"),
    [
        (99 * 3600, None),
        (100 * 3600 - 72 * 3600, None),
        (20 * 3600, "built 80 hours ago, 72 are allowed"),
        (130 * 3600, "30 hours in the future"),
    ],
)
def test_age(built: float, words: str | None) -> None:
    """Young, just young enough, too old, and from the future."""
    said = antivirus_definitions.complaint(Header("daily.cld", 1, built), 72, 100 * 3600)
    assert said is None if words is None else words in str(said)


def test_none_at_all(tmp_path: Path) -> None:
    """No database and no update so far."""
    assert antivirus_definitions.newest(str(tmp_path), ["daily"]) is None
    assert antivirus_definitions.complaint(None, 72, 0) == "there are no definitions whose age can be read"
    assert antivirus_definitions.last_result(str(tmp_path / "none")) == "never"
