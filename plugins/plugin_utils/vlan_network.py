# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the interfaces as people declare them to systemd-networkd's files and to what is bound to each interface.

``compose`` reads and checks everything at once. A trunk is one port, or several that make a bond.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PREFIX = "05-ringfence-"
BOND = "trunk0"
BOND_MODES = ("802.3ad", "active-backup", "balance-alb", "balance-tlb", "balance-xor", "balance-rr", "broadcast")
KEYS = ("name", "vlan", "interface", "addresses", "subnets", "dhcp", "dns", "router_advertisements", "transit")
_DHCP_KEYS = ("first", "last", "lease")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,14}")
_LEASE = re.compile(r"[1-9][0-9]{0,5}[mh]")


class InterfacesError(Exception):
    """Interfaces that cannot be made. ``errors``: one sentence each, all that were found."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass(frozen=True)
class Network:
    """What comes of the interfaces.

    ``bindings``: see module_utils/probes/_vlan_sources.py. ``untagged``: ports that carry tagged frames only.
    ``files``, ``links``, ``ports``: see module_utils/networkd.py.
    """

    bindings: list[dict[str, Any]]
    untagged: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    ports: list[str] = field(default_factory=list)

    def arguments(self) -> dict[str, Any]:
        """As options of the module vlan_transaction."""
        return {key: getattr(self, key) for key in ("bindings", "untagged", "files", "links", "ports")}


def compose(interfaces: Any, trunk: Sequence[str] = (), bond_mode: str = "802.3ad") -> Network:
    """The network of a gateway. Raises InterfacesError with everything that is wrong."""
    errors: list[str] = []
    if not isinstance(interfaces, Sequence) or isinstance(interfaces, str):
        raise InterfacesError(["client_vlans_interfaces: a list is expected"])
    for port in trunk:
        if not _INTERFACE.fullmatch(str(port)):
            errors.append(f"client_vlans_trunk: {port!r} is no name of a port; valid: such as eth1 or enp3s0")
    if len(set(trunk)) != len(trunk):
        errors.append("client_vlans_trunk: a port is there twice")
    if bond_mode not in BOND_MODES:
        errors.append(f"client_vlans_bond_mode: {bond_mode!r} is unknown; valid: {', '.join(BOND_MODES)}")
    read = [_read(number, entry, bool(trunk), errors) for number, entry in enumerate(interfaces)]
    found = [one for one in read if one]
    _twice(found, errors)
    if errors:
        raise InterfacesError(errors)
    keys = ("name", "interface", "addresses", "subnets", "dhcp", "transit")
    bindings = [{**{key: one[key] for key in keys}, "dhcp": bool(one["dhcp"])} for one in found]
    if not trunk:
        return Network(bindings)
    parent = trunk[0] if len(trunk) == 1 else BOND
    tagged = [one for one in found if one["tagged"]]
    return Network(
        bindings,
        untagged=[parent, *(port for port in trunk if port != parent)],
        files=_files(tagged, list(trunk), parent, bond_mode),
        links={one["interface"]: {"parent": parent, "id": one["vlan"]} for one in tagged},
        ports=list(trunk),
    )


def _read(number: int, entry: Any, trunk: bool, errors: list[str]) -> dict[str, Any] | None:
    if not isinstance(entry, Mapping):
        errors.append(f"client_vlans_interfaces[{number}]: a mapping is expected")
        return None
    where = f"client_vlans_interfaces[{number}] ({entry.get('name', 'without name')})"
    count = len(errors)

    def wrong(text: str) -> None:
        errors.append(f"{where}: {text}")

    for key in entry:
        if key not in KEYS:
            wrong(f"unknown key {key!r}; valid: {', '.join(KEYS)}")
    if not _NAME.fullmatch(str(entry.get("name", ""))):
        wrong("name: valid are a-z, 0-9, - and _, starting with a letter, at most 40 characters")
    vlan = entry.get("vlan")
    interface = entry.get("interface") or ""
    tagged = trunk and not interface
    if tagged and (not isinstance(vlan, int) or isinstance(vlan, bool) or not 1 <= vlan <= 4094):
        wrong(f"vlan: {vlan!r} is no VLAN; valid: 1 to 4094")
    if interface and not _INTERFACE.fullmatch(str(interface)):
        wrong(f"interface: {interface!r} is no name of an interface; valid: such as eth1 or enp3s0")
    addresses = _addresses(entry.get("addresses"), wrong)
    subnets = _subnets(entry.get("subnets"), addresses, wrong)
    told = {
        "name": entry.get("name"),
        "vlan": vlan,
        "tagged": tagged,
        "interface": f"vlan{vlan}" if tagged else interface,
        "addresses": [str(address) for address in addresses],
        "subnets": [str(subnet) for subnet in subnets],
        "dhcp": _dhcp(entry.get("dhcp"), addresses, wrong),
        "transit": bool(entry.get("transit", False)),
        "dns": _dns(entry.get("dns"), wrong),
    }
    told["router_advertisements"] = _advertised(entry, bool(told["dhcp"]), addresses, wrong)
    return None if len(errors) > count else told


def _listed(value: Any, key: str, wrong: Any) -> list[Any]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    if value is not None:
        wrong(f"{key}: {value!r} is not a list")
    return []


def _addresses(value: Any, wrong: Any) -> list[Any]:
    found: list[Any] = []
    for text in _listed(value, "addresses", wrong):
        try:
            if "/" not in str(text):
                raise ValueError
            found.append(ipaddress.ip_interface(str(text)))
        except ValueError:
            wrong(f"addresses: {text!r} is no address with a prefix length; valid: such as 192.0.2.1/24")
    if not found:
        wrong("addresses: this gateway's own address in the segment is missing")
    return found


def _subnets(value: Any, addresses: Sequence[Any], wrong: Any) -> list[Any]:
    if value is None:
        return list(dict.fromkeys(address.network for address in addresses))
    found: list[Any] = []
    for text in _listed(value, "subnets", wrong):
        try:
            found.append(ipaddress.ip_network(str(text)))
        except ValueError:
            wrong(f"subnets: {text!r} is no subnet; valid: such as 192.0.2.0/24 or 2001:db8::/64")
    for address in addresses:
        if found and not any(address.ip in network for network in found):
            wrong(f"addresses: {address} lies in none of the subnets")
    return found


def _dhcp(value: Any, addresses: Sequence[Any], wrong: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not {"first", "last"} <= set(value) <= set(_DHCP_KEYS):
        wrong(f"dhcp: a mapping with first and last is expected; valid keys: {', '.join(_DHCP_KEYS)}")
        return None
    try:
        first, last = (ipaddress.IPv4Address(str(value[key])) for key in ("first", "last"))
    except ValueError as problem:
        wrong(f"dhcp: {problem}")
        return None
    around = next((one for one in addresses if one.version == 4 and first in one.network and last in one.network), None)
    if around is None or first > last:
        wrong(f"dhcp: {first} to {last} is no range within the network of one of the addresses")
        return None
    if any(one.version == 4 and first <= one.ip <= last for one in addresses):
        wrong(f"dhcp: the range {first} to {last} holds the gateway's own address")
    if {around.network.network_address, around.network.broadcast_address} & {first, last}:
        wrong(f"dhcp: the range {first} to {last} holds the network's or the broadcast address")
    lease = str(value.get("lease", "12h"))
    if not _LEASE.fullmatch(lease):
        wrong(f"dhcp: lease {lease!r} is no time; valid: such as 30m or 12h")
    return {"first": str(first), "last": str(last), "lease": lease, "netmask": str(around.netmask)}


def _dns(value: Any, wrong: Any) -> list[str]:
    found = []
    for text in _listed(value, "dns", wrong):
        try:
            found.append(str(ipaddress.ip_address(str(text))))
        except ValueError:
            wrong(f"dns: {text!r} is no address of a name server")
    return found


def _advertised(entry: Mapping[str, Any], dhcp: bool, addresses: Sequence[Any], wrong: Any) -> list[str]:
    """The prefixes that router advertisements name."""
    prefixes = [str(one.network) for one in addresses if one.version == 6 and one.network.prefixlen == 64]
    asked = entry.get("router_advertisements")
    if asked is None:
        return prefixes if dhcp else []
    if not isinstance(asked, bool):
        wrong(f"router_advertisements: {asked!r} is neither true nor false")
    elif asked and not prefixes:
        wrong("router_advertisements: needs an IPv6 address with the prefix length 64")
    return prefixes if asked is True else []


def _twice(found: Sequence[Mapping[str, Any]], errors: list[str]) -> None:
    networks: list[tuple[Any, str]] = []
    for key, what in (("name", "name"), ("interface", "interface or VLAN")):
        values = [str(one[key]).replace("-", "_") if key == "name" else one[key] for one in found if one[key]]
        for value in sorted({value for value in values if values.count(value) > 1}):
            errors.append(f"client_vlans_interfaces: the {what} {value} is there twice")
    for one in found:
        for subnet in map(ipaddress.ip_network, one["subnets"]):
            for other, owner in networks:
                if owner != one["name"] and other.version == subnet.version and other.overlaps(subnet):
                    errors.append(f"client_vlans_interfaces: {subnet} of {one['name']} overlaps {other} of {owner}")
            networks.append((subnet, str(one["name"])))


_WRITTEN = "# Written by the role ringfence.callcenter.client_vlans: its next run undoes what is changed here.\n"
# Untagged frames have nothing to say here: no address, no link-local one, and nobody is listened to.
_SILENT = "LinkLocalAddressing=no\nIPv6AcceptRA=no\nDHCP=no\nLLDP=no\nEmitLLDP=no\n"


def _files(tagged: Sequence[Mapping[str, Any]], trunk: list[str], parent: str, bond_mode: str) -> dict[str, str]:
    files = {}
    vlans = "".join(f"VLAN={one['interface']}\n" for one in tagged)
    if parent == BOND:
        files["bond.netdev"] = (
            f"[NetDev]\nName={BOND}\nKind=bond\n\n[Bond]\nMode={bond_mode}\nMIIMonitorSec=100ms\n"
            + ("LACPTransmitRate=fast\nTransmitHashPolicy=layer3+4\n" if bond_mode == "802.3ad" else "")
        )
        for port in trunk:
            files[f"{port}.network"] = f"[Match]\nName={port}\n\n[Network]\nBond={BOND}\n{_SILENT}"
    files[f"{parent}.network"] = (
        f"[Match]\nName={parent}\n\n[Link]\nRequiredForOnline=no\n\n[Network]\n{vlans}{_SILENT}ConfigureWithoutCarrier=yes\n"
    )
    for one in tagged:
        name = one["interface"]
        # A link-local address is needed where IPv6 is spoken: neighbours and routers are found by it.
        local = "ipv6" if any(":" in address for address in one["addresses"]) else "no"
        addresses = "".join(f"Address={address}\n" for address in one["addresses"])
        files[f"{name}.netdev"] = f"[NetDev]\nName={name}\nKind=vlan\n\n[VLAN]\nId={one['vlan']}\n"
        files[f"{name}.network"] = (
            f"# Segment {one['name']}\n[Match]\nName={name}\n\n[Link]\nRequiredForOnline=no\n\n[Network]\n{addresses}"
            f"{_SILENT.replace('LinkLocalAddressing=no', f'LinkLocalAddressing={local}')}ConfigureWithoutCarrier=yes\n"
        )
    return {PREFIX + name: _WRITTEN + text for name, text in files.items()}


def served(interfaces: Any, trunk: Sequence[str] = (), bond_mode: str = "802.3ad") -> list[dict[str, Any]]:
    """The segments that get addresses or advertisements from this gateway: what the file of dnsmasq says of each."""
    compose(interfaces, trunk, bond_mode)
    read = [_read(number, entry, bool(trunk), []) for number, entry in enumerate(interfaces)]
    return [one for one in read if one and (one["dhcp"] or one["router_advertisements"])]


def settings(network: Network) -> dict[str, str]:
    """The kernel's settings of a gateway, path below /proc/sys to value; of interfaces whose names are known."""
    told = {"net/ipv4/ip_forward": "1"}
    if any(":" in address for binding in network.bindings for address in binding["addresses"]):
        told["net/ipv6/conf/all/forwarding"] = "1"
    for binding in network.bindings:
        name = binding["interface"]
        if not name:
            continue
        # A second lock beside the table. Where another gateway is, the way back may differ from the way in.
        told[f"net/ipv4/conf/{name}/rp_filter"] = "2" if binding["transit"] else "1"
        told[f"net/ipv4/conf/{name}/arp_ignore"] = "1"
        if any(":" in address for address in binding["addresses"]):
            told[f"net/ipv6/conf/{name}/accept_ra"] = "0"
    for port in network.untagged:
        # Nothing answers there, for no address at all.
        told[f"net/ipv4/conf/{port}/arp_ignore"] = "8"
    return told
