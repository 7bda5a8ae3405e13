# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of a site: which port is in which segment. Shape, checks, and what Ansible gets of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .addresses import SubnetIndex, read_address, unusable_reason
from .model import Address, Host, Port, Segment, Switch
from .problems import Path, Problems, path_text
from .segments import unknown_segment
from .shapes import Choice, Field, Items, Record, Table, Text, Whole

PLATFORMS = ("ios", "eos", "junos")
# Ports that nobody uses wait in one, the other is the native VLAN of trunks: no segment has them, so what comes in
# untagged or double-tagged leads nowhere.
PARKING_VLAN, NATIVE_VLAN = 998, 999
# The FDDI and token ring VLANs that no switch lets go of.
_RESERVED_VLANS = range(1002, 1006)
MOST_PORTS = 1024

PORT_NAME = {
    "ios": re.compile(r"[A-Z][A-Za-z]+(?:\d+/){0,3}\d+", re.ASCII),
    "eos": re.compile(r"(?:Ethernet|Port-Channel)(?:\d+/){0,3}\d+", re.ASCII),
    "junos": re.compile(r"(?:ge|xe|et|mge)-\d+/\d+/\d+|ae\d+", re.ASCII),
}
_EXAMPLES = {
    "ios": "GigabitEthernet1/0/1 or GigabitEthernet1/0/1-24",
    "eos": "Ethernet1 or Ethernet1-24",
    "junos": "ge-0/0/0 or ge-0/0/0-23",
}
_RANGE = re.compile(r"(.*\D)(\d{1,4})-(\d{1,4})", re.ASCII)

_PORT = Text("port name such as GigabitEthernet1/0/1, or a range such as GigabitEthernet1/0/1-24")
_SEGMENT = Text("the name of a segment")
# Switches read what is typed: a question mark asks for help, quotes and comments end a title.
_TITLE = Text(
    "title (letters, digits, blanks and . , : / ( ) + - _, at most 60 characters)",
    re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:/()+_-]{0,59}", re.ASCII),
)

PORT = Record(
    {
        "access": Field(_SEGMENT),
        "trunk": Field(Items(_SEGMENT, one_alone=True)),
        "unused": Field(Choice(("shutdown",))),
        "macs": Field(Whole(1, 64)),
        "title": Field(_TITLE),
    }
)
SWITCH = Record(
    {
        "platform": Field(Choice(PLATFORMS), required=True),
        "address": Field(Text("an IP address"), required=True),
        "ports": Field(Table(_PORT, PORT), required=True),
        "uplinks": Field(Items(_PORT, one_alone=True, may_be_empty=True)),
        "parking_vlan": Field(Whole(2, 4094)),
        "native_vlan": Field(Whole(2, 4094)),
    }
)


def build_switches(
    data: Mapping[str, Any],
    segments: Mapping[str, Segment],
    hosts: Mapping[str, Host],
    *,
    index: SubnetIndex,
    owner: Callable[[Address], str | None],
    problems: Problems,
) -> dict[str, Switch]:
    """The switches; what is wrong has been noted."""
    builder = _Builder(segments, hosts, index, owner, problems)
    switches = {}
    for name, record in data.items():
        switch = builder.build(name, record)
        if switch is not None:
            switches[name] = switch
    return switches


