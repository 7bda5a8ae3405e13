# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smaller parts of a bundle as a client may see them: the sample, the changes, the rule review, and the head."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.delta import CHANGES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import firewall_review
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_findings import SITE
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verify_bundle import by_kind

from .rules import WITHHELD
from .withhold import Names, Withholder

NO_PICTURES = "pictures of the whole site are left out of a client's pack"


def sample(sealed: Mapping[str, Any], records: Sequence[Mapping[str, Any]], names: Names) -> dict[str, Any]:
    """The auditor's sample: those of the drawn hosts that are there, and how many of each kind the pack has."""
    there = {kind: len(hosts) for kind, hosts in by_kind(records).items()}
    rows = [
        {"kind": row["kind"], "hosts": there[row["kind"]], "drawn": sorted(names.among(row["drawn"]))}
        for row in sealed["kinds"]
        if row["kind"] in there
    ]
    return {"seed": sealed["seed"], "size": sealed["size"], "kinds": rows}


def delta(sealed: Mapping[str, Any], names: Names, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of the hosts that are there, and of the site's findings that are shown now.

    shown: the site's record in the pack.
    """
    now = {str(one["check"]): one["status"] for one in shown["findings"]}
    kept: dict[str, list[dict[str, Any]]] = {word: [] for word in CHANGES}
    for word, rows in kept.items():
        for row in sealed[word]:
            of_site = row["host"] == SITE
            name = SITE if of_site else names.of(str(row["host"]))
            # A finding that was made anew may have another status than the one that the change was told by.
            if name is not None and not (of_site and now.get(str(row["check"]), "") != row["now"]):
                rows.append({"host": name, **{key: row[key] for key in ("check", "before", "now")}})
    problem = None if sealed["problem"] is None else "the bundle cannot be read"
    return {"compared_with": sealed["compared_with"], "problem": problem, **kept}


def rule_review(
    sealed: Mapping[str, Any] | None, site: Mapping[str, str], own: Collection[str], withholder: Withholder
) -> dict[str, Any]:
    """The review of the firewall's rules, with the client's own hosts and their rules alone, counted anew."""
    nothing: dict[str, Any] = {"path": None, "sha256": None, "review": None, "problem": None, "changed": []}
    found = (sealed or {}).get("review")
    if not isinstance(found, Mapping):
        return nothing
    hosts = [_reviewed(host, withholder) for host in found["hosts"] if host["name"] in own]
    told = {"schema": found["schema"], "site": site["title"], "made_at": found["made_at"], "hosts": hosts}
    return {
        "path": withholder.value((sealed or {})["path"], "the rule review"),
        "sha256": WITHHELD,
        "review": {**told, "totals": firewall_review.totals(hosts)},
        "problem": None,
        "changed": (sealed or {}).get("changed", []),
    }


def _reviewed(host: Mapping[str, Any], withholder: Withholder) -> dict[str, Any]:
    """A host of the review without rules that are about somebody else."""
    rules = [rule for rule in host["rules"] if not withholder.about_others(rule)]
    told: dict[str, Any] = withholder.value({**host, "rules": rules}, "the rule review")
    return told


def negative_control() -> dict[str, Any]:
    """The proof that checks can go red is about a host of somebody else's: it is not told."""
    return {"path": None, "sha256": None, "proof": None, "problem": None}


def run(sealed: Mapping[str, Any], site: Mapping[str, str], pack: Mapping[str, Any]) -> dict[str, Any]:
    """The head of run.json, to which the numbers come; ``pack`` tells whom it is for."""
    keys = ("schema", "run", "started_at", "finished_at", "collection", "ansible", "python", "standard")
    kept = {key: sealed[key] for key in keys if key in sealed}
    if "diagrams" in sealed:
        kept["diagrams"] = {"drawn": [], "problem": NO_PICTURES}
    return {**kept, "site": dict(site), "pack": dict(pack)}
