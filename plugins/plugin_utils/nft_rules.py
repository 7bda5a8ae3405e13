# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firewall rules as people write them, read and checked: every error of every list at once.

A rule is a mapping with the keys of :data:`KEYS`; ``parse`` turns lists of them into :class:`Rule`.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.risky_services import demand

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

DIRECTIONS = ("inbound", "outbound", "forward")
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "esp", "ah", "any")
PORT_PROTOCOLS = ("tcp", "udp")
ADDRESS_KEYS = ("source", "source_except", "destination", "destination_except")
TEXT_KEYS = ("reason", "owner", "change", "mitigation")
KEYS = ("name", "direction", *ADDRESS_KEYS, "protocol", "ports", *TEXT_KEYS, "review_by")
REQUIRED = ("name", "direction", "protocol", "reason", "owner")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


class RulesError(Exception):
    """Rules that cannot be used. ``errors``: one sentence each, all that were found."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Rule:
    """One permission. Empty addresses: any. ``ports``: inclusive ranges. ``families``: (4,), (6,) or (4, 6)."""

    name: str
    direction: str
    protocol: str
    reason: str
    owner: str
    source: tuple[Network, ...] = ()
    source_except: tuple[Network, ...] = ()
    destination: tuple[Network, ...] = ()
    destination_except: tuple[Network, ...] = ()
    ports: tuple[tuple[int, int], ...] = ()
    change: str = ""
    mitigation: str = ""
    review_by: str = ""
    families: tuple[int, ...] = (4, 6)


class _Reader:
    """Reads one rule; ``error`` is called with what is wrong with it."""

    def __init__(self, entry: Mapping[str, Any], error: Callable[[str], None]) -> None:
        self.entry = entry
        self.error = error

    def text(self, key: str) -> str:
        value = self.entry.get(key, "")
        if value is None or value == "":
            return ""
        if not isinstance(value, str) or not value.strip():
            self.error(f"{key}: {value!r} is not a text")
            return ""
        return " ".join(str(value).split())

    def choice(self, key: str, choices: Sequence[str]) -> str:
        value = self.entry.get(key)
        if value is not None and value not in choices:
            self.error(f"{key}: {value!r} is unknown; valid: {', '.join(choices)}")
        return str(value)

    def listed(self, key: str) -> list[Any]:
        value = self.entry.get(key)
        if value is None:
            return []
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            self.error(f"{key}: {value!r} is not a list; write it as [{value!s}]")
            return []
        return list(value)

    def networks(self, key: str) -> tuple[Network, ...]:
        found = []
        for value in self.listed(key):
            try:
                network = read_network(value)
                if network.prefixlen == 0 and key.endswith("_except"):
                    raise ValueError(f"{value!r} would except every address of its family")
                found.append(network)
            except ValueError as problem:
                self.error(f"{key}: {problem}")
        return tuple(found)

    def port_ranges(self) -> tuple[tuple[int, int], ...]:
        found = []
        for value in self.listed("ports"):
            try:
                found.append(read_ports(value))
            except ValueError as problem:
                self.error(f"ports: {problem}")
        return tuple(found)

    def date(self, key: str) -> str:
        value = self.entry.get(key)
        if value is None or value == "":
            return ""
        try:
            return datetime.date.fromisoformat(str(value)).isoformat()
        except ValueError:
            self.error(f"{key}: {value!r} is not a date; valid: year-month-day, such as 2027-06-30")
            return ""


def read_network(value: Any) -> Network:
    """An address or CIDR as a network; ValueError says what is wrong and what was perhaps meant."""
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an address or CIDR; valid: 192.0.2.7, 192.0.2.0/24, 2001:db8::/64")
    if "%" in value:
        raise ValueError(f"{value!r} names an interface, which an address here cannot")
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        valid = "192.0.2.7, 192.0.2.0/24, 2001:db8::/64"
        raise ValueError(f"{value!r} is not an address or CIDR; valid: {valid}") from None
    raise ValueError(f"{value!r} has bits set after its prefix; valid: {meant}, or one address without a prefix")


def read_ports(value: Any) -> tuple[int, int]:
    """A port or ``'LOW-HIGH'`` as an inclusive range; ValueError when it is none."""
    match = None if isinstance(value, bool) else re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", str(value))
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= low <= high <= 65535:
        raise ValueError(f"{value!r} is not a port or range; valid: 1 to 65535, or '10000-20000'")
    return low, high


def _families(rule: Rule) -> tuple[int, ...]:
    families = {"icmp": {4}, "icmpv6": {6}}.get(rule.protocol, {4, 6})
    for networks in (rule.source, rule.destination):
        if networks:
            families = families & {network.version for network in networks}
    return tuple(sorted(families))


def _parse_one(entry: Any, error: Callable[[str], None]) -> Rule | None:
    if not isinstance(entry, Mapping):
        error(f"{entry!r} is not a mapping")
        return None
    before: list[str] = []

    def note(message: str) -> None:
        before.append(message)
        error(message)

    for key in sorted(set(entry) - set(KEYS), key=str):
        note(f"{key}: unknown key; valid: {', '.join(KEYS)}")
    for key in REQUIRED:
        if entry.get(key) in (None, ""):
            note(f"{key}: missing")
    name = entry.get("name")
    if name not in (None, "") and (not isinstance(name, str) or not NAME.fullmatch(name)):
        note(f"name: {name!r} is not valid; valid: a-z, 0-9, - and _, starting with a letter or digit, up to 63")
    read = _Reader(entry, note)
    rule = Rule(
        name=str(name),
        direction=read.choice("direction", DIRECTIONS),
        protocol=read.choice("protocol", PROTOCOLS),
        reason=read.text("reason"),
        owner=read.text("owner"),
        change=read.text("change"),
        mitigation=read.text("mitigation"),
        source=read.networks("source"),
        source_except=read.networks("source_except"),
        destination=read.networks("destination"),
        destination_except=read.networks("destination_except"),
        ports=read.port_ranges(),
        review_by=read.date("review_by"),
    )
    if rule.protocol in PORT_PROTOCOLS and not entry.get("ports"):
        note(f"ports: missing; {rule.protocol} needs at least one")
    if rule.protocol in PROTOCOLS and rule.protocol not in PORT_PROTOCOLS and entry.get("ports"):
        note(f"ports: {rule.protocol} has none; valid with: {', '.join(PORT_PROTOCOLS)}")
    why = demand(rule.protocol, rule.ports)
    if why and not entry.get("mitigation"):
        note(f"mitigation: missing; {why}")
    families = _families(rule)
    if not families and not before:
        note("source, destination and protocol have no address family in common: nothing could ever match")
    return None if before else Rule(**{**vars(rule), "families": families})


def parse(lists: Mapping[str, Any]) -> list[Rule]:
    """Read lists of rules, in their order. Raises RulesError with everything that is wrong in any of them.

    lists: variable name -> its list of rules. A name may be given once for each direction, over all lists.
    """
    errors: list[str] = []
    rules: list[Rule] = []
    seen: dict[tuple[str, str], str] = {}
    for variable, entries in lists.items():
        if isinstance(entries, (str, bytes, Mapping)) or not isinstance(entries, Sequence):
            errors.append(f"{variable}: {entries!r} is not a list of rules")
            continue
        for index, entry in enumerate(entries):
            name = entry.get("name") if isinstance(entry, Mapping) else None
            place = f"{variable}[{index}]" + (f" ({name})" if name else "")

            def note(message: str, place: str = place) -> None:
                errors.append(f"{place}: {message}")

            rule = _parse_one(entry, note)
            if isinstance(entry, Mapping) and name:
                key = (str(entry.get("direction")), str(name))
                if key in seen:
                    note(f"name: {name!r} is already the {key[0]} rule {seen[key]}; a name is given once a direction")
                seen.setdefault(key, f"{variable}[{index}]")
            if rule:
                rules.append(rule)
    if errors:
        raise RulesError(errors)
    return rules
