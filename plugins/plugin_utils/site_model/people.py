# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contacts, and the hosts that a workstation may still reach when it fails its checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .flows import EndpointReader
from .model import Contact, Endpoint, Host, Segment
from .problems import Path, Problems


def build_contacts(data: Mapping[str, Any], problems: Problems) -> dict[str, tuple[Contact, ...]]:
    """The contacts by role."""
    contacts: dict[str, tuple[Contact, ...]] = {}
    for role, people in data.items():
        found = []
        for position, record in enumerate(people):
            path: Path = ("contacts", role, position)
            if "email" not in record and "phone" not in record and not problems.noted(path):
                problems.add(path, "can be reached in no way: give email or phone")
            found.append(Contact(record.get("name", ""), record.get("email"), record.get("phone")))
        contacts[role] = tuple(found)
    return contacts


def about_contacts(contacts: Mapping[str, tuple[Contact, ...]]) -> dict[str, list[dict[str, Any]]]:
    """The value of ringfence_contacts."""
    return {
        role: [{"name": one.name, "email": one.email, "phone": one.phone} for one in people]
        for role, people in contacts.items()
    }


def build_remediation(
    names: list[str],
    segments: Mapping[str, Segment],
    hosts: Mapping[str, Host],
    *,
    endpoints: EndpointReader,
    problems: Problems,
) -> tuple[Endpoint, ...]:
    """The hosts and addresses outside; what could never be a remedy has been noted."""
    path: Path = ("remediation_hosts",)
    found = endpoints.read(names, path) or ()
    for position, end in enumerate(found):
        host = hosts.get(end.name) if end.kind == "host" else None
        single = end.kind == "address" and all(one.prefixlen == one.max_prefixlen for one in end.networks)
        if host is None and not single:
            problems.add(
                (*path, position), f"{end.name} is no single machine; write hosts or addresses outside the site"
            )
        elif host is not None and "card_data" in (host.trust_class, segments[host.segment].trust_class):
            message = f"{end.name} has class card_data: a workstation that fails its checks is kept away from it first"
            problems.add((*path, position), message)
    return found


def about_remediation(ends: tuple[Endpoint, ...]) -> list[dict[str, Any]]:
    """The value of ringfence_remediation_hosts."""
    return [{"name": end.name, "addresses": [str(network.network_address) for network in end.networks]} for end in ends]
