# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The static page that becomes the PDF: one chapter a template, everything that is not ours escaped."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any

import jinja2

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf import (
    changes,
    measured,
    open_findings,
    tables,
    texts,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.book import STATUSES as LEDGER_STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import STATES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import MARKS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "template")

#: The chapters: the name of a template, the title, and whether there is anything to tell.
_CHAPTERS = {
    "summary": "Summary",
    "requirements": "Requirements",
    "claims": "Claims",
    "open": "Open findings",
    "controls": "All findings by control",
    "hosts": "Hosts",
    "exceptions": "Exceptions",
    "attestations": "Attestations",
    "ledger": "What must recur",
    "scope": "Scope by class",
    "sample": "The auditor's sample",
    "changes": "Changes",
    "segmentation": "Segmentation",
    "rules": "Rule review",
    "pictures": "Pictures of the network",
    "checking": "Checking and signing",
}


def _chapters(sealed: SealedBundle) -> dict[str, str]:
    """The chapters of this bundle: those about what it does not know of are left out."""
    absent = {
        "scope": not sealed.scope["classes"],
        "segmentation": sealed.segmentation is None,
        "rules": sealed.rule_review is None,
        "pictures": not sealed.pictures and "diagrams" not in sealed.run,
    }
    return {name: title for name, title in _CHAPTERS.items() if not absent.get(name)}


def _embedded(svg: str) -> str:
    """A picture as an address that holds it: its markup stays a picture's, whatever is in it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8", errors="replace")).decode("ascii")


def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=texts.printable,
    )
    made.filters.update(
        pairs=texts.pairs,
        plain=texts.plain,
        words=texts.words,
        shortened=texts.shortened,
        embedded=_embedded,
    )
    made.globals.update(
        plural=texts.plural,
        statuses=STATUSES,
        status_words={status: texts.words(status).capitalize() for status in STATUSES},
        open_statuses=open_findings.OPEN,
        evidence=EVIDENCE,
        states=STATES,
        ledger_statuses=LEDGER_STATUSES,
        marks=MARKS,
    )
    return made


def _measured(sealed: SealedBundle) -> dict[str, Any]:
    """What the chapters about other tests print."""
    test = (sealed.segmentation or {}).get("test")
    review = (sealed.rule_review or {}).get("review")
    tried = measured.tried(test["findings"]) if test else []
    rules, rules_left_out = measured.rules(review) if review else ([], 0)
    return {
        "test": test,
        "slices": list(measured.slices(test["matrix"])) if test else [],
        "tried": tried[: measured.MOST_FINDINGS],
        "tried_left_out": len(tried[measured.MOST_FINDINGS :]),
        "review": review,
        "rules": rules,
        "rules_left_out": rules_left_out,
    }


def context(sealed: SealedBundle) -> Mapping[str, Any]:
    """What the templates may print."""
    changed, changed_left_out = changes.changes(sealed.delta)
    return {
        "sealed": sealed,
        "run": sealed.run,
        "chapters": _chapters(sealed),
        "sections": tables.sections(sealed),
        "requirement_words": tables.evidence_words(sealed.requirements),
        "claim_words": tables.evidence_words(sealed.claims),
        "controls": tables.controls(sealed),
        "hosts": tables.hosts(sealed),
        "open": open_findings.gather(sealed),
        "changed": changed,
        "changed_left_out": changed_left_out,
        **_measured(sealed),
    }


def html(sealed: SealedBundle) -> str:
    """The whole page as text."""
    return _environment().get_template("page.html.j2").render(context(sealed))
