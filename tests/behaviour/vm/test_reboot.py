# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a reboot of the machine itself everything is as before, and there was no moment without a firewall."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ACME, GLOBEX, OPEN, SERVER, TAGGED
from .frames import udp
from .test_tags import everywhere, shout

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Wire

#: What the roles tell the kernel: a file's lines, as they are in /proc/sys.
SETTINGS = "/etc/sysctl.d"
FIREWALL, SOURCES, NETWORK = (
    "ringfence-firewall.service",
    "ringfence-client-vlans.service",
    "systemd-networkd.service",
)


def state(wire: Wire) -> dict[str, Any]:
    """Rules without counters, interfaces and addresses that are for good, and all settings below net."""
    # Tables stand in the order in which they were made, which means nothing.
    text = "\n" + wire.run("nft -s list ruleset")
    rules = {table.split(" {")[0]: table.strip() for table in text.split("\ntable ")[1:]}
    shown = json.loads(wire.run("ip -j -d address show"))
    links = {
        link["ifname"]: (
            link.get("link"),
            link.get("linkinfo", {}).get("info_data", {}).get("id"),
            sorted(f"{item['local']}/{item['prefixlen']}" for item in link["addr_info"]),
        )
        for link in shown
    }
    return {"rules": rules, "links": links, "settings": settings(wire)}


def settings(wire: Wire) -> dict[str, str]:
    """What the roles set in the kernel, and what it is now."""
    lines = wire.run(f"cat {SETTINGS}/*ringfence*").splitlines()
    names = sorted({line.split("=")[0].strip().lstrip("-") for line in lines if "=" in line and line[0] not in "#;"})
    assert names
    told = wire.run(f'cd /proc/sys && for f in {" ".join(names)}; do echo "$f $(cat ${{f}})"; done')
    return dict(line.split(" ", 1) for line in told.splitlines())


def wanted_settings(wire: Wire) -> dict[str, str]:
    """The same from the files that the boot reads."""
    pairs = [line.split("=", 1) for line in wire.run(f"cat {SETTINGS}/*ringfence*").splitlines() if "=" in line[1:]]
    return {name.strip().lstrip("-"): value.strip() for name, value in pairs if name[0] not in "#;"}


def began(wire: Wire, unit: str, what: str) -> int:
    """When a unit got somewhere in this boot, in microseconds; 0 when it never did."""
    return int(wire.run(f"systemctl show -P {what}Monotonic {unit}"))


@pytest.fixture(scope="module")
def rebooted(lab: Lab, wire: Wire) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was before a reboot and what is after it."""
    before, boot = state(wire), wire.run("cat /proc/sys/kernel/random/boot_id")
    # Settings that only the running kernel has do not count.
    lab.restart(wire.name)
    assert wire.run("cat /proc/sys/kernel/random/boot_id") != boot
    return before, state(wire)


@pytest.mark.claim("client-vlans")
@pytest.mark.control("firewall.persistent")
@pytest.mark.control("client_vlans.source_addresses")
def test_rules_survive_the_reboot(rebooted: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Every rule of every table is loaded again."""
    before, after = rebooted
    assert {"inet ringfence", "inet ringfence_vlans"} <= before["rules"].keys()
    assert after["rules"] == before["rules"]


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.interfaces")
def test_vlans_survive_the_reboot(rebooted: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Every interface has its parent, its VLAN and its addresses again."""
    before, after = rebooted
    assert {vlan for _parent, vlan, _addresses in before["links"].values() if vlan} == {10, 20, 30}
    assert after["links"] == before["links"]


@pytest.mark.control("client_vlans.source_addresses")
def test_kernel_settings_survive_the_reboot(rebooted: tuple[dict[str, Any], dict[str, Any]], wire: Wire) -> None:
    """What the roles set is in force before and after, as the files say."""
    before, after = rebooted
    assert before["settings"] == after["settings"] == wanted_settings(wire)
    assert wire.run("cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding").split() == ["1", "1"]


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.persistent")
@pytest.mark.usefixtures("rebooted")
def test_the_firewall_was_there_before_the_network(wire: Wire) -> None:
    """Both tables were loaded before the network's own service began to start."""
    network, before_network = began(wire, NETWORK, "InactiveExitTimestamp"), "network-pre.target"
    for unit in (FIREWALL, SOURCES):
        loaded = began(wire, unit, "ActiveEnterTimestamp")
        assert 0 < loaded < network, unit
        assert loaded <= began(wire, before_network, "ActiveEnterTimestamp"), unit


@pytest.mark.proof("client-vlans.tagged-frames", "client-vlans.double-tagged-frames", "client-vlans.spoofed-sources")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.usefixtures("rebooted")
def test_frames_go_as_far_as_before_the_reboot(lab: Lab, wire: Wire) -> None:
    """A wrong tag, two tags, no tag and foreign sources end where they did; what a flow names arrives."""
    again = type(wire)(lab, wire.name)
    leg, server = again.legs[ACME], again.legs[SERVER]
    wrong = [shout(again, ACME, [20]), shout(again, TAGGED, [30]), shout(again, TAGGED, [])]
    foreign = [
        (leg, udp(again.address(GLOBEX, version), again.address(SERVER, version), OPEN, via=again.up(ACME)))
        for version in (4, 6)
    ]
    own = [
        udp(again.address(ACME, version), again.address(SERVER, version), OPEN, via=again.up(ACME))
        for version in (4, 6)
    ]
    seen = again.exchange([*wrong, *foreign, (leg, own[0])], everywhere(again), (leg, own[1], server))
    assert seen[:3] == [set()] * 3
    assert seen[3:5] == [{again.vlans[10]}] * 2
    assert all({again.vlans[10], server} <= places for places in seen[5:])
