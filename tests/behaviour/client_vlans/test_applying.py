# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying a change: the administrator is never locked out for good, and others' tables stay as they are."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import PEER, converge, eventually

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Gateway

HERE = Path(__file__).parent
#: Interfaces with which the controller's own address is a foreign source; the trunk gets another VLAN.
CUT = [
    {"name": "tests", "interface": "eth0", "addresses": ["192.0.2.1/28"]},
    {"name": "voice", "vlan": 31, "addresses": ["192.0.2.65/28"]},
]


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.control("client_vlans.interfaces")
def test_a_change_that_cuts_ssh_is_undone_by_the_host(lab: Lab, gateway: Gateway) -> None:
    """The run fails saying why; table, files and links are what they were, and nothing became permanent."""
    before = gateway.state()
    assert "Id=30" in before[2]
    cut = {"client_vlans_interfaces": CUT, "client_vlans_confirm_timeout": 8, "ansible_timeout": 3}
    started = time.monotonic()
    done = converge(lab, gateway.name, "-e", json.dumps(cut))
    assert time.monotonic() - started < 90
    assert done.rc == 2, done.stdout
    assert "no new connection gets in" in done.stdout
    assert gateway.state() == before


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
def test_a_controller_that_dies_leaves_a_host_that_heals(lab: Lab, gateway: Gateway) -> None:
    """Sources that cut ssh are bound and nobody ever confirms: the host comes back by itself."""
    before = gateway.state()
    address = gateway.legs["tests"].addresses[0]
    ssh = f"timeout 2 sh -c 'nc -z -w 1 {address} 22'"
    assert lab.run(PEER, ssh).rc == 0
    done = converge(lab, gateway.name, playbook=HERE / "unconfirmed.yml")
    assert done.rc == 0, done.stdout
    assert lab.run(PEER, ssh).rc != 0
    assert eventually(lambda: lab.run(PEER, ssh).rc == 0, 25), "the host did not come back"
    assert gateway.state() == before


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.control("client_vlans.no_native_vlan")
def test_drift_is_repaired_and_tables_of_others_stay(lab: Lab, gateway: Gateway) -> None:
    """Rules that were taken out and an address on the trunk: one run puts all right, and touches nothing else."""
    before = gateway.state()
    theirs = gateway.run("nft --handle list chain inet witness incoming").stdout
    assert "prerouting" in theirs
    gateway.run("nft flush chain inet ringfence_vlans from_acme; ip address add 192.0.2.99/32 dev eth3")
    assert gateway.state() != before
    done = converge(lab, gateway.name)
    assert done.rc == 0, done.stdout
    assert "changed=1 " in done.stdout
    assert gateway.state() == before
    assert gateway.run("nft --handle list chain inet witness incoming").stdout == theirs


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.interfaces")
def test_wrong_interfaces_touch_nothing(lab: Lab, gateway: Gateway) -> None:
    """All errors at once, before the first change."""
    before = gateway.state()
    wrong = [
        {"name": "a", "vlan": 5000, "addresses": ["192.0.2.1"]},
        {"name": "b", "vlan": 7, "addresses": ["198.51.100.1/24"], "dns": ["ns1"]},
    ]
    done = converge(lab, gateway.name, "-e", json.dumps({"client_vlans_interfaces": wrong}))
    assert done.rc == 2
    assert "client_vlans_interfaces[0] (a): vlan: 5000 is no VLAN; valid: 1 to 4094" in done.stdout
    assert "client_vlans_interfaces[1] (b): dns: 'ns1' is no address of a name server" in done.stdout
    assert "changed=0 " in done.stdout
    assert gateway.state() == before


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.control("client_vlans.address_assignment")
def test_a_reboot_changes_nothing(lab: Lab, gateway: Gateway) -> None:
    """Sources are bound before the network is up, and addresses are handed out again."""
    before = gateway.state()
    lab.restart(gateway.name)
    try:
        assert eventually(lambda: gateway.state()[:3] == before[:3], 15), gateway.state()
        assert eventually(lambda: gateway.run("ss -Hlun sport = :67").stdout.strip() != "", 15)
        assert gateway.run("systemctl is-enabled systemd-networkd").stdout.strip() == "enabled"
        order = "systemctl show -P Before ringfence-client-vlans.service"
        assert "network-pre.target" in gateway.run(order).stdout.split()
    finally:
        # The lab gives every port its address anew at boot, and networkd gives up on a port before it takes that away
        # where the kernel cannot make the VLANs on it.
        done = converge(lab, gateway.name)
    assert done.rc == 0, done.stdout
    assert gateway.state() == before
