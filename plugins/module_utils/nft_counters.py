# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of a running table with what they have counted, each beside what its file says it is for."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, run
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _nft_records

DIRECTIONS = {"input": "inbound", "forward": "forward", "output": "outbound"}

_CHAIN = re.compile(r"\tchain (\S+) \{( # handle \d+)?")
_HANDLE = re.compile(r" # handle \d+$")
_COUNTER = re.compile(r"\bcounter packets (\d+) bytes (\d+)")
_COMMENT = re.compile(r' comment "([^"]*)"$')


@dataclass(frozen=True)
class Running:
    """One rule of the kernel. ``packets`` and ``bytes``: None when it has no counter. ``text``: what it matches."""

    chain: str
    comment: str
    text: str
    packets: int | None
    bytes: int | None


def running_rules(listing: str) -> list[Running]:
    """The rules of ``nft -a list table``, in their order."""
    found: list[Running] = []
    chain, pending = "", ""
    for line in listing.splitlines():
        start = _CHAIN.fullmatch(line)
        if start:
            chain, pending = start[1], ""
        elif line == "\t}":
            chain = ""
        elif chain:
            # A long set goes on in the next line; only the last one of a rule ends in its handle.
            pending = f"{pending} {line.strip()}".strip()
            if _HANDLE.search(pending):
                found.append(_rule(chain, _HANDLE.sub("", pending)))
                pending = ""
            elif pending.startswith("type ") and pending.endswith(";"):
                pending = ""
    return found


def _rule(chain: str, statement: str) -> Running:
    comment = _COMMENT.search(statement)
    counter = _COUNTER.search(statement)
    return Running(
        chain=chain,
        comment=comment[1] if comment else "",
        text=_COUNTER.sub("counter", _COMMENT.sub("", statement)),
        packets=int(counter[1]) if counter else None,
        bytes=int(counter[2]) if counter else None,
    )


def _sum(values: Iterable[int | None]) -> int | None:
    counted = [value for value in values if value is not None]
    return sum(counted) if counted else None


def reviewed(listing: str | None, ruleset: str) -> list[dict[str, Any]]:
    """Every rule of the running table and of the ruleset file, once each.

    listing: ``nft -a list table``, None when there is no table. ruleset: the file's text.
    A dict holds what the file records (``name``, ``direction``, ``reason``, ``owner``, ``change``, ``mitigation``,
    ``review_by``; empty where it says nothing), ``permits`` (the kernel's rules under that name, as text), ``packets``
    and ``bytes`` (None: not counted), ``recorded`` (whether the file knows it), ``statements`` (how many rules it has
    there) and ``loaded`` (whether the kernel runs it).
    """
    kernel: dict[tuple[str, str], list[Running]] = {}
    for place, rule in enumerate(running_rules(listing or "")):
        # Rules without a comment have nothing in common: each is its own.
        key = (DIRECTIONS.get(rule.chain, rule.chain), rule.comment or f"#{place}")
        kernel.setdefault(key, []).append(rule)
    rows, statements = [], _statements(ruleset)
    for record in _nft_records.records(ruleset):
        key = (record.get("direction", ""), record["name"])
        row = _row(record, kernel.pop(key, []))
        rows.append({**row, "recorded": True, "statements": statements[key]})
    for (direction, _name), rules in kernel.items():
        row = _row({"name": rules[0].comment, "direction": direction}, rules)
        rows.append({**row, "recorded": False, "statements": 0})
    return rows


def _statements(ruleset: str) -> Counter[tuple[str, str]]:
    """How many rules the file has under each direction and name."""
    found: Counter[tuple[str, str]] = Counter()
    chain = ""
    for line in ruleset.splitlines():
        start, comment = _CHAIN.fullmatch(line), _COMMENT.search(line)
        if start:
            chain = start[1]
        elif comment and not line.lstrip().startswith("#"):
            found[DIRECTIONS.get(chain, chain), comment[1]] += 1
    return found


def _row(record: Mapping[str, str], rules: list[Running]) -> dict[str, Any]:
    keys = ("name", "direction", "reason", "owner", "change", "mitigation", "review_by")
    return {
        **{key: record.get(key, "") for key in keys},
        "permits": [rule.text for rule in rules],
        "packets": _sum(rule.packets for rule in rules),
        "bytes": _sum(rule.bytes for rule in rules),
        "loaded": bool(rules),
    }


def counting_since(paths: Iterable[str], unit: str) -> float:
    """When the counters were last at zero, in seconds since the epoch; 0.0 when nothing tells.

    A load of the rules starts them anew: by a run or a rollback, which leave their time on the files ``paths``, and by
    the unit, at boot or by a reload. The latest of these may be later than the truth, never earlier.
    """
    moments = [0.0]
    for path in paths:
        try:
            moments.append(os.stat(path).st_ctime)
        except FileNotFoundError:
            continue
    try:
        changed = run(["systemctl", "show", "--property=StateChangeTimestampMonotonic", "--value", unit]).stdout.strip()
    except NftError:
        changed = ""
    if changed.isdigit() and int(changed):
        moments.append(time.time() - (time.monotonic() - int(changed) / 1e6))
    return max(moments)
