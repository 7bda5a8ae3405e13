# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``unbound_access``: who may ask unbound, by all of its configuration files together.

No parameters. Observes ``allowed`` (the subnets that get answers, sorted; with another word than allow: "SUBNET WORD")
and ``views`` ("SUBNET VIEW", sorted).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from .base import Host, NotObservable, Observation

_NO = ("refuse", "deny")


def _plain(network: str) -> str:
    """A subnet as one would write it."""
    try:
        return str(ipaddress.ip_network(network, strict=False))
    except ValueError:
        return network


def _option(host: Host, name: str) -> list[tuple[str, str]]:
    done = host.run("unbound-checkconf", "-o", name, needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"unbound-checkconf -o {name}: {(done.stderr or done.stdout).strip()}")
    pairs = (line.split() for line in done.stdout.splitlines())
    return [(_plain(pair[0]), pair[1]) for pair in pairs if len(pair) == 2]


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask unbound's own checker what its files say."""
    del params  # there are none
    access = _option(host, "access-control")
    allowed = [network if word == "allow" else f"{network} {word}" for network, word in access if word not in _NO]
    views = [f"{network} {view}" for network, view in _option(host, "access-control-view")]
    return Observation({"allowed": sorted(allowed), "views": sorted(views)}, "unbound-checkconf")
