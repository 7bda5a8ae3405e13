# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit XML, for CI servers: a suite a host, a case a check."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import xml
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

#: What JUnit calls each status. What did not run is an error there: a skipped case is shown as if all were well.
_AS = {
    "fail": "failure",
    "error": "error",
    "not_observed": "error",
    "excepted": "skipped",
    "not_applicable": "skipped",
}


def _totals(counts: Mapping[str, int]) -> dict[str, int]:
    return {
        "tests": sum(counts.values()),
        "failures": counts["fail"],
        "errors": counts["error"] + counts["not_observed"],
        "skipped": counts["excepted"] + counts["not_applicable"],
    }


def _case(suite: ET.Element, one: Mapping[str, Any]) -> None:
    case = xml.add(suite, "testcase", name=one["check"], classname=one["control"], time="0")
    word = _AS.get(str(one["status"]))
    if word is None:
        return
    reason = one.get("reason") or one["status"]
    detail = {key: one.get(key) for key in ("expected", "observed", "source", "observed_at")}
    content = None if word == "skipped" else json.dumps(detail, sort_keys=True, ensure_ascii=False)
    kind = {} if word == "skipped" else {"type": one["status"]}
    xml.add(case, word, content, message=f"{str(one['status']).replace('_', ' ')}: {reason}", **kind)


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``junit.xml``; a host that was not observed has a failing case of its own even where it had no check."""
    root = ET.Element("testsuites", {"name": xml.text(f"{sealed.run['site']['name']} {sealed.name}")})
    for record in sealed.records:
        counts = count(record["findings"])
        totals = _totals(counts)
        lonely = not record["observed"] and not record["findings"]
        if lonely:
            totals |= {"tests": 1, "errors": 1}
        suite = xml.add(
            root,
            "testsuite",
            name=record["host"],
            hostname=record["host"],
            timestamp=str(sealed.run["started_at"]).removesuffix("Z"),
            time="0",
            **totals,
        )
        for one in record["findings"]:
            _case(suite, one)
        if lonely:
            case = xml.add(suite, "testcase", name="observed", classname="population", time="0")
            xml.add(case, "error", None, message=f"not observed: {record['reason']}", type="not_observed")
    return {"junit.xml": xml.document(root)}
