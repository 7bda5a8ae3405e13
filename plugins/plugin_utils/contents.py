# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sealed bundle holds: from the hosts' records and the site's registers to the content of every JSON file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import (
    delta,
    population,
    sampling,
    scope,
    site_findings,
    verdicts,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import Catalog
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import book, current, newest, sources
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import shape as proof_shape
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers import accepting, judging
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import (
    ATTESTATION,
    EXCEPTION,
    Registers,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import firewall_review
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation import model, shape

#: The records that a bundle holds the newest of, by the part that holds it.
RECORDS = {
    "segmentation": newest.Shown("segmentation_test", "test", shape.RECORD),
    "negative_control": newest.Shown("negative_control", "proof", proof_shape.RECORD),
    "rule_review": newest.Shown("firewall_review", "review", firewall_review.SHAPE, within="review"),
}


@dataclass(frozen=True)
class Material:
    """What an audit has in hand when it seals.

    records: one for every host of the population. controls: those that were audited. known_controls: all there are,
    which exceptions may name. about: what run.json says besides (``collection``, ``ansible`` …). signing_key: path of
    the key that signs the manifest. periods: what the site asks for, as ``ledger.periods.check`` returns it.
    sample: likewise of ``sampling.check``. compare_with: the run that changes are told against, else the one before.
    pictures: SVG texts of the site by name. no_pictures: why there are none. secrets: texts that no record may show.
    models: hashes of the site model by the site's name, as ``segmentation.model.of_sites`` returns them.
    """

    records: Sequence[Mapping[str, Any]]
    controls: Sequence[Mapping[str, Any]]
    catalog: Catalog
    about: Mapping[str, Any]
    registers: Registers = field(default_factory=Registers)
    known_controls: Sequence[Mapping[str, Any]] = ()
    signing_key: str | None = None
    periods: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sample: Mapping[str, Any] | None = None
    compare_with: str | None = None
    pictures: Mapping[str, str] = field(default_factory=dict)
    no_pictures: str | None = None
    secrets: Sequence[str] = ()
    models: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Contents:
    """The hosts' records as they are sealed, the site's own, and the other files by name without ``.json``.

    pictures: the SVG files, by name without ``.svg``.
    """

    records: Sequence[dict[str, Any]]
    site: Mapping[str, Any]
    parts: Mapping[str, Any]
    pictures: Mapping[str, str] = field(default_factory=dict)


def _known(material: Material) -> judging.RegisterScope:
    """The names that entries of the registers may use."""
    controls = [*material.controls, *material.known_controls]
    return judging.RegisterScope(
        controls={str(control["id"]) for control in controls},
        checks={str(check["id"]) for control in controls for check in control["checks"]},
        hosts={str(record["host"]) for record in material.records},
        claims=material.catalog.claim_ids,
        requirements=material.catalog.requirement_ids,
        activities={str(row["id"]) for row in material.catalog.activities},
    )


def _records(material: Material, directory: str | None, found: sources.Found) -> dict[str, dict[str, Any]]:
    """The newest record of each activity that is shown, and what of the site model changed after it."""
    made = {part: newest.newest(directory, found, shown, material.secrets) for part, shown in RECORDS.items()}
    test = made["segmentation"]["test"] or {}
    made["segmentation"]["changed"] = model.changed(test.get("model"), material.models.get(str(test.get("site"))))
    review = made["rule_review"]["review"] or {}
    made["rule_review"]["changed"] = model.changed_in_any(review.get("models"), material.models)
    return made


def assemble(
    material: Material,
    header: Mapping[str, Any],
    finished_at: str,
    directory: str | None = None,
    previous: str | None = None,
) -> Contents:
    """The content of a bundle.

    header: what run.json had when the audit began. directory: the evidence folder. previous: the bundle sealed before.
    """
    judged = judging.judge(material.registers, _known(material), finished_at[:10])
    records, used = accepting.accept(material.records, judged)
    run = {
        **header,
        **material.about,
        "finished_at": finished_at,
        "standard": f"PCI DSS {material.catalog.version}",
        "population": population.summary(records),
    }
    found = sources.collect(directory, judged)
    if run["population"]["observed"]:
        found.add("audit", sources.audit_of(run))
    shown = _records(material, directory, found)
    rows = current.mark(book.build(material.catalog.activities, material.periods, found, finished_at[:10]), shown)
    classes = scope.by_class(records)
    made = [
        *site_findings.of_registers(judged, used),
        *site_findings.of_scope(classes),
        *site_findings.of_clocks(records),
        *site_findings.of_previous(directory, previous),
        *site_findings.of_pictures(material.pictures, material.no_pictures, records),
        *site_findings.of_ledger(rows, {**found.broken, **book.lost(directory, previous, found)}),
    ]
    site = site_findings.record(made)
    controls = [*material.controls, *site_findings.controls(material.catalog.evidence_controls, made, rows)]
    attestations = [one for one in judged if one.entry.kind == ATTESTATION]
    requirements, claims = verdicts.judge(material.catalog, controls, [*records, site], attestations)
    exceptions = [
        {**one.as_data(), "accepted_findings": used.get(one.entry.id, 0)}
        for one in judged
        if one.entry.kind == EXCEPTION
    ]
    run["counts"] = count(one for record in [*records, site] for one in record["findings"])
    run["controls"] = len(controls)
    run["diagrams"] = {"drawn": sorted(material.pictures), "problem": material.no_pictures}
    return Contents(
        records=records,
        site=site,
        parts={
            "run": run,
            "site": site,
            "controls": controls,
            "requirements": requirements,
            "claims": claims,
            "exceptions": exceptions,
            "attestations": [one.as_data() for one in attestations],
            "scope": classes,
            "sample": sampling.sample(material.sample, records),
            "delta": delta.against(directory, material.compare_with or previous, [*records, site]),
            "ledger": {"day": finished_at[:10], "activities": rows, "records": found.hashes()},
            **shown,
        },
        pictures=dict(material.pictures),
    )
