# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of switches, rendered by the vendors' code and read back: every port is as the model says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import inventory_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.switches.common import blocks
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.switches.render import PLATFORMS, text_of

NAMES = {"ios": "GigabitEthernet1/0/{}", "eos": "Ethernet{}", "junos": "ge-0/0/{}"}
# Names that are alike when shortened, or those that the spare VLANs would have.
SEGMENTS = ("acme", "globex", "parking", "native-unused", f"{'a' * 38}-x", f"{'a' * 38}-y")


@st.composite
def switches(draw: st.DrawFn) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A platform, the segments of a site, and the part ``switches`` with one of that platform."""
    platform = draw(st.sampled_from(sorted(PLATFORMS)))
    spare = draw(st.lists(st.integers(2, 1001), min_size=2, max_size=2, unique=True))
    free = [vlan for vlan in range(2, 1000) if vlan not in spare and vlan != 500]
    names = draw(st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=6, unique=True))
    vlans = draw(st.lists(st.sampled_from(free), min_size=len(names), max_size=len(names), unique=True))
    segments = {
        name: {"vlan": vlan, "subnets": [f"10.{at}.0.0/24"], "class": "servers"}
        for at, (name, vlan) in enumerate(zip(names, vlans), 1)
    }
    segments["management"] = {
        "vlan": 500 if 500 not in spare else 1010,
        "subnets": ["10.99.0.0/24"],
        "class": "management",
    }
    port = st.one_of(
        st.builds(lambda name, macs: {"access": name, "macs": macs}, st.sampled_from(names), st.integers(1, 64)),
        st.builds(lambda some: {"trunk": some}, st.lists(st.sampled_from(names), min_size=1, unique=True)),
        st.just({"unused": "shutdown"}),
    )
    numbers = draw(st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True))
    told = {
        "platform": platform,
        "address": "10.99.0.5",
        "parking_vlan": spare[0],
        "native_vlan": spare[1],
        "ports": {NAMES[platform].format(number): draw(port) for number in numbers},
        "uplinks": [NAMES[platform].format(number) for number in draw(st.sampled_from([[], [47], [46, 47]]))],
    }
    return platform, segments, {"sw1": told}


def model_of(segments: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """ringfence_switches of a site with these parts."""
    site = {
        "plugin": "ringfence.callcenter.site",
        "site": {"name": "demo", "title": "Demo"},
        "segments": segments,
        "hosts": {"h1": {"kind": "server", "segment": "management", "address": "10.99.0.9", "os": "debian12"}},
        "administration": {"sources": ["management"], "reason": "r", "owner": "o"},
        "switches": told,
    }
    found: dict[str, Any] = inventory_of(load_site(yaml.safe_dump(site), "site.yml")).site_variables[
        "ringfence_switches"
    ]
    return found


@pytest.mark.claim("client-vlans")
@settings(max_examples=100, deadline=None)
@given(drawn=switches())
def test_every_port_is_as_the_model_says(
    drawn: tuple[str, dict[str, Any], dict[str, Any]],
    vendors: Callable[..., Any],
    read_back: Callable[..., Any],
    as_modelled: Callable[..., None],
) -> None:
    platform, segments, told = drawn
    switch = model_of(segments, told)["sw1"]
    text = text_of("sw1", switch, vendors)
    as_modelled(read_back(text, platform), switch)
    # The model itself is what people wrote: every port's segments, an uplink those of all others and no more.
    for name, port in told["sw1"]["ports"].items():
        expected = {port.get("access"), *port.get("trunk", [])} - {None}
        found = switch["ports"][name]
        assert {found.get("segment"), *found.get("segments", [])} - {None} == expected
    everywhere = {
        name for port in told["sw1"]["ports"].values() for name in (port.get("access"), *port.get("trunk", []))
    }
    for name in told["sw1"]["uplinks"]:
        assert set(switch["ports"][name]["segments"]) == (everywhere - {None}) | {"management"}


BROKEN = {
    "another VLAN": ("switchport access vlan 10", "switchport access vlan 20"),
    "a second VLAN": ("switchport access vlan 10", "switchport access vlan 10\n switchport access vlan 20"),
    "a trunk with one more": ("allowed vlan 20", "allowed vlan 10,20"),
    "no BPDU guard": ("spanning-tree bpduguard enable", "no spanning-tree bpduguard"),
    "no port security": ("\n switchport port-security\n", "\n"),
    "more addresses": ("port-security maximum 1", "port-security maximum 3"),
    "an unused port that is up": ("\n shutdown", "\n no shutdown"),
    "a port that negotiates": ("\n switchport nonegotiate", ""),
    "the native VLAN of a segment": ("native vlan 999", "native vlan 20"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_reading_back_sees_what_is_wrong(
    what: str, vendors: Callable[..., Any], read_back: Callable[..., Any], as_modelled: Callable[..., None]
) -> None:
    segments = {
        "acme": {"vlan": 10, "subnets": ["10.1.0.0/24"], "class": "servers"},
        "globex": {"vlan": 20, "subnets": ["10.2.0.0/24"], "class": "servers"},
        "management": {"vlan": 99, "subnets": ["10.99.0.0/24"], "class": "management"},
    }
    ports = {
        "GigabitEthernet0/1": {"access": "acme"},
        "GigabitEthernet0/2": {"trunk": ["globex"]},
        "GigabitEthernet0/3": {"unused": "shutdown"},
    }
    switch = model_of(segments, {"sw1": {"platform": "ios", "address": "10.99.0.5", "ports": ports}})["sw1"]
    text = text_of("sw1", switch, vendors)
    as_modelled(read_back(text, "ios"), switch)
    before, after = BROKEN[what]
    assert before in text
    with pytest.raises(AssertionError):
        as_modelled(read_back(text.replace(before, after, 1), "ios"), switch)


def test_lines_of_a_block_come_in_one_order() -> None:
    one = blocks(["vlan 10", "name acme", "state active", "interface Ethernet1", "switchport mode access"])
    other = blocks(["vlan 10", "state active", "name acme", "interface Ethernet1", "switchport mode access"])
    assert one == other == {"vlan 10": ["name acme", "state active"], "interface Ethernet1": ["switchport mode access"]}
