# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version and commit looked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import provenance


def test_an_installed_collection_has_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "1.2.3"}}))
    assert provenance.collection(str(tmp_path)) == {"name": "ringfence.callcenter", "version": "1.2.3", "commit": None}


def test_a_checkout_has_its_galaxy_file_and_its_commit(tmp_path: Path) -> None:
    (tmp_path / "galaxy.yml").write_text("name: x\nversion: '0.4.0' # next\n")
    who = ["-c", "user.name=t", "-c", "user.email=t@t"]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    made = provenance.collection(str(tmp_path))
    assert made["version"] == "0.4.0"
    assert len(made["commit"]["id"]) == 40
    assert made["commit"]["modified"] is False
    (tmp_path / "galaxy.yml").write_text("version: 0.4.0\n")
    assert provenance.collection(str(tmp_path))["commit"]["modified"] is True


def test_nothing_to_go_by_is_unknown(tmp_path: Path) -> None:
    assert provenance.version(str(tmp_path)) == "unknown"
    assert provenance.commit(str(tmp_path)) is None
    (tmp_path / ".git").mkdir()
    assert provenance.commit(str(tmp_path)) is None
