# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file's content as a digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import file_content
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host


def test_digest(tmp_path: Path) -> None:
    """Of the whole text; a file that is not there is said to be so."""
    host = Host(root=str(tmp_path))
    (tmp_path / "x").write_text("gr\u00fc\u00dfe\n", encoding="utf-8")
    wanted = hashlib.sha256("gr\u00fc\u00dfe\n".encode()).hexdigest()
    assert file_content.observe(host, {"path": "/x"}).value == {"exists": True, "sha256": wanted}
    assert file_content.observe(host, {"path": "/y"}).value == {"exists": False}
