# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``squid_lists``: who may open what, as squid.conf says it.

Parameters: ``path``. Observes

- ``sources``: "CLIENT SUBNET" for each value of the lists ``from_CLIENT``, sorted;
- ``sites``: "CLIENT SITE" for each value of the lists ``sites_CLIENT``, sorted;
- ``access``: the http_access lines without a condition on method or port, in order;
- ``connect``: the http_access lines with one, in order;
- ``splices``: for each ssl_bump splice line "CLIENT SITE" when it asks for the same site in CONNECT and in the
  handshake and for the client, else the line; sorted;
- ``others``: the ssl_bump lines that do not splice, in order;
- ``ports``: "NAME PORT" of the port lists, sorted;
- ``includes``: other files that squid would read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._squid import Lists, directives
from .base import Host, NotObservable, Observation

_CONNECT = ("CONNECT", "ports_")


def _pairs(lists: Lists, prefix: str) -> list[str]:
    return sorted(
        f"{name[len(prefix) :]} {value}"
        for name, values in lists.values.items()
        if name.startswith(prefix)
        for value in values
    )


def _splice(words: list[str], lists: Lists) -> str:
    """What a splice line lets through."""
    conditions = words[1:]
    clients = [name[len("is_") :] for name in conditions if lists.types.get(name) == "note"]
    hosts = [lists.values[name] for name in conditions if lists.types.get(name) == "dstdomain -n"]
    names = [
        lists.values[name] for name in conditions if lists.types.get(name) == "ssl::server_name --client-requested"
    ]
    if len(conditions) == 3 and len(clients) == 1 and hosts == names and len(hosts) == 1 and len(hosts[0]) == 1:
        return f"{clients[0]} {hosts[0][0]}"
    return " ".join(words)


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the configuration of squid."""
    path = str(params["path"])
    text = host.read(path)
    if text is None:
        raise NotObservable(f"there is no {path}")
    lists = Lists(text)
    value: dict[str, Any] = {
        "sources": _pairs(lists, "from_"),
        "sites": _pairs(lists, "sites_"),
        "ports": _pairs(lists, "ports_"),
    }
    for key in ("access", "connect", "splices", "others", "includes"):
        value[key] = []
    for name, words in directives(text):
        if name == "http_access":
            limits = any(word.lstrip("!").startswith(_CONNECT) for word in words)
            value["connect" if limits else "access"].append(" ".join(words))
        elif name == "ssl_bump" and words[:1] == ["splice"]:
            value["splices"].append(_splice(words, lists))
        elif name == "ssl_bump":
            value["others"].append(" ".join(words))
        elif name == "include":
            value["includes"] += words
    value["splices"].sort()
    return Observation(value, path)
