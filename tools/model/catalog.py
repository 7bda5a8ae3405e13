# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claims and the PCI DSS ids of ``catalog/``."""

from __future__ import annotations

from dataclasses import dataclass

from tools.repository import Repository

CLAIMS = "catalog/claims.yml"
PCI_DSS = "catalog/pci_dss_4_0_1.yml"


@dataclass(frozen=True)
class Claim:
    """A promise to clients. kind: technical, mixed or attestation."""

    id: str
    kind: str
    says: str


def claims(repository: Repository) -> list[Claim]:
    """All claims, in the catalogue's order."""
    return [Claim(row["id"], row["kind"], row["says"]) for row in repository.load(CLAIMS)["claims"]]


def pci_dss_titles(repository: Repository) -> dict[str, str]:
    """Our paraphrase of each PCI DSS requirement, by id."""
    return {str(row["id"]): str(row["title"]) for row in repository.load(PCI_DSS)["requirements"]}
