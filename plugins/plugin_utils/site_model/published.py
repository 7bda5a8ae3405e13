# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the internet may reach: one service a row, each a flow from the internet to one host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .flows import FlowBuilder, endpoint_of, port_bounds
from .model import Endpoint, Flow, Host, Site
from .problems import Path, Problems, did_you_mean, listed, path_text
from .schema import INTERNET

_FROM = (Endpoint("internet", INTERNET, frozenset(("",))),)


def build_published(
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    hosts: Mapping[str, Host],
    *,
    flows: FlowBuilder,
    written: Iterable[str],
    problems: Problems,
) -> tuple[Flow, ...]:
    """The services as flows. ``written``: the names of all hosts, those that are refused too."""
    known = set(written)
    services: list[Flow] = []
    taken: dict[tuple[str, str], list[tuple[int, int, Path]]] = {}
    for position, record in rows:
        path: Path = ("published", position)
        name = record.get("host")
        host = hosts.get(name) if name is not None else None
        if name is not None and name not in known:
            valid = listed(sorted(known)) if len(known) <= 20 else "Write the name of one of its hosts."
            problems.add((*path, "host"), f"{name!r} is no host of this site. {valid}{did_you_mean(name, known)}")
        flow = flows.make(record, path, _FROM, (endpoint_of(host),) if host is not None else (), to="host")
        if flow is None or host is None:
            continue
        services.append(flow)
        _check_once(record, host.name, path, taken, problems)
    return tuple(services)


def _check_once(
    record: Mapping[str, Any],
    host: str,
    path: Path,
    taken: dict[tuple[str, str], list[tuple[int, int, Path]]],
    problems: Problems,
) -> None:
    """Refuse what is published twice: whoever takes one of the two back would believe the door closed."""
    before = taken.setdefault((host, record["protocol"]), [])
    for first, last, _text in [port_bounds(port) for port in record.get("ports", ())] or [(0, 65535, "")]:
        for other_first, other_last, other in before:
            if first <= other_last and other_first <= last and other != path:
                problems.add(path, f"is published by {path_text(other)} already")
                return
        before.append((first, last, path))


def about_published(site: Site) -> list[dict[str, Any]]:
    """The value of ringfence_published: all that outside may see of the site."""
    return [
        {
            "name": service.name,
            "host": end.name,
            "addresses": [str(network.network_address) for network in end.networks],
            "protocol": service.protocol,
            "ports": list(service.ports),
            "reason": service.reason,
            "owner": service.owner,
            "change": service.change,
            "review_by": service.review_by,
        }
        for service in site.published
        for end in service.destinations
    ]
