# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pack's contents: every part filtered, and the requirements and claims judged anew over what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    catalog,
    population,
    scope,
    verdicts,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Contents
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

from . import ledger, parts, records, registers, rules, segmentation
from .inventory import Inventory
from .parties import Parties
from .withhold import Names, Withholder, shared_names

SCHEMA = 1


def assemble(sealed: SealedBundle, inventory: Inventory, parties: Parties, withholder: Withholder) -> Contents:
    """What the pack of a client holds."""
    names = _names(sealed, inventory, parties, withholder)
    hosts = []
    for record in sealed.hosts:
        name = names.of(str(record["host"]))
        if name is not None:
            own = record["host"] in parties.own
            hosts.append(
                records.own_record(record, withholder) if own else records.shared_record(record, name, withholder)
            )
    hosts.sort(key=lambda record: str(record["host"]))
    excepted = registers.exceptions(sealed.exceptions, names, hosts, withholder)
    attested = registers.attestations(sealed.attestations, names, withholder)
    book = ledger.ledger(sealed.ledger, {row["id"] for row in attested}, names, withholder)
    entries = {
        "exceptions": {row["id"] for row in excepted},
        "attestations": {row["id"] for row in attested},
    }
    site = records.site_record(
        sealed.site,
        hosts=hosts,
        entries=entries,
        activities=book["activities"],
        sealed_at=str(sealed.run["finished_at"]),
        withholder=withholder,
    )
    stated = records.controls(sealed.controls, site, withholder)
    requirements, claims = verdicts.judge(_catalog(sealed), stated, [*hosts, site], registers.judged(attested))
    about = withholder.value(_site(sealed, inventory, parties), "the name of the site")
    places = _places(inventory, parties)
    tested = segmentation.part(
        sealed.segmentation, about, sites=parties.sites, places=places, names=names, withholder=withholder
    )
    reviewed = parts.rule_review(sealed.rule_review, about, parties.own, withholder)
    pack = _pack(sealed, parties, names, withholder)
    run = parts.run(sealed.run, about, pack)
    run["population"] = population.summary(hosts)
    run["counts"] = count(one for record in [*hosts, site] for one in record["findings"])
    run["controls"] = len(stated)
    return Contents(
        records=hosts,
        site=site,
        parts={
            "run": run,
            "pack": pack,
            "site": site,
            "controls": stated,
            "requirements": requirements,
            "claims": claims,
            "exceptions": excepted,
            "attestations": attested,
            "scope": scope.by_class(hosts),
            "sample": parts.sample(sealed.sample, hosts, names),
            "delta": parts.delta(sealed.delta, names, site),
            "ledger": book,
            "segmentation": tested,
            "rule_review": reviewed,
            "negative_control": parts.negative_control(),
        },
    )


def _names(sealed: SealedBundle, inventory: Inventory, parties: Parties, withholder: Withholder) -> Names:
    by_name = {str(record["host"]): record for record in sealed.hosts}
    kinds = {host: [str(kind) for kind in by_name[host]["attributes"].get("kinds") or []] for host in parties.shared}
    addresses: set[str] = set()
    for host in parties.shared:
        attributes = by_name[host]["attributes"]
        addresses |= {str(one) for one in [attributes.get("address"), *(attributes.get("addresses") or [])] if one}
        addresses |= inventory.hosts[host].addresses if host in inventory.hosts else set()
    return Names(parties.own, shared_names(kinds, parties.own, withholder), addresses - set(parties.shared))


def _catalog(sealed: SealedBundle) -> catalog.Catalog:
    """What the bundle was measured against."""
    return catalog.from_data(
        {"version": sealed.run["standard"], "requirements": list(sealed.requirements), "claims": list(sealed.claims)}
    )


def _site(sealed: SealedBundle, inventory: Inventory, parties: Parties) -> dict[str, str]:
    """The site that works for the client. A bundle of several sites is called by the first, which may be another."""
    sites = sorted(site for site in parties.sites if site in inventory.titles)
    if len(sites) == 1:
        return {"name": sites[0], "title": inventory.titles[sites[0]]}
    return {"name": str(sealed.run["site"]["name"]), "title": str(sealed.run["site"]["title"])}


def _places(inventory: Inventory, parties: Parties) -> segmentation.Places:
    classes = {
        name: str(about.get("class") or "")
        for site in sorted(parties.sites)
        for name, about in inventory.segments.get(site, {}).items()
    }
    return segmentation.Places(parties.segments, {name: trust or "other" for name, trust in classes.items()})


def _pack(sealed: SealedBundle, parties: Parties, names: Names, withholder: Withholder) -> dict[str, Any]:
    """The content of pack.json."""
    pack = {
        "schema": SCHEMA,
        "client": parties.client,
        "title": parties.title,
        "bundle": sealed.name,
        "manifest_sha256": sealed.manifest_sha256,
        "own_hosts": len(parties.own),
        "shared_hosts": len(names.shared),
        "withheld": dict(sorted(withholder.counts.items())),
        "left_out": list(rules.LEFT_OUT),
    }
    return {**pack, "note": list(note(pack))}


def note(pack: Mapping[str, Any]) -> Sequence[str]:
    """What a reader has to know first, in sentences."""
    own, shared = pack["own_hosts"], pack["shared_hosts"]
    first = f"This is a pack for {pack['title']} (client {pack['client']}), drawn from the bundle {pack['bundle']}."
    holds = (
        f"It holds {own} host{'' if own == 1 else 's'} of this client in full, and {shared} shared "
        f"host{'' if shared == 1 else 's'} by kind and status alone. All counts and verdicts are over what is shown."
    )
    texts = [f"{number} in {where}" for where, number in pack["withheld"].items()]
    withheld = (
        f"Texts that named somebody else read {rules.WITHHELD}: {', '.join(texts)}."
        if texts
        else "No text was withheld."
    )
    return first, holds, withheld, f"Left out: {'; '.join(pack['left_out'])}."
