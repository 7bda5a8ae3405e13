# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both OSCAL documents have in common: ids that are the same in every export, metadata, the standard they name."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

OSCAL_VERSION = "1.2.1"
#: Of names that are ours; a UUID of version 5 below it stands for the same thing in every document.
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:ringfence:callcenter:oscal")
NOTICE = (
    "Evidence supports a requirement or does not support it; an assessor decides. OSCAL has the words satisfied and "
    "not-satisfied only: satisfied means here that all evidence collected supports the requirement's technical part. "
    "Not affiliated with PCI Security Standards Council, LLC."
)
STANDARD = "standard"


def identity(*parts: str) -> str:
    """The UUID of a thing by its name."""
    return str(uuid.uuid5(_SPACE, "\n".join(parts)))


def control_id(requirement: str) -> str:
    """A PCI DSS id as an OSCAL token, which must not begin with a digit: ``pci-dss-1.2.1``."""
    return f"pci-dss-{requirement.lower()}"


def prop(name: str, value: Any) -> dict[str, str]:
    """A property of ours."""
    return {"name": name, "ns": "urn:ringfence:callcenter", "value": str(value)}


def metadata(sealed: SealedBundle, title: str) -> dict[str, Any]:
    """A document's metadata; its time is the end of the audit, so that the same bundle gives the same document."""
    return {
        "title": title,
        "last-modified": sealed.run["finished_at"],
        "version": str(sealed.run["collection"]["version"]),
        "oscal-version": OSCAL_VERSION,
        "props": [prop("run", sealed.name), prop("manifest-sha256", sealed.manifest_sha256)],
        "remarks": NOTICE,
    }


def standard(sealed: SealedBundle) -> dict[str, Any]:
    """The back matter's entry for the standard, which is nobody's to copy: its ids, and our paraphrases of them."""
    return {
        "uuid": identity(STANDARD, sealed.run["standard"]),
        "title": sealed.run["standard"],
        "description": "The ids of this standard as ringfence.callcenter's catalogue has them.",
        "citation": {"text": f"{sealed.run['standard']}, PCI Security Standards Council, LLC"},
        "props": [prop(control_id(str(row["id"])), row["title"]) for row in sealed.requirements],
    }


def document(kind: str, content: dict[str, Any]) -> bytes:
    """The document as canonical JSON."""
    return canonical.dumps({kind: content})
