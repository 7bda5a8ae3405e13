# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``vlan_sources``: whether sources are bound to the interfaces of their segments.

Parameters: ``bindings`` and ``untagged`` (see ``_vlan_sources``), ``part`` (``sources``, ``advertisements`` or
``untagged``: which rules are looked at) and ``path`` (a ruleset; without it the kernel is asked). Observes ``match``,
and the labels of up to ten ``unexpected`` and ``missing`` rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _nft, _vlan_sources
from ._nft_listing import declared, running
from .base import Host, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Compare the table with the one that the bindings make on this host."""
    family, table, part = _vlan_sources.FAMILY, _vlan_sources.TABLE, str(params["part"])
    path = params.get("path")
    source = str(path) if path else f"nft list table {family} {table}"
    shown = host.run("ip", "-j", "address", "show")
    bindings, wrong = _vlan_sources.resolved(params["bindings"], shown.stdout)
    if wrong:
        return Observation({"match": False, "unexpected": [], "missing": wrong[:10]}, "ip address show")
    text = _vlan_sources.render(bindings, params.get("untagged") or [])
    done = host.run(*_nft.scratch_argv(family, table), stdin=text, needs_root=True)
    if done.rc:
        raise NotObservable(f"the table cannot be made for a comparison: {done.stderr.strip()}")
    listing = declared(host, str(path), family, table) if path else running(host, family, table)
    have = [] if listing is None else [line for line in _nft.canonical(listing) if _vlan_sources.part_of(line) == part]
    want = [line for line in _nft.canonical(done.stdout) if _vlan_sources.part_of(line) == part]
    return Observation(
        {
            "match": have == want,
            "unexpected": [_nft.label(line) for line in have if line not in want][:10],
            "missing": [_nft.label(line) for line in want if line not in have][:10],
        },
        source,
    )
