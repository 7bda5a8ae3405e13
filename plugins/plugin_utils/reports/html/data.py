# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle's data as the report's page carries it: every value that repeats is there once.

A thousand hosts with two hundred checks each are 200,000 findings; each becomes one short list of numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.expect import mismatches
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Contents
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.delta import CHANGES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import current
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import STATES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.html import drawing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.html import proof as proof_
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.html import records as records_
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE

_SHOWN_IN_LIST = (
    "id",
    "title",
    "says",
    "proof",
    "kind",
    "pci",
    "periodicity",
    "technical",
    "applies_to",
    "cis_v8",
    "nist_800_53_r5",
)


_encoded = json.JSONEncoder(sort_keys=True).encode


class _Pool:
    """Numbers JSON values: equal values get the same number."""

    def __init__(self) -> None:
        self.values: list[Any] = [None]
        self._numbers: dict[tuple[bool, str], int] = {}

    def number(self, value: Any) -> int:
        """The number of a value, a new one when it was not seen before; None is 0."""
        if value is None:
            return 0
        text = isinstance(value, str)
        key = (text, value if text else _encoded(value))
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value)
        return self._numbers[key]


class _Index:
    """Numbers the controls and checks, those that only a finding names included."""

    def __init__(self, controls: Sequence[Mapping[str, Any]]) -> None:
        self.controls = [
            {key: control[key] for key in ("id", "role", "title", "claims", "pci_dss")} for control in controls
        ]
        self.control = {str(control["id"]): place for place, control in enumerate(controls)}
        self.checks: list[list[Any]] = []
        self._check: dict[str, int] = {}
        for control in controls:
            for check in control["checks"]:
                self._add(str(check["id"]), str(control["id"]), str(check["aspect"]), str(check["probe"]))

    def _add(self, check: str, control: str, aspect: str, probe: str) -> int:
        self._check[check] = len(self.checks)
        self.checks.append([check, self.control[control], aspect, probe])
        return self._check[check]

    def check(self, finding: Mapping[str, Any]) -> int:
        """The number of a finding's check."""
        name = str(finding["check"])
        if name in self._check:
            return self._check[name]
        control = str(finding.get("control") or name)
        if control not in self.control:
            self.control[control] = len(self.controls)
            role = str(finding.get("role") or "")
            self.controls.append({"id": control, "role": role, "title": control, "claims": [], "pci_dss": []})
        return self._add(name, control, str(finding.get("aspect") or ""), "")


def _wrong(finding: Mapping[str, Any]) -> list[str]:
    """The expected keys that were not as expected."""
    if finding["status"] != "fail":
        return []
    return mismatches(finding.get("observed") or {}, finding.get("expected") or {})


def _findings(record: Mapping[str, Any], index: _Index, pool: _Pool) -> list[list[int]]:
    return [
        [
            index.check(one),
            STATUSES.index(one["status"]),
            pool.number(one.get("expected")),
            pool.number(one.get("observed")),
            pool.number(one.get("source")),
            pool.number(one.get("observed_at")),
            pool.number(one.get("reason")),
            pool.number(_wrong(one) or None),
        ]
        for one in record["findings"]
    ]


def _state(state: Mapping[str, Any] | None, pool: _Pool) -> dict[str, Any] | None:
    """The accounts and the lines of the ruleset of a host, each a place in the pool: most are those of other hosts."""
    if state is None:
        return None
    listed = {name: state.get(name) for name in ("accounts", "ruleset")}
    numbers = {name: None if found is None else [pool.number(one) for one in found] for name, found in listed.items()}
    return {**numbers, "problems": state.get("problems") or {}}


def _judged(rows: Sequence[Mapping[str, Any]], index: _Index) -> list[dict[str, Any]]:
    words = list(EVIDENCE)
    return [
        {
            **{key: row[key] for key in _SHOWN_IN_LIST if key in row},
            "evidence": words.index(row["evidence"]),
            "controls": [index.control[name] for name in row["controls"]],
            "attestations": row["attestations"],
            "note": row["note"],
        }
        for row in rows
    ]


def compact(contents: Contents) -> dict[str, Any]:
    """What the page's script reads; findings are lists of numbers into ``checks``, ``statuses`` and ``pool``.

    The site's own findings come as one more host, with ``site``, when there are any.
    """
    parts = contents.parts
    index, pool = _Index(parts["controls"]), _Pool()
    records = [*contents.records, *([contents.site] if contents.site["findings"] else [])]
    hosts = [
        {
            **{key: record[key] for key in ("host", "observed", "reason", "attributes", "look")},
            "state": _state(record.get("state"), pool),
            **({"site": True} if record is contents.site else {}),
            "findings": _findings(record, index, pool),
        }
        for record in records
    ]
    return {
        "run": parts["run"],
        "statuses": STATUSES,
        "evidence": [[word, label] for word, label in EVIDENCE.items()],
        "requirements": _judged(parts["requirements"], index),
        "claims": _judged(parts["claims"], index),
        "controls": index.controls,
        "checks": index.checks,
        "hosts": hosts,
        "delta": _delta(parts["delta"], pool),
        "sample": parts["sample"],
        "scope": parts["scope"],
        "ledger": {key: parts["ledger"][key] for key in ("day", "activities")},
        "exceptions": [_register_row(row) for row in parts["exceptions"]],
        "attestations": [_register_row(row) for row in parts["attestations"]],
        "segmentation": {
            **records_.segmentation(parts["segmentation"], pool.number),
            **_notes("segmentation_test", parts),
        },
        "proof": {**proof_.proof(parts.get("negative_control", {}), pool.number), **_notes("negative_control", parts)},
        "rules": {**records_.rules(parts["rule_review"], pool.number), **_notes("firewall_review", parts)},
        "diagrams": _diagrams(contents),
        "pool": pool.values,
    }


def _notes(activity: str, parts: Mapping[str, Any]) -> dict[str, list[str]]:
    """What stands above the newest record of an activity."""
    return {"notes": current.notes(activity, parts, parts["ledger"]["activities"])}


def _diagrams(contents: Contents) -> dict[str, Any]:
    """The pictures by name, and why there are none or one is not shown."""
    problem = contents.parts["run"]["diagrams"]["problem"]
    problems, shown = [problem] if problem else [], {}
    for name, picture in contents.pictures.items():
        try:
            shown[name] = drawing.shapes(picture)
        except drawing.PictureError as wrong:
            problems.append(f"diagrams/{name}.svg cannot be shown: {wrong}")
    return {"pictures": shown, "problem": "; ".join(problems) or None}


def _delta(delta: Mapping[str, Any], pool: _Pool) -> dict[str, Any]:
    """The changes as lists of numbers: the word, host and check in the pool, the statuses before and now (-1: none)."""

    def number(status: str | None) -> int:
        return -1 if status is None else STATUSES.index(status)

    return {
        "run": delta["compared_with"],
        "problem": delta["problem"],
        "words": [[word, word.replace("_", " ").capitalize(), meaning] for word, meaning in CHANGES.items()],
        "rows": [
            [place, pool.number(row["host"]), pool.number(row["check"]), number(row["before"]), number(row["now"])]
            for place, word in enumerate(CHANGES)
            for row in delta[word]
        ],
    }


def _register_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a register with what its state means, without its signature, which nobody reads on a page."""
    return {**{key: value for key, value in row.items() if key != "signature"}, "means": STATES[row["state"]]}
