# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firewall rules as the text of an nftables table: the same rules always give the same text.

The table has three base chains whose policy drops, and whose last rule does so as well: a packet that no rule accepts
is logged (rate-limited), counted and dropped, silently. When a table takes the place of another in one transaction, the
kernel has the new rules in force from the first moment, but a policy that drops only some microseconds after the old
chain is gone.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.nft_rules import Network, Rule

FAMILY, TABLE = "inet", "ringfence"
#: Direction of a rule -> base chain, which is also the name of the hook.
CHAINS = {"inbound": "input", "forward": "forward", "outbound": "output"}
LOG_RATE = re.compile(r"[1-9][0-9]{0,5}/(second|minute|hour|day)")

_HEADER = """\
# Written by the role ringfence.callcenter.firewall: its next run undoes what is changed here.
# Loads in one transaction and touches no other table.
table {family} {table}
delete table {family} {table}
table {family} {table} {{
"""

OWNER = "ringfence.callcenter.firewall"


@dataclass(frozen=True)
class _Own:
    """A rule of the role itself. Its name has a space, which the name of a declared rule never has."""

    name: str
    reason: str
    statement: str

    def lines(self, direction: str) -> list[str]:
        record = {"name": self.name, "direction": direction, "reason": self.reason, "owner": OWNER}
        return [_comment(record), f'{self.statement} comment "{self.name}"']


_CONNECTIONS = (
    _Own(
        "ringfence connections",
        "What belongs to a permitted connection, ICMP errors and path MTU discovery among it",
        "ct state { established, related } accept",
    ),
    _Own("ringfence invalid", "What pretends to belong to a connection and does not", "ct state invalid counter drop"),
)
# Neighbour discovery is link-local by RFC 4861: a packet that crossed a router has lost its hop limit of 255.
_DISCOVERY = "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert }"
_NEIGHBOURS = _Own(
    "ringfence neighbours",
    "IPv6 finds neighbours and routers, on this link only",
    f"{_DISCOVERY} ip6 hoplimit 255 accept",
)
_MULTICAST = "icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report }"
_GROUPS = "IPv6 keeps its multicast groups, which neighbour discovery needs"
_LOOPBACK = "The host talks to itself"
# DHCP version 4 needs no way in: leases arrive on packet sockets, renewals as replies.
_LEASE = "The host keeps its addresses from DHCP"

_LINK = {
    "inbound": (
        _Own("ringfence loopback", _LOOPBACK, 'iif "lo" accept'),
        *_CONNECTIONS,
        _NEIGHBOURS,
        _Own("ringfence multicast", _GROUPS, f"{_MULTICAST} ip6 saddr fe80::/10 ip6 hoplimit 1 accept"),
    ),
    "forward": _CONNECTIONS,
    "outbound": (
        _Own("ringfence loopback", _LOOPBACK, 'oif "lo" accept'),
        *_CONNECTIONS,
        _NEIGHBOURS,
        _Own("ringfence multicast", _GROUPS, f"{_MULTICAST} ip6 hoplimit 1 accept"),
    ),
}
_DHCP_CLIENT = {
    "inbound": (_Own("ringfence dhcpv6", _LEASE, "ip6 saddr fe80::/10 udp sport 547 udp dport 546 counter accept"),),
    "forward": (),
    "outbound": (
        _Own("ringfence dhcp", _LEASE, "meta nfproto ipv4 udp sport 68 udp dport 67 counter accept"),
        _Own("ringfence dhcpv6", _LEASE, "ip6 daddr ff02::1:2 udp sport 546 udp dport 547 counter accept"),
    ),
}
_DROPPED = _Own("ringfence dropped", "Drops and counts what no rule accepts", "counter drop")
_PROTOCOL = {
    "icmp": "icmp type echo-request",
    "icmpv6": "icmpv6 type echo-request",
    "esp": "meta l4proto esp",
    "ah": "meta l4proto ah",
    "any": "",
}


