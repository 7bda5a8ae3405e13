# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the evidence is measured against: the PCI DSS ids with our paraphrases, the public claims, what must recur, and
the controls of the audit itself.

Shapes, after validation: a requirement is ``{id, title, periodicity, technical (yes, partly, no)}`` and, where there
are any, ``applies_to``, ``cis_v8`` and ``nist_800_53_r5`` (ids of those standards about the same thing); a claim is
``{id, kind (technical, mixed, attestation), says, pci}`` with an optional ``proof``, one text of all that must be seen
(the file lists its parts, whose ids only the tests need); an activity that must recur is
``{id, title, every (such as 6 months), pci, claims}``; a control of the audit itself is
``{id, title, claims, pci_dss}``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLLECTION_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOG_DIRECTORY = os.path.join(COLLECTION_ROOT, "catalog")

_CROSSWALK = ("cis_v8", "nist_800_53_r5")
_REQUIREMENT_KEYS = ("id", "title", "periodicity", "technical", "applies_to", *_CROSSWALK)
_CLAIM_KEYS = ("id", "kind", "says", "pci", "proof")
_ACTIVITY_KEYS = ("id", "title", "every", "pci", "claims")
_CONTROL_KEYS = ("id", "title", "claims", "pci_dss")
_FILES = ("pci_dss_4_0_1.yml", "claims.yml", "periodicity.yml", "crosswalk.yml", "evidence_controls.yml")


class CatalogError(Exception):
    """The catalogue is not what this code was written for."""


@dataclass(frozen=True)
class Catalog:
    """The lists, in the order of their files, which is the reader's order."""

    version: str
    requirements: tuple[dict[str, Any], ...]
    claims: tuple[dict[str, Any], ...]
    activities: tuple[dict[str, Any], ...] = ()
    evidence_controls: tuple[dict[str, Any], ...] = ()

    @property
    def requirement_ids(self) -> frozenset[str]:
        """All ids a control may name."""
        return frozenset(str(row["id"]) for row in self.requirements)

    @property
    def claim_ids(self) -> frozenset[str]:
        """All claims a control may name."""
        return frozenset(str(row["id"]) for row in self.claims)

    def as_data(self) -> dict[str, Any]:
        """Plain data that ``from_data`` takes back."""
        return {
            "version": self.version,
            "requirements": list(self.requirements),
            "claims": list(self.claims),
            "activities": list(self.activities),
            "evidence_controls": list(self.evidence_controls),
        }


def _rows(data: Any, keys: tuple[str, ...], needed: tuple[str, ...], what: str) -> tuple[dict[str, Any], ...]:
    if not isinstance(data, list) or not data:
        raise CatalogError(f"{what}: a list is expected")
    rows = []
    for row in data:
        if not isinstance(row, Mapping) or any(key not in row for key in needed):
            raise CatalogError(f"{what}: each entry needs {', '.join(needed)}: {row!r}")
        rows.append({key: row[key] for key in keys if key in row})
    ids = [row["id"] for row in rows]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise CatalogError(f"{what}: more than once: {', '.join(twice)}")
    return tuple(rows)


def _proof(row: Any) -> Any:
    """A claim with what its parts of the proof show as one text; CatalogError where one shows nothing."""
    parts = row.get("proof") if isinstance(row, Mapping) else None
    if not isinstance(parts, list):
        return row
    if not all(isinstance(part, Mapping) and isinstance(part.get("shows"), str) for part in parts):
        raise CatalogError(f"claims: each part of a proof needs what it shows: {row!r}")
    return {**row, "proof": "; ".join(part["shows"] for part in parts)}


def from_data(data: Mapping[str, Any]) -> Catalog:
    """The catalogue from plain data; CatalogError when it is incomplete. Without activities nothing must recur."""
    activities, own, claims = (data.get(name) for name in ("activities", "evidence_controls", "claims"))
    if isinstance(claims, list):
        claims = [_proof(row) for row in claims]
    return Catalog(
        version=str(data.get("version", "")),
        requirements=_rows(data.get("requirements"), _REQUIREMENT_KEYS, _REQUIREMENT_KEYS[:4], "requirements"),
        claims=_rows(claims, _CLAIM_KEYS, _CLAIM_KEYS[:4], "claims"),
        activities=() if activities is None else _rows(activities, _ACTIVITY_KEYS, _ACTIVITY_KEYS, "activities"),
        evidence_controls=() if own is None else _rows(own, _CONTROL_KEYS, _CONTROL_KEYS, "evidence_controls"),
    )


def load(directory: str = CATALOG_DIRECTORY) -> Catalog:
    """Read the catalogue's YAML files."""
    import yaml  # noqa: PLC0415  # the audit of the own machine must work without PyYAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = {}
    for name in _FILES:
        with open(os.path.join(directory, name), encoding="utf-8") as stream:
            data.update(yaml.load(stream, Loader=loader))  # noqa: S506  # a safe loader in C or in Python
    return from_data({**data, "requirements": _with_crosswalk(data)})


def _with_crosswalk(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The requirements with the ids of other standards that are about the same thing; CatalogError for unknown ones."""
    beside = data["crosswalk"]
    unknown = sorted(set(beside) - {str(row["id"]) for row in data["requirements"]})
    unknown += sorted({key for row in beside.values() for key in row} - set(_CROSSWALK))
    if unknown:
        raise CatalogError(f"crosswalk: unknown: {', '.join(unknown)}")
    return [{**row, **beside.get(str(row["id"]), {})} for row in data["requirements"]]
