# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The static page that becomes the PDF: one chapter a template, everything that is not ours escaped."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf import (
    changes,
    measured,
    open_findings,
    pictures,
    tables,
    texts,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import current
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.book import STATUSES as LEDGER_STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import library
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.judging import STATES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import MARKS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verdicts import EVIDENCE

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "template")

_MOST_NAMED = 80  # hosts of a class that are named there
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
    "ledger": "Recurring activities",
    "scope": "Scope by class",
    "sample": "The auditor's sample",
    "changes": "Changes",
    "segmentation": "Segmentation",
    "rules": "Rule review",
    "proof": "Checks proven to fail when tampered with",
    "pictures": "Pictures of the network",
    "checking": "Checking and signing",
}


def _chapters(sealed: SealedBundle) -> dict[str, str]:
    """The chapters of this bundle: those about what it does not know of are left out."""
    absent = {
        "scope": not sealed.scope["classes"],
        "segmentation": sealed.segmentation is None,
        "rules": sealed.rule_review is None,
        "proof": sealed.negative_control is None,
        "pictures": not sealed.pictures and "diagrams" not in sealed.run,
    }
    return {name: title for name, title in _CHAPTERS.items() if not absent.get(name)}


def _layout(sealed: SealedBundle, drawn: Sequence[pictures.Picture]) -> dict[str, str]:
    """How each chapter begins: ``short`` where the one before ends, ``wide`` on pages that lie on their side."""
    wide = {
        "segmentation": (sealed.segmentation or {}).get("test"),
        "rules": (sealed.rule_review or {}).get("review"),
        "pictures": drawn and not drawn[0].upright,
    }
    short = ("exceptions", "attestations", "scope", "sample", "changes")
    return {
        **dict.fromkeys(_CHAPTERS, ""),
        **dict.fromkeys(short, "short"),
        **{name: "wide" if there else "short" for name, there in wide.items()},
        **({"pictures": ""} if drawn and drawn[0].upright else {}),
    }


def _environment() -> Any:
    jinja2 = library("jinja2", "Jinja2")
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=texts.printable,
    )
    made.filters.update(
        line=texts.line,
        plain=texts.plain,
        quoted=shlex.quote,
        words=texts.words,
        shortened=texts.shortened,
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
        most_named=_MOST_NAMED,
    )
    return made


def _measured(sealed: SealedBundle) -> dict[str, Any]:
    """What the chapters about other tests print."""
    test = (sealed.segmentation or {}).get("test")
    review = (sealed.rule_review or {}).get("review")
    proof = (sealed.negative_control or {}).get("proof")
    tried = measured.tried(test["findings"]) if test else []
    rules, rules_left_out = measured.rules(review) if review else ([], 0)
    parts = {"run": sealed.run, **{name: getattr(sealed, name) for name, _key, _word in current.SHOWN.values()}}
    rows = sealed.ledger["activities"]
    return {
        "notes": {activity: current.notes(activity, parts, rows) for activity in current.SHOWN},
        "test": test,
        "slices": list(measured.slices(test["matrix"])) if test else [],
        "tried": tried[: measured.MOST_FINDINGS],
        "tried_left_out": len(tried[measured.MOST_FINDINGS :]),
        "review": review,
        "rules": rules,
        "rules_left_out": rules_left_out,
        "proof": proof,
        "proven": measured.proven(proof["checks"]) if proof else [],
        "wrong_cases": [one for one in proof["cases"] if one["outcome"] not in measured.HARMLESS] if proof else [],
    }


def context(sealed: SealedBundle) -> Mapping[str, Any]:
    """What the templates may print."""
    drawn = list(pictures.pictures(sealed.pictures))
    changed, changed_left_out = changes.changes(sealed.delta)
    return {
        "sealed": sealed,
        "run": sealed.run,
        "chapters": _chapters(sealed),
        "layout": _layout(sealed, drawn),
        "pictures": drawn,
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
    made: str = _environment().get_template("page.html.j2").render(context(sealed))
    return made
