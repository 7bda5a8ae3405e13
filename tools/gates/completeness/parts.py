# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts by which claims are proven: every claim that software can show has some, and marks name none but these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tools.model.catalog import ATTESTATION, Claim
from tools.model.markers import MarkedTest

PART_KEYS = {"id", "shows"}
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _part_problems(what: str, raw: Any) -> list[str]:
    if not isinstance(raw, dict):
        return [f"{what}: a part of its proof is no mapping of {' and '.join(sorted(PART_KEYS))}"]
    what = f"{what}.{raw.get('id', '?')}"
    problems = [f"{what}: unknown key {key!r}" for key in raw if key not in PART_KEYS]
    if not _KEBAB.fullmatch(str(raw.get("id", ""))):
        problems.append(f"{what}: a part's id is lower-case words with hyphens between them")
    if not isinstance(raw.get("shows"), str) or not raw["shows"].strip():
        problems.append(f"{what}: shows is missing or no text")
    return problems


def part_problems(claims: Sequence[Claim]) -> list[str]:
    """Claims without parts, and parts that are badly formed or there twice."""
    problems = []
    for claim in claims:
        listed = claim.raw.get("proof")
        if claim.kind == ATTESTATION:
            if listed is not None:
                problems.append(f"{claim.id}: people attest it, it has no proof")
            continue
        if not isinstance(listed, list) or not listed:
            problems.append(f"{claim.id}: proof must be a list of the parts that prove it")
            continue
        for raw in listed:
            problems += _part_problems(claim.id, raw)
        twice = sorted({part for part in claim.parts if claim.parts.count(part) > 1})
        problems += [f"{claim.id}.{part}: the part is there twice" for part in twice]
    return problems


def mark_problems(claims: Sequence[Claim], tests: Sequence[MarkedTest]) -> list[str]:
    """Marks that name a part that a claim does not have; whether there is such a claim is asked of all marks."""
    parts = {claim.id: claim.parts for claim in claims}
    problems = []
    for test in tests:
        for name in test.proofs:
            claim, _dot, part = name.partition(".")
            if claim in parts and part not in parts[claim]:
                problems.append(f"{test.id}: the claim {claim!r} has no part {part!r}")
    return problems
