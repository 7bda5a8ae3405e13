# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds a client to a site model: its segment, itself, its gateway's leg and its flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import needs
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.model import Flow, Host, Segment, Site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.needs import Ways
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import (
    Problem,
    SiteModelError,
    path_text,
)

from .allocation import addresses_like, check_place, next_place
from .draft import Draft, EditError

# What a client may say of itself, in the order of the file.
ABOUT = ("title", "segment", "sites_allowed", "database", "recordings", "retention", "business_hours")
_SEGMENT_NAME = "segment.name"
_OF_SEGMENT = ("title", "vlan", "subnets", "gateway")


@dataclass(frozen=True)
class NewClient:
    """A client as asked for.

    ``about`` has keys of ABOUT but ``segment``; ``segment`` has ``name`` and keys of a segment; ``like`` is the client
    whose flows it shares; ``flows`` are further ones.
    """

    name: str
    about: Mapping[str, Any] = field(default_factory=dict)
    segment: Mapping[str, Any] = field(default_factory=dict)
    like: str | None = None
    flows: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class OnboardingResult:
    """The changed text and what is to be said of it.

    ``left``: flows of ``like`` that this client did not get. ``lacks``: what its hosts have no way to.
    """

    text: str
    changed: bool
    segment: str
    vlan: int
    subnets: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    lacks: tuple[str, ...] = ()


def onboard(text: str, file: str, wanted: NewClient) -> OnboardingResult:
    """The text with the client in it.

    Raises SiteModelError for a text that is no model; EditError for what can't be had.
    """
    site = load_site(text, file)
    segment = str(wanted.segment.get("name") or wanted.name)
    _check_names(site, wanted, segment)
    draft = Draft(text, file)
    if wanted.like is not None and wanted.like not in site.clients:
        raise EditError(f"like: there is no client {wanted.like!r}; there are: {', '.join(site.clients) or 'none'}")
    if wanted.like == wanted.name:
        raise EditError("like: a client is no template of itself")
    if wanted.name in site.clients:
        _see_that_it_is_the_same(draft, site, wanted, segment)
    else:
        _add(draft, site, wanted, segment)
    joined, left = _share_flows(draft, site, wanted, segment)
    if wanted.name not in site.clients:
        joined += _share_ways(draft, site, wanted, segment)
    for flow in wanted.flows:
        _add_flow(draft, flow)
    after = _changed(draft, site, wanted, segment)
    place = after.segments[after.clients[wanted.name].segment]
    return OnboardingResult(
        text=draft.text,
        changed=draft.text != text,
        segment=place.name,
        vlan=place.vlan,
        subnets=tuple(str(network) for network in place.networks),
        joined=tuple(joined),
        left=tuple(left),
        lacks=tuple(_lacking(after, place.name)),
    )


def _check_names(site: Site, wanted: NewClient, segment: str) -> None:
    """Refuse names of a new client and its segment that are something else's, by the key that gave them."""
    if not wanted.name.strip():
        raise EditError("client: empty; expected a name")
    if wanted.name in site.clients:
        return
    own = "client" if segment == wanted.name else _SEGMENT_NAME
    taken = {client.segment: f"segment of client {client.name}" for client in site.clients.values()}
    taken |= {
        place.name: f"segment of class {place.trust_class}"
        for place in site.segments.values()
        if place.trust_class != "client"
    }
    others = {**dict.fromkeys(site.clients, "client"), **dict.fromkeys(site.hosts, "host")}
    strange = {name: "segment" for name in site.segments if name != segment}
    for key, name, owners in (("client", wanted.name, strange | taken | others), (own, segment, taken | others)):
        if name in owners:
            raise EditError(f"{key}: {name} is the name of a {owners[name]} of {site.file} already; choose another")
    for key, name, names in (("client", wanted.name, site.clients), (own, segment, site.segments)):
        for twin in names:
            if twin != name and twin.replace("-", "_") == name.replace("-", "_"):
                raise EditError(f"{key}: {name} and {twin} would be the same group (- becomes _); choose another")


