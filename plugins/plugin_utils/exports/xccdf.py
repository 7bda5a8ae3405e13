# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XCCDF 1.2: the checks as a benchmark, and a test result a host."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import xml
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

NAMESPACE = "http://checklists.nist.gov/xccdf/1.2"
PREFIX = "xccdf_org.ringfence"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_PROBES = "urn:ringfence:probe"
_TEST_SYSTEM = "cpe:/a:ringfence:callcenter"
#: XCCDF's word for each status. An exception accepts a failure, and does not make it a pass.
_AS = {
    "pass": "pass",
    "fail": "fail",
    "error": "error",
    "not_observed": "notchecked",
    "excepted": "fail",
    "not_applicable": "notapplicable",
}


def identifier(kind: str, name: str) -> str:
    """An XCCDF id such as ``xccdf_org.ringfence_rule_firewall.default_deny_inbound.policy``."""
    safe = re.sub(r"[^A-Za-z0-9._-]", lambda found: "".join(f"-{byte:02x}" for byte in found.group().encode()), name)
    return f"{PREFIX}_{kind}_{safe}"


def _rules(root: ET.Element, sealed: SealedBundle) -> None:
    by_role: dict[str, list[Mapping[str, Any]]] = {}
    for control in sealed.controls:
        by_role.setdefault(str(control["role"]), []).append(control)
    titles = {str(row["id"]): str(row["title"]) for row in sealed.requirements}
    for role, controls in by_role.items():
        group = xml.add(root, "Group", id=identifier("group", role))
        xml.add(group, "title", f"Role {role}")
        for control in controls:
            for check in control["checks"]:
                rule = xml.add(group, "Rule", id=identifier("rule", check["id"]), selected="true", severity="medium")
                xml.add(rule, "title", f"{control['title']} ({check['aspect'].replace('_', ' ')})")
                xml.add(rule, "description", f"Control {control['id']}, observed by the probe {check['probe']}.")
                for requirement in control["pci_dss"]:
                    xml.add(rule, "reference", f"PCI DSS 4.0.1, {requirement}: {titles.get(requirement, '')}", href="")
                _check(rule, check["probe"])


def _check(parent: ET.Element, probe: str) -> None:
    """How it is checked: by one of our probes."""
    xml.add(xml.add(parent, "check", system=_PROBES), "check-content-ref", href=f"{_PROBES}:{probe}")


def _target(result: ET.Element, record: Mapping[str, Any]) -> None:
    about, look = record["attributes"], record["look"] or {}
    xml.add(result, "target", record["host"])
    addresses = [about["address"]] if about.get("address") else []
    for address in dict.fromkeys([*addresses, *about.get("addresses", [])]):
        xml.add(result, "target-address", address)
    facts = {
        "segment": about.get("segment"),
        "class": about.get("class"),
        "os": look.get("os") or about.get("os"),
        "kernel": look.get("kernel"),
        "clock_offset_seconds": look.get("clock_offset_seconds"),
    }
    stated = {name: value for name, value in facts.items() if value is not None}
    if stated:
        group = xml.add(result, "target-facts")
        for name, value in stated.items():
            kind = "string" if isinstance(value, str) else "number"
            xml.add(group, "fact", value, name=f"urn:ringfence:fact:{name}", type=kind)


def _result(root: ET.Element, sealed: SealedBundle, record: Mapping[str, Any]) -> None:
    result = xml.add(
        root,
        "TestResult",
        **{
            "id": identifier("testresult", f"{sealed.name}_{record['host']}"),
            "start-time": sealed.run["started_at"],
            "end-time": sealed.run["finished_at"],
            "test-system": f"{_TEST_SYSTEM}:{sealed.run['collection']['version']}",
            "version": str(sealed.run["collection"]["version"]),
        },
    )
    xml.add(result, "benchmark", href="#", id=identifier("benchmark", "callcenter"))
    xml.add(result, "title", f"Evidence of {record['host']}, {sealed.name}")
    _target(result, record)
    probes = {str(check["id"]): str(check["probe"]) for control in sealed.controls for check in control["checks"]}
    for one in record["findings"]:
        if str(one["check"]) not in probes:
            continue  # a check of a playbook's own: no rule of this benchmark
        when = one.get("observed_at") or sealed.run["finished_at"]
        row = xml.add(result, "rule-result", idref=identifier("rule", one["check"]), time=when)
        xml.add(row, "result", _AS[str(one["status"])])
        if one.get("reason"):
            severity = "info" if one["status"] in ("excepted", "not_applicable") else "error"
            xml.add(row, "message", f"{one['status'].replace('_', ' ')}: {one['reason']}", severity=severity)
        if one.get("observed") is not None:
            seen = json.dumps(one["observed"], sort_keys=True, ensure_ascii=False)
            xml.add(row, "message", f"observed at {one.get('source')}: {seen}", severity="info")
        _check(row, probes[str(one["check"])])
    counts = count(record["findings"])
    decided = sum(counts.values()) - counts["not_applicable"]
    score = 100 * counts["pass"] / decided if decided else 0
    xml.add(result, "score", f"{score:.2f}", system="urn:xccdf:scoring:flat-unweighted", maximum="100")


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``xccdf.xml``, benchmark and results in one file. The score counts what passed among all that applies."""
    root = ET.Element("Benchmark", {"xmlns": NAMESPACE, "id": identifier("benchmark", "callcenter"), "xml:lang": "en"})
    xml.add(root, "status", "draft", date=str(sealed.run["finished_at"])[:10])
    xml.add(root, "title", "Controls of ringfence.callcenter")
    xml.add(
        root,
        "description",
        "Evidence supports a requirement or does not; an assessor decides. Not affiliated with PCI Security Standards "
        "Council, LLC.",
    )
    # The older form of a CPE: OpenSCAP 1.3 takes the one of CPE 2.3 for invalid.
    xml.add(root, "platform", idref="cpe:/o:debian:debian_linux")
    xml.add(root, "version", sealed.run["collection"]["version"])
    about = xml.add(root, "metadata")
    xml.add(about, f"{{{_DUBLIN_CORE}}}creator", "The ringfence.callcenter developers")
    xml.add(about, f"{{{_DUBLIN_CORE}}}source", f"{sealed.run['site']['name']} {sealed.name}")
    _rules(root, sealed)
    for record in sealed.records:
        if record["findings"]:
            _result(root, sealed, record)
    return {"xccdf.xml": xml.document(root)}
