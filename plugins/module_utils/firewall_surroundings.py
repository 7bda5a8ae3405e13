# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What decides beside the declared rules on this host: other firewalls, and the distribution's unit."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _firewalls,
    _nft_closed,
    _nft_others,
    _nft_verbs,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

#: Where each role says what nftables.service runs.
DROP_INS = "/etc/systemd/system/nftables.service.d"

_BESIDE = (
    "Another firewall decides beside the declared rules: {what}. What it drops stays closed although a rule opens it,"
    " what it accepts stays closed where no rule does, and what it diverts reaches the rules changed or never. Take it"
    " off, or list its table in firewall_other_tables with the reason"
)
_BOOTS = "Another firewall is loaded at boot beside the declared rules: {what}. Take it off, or disable it"


def warnings(host: Host, accepted: Collection[tuple[str, str]]) -> list[str]:
    """The other firewalls of this host, one sentence each."""
    try:
        beside, boots = _firewalls.running(host, accepted), _firewalls.booting(host, accepted)
    except NotObservable as error:
        return [f"Whether there is another firewall on this host could not be seen: {error}"]
    return [_BESIDE.format(what=what) for what in beside] + [_BOOTS.format(what=what) for what in boots]


def without_effect(
    host: Host, inbound: Iterable[Mapping[str, Any]], accepted: Collection[tuple[str, str]]
) -> list[str]:
    """The declared inbound rules that a table of others takes away for certain, one text each.

    inbound: ``name``, ``protocol``, ``ports`` (inclusive ranges) and ``versions`` (of IP) of each rule.
    """
    try:
        listing = _firewalls.ruleset(host)
    except NotObservable:
        return []  # the warnings say so
    texts: dict[tuple[str, str, int], str] = {}
    for table in _nft_others.contents(listing):
        texts.update(_texts(host, table))
    found = []
    for rule in inbound:
        for port, version in ((low, version) for low, _high in rule["ports"] for version in rule["versions"]):
            connection = _nft_closed.Connection(rule["protocol"], port, version)
            chain = _nft_closed.dropped_by(listing, connection, accepted, texts)
            if chain:
                found.append(f"{rule['name']} ({rule['protocol']} {port}, IPv{version}) is dropped by {chain}")
                break
    return found


def _texts(host: Host, table: _nft_others.Content) -> dict[tuple[str, str, int], str]:
    """The rules of a table of iptables as text, the only form in which nft shows their matches."""
    rules = [rule for chain in table.rules.values() for rule in chain]
    if not any(key == "xt" for rule in rules for key, _value in _nft_others.pairs(rule["expr"])):
        return {}
    shown = host.run("nft", "-a", "list", "table", table.family, table.name).stdout
    found = re.findall(r"^\s*(.*) # handle ([0-9]+)$", shown, re.MULTILINE)
    return {(table.family, table.name, int(handle)): text for text, handle in found}


def unit_warnings(host: Host, place: tuple[str, str, str], drop_in: str) -> list[str]:
    """What is wrong with the distribution's unit for the table ``place`` (family, table, path), one sentence each.

    drop_in: the role's own file in DROP_INS; where it is not there yet, there is nothing to say.
    """
    path = os.path.join(DROP_INS, drop_in)
    if not os.path.exists(path) or not os.path.exists(place[2]):
        return []
    try:
        lost = _nft_verbs.lost_by(host, *place)
        said = [
            f"nftables.service takes the rules out of force, whatever {path} says: {one}. Another drop-in of it wins,"
            " or its file is not what it was"
            for one in lost
        ]
        return said + [
            f"{other} says what nftables.service runs, and {path} wins: it loads /etc/nftables.conf and our tables."
            " Include there what else is to be loaded"
            for other in _nft_verbs.replaced(host, path)
        ]
    except (NotObservable, ValueError):
        return []  # the audit says so
