# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of hosts and of the site, as a client may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import scope, site_findings

from .rules import (
    OWN_RECORD,
    SHARED_ATTRIBUTES,
    SHARED_FINDING,
    SITE_BY_ENTRY,
    SITE_KEPT,
    WITHHELD,
)
from .withhold import Withholder

_NOT_OBSERVED = "not observed; why is withheld"
_NO_FINDING: dict[str, Any] = {"expected": {}, "observed": None, "source": None, "reason": None, "observed_at": None}


def own_record(record: Mapping[str, Any], withholder: Withholder) -> dict[str, Any]:
    """The record of a client's own host: all of it but texts that name somebody else."""
    kept = {key: record[key] for key in OWN_RECORD if key in record}
    return {
        **kept,
        **{
            key: withholder.value(kept.get(key), "records of own hosts")
            for key in ("reason", "attributes", "look", "state", "findings")
        },
    }


def _status_alone(one: Mapping[str, Any]) -> dict[str, Any]:
    """A finding without anything that was expected or observed."""
    return {**_NO_FINDING, **{key: one[key] for key in SHARED_FINDING if key in one}}


def shared_record(record: Mapping[str, Any], name: str, withholder: Withholder) -> dict[str, Any]:
    """The record of a shared host: its kinds, and of each promise whether it holds."""
    attributes = {key: record["attributes"][key] for key in SHARED_ATTRIBUTES if record["attributes"].get(key)}
    attributes = withholder.value({"kinds": [], **attributes}, "the kinds of shared hosts")
    return {
        "schema": record["schema"],
        "host": name,
        "observed": record["observed"],
        "reason": None if record["observed"] else _NOT_OBSERVED,
        "attributes": {**attributes, "groups": [], "shared": True},
        "look": None,
        "state": None,
        "findings": _without(map(_status_alone, record["findings"]), withholder),
    }


def _without(found: Iterable[dict[str, Any]], withholder: Withholder) -> list[dict[str, Any]]:
    """Findings of checks whose very names are fit to be told."""
    kept = []
    for one in found:
        if any(withholder.names_others(str(one.get(key))) for key in ("check", "control", "role")):
            withholder.counts["names of checks"] = withholder.counts.get("names of checks", 0) + 1
        else:
            kept.append(one)
    return kept


def site_record(
    record: Mapping[str, Any],
    *,
    hosts: Sequence[Mapping[str, Any]],
    entries: Mapping[str, Collection[str]],
    activities: Sequence[Mapping[str, Any]],
    sealed_at: str,
    withholder: Withholder,
) -> dict[str, Any]:
    """The site's own record: statuses alone, of what the pack shows.

    hosts: the records of the pack. entries: the ids that are shown of exceptions and attestations. activities: the
    rows of the pack's ledger. sealed_at: when the bundle was, which is the time of what is made anew.
    """
    found = []
    for one in record["findings"]:
        control, name = str(one["control"]), str(one["check"])[len(str(one["control"])) + 1 :]
        if control in SITE_KEPT or name in entries.get(SITE_BY_ENTRY.get(control, ""), ()):
            found.append(_status_alone(one))
    made = [
        *site_findings.of_scope(scope.by_class(hosts)),
        *site_findings.of_clocks(hosts),
        *site_findings.of_ledger(activities, {}),
    ]
    found += [{**_status_alone(one), "observed_at": sealed_at} for one in made]
    return site_findings.record(_without(found, withholder))


def controls(
    rows: Sequence[Mapping[str, Any]], site: Mapping[str, Any], withholder: Withholder
) -> list[dict[str, Any]]:
    """The controls as the roles state them; of those about the site, the checks that the pack has findings of."""
    made = {str(one["check"]) for one in site["findings"]}
    kept = []
    for row in rows:
        checks = row["checks"]
        if row["role"] == site_findings.ROLE:
            checks = [one for one in checks if str(one["id"]) in made]
            if not checks:
                continue
        one = withholder.value({**row, "checks": checks}, "the controls")
        if WITHHELD in (one["id"], one["role"]):
            continue
        kept.append({**one, "checks": [check for check in one["checks"] if check["id"] != WITHHELD]})
    return kept
