# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HDF, the Heimdall Data Format: a file a host, as InSpec's JSON reporter has them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, population
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import worst
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

#: HDF's word for each status. Heimdall shows a skipped result as not reviewed, never as passed.
_AS = {
    "pass": "passed",
    "fail": "failed",
    "error": "error",
    "not_observed": "skipped",
    "excepted": "failed",
    "not_applicable": "skipped",
}
_IMPACT = 0.5


def _result(sealed: SealedBundle, one: Mapping[str, Any]) -> dict[str, Any]:
    word = _AS[str(one["status"])]
    expected = json.dumps(one.get("expected"), sort_keys=True, ensure_ascii=False)
    result: dict[str, Any] = {
        "status": word,
        "code_desc": f"{one['check']} ({one['aspect'].replace('_', ' ')}): expected {expected}",
        "start_time": one.get("observed_at") or sealed.run["finished_at"],
        "run_time": 0.0,
    }
    text = f"{one['status'].replace('_', ' ')}: {one.get('reason')}"
    if word == "skipped":
        result["skip_message"] = text
    elif word == "error":
        result["message"] = text
        result["backtrace"] = [str(one.get("source") or one["check"])]  # by which Heimdall knows an error
    elif word == "failed":
        seen = json.dumps(one.get("observed"), sort_keys=True, ensure_ascii=False)
        result["message"] = f"{text}; observed at {one.get('source')}: {seen}"
    return result


def _control(sealed: SealedBundle, control: Mapping[str, Any], mine: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    applies = worst(str(one["status"]) for one in mine) != "not_applicable"
    return {
        "id": control["id"],
        "title": control["title"],
        "desc": control["title"],
        "descriptions": [],
        "impact": _IMPACT if applies else 0.0,
        "refs": [],
        "tags": {"pci_dss": list(control["pci_dss"]), "claims": list(control["claims"]), "role": control["role"]},
        "code": json.dumps(control["checks"], indent=1, sort_keys=True, ensure_ascii=False),
        "source_location": {"ref": f"roles/{control['role']}/meta/controls.yml", "line": 1},
        "results": [_result(sealed, one) for one in mine],
    }


def _profile(sealed: SealedBundle, record: Mapping[str, Any]) -> dict[str, Any]:
    by_control: dict[str, list[Mapping[str, Any]]] = {}
    for one in record["findings"]:
        by_control.setdefault(str(one["control"]), []).append(one)
    known = sealed.control_by_id
    bare = {"title": "A check of the playbook's own", "pci_dss": [], "claims": [], "checks": []}
    controls = [
        _control(sealed, known.get(name, {**bare, "id": name, "role": str(mine[0]["role"])}), mine)
        for name, mine in by_control.items()
    ]
    return {
        "name": "ringfence-callcenter",
        "version": str(sealed.run["collection"]["version"]),
        "title": f"Evidence of {record['host']}, {sealed.name}",
        "maintainer": "The ringfence.callcenter developers",
        "summary": "Evidence supports a requirement or does not; an assessor decides.",
        "license": "GPL-3.0-or-later",
        "copyright": "The ringfence.callcenter developers",
        "supports": [],
        "attributes": [],
        "depends": [],
        "groups": [],
        "status": "loaded",
        "sha256": canonical.sha256(canonical.dumps(list(sealed.controls))),
        "controls": controls,
    }


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``hdf/HOST.json`` for every host that has findings."""
    files = {}
    for record in sealed.records:
        if not record["findings"]:
            continue
        look = record["look"] or {}
        system = str(look.get("os") or record["attributes"].get("os") or "unknown")
        content = {
            "platform": {"name": system, "release": str(look.get("kernel") or "unknown"), "target_id": record["host"]},
            "version": str(sealed.run["collection"]["version"]),
            "statistics": {"duration": float(look.get("seconds") or 0.0)},
            "profiles": [_profile(sealed, record)],
        }
        files[f"hdf/{population.file_name(str(record['host']))}"] = canonical.dumps(content)
    return files
