# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OSCAL assessment results: an observation a finding, a finding a requirement that controls serve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import oscal
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

#: Evidence word -> state and reason in OSCAL's terms. What no control serves has no finding.
_STATE = {
    "supports": ("satisfied", "pass"),
    "does_not_support": ("not-satisfied", "fail"),
    "partly_observed": ("not-satisfied", "other"),
    "not_observed": ("not-satisfied", "other"),
}


def _subject(sealed: SealedBundle, host: str) -> str:
    return oscal.identity("host", sealed.run["site"]["name"], host)


def _observation_id(sealed: SealedBundle, host: str, check: str) -> str:
    return oscal.identity("observation", sealed.name, host, check)


def _item(sealed: SealedBundle, record: Mapping[str, Any]) -> dict[str, Any]:
    about = record["attributes"]
    stated = {"host": record["host"], **{key: about[key] for key in ("segment", "class", "os") if about.get(key)}}
    kinds = " ".join(about.get("kinds") or ()) or "host"
    return {
        "uuid": _subject(sealed, record["host"]),
        "description": f"{record['host']} ({kinds})",
        "props": [
            *(oscal.prop(key, value) for key, value in stated.items()),
            oscal.prop("observed", str(record["observed"]).lower()),
        ],
    }


def _observation(sealed: SealedBundle, record: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    host, status = str(record["host"]), str(one["status"]).replace("_", "-")
    observed = json.dumps(one.get("observed"), sort_keys=True, ensure_ascii=False)
    expected = json.dumps(one.get("expected"), sort_keys=True, ensure_ascii=False)
    return {
        "uuid": _observation_id(sealed, host, str(one["check"])),
        "title": f"{one['check']} on {host}",
        "description": f"Expected {expected}; observed {observed}.",
        "props": [
            oscal.prop("status", status),
            oscal.prop("control", one["control"]),
            oscal.prop("aspect", one["aspect"]),
            *([oscal.prop("source", one["source"])] if one.get("source") else []),
        ],
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [{"subject-uuid": _subject(sealed, host), "type": "inventory-item"}],
        "collected": one.get("observed_at") or sealed.run["finished_at"],
        **({"remarks": one["reason"]} if one.get("reason") else {}),
    }


def _finding(sealed: SealedBundle, row: Mapping[str, Any], seen: Mapping[str, list[str]]) -> dict[str, Any]:
    state, reason = _STATE[str(row["evidence"])]
    counts = ", ".join(f"{number} {status.replace('_', ' ')}" for status, number in row["counts"].items() if number)
    related = [one for control in row["controls"] for one in seen.get(control, [])]
    return {
        "uuid": oscal.identity("finding", sealed.name, str(row["id"])),
        "title": f"{sealed.run['standard']}, {row['id']}",
        "description": f"{row['title']}. {counts}.",
        "target": {
            "type": "objective-id",
            "target-id": oscal.control_id(str(row["id"])),
            "status": {"state": state, "reason": reason},
            **({"remarks": row["note"]} if row["note"] else {}),
        },
        "related-observations": [{"observation-uuid": one} for one in related],
    }


def _result(sealed: SealedBundle) -> dict[str, Any]:
    served = [row for row in sealed.requirements if row["evidence"] in _STATE]
    seen: dict[str, list[str]] = {}
    for record, one in sealed.findings():
        seen.setdefault(str(one["control"]), []).append(_observation_id(sealed, str(record["host"]), str(one["check"])))
    site = sealed.run["site"]["title"]
    chosen = [{"control-id": oscal.control_id(str(row["id"]))} for row in served]
    result: dict[str, Any] = {
        "uuid": oscal.identity("result", sealed.name),
        "title": f"Audit of {site}",
        "description": f"What the audit {sealed.name} observed on the hosts of {site}.",
        "start": sealed.run["started_at"],
        "end": sealed.run["finished_at"],
        "local-definitions": {"inventory-items": [_item(sealed, record) for record in sealed.records]},
        "reviewed-controls": {
            "control-selections": [{"include-controls": chosen} if chosen else {"description": "None"}]
        },
        "observations": [_observation(sealed, record, one) for record, one in sealed.findings()],
        "findings": [_finding(sealed, row, seen) for row in served],
    }
    # OSCAL knows no empty lists.
    return {key: value for key, value in result.items() if value != []}


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``oscal/assessment-results.json``; there is no assessment plan, so that it names the audit in its place."""
    plan = oscal.identity("plan")
    content = {
        "uuid": oscal.identity("assessment-results", sealed.name),
        "metadata": oscal.metadata(sealed, f"Evidence of {sealed.run['site']['title']}"),
        "import-ap": {"href": f"#{plan}"},
        "results": [_result(sealed)],
        "back-matter": {
            "resources": [
                {
                    "uuid": plan,
                    "title": "The audit of ringfence.callcenter",
                    "description": "Every control of every role, on every host of the inventory that it belongs to.",
                },
                oscal.standard(sealed),
            ]
        },
    }
    return {"oscal/assessment-results.json": oscal.document("assessment-results", content)}
