# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``nft_chain``: a base chain as the kernel runs it, or as a ruleset file would make it.

Parameters: ``family``, ``table``, ``chain``, and ``path`` (a ruleset; without it the kernel is asked). Observes
``exists``, ``type``, ``hook``, ``priority`` and ``policy`` (null for what a chain that is no base chain lacks).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _nft
from ._nft_listing import declared, running
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look at one chain."""
    family, table, chain = (str(params[key]) for key in ("family", "table", "chain"))
    path = params.get("path")
    listing = running(host, family, table) if path is None else declared(host, str(path), family, table)
    source = f"nft list chain {family} {table} {chain}" if path is None else str(path)
    found = None if listing is None else _nft.chains(listing).get(chain)
    if found is None:
        return Observation({"exists": False}, source)
    return Observation(
        {
            "exists": True,
            "type": found["type"],
            "hook": found["hook"],
            "priority": found["prio"],
            "policy": found["policy"],
        },
        source,
    )
