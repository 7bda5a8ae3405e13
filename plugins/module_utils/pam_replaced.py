# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lines of a profile were before another took its place: what puts them back word for word.

``/var/lib/ringfence/pam/PROFILE.json``: ``{"enabled": bool, "rows": {KIND: [[KEY, ROW], ...]}}``, written before the
first change and removed once the profile is back.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.ringfence.callcenter.plugins.module_utils.pam_options import Written
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
)

FOLDER = "/var/lib/ringfence/pam"


@dataclass
class ReplacedLines:
    """The profile that gave way. Without a record of it: one that was enabled, with its own lines."""

    profile: str
    folder: str = FOLDER
    enabled: bool = True
    rows: dict[str, list[Written]] = field(default_factory=dict)
    known: bool = False

    @property
    def path(self) -> str:
        """Where the record is."""
        return os.path.join(self.folder, f"{self.profile}.json")

    def load(self) -> None:
        """Read the record, if there is one. Raises ValueError."""
        content = observe(self.path).content
        if content is None:
            return
        record = json.loads(content)
        self.known = True
        self.enabled = bool(record["enabled"])
        self.rows = {
            str(kind): [
                Written(self.profile, str(key), row.encode("latin-1").decode("utf-8", "surrogateescape"))
                for key, row in rows
            ]
            for kind, rows in record["rows"].items()
        }

    def remember(self, enabled: bool, rows: Mapping[str, Sequence[Written]]) -> None:
        """Write the record, unless there is one."""
        if self.known:
            return
        os.makedirs(os.path.dirname(self.folder), mode=0o755, exist_ok=True)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        # As bytes: a file of PAM may hold any.
        texts = {
            kind: [[one.key, one.row.encode("utf-8", "surrogateescape").decode("latin-1")] for one in found]
            for kind, found in rows.items()
        }
        text = json.dumps({"enabled": enabled, "rows": texts}, indent=1, sort_keys=True) + "\n"
        establish(self.path, PathState(FILE, 0o600, os.geteuid(), os.getegid(), text.encode()))
        self.load()

    def forget(self) -> None:
        """Remove the record, and folders that are empty then."""
        establish(self.path, PathState(ABSENT))
        for folder in (self.folder, os.path.dirname(self.folder)):
            with contextlib.suppress(OSError):
                # Others live there.
                os.rmdir(folder)
        self.known = False
