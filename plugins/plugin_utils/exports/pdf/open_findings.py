# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings that are not settled, in full: equal ones of several hosts once, with all the hosts.

What a host that was not observed was not asked stands once for all hosts with the same checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

OPEN = ("fail", "error", "not_observed", "excepted")
#: Findings that are printed in full, and checks that hosts were not asked; the rest is told by number.
MOST = 3000
MOST_NOT_ASKED = 20_000
_SAME = ("status", "expected", "observed", "source", "reason", "exception")


@dataclass
class Group:
    """Findings of one check that say the same: one of them, and where and when it was found."""

    finding: Mapping[str, Any]
    places: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class OpenCheck:
    """A check with open findings: ``counts`` of all of them by status, ``groups`` of those that are printed."""

    check: str
    aspect: str
    control: Mapping[str, Any]
    counts: Mapping[str, int]
    groups: Sequence[Group]

    @property
    def shared(self) -> dict[str, Any]:
        """What several groups have in common and is printed once: what is expected, and the source."""
        if len(self.groups) < 2:
            return {}
        first = self.groups[0].finding
        return {
            key: first[key]
            for key in ("expected", "source")
            if all(group.finding.get(key) == first[key] for group in self.groups)
        }


@dataclass
class NotAsked:
    """Hosts that were not observed, each with the reason, and the checks that none of them was asked."""

    checks: Sequence[str]
    hosts: list[tuple[str, str]] = field(default_factory=list)
    printed: bool = True


@dataclass(frozen=True)
class OpenFindings:
    """All of them. ``left_out``: how many of them are not printed."""

    total: int
    left_out: int
    checks: Sequence[OpenCheck]
    not_asked: Sequence[NotAsked]


def _rank(one: Mapping[str, Any]) -> int:
    return STATUSES.index(str(one["status"]))


def _groups(found: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Group]:
    made: dict[str, Group] = {}
    for host, one in found:
        key = json.dumps([one.get(name) for name in _SAME], sort_keys=True)
        made.setdefault(key, Group(one)).places.append((host, str(one.get("observed_at") or "")))
    return list(made.values())


def _not_asked(records: Iterable[Mapping[str, Any]]) -> list[NotAsked]:
    made: dict[tuple[str, ...], NotAsked] = {}
    left = MOST_NOT_ASKED
    for record in records:
        checks = tuple(str(one["check"]) for one in record["findings"] if one["status"] == "not_observed")
        if checks not in made:
            made[checks] = NotAsked(checks, printed=len(checks) <= left)
            left -= len(checks)
        made[checks].hosts.append((str(record["host"]), str(record["reason"] or "")))
    return list(made.values())


def gather(sealed: SealedBundle, most: int = MOST) -> OpenFindings:
    """The open findings of a bundle, the worst checks first; at most so many in full."""
    unseen = [record for record in sealed.hosts if not record["observed"]]
    blind = {str(record["host"]) for record in unseen}
    by_check: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    total = 0
    for record, one in sealed.findings():
        if one["status"] in OPEN:
            total += 1
            if record["host"] not in blind or one["status"] != "not_observed":
                by_check.setdefault(str(one["check"]), []).append((str(record["host"]), one))
    controls, checks, left = sealed.control_by_id, [], most
    for check, found in sorted(by_check.items(), key=lambda item: min(_rank(one) for _host, one in item[1])):
        found.sort(key=lambda item: _rank(item[1]))
        shown, left = found[:left], max(left - len(found), 0)
        first = found[0][1]
        about = {"id": first["control"], "title": "", "pci_dss": [], "claims": []}
        checks.append(
            OpenCheck(
                check=check,
                aspect=str(first.get("aspect") or ""),
                control=controls.get(str(first["control"]), about),
                counts={word: sum(one["status"] == word for _host, one in found) for word in OPEN},
                groups=_groups(shown),
            )
        )
    not_asked = _not_asked(unseen)
    hidden = sum(len(found) for found in by_check.values()) - (most - left)
    hidden += sum(len(row.checks) * len(row.hosts) for row in not_asked if not row.printed)
    return OpenFindings(total, hidden, checks, not_asked)
