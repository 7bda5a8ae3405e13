# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web filter of a site: which host filters for which client, and the flows that follow from it.

A client with ``sites_allowed`` is filtered by the host of kind ``proxy``, or where there is none by the gateway of its
segment. Its workstations reach that host's proxy and resolver, and the host reaches the sites and the name servers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .addresses import whole
from .flows import WEB_FILTER_PREFIX, EndpointReader, endpoint_of
from .model import Administration, Client, Endpoint, Flow, Host, Segment, WebFilter
from .problems import Path, Problems
from .schema import INTERNET

DEFAULT_PORT = 3128
DNS_PORT = 53
SITE_PORTS = (80, 443)
KIND = "proxy"


def build_web_filter(
    record: Mapping[str, Any],
    segments: Mapping[str, Segment],
    clients: Mapping[str, Client],
    hosts: Mapping[str, Host],
    *,
    endpoints: EndpointReader,
    problems: Problems,
) -> WebFilter:
    """Who filters for whom; what is wrong has been noted."""
    proxy = _proxy(segments, hosts, problems)
    served: dict[str, list[str]] = {}
    for client in clients.values():
        host = proxy or segments[client.segment].gateway
        if client.sites_allowed and host is not None:
            served.setdefault(host, []).append(client.name)
    return WebFilter(
        port=record.get("port", DEFAULT_PORT),
        resolvers=_resolvers(record, endpoints, problems),
        served={host: tuple(names) for host, names in served.items()},
    )


def _proxy(segments: Mapping[str, Segment], hosts: Mapping[str, Host], problems: Problems) -> str | None:
    """The name of the host that filters for all clients; None when the gateways do."""
    found = [host for host in hosts.values() if KIND in host.kinds]
    for host in found[1:]:
        message = f"{found[0].name} has kind {KIND} already; one host filters for all clients of a site"
        problems.add(("hosts", host.name, "kind"), message)
    for host in found:
        if "card_data" in (host.trust_class, segments[host.segment].trust_class):
            message = f"a host of kind {KIND} opens connections to the internet, which class card_data never does"
            problems.add(("hosts", host.name, "kind"), message)
    return found[0].name if found else None


def _resolvers(record: Mapping[str, Any], endpoints: EndpointReader, problems: Problems) -> tuple[Endpoint, ...]:
    path: Path = ("web_filter", "resolvers")
    found = endpoints.read(record.get("resolvers", ()), path) or ()
    for position, end in enumerate(found):
        if end.kind not in ("host", "address") or any(
            network.prefixlen != network.max_prefixlen for network in end.networks
        ):
            problems.add((*path, position), f"{end.name} is no single name server; write hosts or addresses")
    return found


def way_in(host: Host, segment: str) -> Endpoint:
    """The filtering host as workstations of a segment reach it: at its addresses there, else at those of its own."""
    leg = segment if host.legs.get(segment) else host.segment
    networks = tuple(whole(address) for address in host.legs[leg])
    return Endpoint("host", host.name, frozenset(host.legs), networks, host.is_gateway, leg)


def web_filter_flows(
    told: WebFilter,
    segments: Mapping[str, Segment],
    clients: Mapping[str, Client],
    hosts: Mapping[str, Host],
    administration: Administration,
) -> tuple[Flow, ...]:
    """What the filter needs: workstations to it, and it to sites and name servers."""
    flows: list[Flow] = []

    def add(
        name: str, sources: Iterable[Endpoint], destinations: Iterable[Endpoint], ports: Mapping[str, Any], why: str
    ) -> None:
        for protocol, numbers in ports.items():
            ending = f"-{protocol}" if len(ports) > 1 else ""
            flows.append(
                Flow(
                    name=f"{WEB_FILTER_PREFIX}{name}{ending}",
                    sources=tuple(sources),
                    destinations=tuple(destinations),
                    protocol=protocol,
                    ports=tuple(numbers),
                    reason=why,
                    owner=administration.owner,
                    review_by=administration.review_by,
                )
            )

    dns = {"udp": (DNS_PORT,), "tcp": (DNS_PORT,)}
    internet = (Endpoint("internet", INTERNET, frozenset(("",))),)
    for name, served in told.served.items():
        host = hosts[name]
        for client in (clients[one] for one in served):
            segment = segments[client.segment]
            agents = (Endpoint("segment", segment.name, frozenset((segment.name,)), segment.networks),)
            there = (way_in(host, segment.name),)
            add(client.name, agents, there, {"tcp": (told.port,)}, "Agents open the sites listed for their client")
            add(f"dns-{client.name}", agents, there, dns, "Agents look up the sites listed for their client")
        add("sites", (endpoint_of(host),), internet, {"tcp": SITE_PORTS}, "The web filter opens the listed sites")
        others = tuple(end for end in told.resolvers if end.name != name)
        if others or not told.resolvers:
            add("dns", (endpoint_of(host),), others or internet, dns, "The web filter looks up the listed sites")
    return tuple(flows)


def variables_of(
    told: WebFilter, host: Host, segments: Mapping[str, Segment], clients: Mapping[str, Client]
) -> dict[str, Any]:
    """The role's variables of a host that filters; nothing for others."""
    if host.name not in told.served:
        return {}
    return {
        "web_filter_clients": [
            {
                "name": client.name,
                "title": client.title,
                "sources": [str(network) for network in segments[client.segment].networks],
                "sites_allowed": list(client.sites_allowed),
            }
            for client in (clients[name] for name in told.served[host.name])
        ],
        "web_filter_port": told.port,
        "web_filter_resolvers": [
            str(network.network_address) for end in told.resolvers if end.name != host.name for network in end.networks
        ],
    }


def proxy_of(told: WebFilter, client: Client, hosts: Mapping[str, Host]) -> dict[str, Any] | None:
    """What a client's workstations are told of their proxy: its ``addresses`` and ``port``; None without one."""
    name = next((host for host, served in told.served.items() if client.name in served), None)
    if name is None:
        return None
    end = way_in(hosts[name], client.segment)
    return {"addresses": [str(network.network_address) for network in end.networks], "port": told.port}
