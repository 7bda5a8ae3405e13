# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab's specification: its networks and hosts, read from JSON and checked whole before anything is made.

Shape of the JSON::

    {"name": "demo",
     "networks": [{"name": "acme", "subnets": ["10.60.10.0/24", "fd60:10::/64"],
                   "bridge": ["10.60.10.254", "fd60:10::fffe"]}],
     "hosts": [{"name": "gw1", "image": "debian12", "forwarding": true, "groups": ["gateways"],
                "interfaces": [{"network": "acme", "addresses": ["10.60.10.1", "fd60:10::1"]}],
                "default_gateway": ["10.60.10.1", "fd60:10::1"]}]}

``bridge`` holds this machine's own addresses on a network; left out, it is the last usable IPv4 address and …fffe of an
IPv6 subnet. ``forwarding``, ``groups`` and ``default_gateway`` may be left out, and so may

- ``login``: by which account a host is reached, where it is not root with the lab's key. For example
  ``{"user": "automation", "shell": "/bin/tcsh", "port": 2222, "become": "su", "through": "control"}``: root may not log
  in, and the account becomes root by ``sudo`` or ``su`` with a password made for this lab, or by ``nopasswd``, sudo
  without one. ``through`` is a host of the lab over which ssh goes.
- ``mirror``: the host has the lab's package mirror, see mirror.py.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Union

from .images import NAMES
from .run import LabError

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

#: How an ordinary account becomes root.
BECOME = ("sudo", "nopasswd", "su")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_KEYS = {
    "spec": {"name", "networks", "hosts"},
    "network": {"name", "subnets", "bridge"},
    "host": {"name", "image", "forwarding", "interfaces", "default_gateway", "groups", "login", "mirror"},
    "interface": {"network", "addresses"},
    "login": {"user", "shell", "port", "become", "through"},
}


@dataclass(frozen=True)
class Network:
    """One network: a segment of the site."""

    name: str
    subnets: tuple[str, ...]
    bridge: tuple[str, ...]


@dataclass(frozen=True)
class Interface:
    """A host's place on a network; its name in the host is eth0, eth1, … in the order of the list."""

    network: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Login:
    """How a host is reached over ssh; '' for ``through`` means from this machine."""

    user: str = "root"
    shell: str = "/bin/bash"
    port: int = 22
    become: str = "sudo"
    through: str = ""

    @property
    def asks_for_password(self) -> bool:
        """Tell whether becoming root takes a password."""
        return self.user != "root" and self.become != "nopasswd"

    @property
    def become_method(self) -> str:
        """Ansible's name of the way to become root."""
        return "su" if self.become == "su" else "sudo"


@dataclass(frozen=True)
class Host:
    """One host. The first address of its first interface is the one it is reached at."""

    name: str
    image: str
    interfaces: tuple[Interface, ...]
    default_gateway: tuple[str, ...] = ()
    forwarding: bool = False
    groups: tuple[str, ...] = ()
    login: Login = Login()
    mirror: bool = False

    @property
    def address(self) -> str:
        """The address by which this machine reaches the host."""
        return self.interfaces[0].addresses[0]

    @property
    def addresses(self) -> list[str]:
        """All addresses, in the order of the interfaces."""
        return [address for interface in self.interfaces for address in interface.addresses]


@dataclass(frozen=True)
class Spec:
    """A whole lab."""

    name: str
    networks: tuple[Network, ...]
    hosts: tuple[Host, ...]

    def as_json(self) -> str:
        """Return the specification in the form that `parse` reads."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"


def bridge_address(subnet: str) -> str:
    """Return this machine's address on a subnet: the last usable one of IPv4 (.254 of a /24), …fffe of IPv6."""
    network = ipaddress.ip_network(subnet)
    if network.version == 4:
        return str(network.broadcast_address - 1)
    return str(network.network_address + 0xFFFE)


#: Hosts that others are tried from; every part of a lab has them.
PEERS = "peers"


def part(whole: Spec, groups: Collection[str]) -> Spec:
    """The lab with the hosts of these groups and their peers only; all of it when none is named.

    :raises LabError: when a group has no host.
    """
    if not groups:
        return whole
    known = {group for host in whole.hosts for group in host.groups}
    absent = sorted(set(groups) - known)
    if absent:
        raise LabError(f"No host of the lab is in group {', '.join(absent)} (there are {', '.join(sorted(known))}).")
    wanted = {*groups, PEERS}
    return replace(whole, hosts=tuple(host for host in whole.hosts if wanted.intersection(host.groups)))


