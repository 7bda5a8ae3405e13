# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nftables listings made comparable: shared by the probes and by the module that loads the rules.

``nft -j`` prints what the kernel holds together with handles and counters, and anonymous sets in an order of their own.
A text is compared with the kernel by loading it into a network namespace that exists for that moment only and listing
it there: both sides then come from the same nft and the same kernel.
"""

from __future__ import annotations

import json
from typing import Any

#: Prints the table of a ruleset read from standard input as JSON, without touching the running rules.
#: The names arrive as arguments of the shell, so that nothing of them is ever parsed by it.
_SCRATCH = 'nft -f - && nft {options} list table "$1" "$2"'


def scratch_argv(family: str, table: str, options: str = "-j") -> tuple[str, ...]:
    """The command that lists a table of the ruleset on its standard input (``options``: ``-j``, or ``-s`` for text)."""
    return ("unshare", "--net", "sh", "-c", _SCRATCH.format(options=options), "sh", family, table)


def scratch_refused(stderr: str) -> bool:
    """Whether a scratch listing failed because this host allows no network namespace, not because of the ruleset."""
    return "unshare" in stderr


def no_such_table(stderr: str) -> bool:
    """Whether a listing failed because the table does not exist."""
    return "No such file or directory" in stderr


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: sorted((_plain(item) for item in inner), key=_text)
            if key in ("set", "elem") and isinstance(inner, list)
            else ({} if key == "counter" and isinstance(inner, dict) else _plain(inner))
            for key, inner in value.items()
            if key not in ("handle", "index")
        }
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def chains(listing: str) -> dict[str, dict[str, Any]]:
    """The chains of one table: name -> type, hook, prio, policy (base chains only have these)."""
    return {
        item["chain"]["name"]: {key: item["chain"].get(key) for key in ("type", "hook", "prio", "policy")}
        for item in json.loads(listing)["nftables"]
        if "chain" in item
    }


def canonical(listing: str, *, policies: bool = True) -> list[str]:
    """What a JSON listing of a table means, one line an object or rule, rules in their order within their chain.

    Handles, counts and the order of sets and chains do not appear; without ``policies`` those do not either.
    """
    objects: list[str] = []
    rules: list[tuple[str, str]] = []
    for item in json.loads(listing)["nftables"]:
        for kind, content in item.items():
            if kind == "metainfo":
                continue
            plain = _plain(content)
            if kind == "chain" and not policies:
                plain.pop("policy", None)
            if kind == "rule":
                rules.append((plain["chain"], _text(plain)))
            else:
                objects.append(f"{kind} {_text(plain)}")
    # A stable sort by chain alone: the order of rules is what they mean.
    return sorted(objects) + [f"rule {text}" for _chain, text in sorted(rules, key=lambda pair: pair[0])]


def label(line: str) -> str:
    """A line of :func:`canonical` as people name it: the chain and the rule's comment, or what it is."""
    kind, text = line.split(" ", 1)
    content = json.loads(text)
    if kind == "rule":
        words = content.get("comment") or " ".join(key for part in content["expr"] for key in part)
        return f"{content['chain']}: {words}"
    return f"{kind}: {content.get('name', '')}"


def compared(running: str, declared: str) -> dict[str, Any]:
    """How two JSON listings of a table differ but for policies and counts: ``match``, ``unexpected``, ``missing``.

    The two lists hold labels, at most ten each. Rules in another order do not match although none is missing.
    """
    have, want = canonical(running, policies=False), canonical(declared, policies=False)
    return {
        "match": have == want,
        "unexpected": [label(line) for line in _without(have, want)][:10],
        "missing": [label(line) for line in _without(want, have)][:10],
    }


def _without(lines: list[str], others: list[str]) -> list[str]:
    left = list(others)
    found = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            found.append(line)
    return found
