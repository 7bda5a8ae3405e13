# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What audits of a test observed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Observed:
    """The findings that audits left behind, by stage."""

    def __init__(self, folder: Path, log: str) -> None:
        self.folder = folder
        self.log = log

    @staticmethod
    def place(folder: Path, *stages: str) -> None:
        """Make the folders that the audits of these stages write into, as an open bundle has them."""
        for stage in stages:
            (folder / stage / "hosts").mkdir(parents=True)

    def findings(self, stage: str, host: str) -> list[dict[str, Any]]:
        """All that was found on a host at a stage."""
        path = self.folder / stage / "hosts" / f"{host}.json"
        assert path.is_file(), f"the pass did not get as far as {stage}:\n{self.log[-6000:]}"
        findings: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["findings"]
        assert findings
        return findings

    def value(self, stage: str, host: str, check: str) -> dict[str, Any]:
        """What a check observed on a host at a stage."""
        found = [item["observed"] for item in self.findings(stage, host) if item["check"] == check]
        assert len(found) == 1, check
        assert isinstance(found[0], dict), found
        return found[0]

    def red(self, stage: str, host: str) -> dict[str, list[str]]:
        """The controls that are not green on a host at a stage, with the checks and reasons that say so."""
        wrong: dict[str, list[str]] = {}
        for item in self.findings(stage, host):
            if item["status"] not in ("pass", "not_applicable"):
                wrong.setdefault(item["control"], []).append(f"{item['check']}: {item['status']}: {item['reason']}")
        return wrong
