# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The negative control as the report's page carries it: of each check, which breaks turned it red, or why none did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def proof(part: Mapping[str, Any], number: Callable[[Any], int]) -> dict[str, Any]:
    """Its ``checks`` are, by id, ``[cases, hosts, reasons]``, each the number of a list in the pool.

    cases: those that turned it red, on any host. hosts: on which. reasons: where nothing did, why not, as
    ``[reason, hosts]``.
    """
    made: dict[str, Any] = {key: part.get(key) for key in ("path", "sha256")}
    record = part.get("proof")  # bundles of earlier versions have no such part
    if record is None:
        return {**made, "proof": None}
    breaks = {one["case"]: one["breaks"] for one in record["cases"]}
    seen: dict[str, tuple[dict[str, None], list[str], dict[str, list[str]]]] = {}
    for one in record["checks"]:
        cases, hosts, reasons = seen.setdefault(one["check"], ({}, [], {}))
        if one["seen_by"]:
            cases.update(dict.fromkeys(one["seen_by"]))
            hosts.append(one["host"])
        else:
            reasons.setdefault(str(one["reason"]), []).append(one["host"])
    return {
        **made,
        "proof": {key: record[key] for key in ("run", "title", "finished_at", "outcome", "summary")},
        "breaks": breaks,
        "checks": {
            check: [number(list(cases)), number(hosts), number([list(pair) for pair in reasons.items()])]
            for check, (cases, hosts, reasons) in seen.items()
        },
    }
