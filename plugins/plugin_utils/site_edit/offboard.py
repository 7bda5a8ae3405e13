# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes a client from a site model, and says what is kept until when and what must be erased where."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.model import Client, Host, Site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import did_you_mean, listed

from .draft import Draft, EditError


@dataclass
class OffboardingResult:
    """The changed text and what the certificate tells.

    ``removed``: parts of the model with their content. ``changed_parts``: what stays and lost a name. ``kept``: data
    that retention demands, with a day. ``erase``: what must be erased, each where and from which day on.
    """

    text: str
    client: Client
    site: Site
    removed: list[dict[str, Any]] = field(default_factory=list)
    changed_parts: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    erase: list[dict[str, Any]] = field(default_factory=list)


def offboard(text: str, file: str, name: str, *, remove_hosts: bool, today: datetime.date) -> OffboardingResult | None:
    """The text without the client; None when there is no such client.

    Raises SiteModelError for a text that is no model, before or after; EditError for what can't be removed.
    """
    site = load_site(text, file)
    client = site.clients.get(name)
    if client is None:
        return None
    machines = [host for host in site.hosts.values() if host.segment == client.segment]
    _check_machines(client, machines, remove_hosts)
    result = OffboardingResult(text=text, client=client, site=site)
    draft = Draft(text, file)
    gone = {client.name, client.segment, *(host.name for host in machines)}
    _out_of_flows(draft, gone, result)
    _out_of_lists(draft, gone, client, site, result)
    for position, service in reversed(list(enumerate(draft.get(("published",)) or []))):
        if service["host"] in gone:
            _take(draft, ("published", position), f"published service {service['name']}", result)
    _take(draft, ("clients", client.name), f"client {client.name}", result)
    for host in site.hosts.values():
        if client.segment in (draft.get(("hosts", host.name, "interfaces")) or {}):
            _take(
                draft, ("hosts", host.name, "interfaces", client.segment), f"leg of {host.name} in its segment", result
            )
    for host in machines:
        _take(draft, ("hosts", host.name), f"host {host.name}", result)
    _take(draft, ("segments", client.segment), f"segment {client.segment}", result)
    load_site(draft.text, file)  # as a whole, before anything is written
    result.text = draft.text
    _tell_of_data(result, machines, today)
    return result


def unknown_client(site: Site, file: str, name: str, folder: str) -> EditError:
    """Why a client can't be let go that the model does not have and of which the folder holds no certificate."""
    what = f"there is no client {name!r} in {file}, and no certificate of it in {folder}" if name.strip() else "empty"
    return EditError(f"client: {what}. {listed(site.clients or ['none'])}{did_you_mean(name, site.clients)}")


def _check_machines(client: Client, machines: Iterable[Host], remove_hosts: bool) -> None:
    names = [host.name for host in machines]
    gateways = [host.name for host in machines if host.is_gateway]
    if gateways:
        raise EditError(
            f"segment {client.segment} is the own segment of gateway {gateways[0]}: move it to another first"
        )
    if names and not remove_hosts:
        raise EditError(
            f"these hosts are in the segment of client {client.name}: {', '.join(names)}. Move them to other segments "
            "first, or have them removed from the model too (remove_hosts: true)"
        )


def _take(draft: Draft, path: tuple[Any, ...], what: str, result: OffboardingResult) -> None:
    result.removed.append({"what": what, "content": draft.get(path)})
    draft.remove(path)


def _out_of_flows(draft: Draft, gone: set[str], result: OffboardingResult) -> None:
    """Flows without the client's names; those of which an end would be empty go."""
    for position, flow in reversed(list(enumerate(draft.get(("flows",)) or []))):
        sides = {side: flow[side] if isinstance(flow[side], list) else [flow[side]] for side in ("from", "to")}
        if any(set(ends) <= gone for ends in sides.values()):
            _take(draft, ("flows", position), f"flow {flow['name']}", result)
            continue
        for side, ends in sides.items():
            for at, end in reversed(list(enumerate(ends))):
                if end in gone:
                    draft.remove(("flows", position, side, at))
                    result.changed_parts.append({"what": f"flow {flow['name']}", "lost": end, "from": side})


def _out_of_lists(draft: Draft, gone: set[str], client: Client, site: Site, result: OffboardingResult) -> None:
    """Other lists of names and addresses."""
    networks = site.segments[client.segment].networks
    for path in (
        ("administration", "sources"),
        ("administration", "local_sources"),
        ("remediation_hosts",),
        ("web_filter", "resolvers"),
    ):
        for at, entry in reversed(list(enumerate(draft.get(path) or []))):
            if entry in gone or _lies_in(entry, networks):
                draft.remove((*path, at))
                result.changed_parts.append({"what": ".".join(path), "lost": entry, "from": path[-1]})


def _lies_in(text: str, networks: Iterable[Any]) -> bool:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        return False
    return any(one.version == network.version and network.subnet_of(one) for one in networks)


def _tell_of_data(result: OffboardingResult, machines: Iterable[Host], today: datetime.date) -> None:
    client, site = result.client, result.site
    about = client.retention
    reason = about.reason if about is not None else None

    def tell(what: str, where: str, days: int | None, why: str | None) -> None:
        until = None if days is None else (today + datetime.timedelta(days=days)).isoformat()
        if until is not None:
            result.kept.append({"what": what, "where": where, "days": days, "until": until, "reason": why})
        result.erase.append({"what": what, "where": where, "from": until or today.isoformat()})

    if client.database is not None:
        days = about.data if about is not None else None
        tell(f"database {client.database.name} and its accounts", client.database.host, days, reason)
    elif about is not None and about.data is not None:
        tell("the client's data", "where it is: the model names no database", about.data, reason)
    if client.recordings is not None:
        told = client.recordings
        where = told.host if told.host is not None else told.store
        what = f"recordings in {told.path}" if told.path else "recordings"
        tell(what, str(where), told.retention, reason or "recordings.retention of the model")
    backups = [host.name for host in site.hosts.values() if "backup_server" in host.kinds]
    days = about.backups if about is not None else None
    if backups or days is not None:
        tell("backups with the client's data", ", ".join(backups) or "no backup server in the model", days, reason)
    for host in machines:
        tell(f"whatever agents left on {host.name}, before it is used for anything else", host.name, None, None)
