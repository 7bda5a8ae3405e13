# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' resource modules without a process each, and the configurations read back by netutils."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible
import pytest
from netutils.config.parser import EOSConfigParser, IOSConfigParser
from netutils.vlan import vlanconfig_to_list

_CLASSES = {
    "cisco.ios.ios_l2_interfaces": "ios.config.l2_interfaces.l2_interfaces.L2_interfaces",
    "arista.eos.eos_vlans": "eos.config.vlans.vlans.Vlans",
    "arista.eos.eos_l2_interfaces": "eos.config.l2_interfaces.l2_interfaces.L2_interfaces",
}


class _Module:
    """As much of an AnsibleModule as rendering needs."""

    check_mode = _diff = False
    _socket_path = None

    def __init__(self, config: Sequence[Mapping[str, Any]]) -> None:
        empty = {"access": None, "trunk": None} if any("access" in one or "trunk" in one for one in config) else {}
        self.params = {"state": "rendered", "config": [{**empty, **one} for one in config], "running_config": None}

    def fail_json(self, **said: Any) -> None:
        """What modules say when they refuse."""
        raise AssertionError(said)


def _render(module: str, config: Sequence[Mapping[str, Any]]) -> Any:
    collection, path = module.rpartition(".")[0], _CLASSES[module]
    file, _dot, name = path.rpartition(".")
    found = importlib.import_module(f"ansible_collections.{collection}.plugins.module_utils.network.{file}")
    return getattr(found, name)(_Module(config)).execute_module()["rendered"]


@pytest.fixture(scope="session")
def vendors() -> Callable[[str, Sequence[Mapping[str, Any]]], Any]:
    """Renders as the module of a name does, by its own code."""
    paths = sys.modules["ansible_collections"].__path__
    installed = str(Path(ansible.__file__).parents[1] / "ansible_collections")
    if installed not in paths:
        paths.append(installed)
    return _render


@dataclass
class ReadPort:
    """What a configuration says of a port."""

    access: list[int] = field(default_factory=list)
    trunk: list[int] | None = None
    native: int | None = None
    down: bool = False
    macs: int | None = None
    security: bool = False
    sticky: bool = False
    guard: bool = False
    edge: bool = False
    negotiates: bool = True
    mode: str = ""


@dataclass
class ReadSwitch:
    """What a configuration says: VLAN names by number, and the ports."""

    vlans: dict[int, str] = field(default_factory=dict)
    ports: dict[str, ReadPort] = field(default_factory=dict)


def _read_cli(text: str, platform: str) -> ReadSwitch:
    parser = IOSConfigParser(text) if platform == "ios" else EOSConfigParser(text)
    read = ReadSwitch()
    for line in parser.build_config_relationship():
        words = line.config_line.split()
        above = line.parents[0].split() if line.parents else []
        if above[:1] == ["vlan"] and words[0] == "name":
            assert int(above[1]) not in read.vlans
            read.vlans[int(above[1])] = words[1]
        elif above[:1] == ["interface"]:
            port = read.ports.setdefault(above[1], ReadPort(negotiates=platform == "ios"))
            _read_line(port, " ".join(words))
    return read


def _read_line(port: ReadPort, line: str) -> None:
    last = line.rpartition(" ")[2]
    if line.startswith("switchport access vlan "):
        port.access.append(int(last))
    elif line.startswith("switchport trunk allowed vlan "):
        assert port.trunk is None
        port.trunk = [int(vlan) for vlan in vlanconfig_to_list(line)]
    elif line.startswith("switchport trunk native vlan "):
        port.native = int(last)
    elif line.startswith("switchport mode "):
        port.mode = last
    elif line in ("shutdown", "no shutdown"):
        port.down = line == "shutdown"
    elif line in ("switchport port-security", "no switchport port-security"):
        port.security = not line.startswith("no ")
    elif "port-security" in line and " maximum " in line:
        port.macs = int(last)
    elif line == "switchport port-security mac-address sticky":
        port.sticky = True
    elif line == "spanning-tree portfast":
        port.edge = True
    elif line == "spanning-tree bpduguard enable":
        port.guard = True
    elif line == "switchport nonegotiate":
        port.negotiates = False
    else:
        known = ("description ", "spanning-tree portfast disable", "spanning-tree bpduguard disable")
        known += ("no spanning-tree ", "switchport port-security violation ")
        assert line.startswith(known), line


