# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a table of others drops a connection for certain: only what is beyond doubt counts, all else is a maybe.

A chain is closed when its policy drops, or a rule of it that matches everything does. It drops a new connection for
certain when no rule that is reachable from it could accept that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ._nft_others import Content, contents, pairs

#: (family, table, handle) -> rule as nft prints it.
Texts = Mapping[tuple[str, str, int], str]

_HOOKS = ("ingress", "prerouting", "input")
_VERSIONS = {"ip": (4,), "ip6": (6,), "inet": (4, 6), "netdev": (4, 6)}
_TRANSPORTS = frozenset({"tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmpv6", "igmp", "esp", "ah", "comp"})
_NUMBERS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 50: "esp", 51: "ah", 58: "icmpv6"}
_ENDS = ("drop", "reject")
_SILENT = ("counter", "log", *_ENDS)


@dataclass(frozen=True)
class Connection:
    """A new connection to this host. ``protocol``: tcp or udp; ``version``: 4 or 6."""

    protocol: str
    port: int
    version: int


def dropped_by(
    listing: str, connection: Connection, accepted: Collection[tuple[str, str]] = (), texts: Texts | None = None
) -> str:
    """The chain of others that drops a connection for certain, as ``FAMILY TABLE CHAIN``; empty without one.

    texts: of the rules with matches of iptables, which nft shows in no other form.
    """
    for table in contents(listing):
        if (table.family, table.name) in accepted or connection.version not in _VERSIONS.get(table.family, ()):
            continue
        for name, chain in table.bases.items():
            judges = chain["hook"] in _HOOKS and chain.get("type", "filter") == "filter"
            if judges and _closed(table, name) and not _may_pass(table, name, connection, texts or {}):
                return f"{table.family} {table.name} {name}"
    return ""


def _closed(table: Content, name: str) -> bool:
    return table.bases[name].get("policy") == "drop" or any(_ends(rule["expr"]) for rule in table.rules.get(name, ()))


def _ends(expr: Any) -> bool:
    """Whether a rule drops whatever comes to it."""
    kinds = [next(iter(part)) for part in expr]
    if kinds and kinds[-1] == "xt":
        target = expr[-1]["xt"]
        return isinstance(target, Mapping) and target.get("name") == "REJECT" and set(kinds[:-1]) <= set(_SILENT)
    return any(kind in _ENDS for kind in kinds) and set(kinds) <= set(_SILENT)


def _may_pass(table: Content, base: str, connection: Connection, texts: Texts) -> bool:
    open_policy = table.bases[base].get("policy") != "drop"
    for name in table.reachable(base):
        for rule in table.rules.get(name, ()):
            keys = {key for key, _value in pairs(rule["expr"])}
            passes = {"accept", "queue"} | ({"return"} if open_policy and name == base else set())
            if keys & passes and _may_match(rule, connection, texts):
                return True
    return False


def _may_match(rule: Mapping[str, Any], connection: Connection, texts: Texts) -> bool:
    for part in rule["expr"]:
        if "match" in part and not _holds(part["match"], connection):
            return False
        where = (rule["family"], rule["table"], rule.get("handle", 0))
        if "xt" in part and not _text_holds(texts.get(where, ""), connection):
            return False
    return True


def _text_holds(text: str, connection: Connection) -> bool:
    states = re.search(r"\bct state (!=|! )?\s*(\{[^}]*\}|\S+)", text)
    if states and not states[1] and not re.search(r"\b(new|untracked)\b", states[2]):
        return False
    ports = re.search(r"\b(tcp|udp|th) dport (\{[^}]*\}|[0-9][0-9-]*)", text)
    if not ports:
        return True
    ranges = [one.split("-") for one in re.findall(r"[0-9]+(?:-[0-9]+)?", ports[2])]
    listed = any(int(one[0]) <= connection.port <= int(one[-1]) for one in ranges)
    return listed and ports[1] in ("th", connection.protocol)


def _holds(match: Mapping[str, Any], connection: Connection) -> bool:
    """Whether a match may hold; what is not understood may."""
    left, right, negated = match.get("left"), match.get("right"), match.get("op") == "!="
    parts = left if isinstance(left, Mapping) else {}
    payload, meta, ct = (parts.get(key) or {} for key in ("payload", "meta", "ct"))
    protocol, field = payload.get("protocol"), payload.get("field")
    holds: bool | None = None
    if protocol in _TRANSPORTS and protocol != connection.protocol:
        return False
    if field == "dport":
        holds = _contains(right, connection.port)
    elif meta.get("key") == "l4proto" or field in ("protocol", "nexthdr"):
        holds = _contains(right, connection.protocol)
    elif meta.get("key") == "nfproto":
        holds = _contains(right, f"ipv{connection.version}")
    elif meta.get("key") in ("iif", "iifname"):
        holds = False if right == "lo" else None
    elif ct.get("key") == "state":
        new, tracked = _contains(right, "new"), _contains(right, "untracked")
        holds = None if new is None or tracked is None else new or tracked
    return True if holds is None else holds != negated


def _contains(right: Any, wanted: Any) -> bool | None:
    """Whether a value is among those of a match; None when that cannot be told."""
    if isinstance(right, list):
        found = [_contains(one, wanted) for one in right]
        return True if True in found else None if None in found else False
    if isinstance(right, Mapping):
        return _contains(right["set"], wanted) if "set" in right else _in_range(right.get("range"), wanted)
    if isinstance(right, int) and isinstance(wanted, str):
        return _NUMBERS.get(right) == wanted
    if isinstance(right, str) and (isinstance(wanted, int) or right.startswith(("@", "$"))):
        return int(right) == wanted if right.isdigit() else None
    return None if right is None else bool(right == wanted)


def _in_range(ends: Any, wanted: Any) -> bool | None:
    if not isinstance(ends, list) or not all(isinstance(one, int) for one in (*ends, wanted)):
        return None
    return bool(ends[0] <= wanted <= ends[-1])
