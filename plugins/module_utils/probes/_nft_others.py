# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tables of others do to packets, read from ``nft -j list ruleset``.

Every base chain of a hook judges a packet. So a drop of others takes away what our rules open, while an accept of
others opens nothing that our rules close; what others translate, redirect or send out by themselves reaches our rules
changed, late or never.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OWN = frozenset({("inet", "ringfence"), ("inet", "ringfence_vlans")})
FAIL2BAN = "f2b-table"

_DIVERTS = (
    "dnat",
    "dup",
    "flow",
    "fwd",
    "masquerade",
    "notrack",
    "queue",
    "redirect",
    "snat",
    "synproxy",
    "tproxy",
)
# Targets of iptables that nft shows by name only, and that let a packet go on as it was.
_HARMLESS = frozenset({"AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "DSCP", "ECN", "HL", "IDLETIMER"})
_HARMLESS |= {"LED", "LOG", "MARK", "NFLOG", "RATEEST", "SECMARK", "SET", "TCPMSS", "TOS", "TRACE", "TTL"}
_DROPPING = frozenset({"DROP", "REJECT", "TARPIT"})


@dataclass(frozen=True)
class Other:
    """A table of somebody else that decides. ``does``: drops, accepts, diverts (…), in this order."""

    family: str
    name: str
    hooks: tuple[str, ...]
    does: tuple[str, ...]

    def __str__(self) -> str:
        """As people read it."""
        return f"table {self.family} {self.name} ({', '.join(self.hooks)}): {', '.join(self.does)}"


class Content:
    """The chains and rules of one table."""

    def __init__(self, family: str, name: str) -> None:
        self.family = family
        self.name = name
        self.bases: dict[str, Mapping[str, Any]] = {}
        self.rules: dict[str, list[Mapping[str, Any]]] = {}
        self.maps: list[Any] = []

    def reachable(self, first: str) -> list[str]:
        """A chain and those that it jumps to, whichever way."""
        seen, ahead = [first], [first]
        while ahead:
            for rule in self.rules.get(ahead.pop(), ()):
                for name in self._targets(rule["expr"]):
                    if name not in seen:
                        seen.append(name)
                        ahead.append(name)
        return seen

    def _targets(self, expr: Any) -> Iterator[str]:
        for key, value in pairs(expr):
            if key in ("jump", "goto") and isinstance(value, Mapping) and "target" in value:
                yield str(value["target"])
            if key == "vmap" and "@" in json.dumps(value):
                yield from self._targets(self.maps)


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a nested value with what it holds."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key, inner
            yield from pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pairs(inner)


def contents(listing: str) -> list[Content]:
    """The tables of a listing but ours, in its order."""
    found: dict[tuple[str, str], Content] = {}
    for item in json.loads(listing)["nftables"]:
        for kind, one in item.items():
            if kind == "table":
                found[(one["family"], one["name"])] = Content(one["family"], one["name"])
            table = found.get((one.get("family"), one.get("table")))
            if table is None:
                continue
            if kind == "chain" and one.get("hook"):
                table.bases[one["name"]] = one
            elif kind == "rule":
                table.rules.setdefault(one["chain"], []).append(one)
            elif kind == "map":
                table.maps.append(one.get("elem", []))
    return [table for key, table in found.items() if key not in OWN]


def _is_fail2ban(table: Content) -> bool:
    """Whether a table is fail2ban's and does no more than to refuse the addresses that are banned."""
    rules = [rule for chain in table.rules.values() for rule in chain]
    return (
        table.name == FAIL2BAN
        and all(chain.get("policy", "accept") == "accept" for chain in table.bases.values())
        and all(any(key == "right" and str(value).startswith("@addr") for key, value in pairs(rule)) for rule in rules)
        and not any(key in ("accept", *_DIVERTS) for rule in rules for key, _value in pairs(rule["expr"]))
    )


def _does(table: Content) -> tuple[str, ...]:
    chains = {name for base in table.bases for name in table.reachable(base)}
    keys: set[str] = {"drop"} if any(chain.get("policy") == "drop" for chain in table.bases.values()) else set()
    for rule in (rule for chain in chains for rule in table.rules.get(chain, ())):
        for key, value in pairs(rule["expr"]):
            if key == "xt" and (not isinstance(value, Mapping) or value.get("type") == "target"):
                name = value.get("name", "unknown") if isinstance(value, Mapping) else "unknown"
                keys.add("drop" if name in _DROPPING else "log" if name in _HARMLESS else name.lower())
            elif key == "mangle" and any(inner == "payload" for inner, _value in pairs(value)):
                keys.add("mangle")
            elif key in ("drop", "reject", "accept", *_DIVERTS):
                keys.add(key)
    diverts = sorted(keys - {"drop", "reject", "accept", "log"})
    does = ["drops"] if keys & {"drop", "reject"} else []
    does += ["accepts"] if "accept" in keys else []
    return (*does, *([f"diverts ({', '.join(diverts)})"] if diverts else []))


def others(listing: str, accepted: Collection[tuple[str, str]] = ()) -> list[Other]:
    """The tables of others that decide on packets, but for those that the site accepts."""
    found = []
    for table in contents(listing):
        if (table.family, table.name) in accepted or not table.bases or _is_fail2ban(table):
            continue
        does = _does(table)
        if does:
            hooks = tuple(sorted({str(chain["hook"]) for chain in table.bases.values()}))
            found.append(Other(table.family, table.name, hooks, does))
    return found
