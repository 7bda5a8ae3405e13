# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest records of a bundle as the report's page carries them: like findings, with every repeated value once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import MARKS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import (
    AS_INTENDED,
    CLOSED,
    NOT_TESTED,
    OPEN,
)

#: Verdict -> the status that it looks like, and what it means.
VERDICTS = {
    OPEN: ("fail", "Something got through, or crossed the gateway, that no flow means"),
    CLOSED: ("error", "Something did not get through that a flow means"),
    NOT_TESTED: ("not_observed", "Nobody was in a place to tell"),
    AS_INTENDED: ("pass", "What a flow means got through, and nothing else did"),
}
_ALIKE = ("measured", "from", "from_address", "to", "to_address", "protocol", "flow", "stopped_by", "note")
_OF_TEST = (
    "run",
    "site",
    "title",
    "started_at",
    "finished_at",
    "due",
    "outcome",
    "summary",
    "scope",
    "negative_control",
)
_OF_RULE = ("direction", "name", "permits", "reason", "owner", "change", "mitigation", "review_by", "packets", "bytes")
Number = Callable[[Any], int]


def _verdict(name: str) -> int:
    """The place of a verdict among VERDICTS; what an unknown one says is not known."""
    return list(VERDICTS).index(name if name in VERDICTS else NOT_TESTED)


def segmentation(part: Mapping[str, Any], number: Number) -> dict[str, Any]:
    """The test: cells as ``[from, to, verdict, tries, needed, counts, note]``, findings that ended alike as one."""
    made: dict[str, Any] = {key: part.get(key) for key in ("path", "sha256")}
    made["verdicts"] = [[word, look, meaning] for word, (look, meaning) in VERDICTS.items()]
    test = part["test"]
    if test is None:
        return {**made, "test": None}
    cells = [
        [
            number(cell["from"]),
            number(cell["to"]),
            _verdict(cell["verdict"]),
            cell["tries"],
            cell["needed"],
            [cell["counts"][word] for word in VERDICTS],
            number(cell["note"] or None),
        ]
        for cell in test["matrix"]
    ]
    made["test"] = {key: test[key] for key in _OF_TEST}
    return {**made, "cells": cells, "findings": _findings(test["findings"], number)}


def _findings(findings: Sequence[Mapping[str, Any]], number: Number) -> list[list[Any]]:
    """One row for the ports of a pair of addresses that ended alike: the pair, what is alike, the ports."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for one in findings:
        pair = (*one["pair"], "", "")[:2]
        key = (*map(number, pair), _verdict(one["measured"]), *(number(one[name] or None) for name in _ALIKE[1:]))
        rows.setdefault(key, []).append(one["port"] or 0)
    return [[*key, number(ports)] for key, ports in rows.items()]


def rules(part: Mapping[str, Any], number: Number) -> dict[str, Any]:
    """The review: hosts with their rules as lists of numbers, those of the role itself last and told by a 1."""
    made: dict[str, Any] = {key: part.get(key) for key in ("path", "sha256")}
    made["marks"] = [[word, word.replace("_", " "), meaning] for word, meaning in MARKS.items()]
    review = part["review"]
    if review is None:
        return {**made, "review": None}
    made["review"] = {key: review[key] for key in ("site", "made_at", "totals")}
    made["hosts"] = [
        {
            **{key: host[key] for key in ("name", "status", "reason", "observed_at", "counting_since")},
            "rules": [_rule(rule, number) for rule in sorted(host["rules"], key=lambda rule: bool(rule["own"]))],
        }
        for host in review["hosts"]
    ]
    return made


def _rule(rule: Mapping[str, Any], number: Number) -> list[Any]:
    marks = [place for place, mark in enumerate(MARKS) if mark in rule["marks"]]
    return [number(rule[key]) for key in _OF_RULE] + [number(marks), int(rule["own"])]
