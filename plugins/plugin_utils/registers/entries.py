# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries of the registers as plain data, for those who judge them and need no YAML for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical

SIGNERS = "signers"
SIGNATURES = "signatures"
EXCEPTION, ATTESTATION = "exception", "attestation"


@dataclass(frozen=True)
class Entry:
    """One entry. ``source`` is its file and line, ``folder`` the registers' folder."""

    kind: str
    id: str
    fields: Mapping[str, Any]
    source: str
    folder: str

    @property
    def content(self) -> bytes:
        """What is signed: the entry as canonical JSON, its kind and id included."""
        return canonical.dumps({"kind": self.kind, "id": self.id, **self.fields})

    @property
    def signature_path(self) -> str:
        """Where its signature lies."""
        return os.path.join(self.folder, SIGNATURES, self.kind, f"{self.id}.sig")

    @property
    def evidence_path(self) -> str:
        """Where the file lies that shows it."""
        return os.path.join(self.folder, self.fields["evidence"])


@dataclass(frozen=True)
class Registers:
    """All entries of a site, exceptions first. ``folder`` is None where the site has none."""

    folder: str | None = None
    entries: tuple[Entry, ...] = field(default=())

    @property
    def signers(self) -> str:
        """The file that says whose keys count, in the format of ssh's allowed signers."""
        return os.path.join(self.folder or "", SIGNERS)
