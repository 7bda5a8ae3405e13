# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Source addresses bound to the interfaces of segments, as the text of an nftables table.

Shared by the module that loads it and by the probe that looks whether it runs. A binding is a mapping with ``name`` (of
the segment), ``interface`` (empty: the one that carries one of ``addresses`` on this host), ``addresses`` (its own
there, with their prefix lengths), ``subnets``, ``dhcp`` (whether hosts there may ask for an address) and ``transit``
(another gateway is there, so any source may come but those that are bound to other interfaces).

The kernel puts a table in another's place while packets are on their way through both: such a packet may meet a base
chain whose rules are not in force yet or no longer, and a map whose members are gone. So nothing passes unless a rule
accepts it, and what the map should have found is dropped after it.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FAMILY, TABLE = "inet", "ringfence_vlans"
#: The names of interfaces of the segmentation test begin so: they speak for a segment that has no host, and are let
#: pass by their name, which only root can give.
PROBING = "rfseg"

_HEADER = f"""\
# Written by the role ringfence.callcenter.client_vlans: its next run undoes what is changed here.
# Loads in one transaction and touches no other table.
table {FAMILY} {TABLE}
delete table {FAMILY} {TABLE}
table {FAMILY} {TABLE} {{
"""
# A host that has no address yet may look whether one is taken, join groups, and ask for a router.
_UNSPECIFIED = (
    "ip6 saddr :: icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report, nd-router-solicit, "
    "nd-neighbor-solicit } accept"
)


def carriers(shown: str) -> dict[str, str]:
    """From ``ip -j address show``: address -> the interface that carries it."""
    return {
        str(item["local"]): str(link.get("ifname"))
        for link in json.loads(shown or "[]")
        for item in link.get("addr_info", ())
        if "local" in item
    }


def resolved(bindings: Sequence[Mapping[str, Any]], shown: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The bindings with the interface of each, and what is wrong with those whose interface is not to be found."""
    by_address = carriers(shown)
    found, wrong = [], []
    for binding in bindings:
        interface = str(binding.get("interface") or "")
        if not interface:
            own = [str(ipaddress.ip_interface(text).ip) for text in binding["addresses"]]
            names = sorted({by_address[address] for address in own if address in by_address})
            if len(names) != 1:
                what = "no interface carries" if not names else f"{' and '.join(names)} share"
                wrong.append(f"{binding['name']}: {what} {', '.join(own)}")
                continue
            interface = names[0]
        found.append({**binding, "interface": interface})
    taken: dict[str, str] = {}
    for binding in found:
        other = taken.setdefault(binding["interface"], binding["name"])
        if other != binding["name"]:
            wrong.append(f"{binding['name']}: its interface {binding['interface']} is that of {other} already")
    return found, wrong


def chain_of(name: str) -> str:
    """The chain that judges the sources of a segment."""
    return "from_" + name.replace("-", "_")


def _set(texts: Iterable[str]) -> str:
    return "{ " + ", ".join(texts) + " }"


def _quoted(names: Iterable[str]) -> str:
    return _set(f'"{name}"' for name in names)


def _networks(texts: Iterable[str], version: int) -> list[str]:
    mine: Any = [network for network in map(ipaddress.ip_network, texts) if network.version == version]
    return [
        str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
        for network in sorted(ipaddress.collapse_addresses(mine))
    ]


def _from(networks: Iterable[str], verdict: str) -> list[str]:
    """A rule for each IP version that has networks."""
    lines = []
    for version, selector in ((4, "ip saddr"), (6, "ip6 saddr")):
        mine = _networks(networks, version)
        if mine:
            lines.append(f"{selector} {_set(mine)} {verdict}")
    return lines


def _drop(comment: str) -> str:
    return f'counter drop comment "{comment}"'


def _chain(binding: Mapping[str, Any], others: Sequence[str]) -> list[str]:
    name = binding["name"]
    own = [str(ipaddress.ip_interface(text).ip) for text in binding["addresses"]]
    lines = [
        "icmpv6 type nd-router-advert " + _drop(f"{name} router advertisement"),
        *_from(own, _drop(f"{name} our own address")),
    ]
    if binding.get("transit"):
        return [*lines, *_from(others, _drop(f"{name} bound elsewhere")), "accept"]
    if binding.get("dhcp"):
        lines.append("ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept")
    lines += _from([*binding["subnets"], "fe80::/10"], "accept")
    return [*lines, _UNSPECIFIED, _drop(f"{name} foreign source")]


def render(bindings: Sequence[Mapping[str, Any]], untagged: Sequence[str]) -> str:
    """The table of bindings whose interfaces are known; ``untagged`` ports carry tagged frames only."""
    bound = {binding["name"]: list(binding["subnets"]) for binding in bindings if not binding.get("transit")}
    every = [subnet for subnets in bound.values() for subnet in subnets]
    lines = ["type filter hook prerouting priority raw; policy drop;", 'iifname "lo" accept']
    if untagged:
        lines.append(f"iifname {_quoted(untagged)} {_drop('untagged')}")
    if bindings:
        jumps = (f'"{binding["interface"]}" : jump {chain_of(binding["name"])}' for binding in bindings)
        lines.append(f"iifname vmap {_set(jumps)}")
        lines.append(f'iifname "{PROBING}*" accept comment "segmentation test"')
        bound_interfaces = _quoted(binding["interface"] for binding in bindings)
        lines.append(f"iifname {bound_interfaces} {_drop('between two tables')}")
        lines += _from(every, _drop("bound to a segment"))
    lines.append("accept")
    chains = [("prerouting", lines)]
    for binding in bindings:
        others = [subnet for subnet in every if subnet not in bound.get(binding["name"], ())]
        chains.append((chain_of(binding["name"]), _chain(binding, others)))
    # What jumps comes after what it jumps to.
    texts = [
        "\n".join([f"\tchain {name} {{", *(f"\t\t{line}" for line in lines), "\t}"]) for name, lines in chains[::-1]
    ]
    return _HEADER + "\n\n".join(texts) + "\n}\n"


def part_of(line: str) -> str:
    """What a line of ``_nft.canonical`` is there for: ``advertisements``, ``untagged`` or ``sources``."""
    if '"comment": "untagged"' in line:
        return "untagged"
    return "advertisements" if 'router advertisement"' in line else "sources"
