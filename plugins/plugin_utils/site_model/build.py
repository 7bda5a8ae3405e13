# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a site model together: text in, a checked :class:`.model.Site` or every reason to refuse it out."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
from collections.abc import Iterator, Mapping
from typing import Any

from .administration import build_administration, check_ports
from .clients import build_clients, check_hosts_of_clients
from .document import Document
from .flows import EndpointReader, FlowBuilder
from .hosts import HostBuilder, with_gateways
from .model import Site
from .needs import warn_of_missing_ways
from .people import build_contacts, build_remediation
from .problems import Path, Problems, SiteModelError
from .published import build_published
from .schema import MODEL, RESERVED
from .segments import build_segments
from .shapes import INVALID
from .switches import build_switches
from .vlans import check_dhcp
from .web_filter import build_web_filter, web_filter_flows


def load_site(text: str, file: str) -> Site:
    """The site that ``text`` describes. ``file`` is its name in messages.

    Raises SiteModelError with all problems of the text; nothing else.
    """
    with _collector_paused():
        document = Document(text, file)
        problems = Problems()
        data = MODEL.check(document.data, (), problems)
        site: Site | None = None if data is INVALID else _build(data, document, problems)
        found = document.located(problems)
    if found or site is None:
        raise SiteModelError(file, found)
    warn_of_missing_ways(site, problems)
    return dataclasses.replace(site, warnings=tuple(document.warned(problems)))


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: a large model makes a million objects that all stay, looking for dead ones among
    them takes as long as reading them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _build(data: Mapping[str, Any], document: Document, problems: Problems) -> Site | None:
    written = {part: _names(document.data, part) for part in ("segments", "clients", "hosts")}
    _check_names(written, data.get("clients", {}), problems)
    segments, index = build_segments(data.get("segments", {}), problems)
    clients = build_clients(data.get("clients", {}), segments, problems)
    builder = HostBuilder(segments, index, problems)
    hosts = builder.build(data.get("hosts", {}))
    check_hosts_of_clients(data.get("clients", {}), hosts, written["hosts"], problems)
    segments = with_gateways(segments, data.get("segments", {}), hosts, problems)
    check_dhcp(segments, hosts, problems)
    known = [name for names in written.values() for name in names]
    endpoints = EndpointReader(
        segments, clients, hosts, index=index, owner=builder.owner, known=known, problems=problems
    )
    filtered = {client.segment: client for client in clients.values() if client.sites_allowed}
    flow_builder = FlowBuilder(endpoints, segments, hosts, problems, filtered)
    flows = flow_builder.build(data.get("flows", []))
    published = build_published(
        data.get("published", []), hosts, flows=flow_builder, written=written["hosts"], problems=problems
    )
    administration = build_administration(data.get("administration", {}), endpoints, index, problems)
    check_ports(data.get("administration", {}), data.get("vars", {}), hosts, problems)
    web_filter = build_web_filter(
        data.get("web_filter", {}), segments, clients, hosts, endpoints=endpoints, problems=problems
    )
    remediation = build_remediation(
        data.get("remediation_hosts", []), segments, hosts, endpoints=endpoints, problems=problems
    )
    contacts = build_contacts(data.get("contacts", {}), problems)
    switches = build_switches(
        data.get("switches", {}), segments, hosts, index=index, owner=builder.owner, problems=problems
    )
    about = data.get("site", {})
    if administration is None or "name" not in about:
        return None  # both have been noted: administration and site.name are required
    return Site(
        file=document.file,
        name=about["name"],
        title=about.get("title", ""),
        contact=about.get("contact"),
        segments=segments,
        clients=clients,
        hosts=hosts,
        flows=flows,
        administration=administration,
        web_filter=web_filter,
        published=published,
        derived_flows=web_filter_flows(web_filter, segments, clients, hosts, administration),
        remediation=remediation,
        contacts=contacts,
        switches=switches,
        variables=data.get("vars", {}),
    )


def _names(document: Any, part: str) -> list[str]:
    """The names written in a part of the file, those of refused entries too."""
    entries = document.get(part) if isinstance(document, Mapping) else None
    return [name for name in entries if isinstance(name, str)] if isinstance(entries, Mapping) else []


def _check_names(written: Mapping[str, list[str]], clients: Mapping[str, Any], problems: Problems) -> None:
    """One name means one thing in a flow, and one thing as a group. A client may be called as its own segment is."""
    owners: dict[str, str] = {}
    for part, names in written.items():
        groups: dict[str, str] = {}
        for name in names:
            path: Path = (part, name)
            if name in RESERVED:
                problems.add(path, f"the name {name} has a meaning of its own; choose another", at_key=True)
            own_segment = part == "clients" and clients.get(name, {}).get("segment") == name
            if name in owners and not own_segment:
                message = f"{name} is already the name of one of the {owners[name]}; flows could not tell them apart"
                problems.add(path, message, at_key=True)
            owners.setdefault(name, part)
            twin = groups.setdefault(name.replace("-", "_"), name)
            if part != "hosts" and twin != name:
                message = f"{name} and {twin} would be the same group: - becomes _ there"
                problems.add(path, message, at_key=True)
