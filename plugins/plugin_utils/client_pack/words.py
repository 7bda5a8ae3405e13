# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What names somebody else: collected from the inventory and from the bundle, with whose it is."""

from __future__ import annotations

import functools
import glob
import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import verify_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import CATALOG_DIRECTORY, COLLECTION_ROOT
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import html
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

from .inventory import Inventory, Place, people_in
from .matcher import Matcher, Network, folded
from .parties import Parties

#: Where the keys of a bundle's files stand.
_NAMES_OF_KEYS = (
    "client_pack/rules.py",
    "contents.py",
    "findings.py",
    "population.py",
    "site_findings.py",
    "delta.py",
    "ledger/book.py",
    "registers/judging.py",
    "registers/reading.py",
    "segmentation/record.py",
    "segmentation/matrix.py",
    "segmentation/judge.py",
)
#: A part of a title shorter than this tells nobody anything.
_SHORTEST_PART = 4
_PART = re.compile(r"[^\W\d_]+")
_LABEL = 4


def matcher(sealed: SealedBundle, inventory: Inventory, parties: Parties) -> Matcher:
    """What finds in a text whatever is not for this client."""
    mine = _Collected()
    others = _Collected()
    for site, clients in inventory.clients.items():
        for name, about in clients.items():
            subnets = inventory.segments.get(site, {}).get(str(about["segment"]), {}).get("subnets", ())
            (mine if name == parties.client else others).client(name, about, subnets)
    for site, title in inventory.titles.items():
        if site not in parties.sites:
            others.add(site, "another site")
            others.add(title, "another site")
    shared = _Collected()
    for record in sealed.hosts:
        host = str(record["host"])
        whose = others if host in parties.others else mine if host in parties.own else shared
        whose.host(record)
    for host, place in inventory.hosts.items():
        whose = mine if host in parties.own else shared if host in parties.shared else others
        whose.place(host, place)
    for segment in others.segments - shared.segments - mine.segments:
        others.add(segment, "a segment of others' hosts")
    known = {str(record["host"]) for record in sealed.records}
    for rows in sealed.delta.values():
        for row in rows if isinstance(rows, list) else ():
            if str(row["host"]) not in known and str(row["host"]) not in parties.own:
                others.add(str(row["host"]), "a host that is gone")
    for group in others.groups - shared.groups - mine.groups - {"all", "ungrouped"}:
        others.add(group, "a group of others' hosts")
    for person in others.people - mine.people - shared.people:
        others.add(person, "a user of others' hosts")
    public = public_text()
    others.parts_of_titles(public, mine)
    wide = [network for network in others.networks if network.num_addresses > 1]
    allowed = [one for one in shared.networks if not any(_within(one, network) for network in wide)]
    own = [*mine.words, *mine.groups]
    return Matcher(others.words, own, others.networks, [*mine.networks, *allowed], public)


def _within(one: Network, other: Network) -> bool:
    """Whether a network lies in another: a gateway's leg in a client's subnet is that client's."""
    return one.version == other.version and one.network_address in other


@functools.lru_cache(maxsize=1)
def public_text() -> str:
    """What is the same in every pack of every site: the report's frame, the verifier, the catalogue, the controls."""
    page = os.path.dirname(html.__file__)
    paths = [verify_bundle.__file__, *glob.glob(os.path.join(page, "*.*"))]
    paths += glob.glob(os.path.join(CATALOG_DIRECTORY, "*.yml"))
    paths += glob.glob(os.path.join(COLLECTION_ROOT, "roles", "*", "meta", "controls.yml"))
    paths += glob.glob(os.path.join(COLLECTION_ROOT, "plugins", "module_utils", "probes", "*.py"))
    paths += [os.path.join(COLLECTION_ROOT, "plugins", "plugin_utils", name) for name in _NAMES_OF_KEYS]
    texts = []
    for path in sorted(paths):
        if not path.endswith(".pyc"):
            with open(path, encoding="utf-8", errors="replace") as stream:
                texts.append(stream.read())
    return "\n".join(texts)


def _people(record: Mapping[str, Any]) -> set[str]:
    """The users that a host's findings name."""
    return people_in([one.get(key) for one in record["findings"] for key in ("expected", "observed")])


class _Collected:
    """Words with whose they are, and networks."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.networks: dict[Network, str] = {}
        self.titles: list[tuple[str, str]] = []
        self.groups: set[str] = set()
        self.segments: set[str] = set()
        self.people: set[str] = set()

    def add(self, text: Any, what: str) -> None:
        """A word; the first to say whose it is is right."""
        if text and str(text).strip():
            self.words.setdefault(str(text).strip(), what)

    def network(self, text: Any, what: str) -> None:
        """A network or address; what every machine has is nobody's."""
        try:
            network = ipaddress.ip_network(str(text), strict=False)
        except ValueError:
            self.add(text, what)
        else:
            if not (network.is_loopback or network.is_link_local or network.is_unspecified or network.is_multicast):
                self.networks.setdefault(network, what)

    def client(self, name: str, about: Mapping[str, Any], subnets: Iterable[str]) -> None:
        """All that the site model says of a client."""
        what = f"client {name}"
        for text in (name, about.get("title"), about.get("segment")):
            self.add(text, what)
        self.titles.append((str(about.get("title") or name), what))
        for page in about.get("sites_allowed") or ():
            self.add(page, f"a web site of {what}")
            labels = [label for label in str(page).split("/", maxsplit=1)[0].split(".") if label]
            if len(labels) > 2 and len(labels[-2]) >= _LABEL:
                self.add(".".join(labels[-2:]), f"a web site of {what}")
        for key, fields in (("database", ("name",)), ("recordings", ("path", "store")), ("retention", ("reason",))):
            for field in fields:
                self.add((about.get(key) or {}).get(field), f"{key} of {what}")
        for subnet in subnets:
            self.network(subnet, f"a subnet of {what}")

    def host(self, record: Mapping[str, Any]) -> None:
        """A host's names and addresses, and the users that were seen on it."""
        attributes, look = record["attributes"], record.get("look") or {}
        host = str(record["host"])
        what = f"host {host}"
        for name in (host, look.get("hostname")):
            self.add(name, what)
            if name and "." in str(name) and not str(name).replace(".", "").isdigit():
                self.add(str(name).split(".", 1)[0], what)
        self.add(attributes.get("client"), f"client of {what}")
        self.groups |= set(attributes.get("groups") or ())
        self.segments |= {str(one) for one in [attributes.get("segment")] if one}
        for address in [attributes.get("address"), *(attributes.get("addresses") or [])]:
            if address:
                self.network(address, what)
        self.people |= _people(record)

    def place(self, host: str, place: Place) -> None:
        """What the inventory says of a host, which the bundle may not know."""
        self.add(host, f"host {host}")
        self.groups |= place.groups
        self.people |= place.people
        self.segments |= {str(one) for one in [place.segment] if one}
        for address in place.addresses:
            self.network(address, f"host {host}")

    def parts_of_titles(self, public: str, mine: _Collected) -> None:
        """The parts of titles that are no everyday words: those that neither this collection nor the client uses."""
        everyday = folded("\n".join([public, *mine.words]))
        seen: dict[str, int] = {}
        for title, _what in self.titles:
            for part in set(_PART.findall(folded(title))):
                seen[part] = seen.get(part, 0) + 1
        for title, what in self.titles:
            for part in sorted(set(_PART.findall(folded(title)))):
                if len(part) >= _SHORTEST_PART and seen[part] == 1 and part not in everyday:
                    self.add(part, f"a part of the title of {what}")
