# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Derives what Ansible gets from a site model: groups, and the variables of groups and hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import administration, vlans
from .clients import about_client, held_by
from .model import Flow, Host, Segment, Site
from .people import about_contacts, about_remediation
from .published import about_published
from .rules import RuleBook
from .switches import about_switch
from .web_filter import proxy_of, variables_of


@dataclass(frozen=True)
class Inventory:
    """What a site gives Ansible.

    ``groups`` maps a group to its hosts. ``site_group`` is the group of all the site's hosts and has
    ``site_variables``. ``host_variables`` are derived and may share objects: treat them as read-only.
    ``free_site_variables`` and ``free_host_variables`` are what people wrote under ``vars``, the only place where text
    can be a template.
    """

    site_group: str
    groups: dict[str, list[str]]
    site_variables: dict[str, Any]
    free_site_variables: dict[str, Any]
    host_variables: dict[str, dict[str, Any]]
    free_host_variables: dict[str, dict[str, Any]]


def group_name(prefix: str, name: str) -> str:
    """The group of a kind, segment, client or site."""
    return f"{prefix}_{name.replace('-', '_')}"


def inventory_of(site: Site) -> Inventory:
    """The groups and variables of a site."""
    book = RuleBook(site)
    clients = {client.segment: client for client in site.clients.values()}
    about_clients = {client.name: about_client(client) for client in site.clients.values()}
    site_group = group_name("site", site.name)
    groups: dict[str, list[str]] = {site_group: []}
    variables: dict[str, dict[str, Any]] = {}
    for host in site.hosts.values():
        client = clients.get(host.segment)
        member_of = [site_group, *(group_name("kind", kind) for kind in host.kinds)]
        member_of.append(group_name("segment", host.segment))
        if client is not None:
            member_of.append(group_name("client", client.name))
        for group in member_of:
            groups.setdefault(group, []).append(host.name)
        addresses = host.addresses
        variables[host.name] = {
            "ansible_host": str(addresses[0]),
            "ringfence_host": _about(host, client.name if client else None, site.segments[host.segment], site),
            "firewall_flow_rules": [*book.rules_of(host.name), *vlans.rules_of(site, host)],
            **administration.variables_of(site, host),
            **vlans.variables_of(site, host),
            **variables_of(site.web_filter, host, site.segments, site.clients),
            **held_by(host, site.clients, site.segments),
        }
        if client is not None:
            variables[host.name]["ringfence_client"] = about_clients[client.name]
        proxy = None if client is None else proxy_of(site.web_filter, client, site.hosts)
        if proxy is not None:
            variables[host.name]["ringfence_web_proxy"] = proxy
    return Inventory(
        site_group=site_group,
        groups=groups,
        site_variables={
            "ringfence_site": {"name": site.name, "title": site.title, "contact": site.contact},
            "ringfence_segments": {
                segment.name: {
                    "vlan": segment.vlan,
                    "class": segment.trust_class,
                    "subnets": [str(network) for network in segment.networks],
                }
                for segment in site.segments.values()
            },
            "ringfence_flows": [
                *(_about_flow(flow) for flow in site.flows),
                *(_about_flow(flow, published=True) for flow in site.published),
                *(_about_flow(flow, derived=True) for flow in site.derived_flows),
            ],
            "ringfence_clients": about_clients,
            "ringfence_published": about_published(site),
            "ringfence_remediation_hosts": about_remediation(site.remediation),
            "ringfence_contacts": about_contacts(site.contacts),
            "ringfence_switches": {
                switch.name: about_switch(switch, site.segments) for switch in site.switches.values()
            },
            **administration.variables_of_site(site),
        },
        free_site_variables=dict(site.variables),
        host_variables=variables,
        free_host_variables={host.name: dict(host.variables) for host in site.hosts.values() if host.variables},
    )


def _about_flow(flow: Flow, *, derived: bool = False, published: bool = False) -> dict[str, Any]:
    """One of ringfence_flows: the ends by the names that the model has for them, the internet as ``internet``."""
    return {
        "name": flow.name,
        "from": [endpoint.name for endpoint in flow.sources],
        "to": [endpoint.name for endpoint in flow.destinations],
        "protocol": flow.protocol,
        "ports": list(flow.ports),
        "reason": flow.reason,
        "owner": flow.owner,
        "change": flow.change,
        "review_by": flow.review_by,
        "derived": derived,
        "published": published,
    }


def _about(host: Host, client: str | None, segment: Segment, site: Site) -> dict[str, Any]:
    """The value of ringfence_host."""
    about: dict[str, Any] = {
        "kinds": list(host.kinds),
        "segment": host.segment,
        "class": host.trust_class,
        "client": client,
        "os": host.os,
        "ssh_ports": list(site.ssh_ports(host)),
        "addresses": [str(address) for address in host.addresses],
        "interfaces": [
            {"segment": name, "addresses": [str(address) for address in addresses]}
            for name, addresses in host.legs.items()
        ],
    }
    if segment.gateway is not None and segment.gateway != host.name:
        about["default_gateway"] = [str(address) for address in site.hosts[segment.gateway].legs[host.segment]]
    return about