_JUNOS = tuple(
    (kind, re.compile(f"set {pattern}"))
    for kind, pattern in (
        ("vlan", r"vlans (\S+) vlan-id (\d+)"),
        ("down", r"interfaces (\S+) disable"),
        ("native", r"interfaces (\S+) native-vlan-id (\d+)"),
        ("mode", r"interfaces (\S+) unit 0 family ethernet-switching interface-mode (\S+)"),
        ("member", r"interfaces (\S+) unit 0 family ethernet-switching vlan members (\S+)"),
        ("description", r"interfaces (\S+) description (.+)"),
        ("security", r"switch-options interface (\S+)\.0 interface-mac-limit packet-action drop-and-log"),
        ("macs", r"switch-options interface (\S+)\.0 interface-mac-limit (\d+)"),
        ("sticky", r"switch-options interface (\S+)\.0 persistent-learning"),
        ("edge", r"protocols rstp interface (\S+) edge"),
        ("tree", r"protocols rstp interface (\S+)(?: no-root-port)?"),
        ("guard", r"(protocols) rstp bpdu-block-on-edge"),
    )
)


def _junos_line(line: str) -> tuple[str, str, str]:
    """What a set command sets, of what, and to what."""
    line = " ".join(shlex.split(line))
    for kind, pattern in _JUNOS:
        found = pattern.fullmatch(line)
        if found is not None:
            return kind, found[1], found[2] if len(found.groups()) > 1 else ""
    raise AssertionError(line)


def _read_junos(text: str) -> ReadSwitch:
    """netutils reads Junos' braces and not its set commands: these are words, as a shell has them."""
    read, guard = ReadSwitch(), False
    members: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith(("#", "delete ")):
            assert not read.vlans, "what is deleted goes before what is set"
            continue
        kind, name, value = _junos_line(line)
        if kind == "vlan":
            assert int(value) not in read.vlans
            read.vlans[int(value)] = name
        elif kind == "guard":
            guard = True
        elif kind == "member":
            members.setdefault(name, []).append(value)
        else:
            port = read.ports.setdefault(name, ReadPort(negotiates=False))
            if kind in ("native", "macs"):
                setattr(port, kind, int(value))
            elif kind == "mode":
                port.mode = value
            elif kind not in ("description", "tree"):
                setattr(port, kind, True)
    numbers = {name: number for number, name in read.vlans.items()}
    for name, port in read.ports.items():
        port.guard = guard and port.edge
        carried = [numbers[member] for member in members.get(name, [])]
        if port.mode == "trunk":
            port.trunk = carried
        else:
            port.access = carried
    return read


@pytest.fixture(scope="session")
def read_back() -> Callable[[str, str], ReadSwitch]:
    """What a text of a platform says."""
    return lambda text, platform: _read_junos(text) if platform == "junos" else _read_cli(text, platform)


@pytest.fixture(scope="session")
def as_modelled() -> Callable[[ReadSwitch, Mapping[str, Any]], None]:
    """Asserts that what was read is what the model says of a switch, nothing less and nothing more."""
    return _as_modelled


def _as_modelled(read: ReadSwitch, switch: Mapping[str, Any]) -> None:
    wanted = {*switch["vlans"].values(), switch["parking_vlan"], switch["native_vlan"]}
    assert set(read.vlans) == wanted
    assert len(set(read.vlans.values())) == len(wanted), "VLANs of the same name"
    assert set(read.ports) == set(switch["ports"])
    for name, told in switch["ports"].items():
        port = read.ports[name]
        assert not port.negotiates, name
        if told["mode"] == "trunk":
            assert port.mode == "trunk"
            assert port.access == []
            assert sorted(port.trunk or []) == sorted(switch["vlans"][segment] for segment in told["segments"])
            assert port.native == switch["native_vlan"]
            assert port.native not in (port.trunk or [])
            assert not any((port.guard, port.edge, port.security, port.down)), name
            continue
        assert port.mode == "access"
        assert port.trunk is None
        assert port.guard
        assert port.edge
        if told["mode"] == "access":
            assert port.access == [switch["vlans"][told["segment"]]], "one VLAN, that of the model"
            assert port.security
            assert port.macs == told["macs"]
            assert not port.down
        else:
            assert port.access == [switch["parking_vlan"]]
            assert port.down