def _changed(draft: Draft, before: Site, wanted: NewClient, segment: str) -> Site:
    """The site as the draft has it; what is wrong with it is told by the keys that were given, without its lines."""
    try:
        return load_site(draft.text, draft.file)
    except SiteModelError as refused:
        said = [f"{_given_as(problem, before, wanted, segment)}: {problem.message}" for problem in refused.problems]
        heading = f"{draft.file} would be refused with this client in it, and nothing has been touched:"
        raise EditError("\n  ".join([heading, *dict.fromkeys(said)])) from None


def _given_as(problem: Problem, before: Site, wanted: NewClient, segment: str) -> str:
    """The key that gave what a problem of the changed model is about."""
    part, name, *rest = (*problem.path, "", "")[: max(2, len(problem.path))]
    if (part, name) == ("clients", wanted.name):
        return path_text(tuple(rest)) if rest and rest[0] != "segment" else _SEGMENT_NAME if rest else "client"
    if (part, name) == ("segments", segment):
        named = "client" if segment == wanted.name else _SEGMENT_NAME
        return path_text(("segment", *rest)) if rest else named
    if part == "flows" and isinstance(name, int) and name >= len(before.flows):
        return path_text(("flows", name - len(before.flows), *rest))
    return path_text(problem.path)


def _add(draft: Draft, site: Site, wanted: NewClient, segment: str) -> None:
    if "title" not in wanted.about:
        raise EditError("title: a new client needs one: the company's name")
    pattern = _pattern(site, wanted)
    if segment not in site.segments:
        _add_segment(draft, site, wanted, segment, pattern)
    about = {key: wanted.about[key] for key in ABOUT if wanted.about.get(key) is not None}
    about = {"title": about.pop("title"), "segment": segment, **about}
    draft.insert(("clients",), wanted.name, about, after=wanted.like)


def _pattern(site: Site, wanted: NewClient) -> Segment | None:
    """The segment that shows how segments are made here: that of the template, else that of the last client."""
    if wanted.like is not None:
        return site.segments[site.clients[wanted.like].segment]
    of_clients = [site.segments[client.segment] for client in site.clients.values()]
    of_class = [segment for segment in site.segments.values() if segment.trust_class == "client"]
    found = of_clients or of_class or list(site.segments.values())
    return max(found, key=lambda one: one.vlan) if found else None


def _add_segment(draft: Draft, site: Site, wanted: NewClient, name: str, pattern: Segment | None) -> None:
    given = {key: wanted.segment[key] for key in _OF_SEGMENT if wanted.segment.get(key) is not None}
    if pattern is None:
        raise EditError("the site has no segment yet")
    check_place(site, given.get("vlan"), given.get("subnets", ()))
    place = next_place(site, pattern, given.get("vlan"), given.get("subnets", ()))
    about: dict[str, Any] = {
        "title": given.get("title") or f"Agents who work for {wanted.about['title']}",
        "vlan": place.vlan,
        "subnets": list(place.subnets),
        "class": "client",
    }
    if "gateway" in given:
        about["gateway"] = given["gateway"]
    draft.insert(("segments",), name, about, after=pattern.name)
    gateway = given.get("gateway") or pattern.gateway
    if gateway is None:
        return  # someone else routes here
    if gateway not in site.hosts or not site.hosts[gateway].is_gateway:
        raise EditError(f"segment.gateway: {gateway!r} is no host of kind gateway")
    legs = draft.get(("hosts", gateway, "interfaces")) or {}
    addresses = addresses_like(site, gateway, pattern, place.subnets)
    after = pattern.name if pattern.name in legs else None
    draft.insert(("hosts", gateway, "interfaces"), name, addresses, after=after)