@dataclass(frozen=True)
class Options:
    """What is in the table beside the rules. ``log_rate``: ``N/second|minute|hour|day``, for each chain."""

    log: bool = True
    log_rate: str = "10/minute"
    log_burst: int = 20
    dhcp_client: bool = True

    def errors(self) -> list[str]:
        """What is wrong with them, one sentence each."""
        wrong = []
        if not LOG_RATE.fullmatch(self.log_rate):
            wrong.append(f"log_rate: {self.log_rate!r} is not a rate; valid: 10/second, 10/minute, 10/hour, 10/day")
        if not 1 <= self.log_burst <= 100000:
            wrong.append(f"log_burst: {self.log_burst} is out of range; valid: 1 to 100000")
        return wrong


def _set(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else "{ " + ", ".join(items) + " }"


def _text(network: Network) -> str:
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)


def _collapsed(networks: Iterable[Network], version: int) -> list[Network]:
    # Anonymous sets refuse overlapping intervals, so neighbours and nested networks become one.
    mine: Any = [network for network in networks if network.version == version]
    return sorted(ipaddress.collapse_addresses(mine))


def _addresses(field: str, wanted: Iterable[Network], excepted: Iterable[Network], version: int) -> list[str]:
    selector = f"{'ip' if version == 4 else 'ip6'} {field}"
    matches = []
    networks = _collapsed(wanted, version)
    if networks and networks[0].prefixlen > 0:
        matches.append(f"{selector} {_set([_text(network) for network in networks])}")
    exceptions = _collapsed(excepted, version)
    if exceptions:
        matches.append(f"{selector} != {_set([_text(network) for network in exceptions])}")
    return matches


def _ports(ranges: Iterable[tuple[int, int]]) -> str:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return _set([str(low) if low == high else f"{low}-{high}" for low, high in merged])


def statements(rule: Rule) -> list[str]:
    """The rule as one nftables statement for each family it needs, or one for both."""
    protocol = _PROTOCOL.get(rule.protocol) or (
        f"{rule.protocol} dport {_ports(rule.ports)}" if rule.ports else _PROTOCOL[rule.protocol]
    )
    end = f'counter accept comment "{rule.name}"'
    by_family = {}
    for version in rule.families:
        by_family[version] = [
            *_addresses("saddr", rule.source, rule.source_except, version),
            *_addresses("daddr", rule.destination, rule.destination_except, version),
        ]
    if len(by_family) == 2 and not any(by_family.values()):
        return [" ".join(part for part in (protocol, end) if part)]
    lines = []
    for version, matches in by_family.items():
        family = [] if matches or rule.protocol in ("icmp", "icmpv6") else [f"meta nfproto ipv{version}"]
        lines.append(" ".join(part for part in (*family, *matches, protocol, end) if part))
    return lines


def _comment(record: dict[str, str]) -> str:
    """What a rule is for, as one line that people and :mod:`.probes._nft_records` read."""
    text = json.dumps(record, ensure_ascii=False)
    return "# " + "".join(character if character.isprintable() else "?" for character in text)


def _about(rule: Rule) -> str:
    # The review date comes last: probes/_nft_records.py tells what differs in dates only by that.
    keys = ("name", "direction", "reason", "owner", "change", "mitigation", "review_by")
    return _comment({key: value for key in keys if (value := getattr(rule, key))})


def _chain(direction: str, rules: Iterable[Rule], options: Options) -> list[str]:
    chain = CHAINS[direction]
    lines = [f"type filter hook {chain} priority filter; policy drop;"]
    for own in (*_LINK[direction], *(_DHCP_CLIENT[direction] if options.dhcp_client else ())):
        lines += own.lines(direction)
    for rule in rules:
        if rule.direction == direction:
            lines += [_about(rule), *statements(rule)]
    if options.log:
        limit = f"limit rate {options.log_rate} burst {options.log_burst} packets"
        statement = f'{limit} log prefix "ringfence {chain} drop: " level info'
        lines += _Own("ringfence log", "Logs what no rule accepts, rate-limited", statement).lines(direction)
    lines += _DROPPED.lines(direction)
    return [f"\tchain {chain} {{", *(f"\t\t{line}" for line in lines), "\t}"]


def render(rules: Sequence[Rule], options: Options | None = None) -> str:
    """The whole table as text for ``nft -f``."""
    options = options or Options()
    chains = ["\n".join(_chain(direction, rules, options)) for direction in CHAINS]
    return _HEADER.format(family=FAMILY, table=TABLE) + "\n\n".join(chains) + "\n}\n"
