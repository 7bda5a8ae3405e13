# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``packet_bypasses``: what takes packets past the rules of nftables, or draws them here from where they belong.

No parameters. Observes ``filters``, each ``INTERFACE: ACTION``: filters of traffic control that hand packets to another
interface, rewrite them or give them to a program (tc-mirred(8), tc-pedit(8), tc-nat(8), tc-bpf(8)), before or after the
rules see them; ``programs``, each ``INTERFACE: KIND``, of XDP, which has a packet before everybody else, or of tcx;
and ``proxied``, addresses of others that this host answers for (neighbours of type proxy, ``proxy_arp``,
``proxy_arp_pvlan`` and ``proxy_ndp``). What only orders, delays, limits or drops packets is none of it, nor is handing
them to an ``ifb``, which shaping needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import _tcx
from .base import Host, NotObservable, Observation

#: The sides of the queueing disciplines that only filters are attached to.
_SIDES = {"clsact": ("ingress", "egress"), "ingress": ("ingress",)}
_ACTION = re.compile(
    r"^filter .*\bpref \d+ (?P<program>bpf)\b|"
    r"\bmirred \((?P<handed>[^)]*?(?: to device (?P<device>[^\s)]+))?)\)|"
    r"\baction order \d+:\s*(?P<action>pedit|nat|bpf|skbmod|tunnel_key|vlan|mpls|ct)\b",
    re.MULTILINE,
)
_PROXIES = {"ipv4": ("proxy_arp", "proxy_arp_pvlan"), "ipv6": ("proxy_ndp",)}


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask the kernel, by the programs of iproute2."""
    del params
    links = json.loads(_asked(host, "ip", "-j", "-d", "link", "show") or "[]")
    kinds = {str(one["ifname"]): str(one.get("linkinfo", {}).get("info_kind", "")) for one in links}
    value = {
        "filters": sorted(set(_filters(host, kinds))),
        "programs": sorted(_programs(host, links)),
        "proxied": sorted({*_neighbours(host), *_answered(host)}),
    }
    return Observation(value, "tc filter show, ip link show, ip neighbour show proxy, bpf(2), /proc/sys/net")


def _asked(host: Host, *argv: str) -> str:
    done = host.run(*argv, needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"{' '.join(argv)}: {done.stderr.strip() or done.rc}")
    return done.stdout


def _programs(host: Host, links: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in links:
        if one.get("xdp"):
            yield f"{one['ifname']}: XDP"
        try:
            yield from (f"{one['ifname']}: tcx {side}" for side in _tcx.attached(int(one["ifindex"])))
        except PermissionError as error:
            # Who may not ask there may attach nothing there either.
            if not host.in_container:
                raise NotObservable(f"bpf(2): {error.strerror}") from error


def _places(host: Host) -> Iterator[tuple[str, ...]]:
    """Where filters can be: each as ``tc filter show dev`` takes it."""
    for line in _asked(host, "tc", "qdisc", "show").splitlines():
        match = re.match(r"qdisc (?P<kind>\S+) (?P<handle>\S+) dev (?P<device>\S+)", line)
        if match and match["kind"] in _SIDES:
            yield from ((match["device"], side) for side in _SIDES[match["kind"]])
        elif match and match["handle"] != "0:":
            # One without a number has no filters. Classes have lists of their own.
            yield match["device"], "parent", match["handle"]
            for one in _asked(host, "tc", "class", "show", "dev", match["device"]).splitlines():
                if each := re.match(r"class \S+ (?P<handle>\S+:\S+)", one):
                    yield match["device"], "parent", each["handle"]


def _filters(host: Host, kinds: Mapping[str, str]) -> Iterator[str]:
    """The filters that do more than to sort, limit or drop packets."""
    for device, *side in dict.fromkeys(_places(host)):
        for found in _ACTION.finditer(_asked(host, "tc", "filter", "show", "dev", device, *side)):
            if kinds.get(found["device"] or "") != "ifb":
                yield f"{device}: {found['action'] or found['program'] or found['handed']}"


def _neighbours(host: Host) -> Iterator[str]:
    for family in ("-4", "-6"):
        for one in json.loads(_asked(host, "ip", "-j", family, "neighbour", "show", "proxy") or "[]"):
            yield f"{one.get('dev', 'all')}: {one['dst']}"


def _answered(host: Host) -> Iterator[str]:
    """The interfaces that answer for whatever this host has a route to."""
    for family, settings in _PROXIES.items():
        folder = f"/proc/sys/net/{family}/conf"
        for name in host.listdir(folder):
            for setting in settings if name != "default" else ():
                if (host.read(f"{folder}/{name}/{setting}") or "0").strip() not in ("", "0"):
                    yield f"{name}: {setting}"
