# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a bundle as one PDF to file, to sign and to print."""

from __future__ import annotations

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports.pdf import document, page
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``report.pdf``; MissingLibrary when WeasyPrint or what it needs is not there."""
    return {"report.pdf": document.render(page.html(sealed), sealed.manifest_sha256)}
