# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claims and the PCI DSS ids of ``catalog/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.repository import Repository

CLAIMS = "catalog/claims.yml"
PCI_DSS = "catalog/pci_dss_4_0_1.yml"


#: The kind of claims that people keep: they are attested, no software can prove them.
ATTESTATION = "attestation"


@dataclass(frozen=True)
class Claim:
    """A promise to clients. kind: technical, mixed or attestation.

    parts: the ids of what must be seen for it to be proven. raw: the entry as written.
    """

    id: str
    kind: str
    says: str
    parts: list[str] = field(default_factory=list)
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


def _parts(row: Mapping[str, Any]) -> list[str]:
    """The ids of the parts, whatever was written: what is no part is left to the gate to refuse."""
    found = row.get("proof")
    listed = found if isinstance(found, list) else []
    return [str(one["id"]) for one in listed if isinstance(one, dict) and "id" in one]


def claims(repository: Repository) -> list[Claim]:
    """All claims, in the catalogue's order."""
    rows = repository.load(CLAIMS)["claims"]
    return [Claim(row["id"], row["kind"], row["says"], _parts(row), row) for row in rows]


def pci_dss_titles(repository: Repository) -> dict[str, str]:
    """Our paraphrase of each PCI DSS requirement, by id."""
    return {str(row["id"]): str(row["title"]) for row in repository.load(PCI_DSS)["requirements"]}