class _Builder:
    def __init__(
        self,
        segments: Mapping[str, Segment],
        hosts: Mapping[str, Host],
        index: SubnetIndex,
        owner: Callable[[Address], str | None],
        problems: Problems,
    ) -> None:
        self._segments, self._hosts, self._index = segments, hosts, index
        self._owner, self._problems = owner, problems
        self._vlans = {segment.vlan: segment.name for segment in segments.values() if segment.vlan}
        self._addresses: dict[Address, str] = {}

    def build(self, name: str, record: Mapping[str, Any]) -> Switch | None:
        path: Path = ("switches", name)
        if name in self._hosts:
            message = f"{name} is already the name of one of the hosts; Ansible could not tell them apart"
            self._problems.add(path, message, at_key=True)
        home = self._address(name, record.get("address"), (*path, "address"))
        parking, native = self._spare_vlans(record, path)
        platform = record.get("platform")
        if platform is None:
            return None
        ports: dict[str, Port] = {}
        where: dict[str, Path] = {}
        for text, port in record.get("ports", {}).items():
            there: Path = (*path, "ports", text)
            made = self._port(port, there, platform)
            for one in self._names(text, platform, there, at_key=True):
                if self._is_new(one, there, where, at_key=True) and made is not None:
                    ports[one] = made
        carried = dict.fromkeys(segment for port in ports.values() for segment in port.segments)
        if home is not None:
            carried.setdefault(home)
        for position, text in enumerate(record.get("uplinks", ())):
            there = (*path, "uplinks", position)
            for one in self._names(text, platform, there):
                if self._is_new(one, there, where):
                    ports[one] = Port("trunk", tuple(carried), uplink=True)
        if len(ports) > MOST_PORTS:
            self._problems.add((*path, "ports"), f"{len(ports)} ports; no switch has more than {MOST_PORTS}")
        return Switch(name, platform, record.get("address", ""), ports, parking, native)

    def _address(self, name: str, text: str | None, path: Path) -> str | None:
        """The segment of a switch's own address."""
        address = None if text is None else read_address(text, path, self._problems)
        if address is None:
            return None
        segment = self._index.segment_of(address)
        taken = self._owner(address)
        if taken is not None:
            self._problems.add(path, f"{address} is the address of host {taken} already")
        first = self._addresses.setdefault(address, name)
        if first != name:
            self._problems.add(path, f"{address} is the address of switch {first} already")
        if segment is None:
            self._problems.add(path, f"{address} lies in no segment of this site")
            return None
        reason = unusable_reason(address, self._segments[segment].networks)
        if reason is not None:
            self._problems.add(path, f"{address} {reason}")
        trust_class = self._segments[segment].trust_class
        if trust_class not in ("management", ""):
            message = (
                f"{address} lies in segment {segment} of class {trust_class}; a switch is managed in one of class "
            )
            self._problems.add(path, f"{message}management")
        return segment

    def _spare_vlans(self, record: Mapping[str, Any], path: Path) -> tuple[int, int]:
        spare = {key: record.get(key, default) for key, default in _SPARE.items()}
        for key, vlan in spare.items():
            if vlan in self._vlans:
                at = path if key not in record else (*path, key)
                message = f"VLAN {vlan} is that of segment {self._vlans[vlan]}; {key} is one that no segment has"
                self._problems.add(at, message)
            if vlan in _RESERVED_VLANS:
                self._problems.add(
                    (*path, key), f"VLAN {vlan} is reserved in switches. Valid: 2 to 1001, 1006 to 4094."
                )
        if spare["parking_vlan"] == spare["native_vlan"]:
            self._problems.add(path, f"parking_vlan and native_vlan are both {spare['native_vlan']}; they must differ")
        return spare["parking_vlan"], spare["native_vlan"]

    def _port(self, record: Mapping[str, Any], path: Path, platform: str) -> Port | None:
        modes = [mode for mode in ("access", "trunk", "unused") if mode in record]
        noted = any(problem.path[: len(path)] == path for problem in self._problems.found)
        if len(modes) != 1:
            if not noted:
                found = " and ".join(modes) or "none"
                self._problems.add(path, f"a port has one of access, trunk and unused; found {found}")
            return None
        mode = modes[0]
        if "macs" in record and mode != "access":
            self._problems.add((*path, "macs"), "only ports with access count the addresses behind them", at_key=True)
        names = {"access": [record.get("access")], "trunk": record.get("trunk", []), "unused": []}[mode]
        known = []
        for position, name in enumerate(names):
            at: Path = (*path, mode) if mode == "access" else (*path, mode, position)
            if name not in self._segments:
                self._problems.add(at, unknown_segment(name, self._segments))
                continue
            known.append(name)
            self._check_vlan(self._segments[name], at, platform)
        return Port(mode, tuple(known), macs=record.get("macs", 1), title=record.get("title"))

    def _check_vlan(self, segment: Segment, path: Path, platform: str) -> None:
        if segment.vlan == 1:
            message = f"segment {segment.name} has VLAN 1, the switches' default, which no port shall be in"
            self._problems.add(path, message)
        if segment.vlan in _RESERVED_VLANS and platform != "junos":
            self._problems.add(
                path, f"VLAN {segment.vlan} of segment {segment.name} is reserved in {platform} switches"
            )

    def _names(self, text: str, platform: str, path: Path, at_key: bool = False) -> Iterator[str]:
        """The ports that a name or a range means."""
        found = _RANGE.fullmatch(text)
        names = [text]
        if found is not None:
            first, last = int(found[2]), int(found[3])
            if first >= last:
                self._problems.add(path, f"{text}: a range goes from the lower number to the higher", at_key=at_key)
                return
            names = [f"{found[1]}{number}" for number in range(first, min(last, first + MOST_PORTS) + 1)]
        if PORT_NAME[platform].fullmatch(names[0]) is None:
            message = f"{text!r} is no port of platform {platform}; write it as {_EXAMPLES[platform]}"
            self._problems.add(path, message, at_key=at_key)
            return
        yield from names

    def _is_new(self, name: str, path: Path, where: dict[str, Path], at_key: bool = False) -> bool:
        first = where.setdefault(name, path)
        if first is path:
            return True
        self._problems.add(path, f"port {name} is in {path_text(first)} already", at_key=at_key)
        return False


_SPARE = {"parking_vlan": PARKING_VLAN, "native_vlan": NATIVE_VLAN}


def about_switch(switch: Switch, segments: Mapping[str, Segment]) -> dict[str, Any]:
    """One of ringfence_switches."""
    carried = dict.fromkeys(name for port in switch.ports.values() for name in port.segments)
    return {
        "platform": switch.platform,
        "address": switch.address,
        "parking_vlan": switch.parking_vlan,
        "native_vlan": switch.native_vlan,
        "vlans": {name: segments[name].vlan for name in carried},
        "ports": {name: _about_port(port) for name, port in switch.ports.items()},
    }


def _about_port(port: Port) -> dict[str, Any]:
    about: dict[str, Any] = {"mode": port.mode, "title": port.title}
    if port.mode == "access":
        about |= {"segment": port.segments[0], "macs": port.macs}
    elif port.mode == "trunk":
        about |= {"segments": list(port.segments), "uplink": port.uplink}
    return about