def _see_that_it_is_the_same(draft: Draft, site: Site, wanted: NewClient, segment: str) -> None:
    """Refuse a client that is there and differs in what was said: changing one is not taking it on."""
    present = draft.get(("clients", wanted.name))
    place = draft.get(("segments", site.clients[wanted.name].segment))
    differing = [key for key, value in wanted.about.items() if value is not None and present.get(key) != value]
    differing += [
        f"segment.{key}"
        for key in _OF_SEGMENT
        if wanted.segment.get(key) is not None and place.get(key) != wanted.segment[key]
    ]
    if "name" in wanted.segment and segment != site.clients[wanted.name].segment:
        differing.append("segment.name")
    if differing:
        raise EditError(
            f"client {wanted.name} is there already and differs in {', '.join(differing)}: change it in {draft.file} "
            "itself"
        )


def _share_flows(draft: Draft, site: Site, wanted: NewClient, segment: str) -> tuple[list[str], list[str]]:
    """The client joins its template's flows within the site. Returns the names of those joined and of those left.

    Left are flows whose other end is a client, a client's machine, or outside: they belong to the template alone, and
    no client shall get to another because a third one does.
    """
    if wanted.like is None:
        return [], []
    template = site.clients[wanted.like]
    names = {template.name, template.segment}
    mine = {wanted.name, segment}
    joined, left = [], []
    for position, flow in enumerate(draft.get(("flows",)) or []):
        for side, other in (("from", "to"), ("to", "from")):
            ends = _ends(flow, side)
            if not names & set(ends) or mine & set(ends):
                continue
            if all(_is_shared(end, site) for end in _ends(flow, other)):
                draft.append(("flows", position, side), wanted.name)
                joined.append(flow["name"])
            else:
                left.append(flow["name"])
    return joined, left


def _share_ways(draft: Draft, before: Site, wanted: NewClient, segment: str) -> list[str]:
    """A new client joins the flows by which other segments get what every host needs (names, time, packages, …).

    Only those that end at hosts of the site which are no client's: nobody gets to the internet by that.
    """
    site = _changed(draft, before, wanted, segment)
    ways = Ways(site)
    missing = _lacking(site, segment)
    of_clients = {name for client in site.clients.values() for name in (client.name, client.segment)}
    candidates: dict[str, list[tuple[int, Flow]]] = {name: [] for name in missing}
    for position, flow in enumerate(site.flows):
        if any(end.name in site.segments for end in flow.sources) and all(
            _is_shared(end.name, site) for end in flow.destinations
        ):
            for name in ways.given_by(flow, beside=True):
                if name in candidates:
                    candidates[name].append((position, flow))
    positions: set[int] = set()
    for found in candidates.values():
        shared = [one for one in found if of_clients & {end.name for end in one[1].sources}]
        positions |= {position for position, _flow in shared or found}
    for position in sorted(positions):
        draft.append(("flows", position, "from"), wanted.name)
    return [site.flows[position].name for position in sorted(positions)]


def _lacking(site: Site, segment: str) -> list[str]:
    """What a workstation in a segment would have no way to."""
    ways = Ways(site)
    seat = Host("", ("workstation",), segment, {}, "", "")
    return [name for name in needs.load().of(seat) if not ways.segment_has(segment, name)]


def _ends(flow: Mapping[str, Any], side: str) -> list[str]:
    value = flow[side]
    return value if isinstance(value, list) else [value]


def _is_shared(end: str, site: Site) -> bool:
    """Whether an end is something of the site that is no client's."""
    if end in site.hosts:
        place = site.hosts[end].segment
        return site.hosts[end].is_gateway or site.segments[place].trust_class != "client"
    return end in site.segments and site.segments[end].trust_class != "client"


def _add_flow(draft: Draft, flow: Mapping[str, Any]) -> None:
    flows = draft.get(("flows",)) or []
    present = next((one for one in flows if one.get("name") == flow.get("name")), None)
    if present is None:
        draft.append(("flows",), dict(flow))
    elif present != flow:
        raise EditError(f"flows: a flow called {flow.get('name')} is there already, and differs; choose another name")
