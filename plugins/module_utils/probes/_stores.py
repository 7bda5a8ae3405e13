# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles keep on this host, by the stores of originals."""

from __future__ import annotations

import json

from .base import Host

_STORES = "/var/lib/ringfence/originals"


def kept(host: Host, managed_by: str | None = None) -> set[str]:
    """The paths that one or any role keeps whole. One that a role does not want differs for that role's own steps."""
    found: set[str] = set()
    for name in [managed_by] if managed_by else host.listdir(_STORES):
        text = host.read(f"{_STORES}/{name}/index.json")
        if text is not None:
            found |= {path for path, entry in json.loads(text)["paths"].items() if not entry.get("block")}
    return found
