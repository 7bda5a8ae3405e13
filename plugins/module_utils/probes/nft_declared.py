# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``nft_declared``: whether the kernel runs the rules that a ruleset file holds.

Parameters: ``family``, ``table``, ``path``. Observes ``match`` (same chains, sets and rules in the same order; policies
and counts are not compared), ``unexpected`` and ``missing`` (labels of up to ten rules or objects each).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _nft
from ._nft_listing import declared, running
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Compare the running table with the file."""
    family, table, path = (str(params[key]) for key in ("family", "table", "path"))
    source = f"nft list table {family} {table}, {path}"
    kernel, file = running(host, family, table), declared(host, path, family, table)
    if kernel is None or file is None:
        return Observation(
            {
                "match": False,
                "unexpected": [] if kernel is None else [f"table {family} {table}"],
                "missing": [] if file is None else [f"table {family} {table}"],
            },
            source,
        )
    return Observation(_nft.compared(kernel, file), source)
