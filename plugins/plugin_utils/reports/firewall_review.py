# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule review: what a person needs to go through every firewall rule of a site, as data and as CSV.

A review is JSON: ``schema`` (1), ``site``, ``made_at`` (UTC), ``totals`` (marks -> number), ``models``
(the hashes of ``segmentation.model`` by the site's name) and ``hosts``: a list of
``name``, ``status`` (one of STATUSES), ``reason`` (why it was not observed, else null), ``observed_at``,
``counting_since`` and ``rules``, each as the module firewall_rules_info returns it with ``marks`` and ``own``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import csv_text

STATUSES = ("observed", "no_firewall", "not_observed")

#: What a reviewer must look at, and what it means; in the order of attention.
MARKS = {
    "not_declared": "The kernel runs it and nobody declared it",
    "altered": "The kernel runs more or fewer rules under this name than the file",
    "not_loaded": "It is declared and the kernel does not run it",
    "overdue": "Its review date has passed",
    "never_hit": "No packet has matched it since the counters started",
    "undated": "It has no review date",
}
COLUMNS = (
    "host",
    "status",
    "direction",
    "name",
    "marks",
    "reason",
    "owner",
    "change",
    "review_by",
    "mitigation",
    "packets",
    "bytes",
    "counting_since",
    "observed_at",
    "permits",
)
#: The shape of a review, for whoever shows one that was read back.
SHAPE: dict[str, Any] = {
    "site": str,
    "made_at": str,
    "totals": {"hosts": int, "rules": int, **dict.fromkeys((*STATUSES, *MARKS), int)},
    "hosts": [
        {
            "name": str,
            "status": str,
            "reason": (str, None),
            "observed_at": (str, None),
            "counting_since": (str, None),
            "rules": [
                {
                    **dict.fromkeys(
                        ("name", "direction", "reason", "owner", "change", "mitigation", "review_by"), (str, None)
                    ),
                    "permits": [str],
                    "packets": (int, None),
                    "bytes": (int, None),
                    "marks": [str],
                    "own": bool,
                }
            ],
        }
    ],
}


def is_own(rule: Mapping[str, Any]) -> bool:
    """Whether a rule is one of the role itself, which nobody declares: their names alone have a space."""
    return bool(rule["recorded"]) and str(rule["name"]).startswith("ringfence ")


def marks(rule: Mapping[str, Any], day: str) -> list[str]:
    """What a reviewer must look at in a rule on a day (YYYY-MM-DD)."""
    found = []
    if not rule["recorded"]:
        found.append("not_declared")
    elif not rule["loaded"]:
        found.append("not_loaded")
    if rule["recorded"] and rule["loaded"] and len(rule["permits"]) != rule["statements"]:
        found.append("altered")
    if rule["review_by"] and rule["review_by"] < day:
        found.append("overdue")
    if not is_own(rule):
        if rule["packets"] == 0:
            found.append("never_hit")
        if not rule["review_by"]:
            found.append("undated")
    return found


def _host(name: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if "rules" not in answer:
        reason = " ".join(str(answer.get("msg") or "the run ended before this host was looked at").split())
        return {
            "name": name,
            "status": "not_observed",
            "reason": reason,
            "observed_at": None,
            "counting_since": None,
            "rules": [],
        }
    day = str(answer["observed_at"])[:10]
    return {
        "name": name,
        "status": "observed" if answer["installed"] else "no_firewall",
        "reason": None,
        "observed_at": answer["observed_at"],
        "counting_since": answer["counting_since"],
        "rules": [{**rule, "marks": marks(rule, day), "own": is_own(rule)} for rule in answer["rules"]],
    }


def review(
    site: str,
    made_at: str,
    answers: Mapping[str, Mapping[str, Any]],
    models: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """The review of a site.

    answers: host -> what firewall_rules_info returned, or a result with ``msg`` that says why it did not.
    models: hashes of the site models by name, by which an audit tells what changed since.
    """
    hosts = [_host(name, answer) for name, answer in answers.items()]
    about = {"schema": 1, "site": site, "made_at": made_at, "models": dict(models or {})}
    return {**about, "totals": totals(hosts), "hosts": hosts}


def totals(hosts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The numbers of some hosts of a review."""
    rules = [rule for host in hosts for rule in host["rules"]]
    return {
        "hosts": len(hosts),
        **{status: sum(host["status"] == status for host in hosts) for status in STATUSES},
        "rules": sum(not rule["own"] for rule in rules),
        **{mark: sum(mark in rule["marks"] for rule in rules) for mark in MARKS},
    }


def as_csv(found: Mapping[str, Any]) -> str:
    """One line a rule, and one for each host without rules, so that no host is missing from the file."""
    lines: list[list[Any]] = [list(COLUMNS)]
    for host in found["hosts"]:
        shared = {key: host[key] for key in ("status", "counting_since", "observed_at")}
        rows: Sequence[Mapping[str, Any]] = host["rules"] or [{"reason": host["reason"]}]
        for rule in rows:
            row = {
                **rule,
                **shared,
                "host": host["name"],
                "marks": " ".join(rule.get("marks", ())),
                "permits": " | ".join(rule.get("permits", ())),
            }
            lines.append([row.get(column) for column in COLUMNS])
    return csv_text.text(lines)
