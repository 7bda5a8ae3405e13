# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``packet_bypasses``: what takes packets past the rules of nftables, or draws them here from where they belong.

No parameters. Observes ``filters``, each ``INTERFACE: ACTION``: filters of traffic control that hand packets to another
interface, rewrite them or give them to a program (tc-mirred(8), tc-pedit(8), tc-nat(8), tc-bpf(8)), before or after the
rules see them; ``programs``, the interfaces with a program of XDP, which has a packet before everybody else; and
``proxied``, addresses of others that this host answers for (neighbours of type proxy, ``proxy_arp`` and ``proxy_ndp``).
Queues that only order, delay or limit packets are none of it, nor are copies for an ``ifb``, which shaping needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .base import Host, NotObservable, Observation

#: The queueing disciplines to which filters can be attached that see more than the one flow they order.
_WITH_FILTERS = ("clsact", "drr", "dsmark", "ets", "hfsc", "htb", "ingress", "multiq", "prio", "qfq")
_ACTION = re.compile(
    r"\bmirred \((?:Egress|Ingress) (?:Redirect|Mirror) to device (?P<device>\S+?)\)|"
    r"\b(?:action order \d+:\s*)(?P<action>pedit|nat|bpf|skbmod|tunnel_key|vlan|mpls|ct)\b|"
    r"\b(?P<direct>direct-action)\b"
)
_PROXIES = {"ipv4": "proxy_arp", "ipv6": "proxy_ndp"}


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the kernel, by the programs of iproute2."""
    del params
    links = json.loads(_asked(host, "ip", "-j", "-d", "link", "show") or "[]")
    kinds = {str(one["ifname"]): str(one.get("linkinfo", {}).get("info_kind", "")) for one in links}
    programs = [str(one["ifname"]) for one in links if one.get("xdp")]
    value = {
        "filters": sorted(set(_filters(host, kinds))),
        "programs": sorted(programs),
        "proxied": sorted({*_neighbours(host), *_answered(host)}),
    }
    return Observation(value, "tc filter show, ip link show, ip neighbour show proxy, /proc/sys/net")


def _asked(host: Host, *argv: str) -> str:
    done = host.run(*argv, needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"{' '.join(argv)}: {done.stderr.strip() or done.rc}")
    return done.stdout


def _filters(host: Host, kinds: Mapping[str, str]) -> Iterator[str]:
    """The filters that do more than to sort packets into queues."""
    for line in _asked(host, "tc", "qdisc", "show").splitlines():
        match = re.match(r"qdisc (?P<kind>\S+) (?P<handle>\S+) dev (?P<device>\S+)", line)
        if not match or match["kind"] not in _WITH_FILTERS:
            continue
        sides = {"clsact": (("ingress",), ("egress",)), "ingress": (("ingress",),)}.get(
            match["kind"], (("parent", match["handle"]),)
        )
        for side in sides:
            text = _asked(host, "tc", "filter", "show", "dev", match["device"], *side)
            for found in _ACTION.finditer(text):
                if kinds.get(found["device"] or "") != "ifb":
                    yield f"{match['device']}: {found['action'] or found['direct'] or found[0]}"


def _neighbours(host: Host) -> Iterator[str]:
    for family in ("-4", "-6"):
        for one in json.loads(_asked(host, "ip", "-j", family, "neighbour", "show", "proxy") or "[]"):
            yield f"{one.get('dev', 'all')}: {one['dst']}"


def _answered(host: Host) -> Iterator[str]:
    """The interfaces that answer for whatever this host has a route to."""
    for family, setting in _PROXIES.items():
        folder = f"/proc/sys/net/{family}/conf"
        for name in host.listdir(folder):
            if name != "default" and (host.read(f"{folder}/{name}/{setting}") or "0").strip() not in ("", "0"):
                yield f"{name}: {setting}"
