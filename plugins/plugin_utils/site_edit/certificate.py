# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of an offboarding: what left the model, what is kept until when, what must be erased where.

It certifies what happened: that the site model no longer has the client. It certifies no erasure, for nothing here
erases anything; whoever does signs for it on the page.
"""

from __future__ import annotations

import glob
import json
import os
import re
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical

from .offboard import OffboardingResult

SCHEMA = "ringfence-offboarding/1"
NOT_ERASED = (
    "Nothing has been erased by this run. It changed the site model only. The site playbook then closes the client's "
    "segment; data is erased by people, who sign below."
)


def record(done: OffboardingResult, *, before: str, file: str, moment: str, by: str) -> dict[str, Any]:
    """The record as data."""
    return {
        "schema": SCHEMA,
        "site": {"name": done.site.name, "title": done.site.title},
        "client": {"name": done.client.name, "title": done.client.title},
        "at": moment,
        "by": by,
        "model": {
            "file": file,
            "sha256_before": canonical.sha256(before.encode("utf-8")),
            "sha256_after": canonical.sha256(done.text.encode("utf-8")),
        },
        "removed": [{**part, "sha256": canonical.sha256(canonical.dumps(part["content"]))} for part in done.removed],
        "changed": done.changed_parts,
        "kept": done.kept,
        "must_be_erased": [{**entry, "erased": False} for entry in done.erase],
        "note": NOT_ERASED,
    }


def as_text(found: dict[str, Any], digest: str) -> str:
    """The record for people; ``digest`` is the hash of its JSON file."""
    title = f"Offboarding of {found['client']['title']} ({found['client']['name']}) from {found['site']['title']}"
    lines = [title, "=" * len(title), "", f"When: {found['at']}", f"Who:  {found['by']}", "", found["note"], ""]
    lines += ["Removed from the site model", "---------------------------"]
    lines += [f"- {part['what']}  (sha256 {part['sha256'][:16]}…)" for part in found["removed"]]
    lines += [f"- {part['lost']} from {part['what']} ({part['from']})" for part in found["changed"]]
    lines += ["", f"Model {found['model']['file']}", f"  before  sha256 {found['model']['sha256_before']}"]
    lines += [f"  after   sha256 {found['model']['sha256_after']}", ""]
    lines += ["Kept, because retention demands it", "----------------------------------"]
    lines += [
        f"- until {entry['until']} ({entry['days']} days): {entry['what']}, {entry['where']}. {entry['reason']}"
        for entry in found["kept"]
    ] or ["- nothing: the model demands no retention for this client"]
    lines += ["", "Must be erased", "--------------"]
    for entry in found["must_be_erased"]:
        lines += [
            f"- from {entry['from']}: {entry['what']}, {entry['where']}",
            "    erased on ______________  how ______________________________  by ____________________",
        ]
    return "\n".join([*lines, "", f"sha256 of the record as JSON: {digest}", ""])


def last_of(folder: str, site: str, client: str) -> tuple[str, dict[str, Any]] | None:
    """The newest record of a client's offboarding from a site and its path; None when the client never was let go."""
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), f"{glob.escape(client)}-*.json")), reverse=True):
        if not re.fullmatch(rf"{re.escape(client)}-\d{{8}}T\d{{6}}Z\.json", os.path.basename(path), re.ASCII):
            continue
        with open(path, "rb") as stream:
            content = stream.read()
        try:
            found = json.loads(content)
        except ValueError:
            continue
        if (
            isinstance(found, dict)
            and found.get("schema") == SCHEMA
            and _named(found, "site") == site
            and _named(found, "client") == client
        ):
            return path, found
    return None


def _named(found: dict[str, Any], part: str) -> Any:
    about = found.get(part)
    return about.get("name") if isinstance(about, dict) else None