def load(path: Path) -> Spec:
    """Read a specification from a file.

    :raises LabError: when it can't be read or is not right, with everything that is wrong.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LabError(f"The lab's specification {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise LabError(f"The lab's specification {path} is not JSON: {error}.") from error
    return parse(data, str(path))


def parse(data: Any, origin: str = "spec") -> Spec:
    """Turn JSON data into a specification.

    :param origin: what the messages call it.
    :raises LabError: with everything that is wrong.
    """
    wrong: list[str] = []
    try:
        spec = _build(data, wrong)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        wrong.append(f"not the shape that tools/lab/spec.py describes ({type(error).__name__}: {error})")
    else:
        _check(spec, wrong)
    if wrong:
        raise LabError(f"The lab's specification {origin} is refused: " + "; ".join(wrong) + ".")
    return spec


def _build(data: Mapping[str, Any], wrong: list[str]) -> Spec:
    _known(data, "spec", "the specification", wrong)
    networks = []
    for item in data["networks"]:
        _known(item, "network", f"network {item['name']}", wrong)
        bridge = item.get("bridge")
        if bridge is None:
            bridge = [bridge_address(subnet) for subnet in item["subnets"] if _network(subnet, wrong)]
        networks.append(Network(item["name"], tuple(item["subnets"]), tuple(bridge)))
    hosts = []
    for item in data["hosts"]:
        _known(item, "host", f"host {item['name']}", wrong)
        interfaces = []
        for interface in item["interfaces"]:
            _known(interface, "interface", f"host {item['name']}, interface", wrong)
            interfaces.append(Interface(interface["network"], tuple(interface["addresses"])))
        login = item.get("login") or {}
        _known(login, "login", f"host {item['name']}, login", wrong)
        hosts.append(
            Host(
                item["name"],
                item["image"],
                tuple(interfaces),
                tuple(item.get("default_gateway") or ()),
                bool(item.get("forwarding", False)),
                tuple(item.get("groups") or ()),
                Login(**{key: value for key, value in login.items() if key in _KEYS["login"]}),
                bool(item.get("mirror", False)),
            )
        )
    return Spec(data["name"], tuple(networks), tuple(hosts))


def _known(item: Mapping[str, Any], kind: str, where: str, wrong: list[str]) -> None:
    unknown = sorted(set(item) - _KEYS[kind])
    if unknown:
        wrong.append(f"{where}: unknown key {', '.join(unknown)} (known: {', '.join(sorted(_KEYS[kind]))})")


def _network(text: str, wrong: list[str]) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        wrong.append(f"{text} is not a subnet: {error}")
        return False
    return True


def _check(spec: Spec, wrong: list[str]) -> None:
    for kind, names in (
        ("lab", [spec.name]),
        ("network", [network.name for network in spec.networks]),
        ("host", [host.name for host in spec.hosts]),
    ):
        wrong += [
            f"{kind} name {name!r} is not lower-case letters, digits, - and _" for name in names if not _valid(name)
        ]
        wrong += [f"{kind} {name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    subnets: dict[str, list[IPNetwork]] = {}
    for network in spec.networks:
        good = [ipaddress.ip_network(text) for text in network.subnets if _network(text, wrong)]
        subnets[network.name] = good
        for text in network.bridge:
            _check_address(f"network {network.name}: bridge address", text, good, wrong)
    taken = {
        _canonical(text): f"network {network.name}'s bridge" for network in spec.networks for text in network.bridge
    }
    known = {host.name for host in spec.hosts}
    for host in spec.hosts:
        _check_host(host, subnets, taken, wrong)
        _check_login(host, known, wrong)


def _check_login(host: Host, names: set[str], wrong: list[str]) -> None:
    where, login = f"host {host.name}: login", host.login
    if not _valid(login.user):
        wrong.append(f"{where}: user {login.user!r} is not lower-case letters, digits, - and _")
    if login.become not in BECOME:
        wrong.append(f"{where}: become {login.become!r} is none of {', '.join(BECOME)}")
    if not isinstance(login.port, int) or not 0 < login.port < 65536:
        wrong.append(f"{where}: port {login.port!r} is not a port")
    if login.through and (login.through not in names or login.through == host.name):
        wrong.append(f"{where}: {login.through!r} is no other host of the lab")


def _check_host(host: Host, subnets: dict[str, list[IPNetwork]], taken: dict[str, str], wrong: list[str]) -> None:
    where = f"host {host.name}"
    if host.image not in NAMES:
        wrong.append(f"{where}: image {host.image!r} is none of {', '.join(NAMES)}")
    if not host.interfaces or not all(interface.addresses for interface in host.interfaces):
        wrong.append(f"{where}: every host has an interface and every interface an address")
    for interface in host.interfaces:
        if interface.network not in subnets:
            wrong.append(f"{where}: network {interface.network!r} is none of {', '.join(sorted(subnets))}")
            continue
        for text in interface.addresses:
            _check_address(where + ": address", text, subnets[interface.network], wrong)
            if _canonical(text) in taken:
                wrong.append(f"{where}: address {text} is taken by {taken[_canonical(text)]}")
            taken[_canonical(text)] = where
    on_link = [net for interface in host.interfaces for net in subnets.get(interface.network, [])]
    for text in host.default_gateway:
        _check_address(f"{where}: default gateway", text, on_link, wrong)


def _check_address(where: str, text: str, subnets: list[IPNetwork], wrong: list[str]) -> None:
    try:
        address: IPAddress = ipaddress.ip_address(text)
    except ValueError:
        wrong.append(f"{where} {text!r} is not an IP address")
        return
    if subnets and not any(address in subnet for subnet in subnets):
        wrong.append(f"{where} {text} lies in none of {', '.join(map(str, subnets))}")


def _canonical(text: str) -> str:
    """Return an address in its one shortest form, other text as it is."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _valid(name: str) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None
