# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a site model, as Ansible lists it, to a lab."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tools.lab import site
from tools.lab.run import LabError


def unsafe(text: str) -> dict[str, str]:
    return {"__ansible_unsafe": text}


SEGMENTS = {
    "acme": {"vlan": 10, "subnets": [unsafe("10.7.1.0/24"), unsafe("fd07:1::/64")]},
    "empty": {"vlan": 11, "subnets": ["10.7.9.0/24"]},
    "servers": {"vlan": 20, "subnets": ["10.7.2.0/24"]},
}
LISTED: dict[str, Any] = {
    "_meta": {
        "hostvars": {
            "gw": {
                "ringfence_segments": SEGMENTS,
                "ringfence_host": {
                    "os": unsafe("debian13"),
                    "kinds": [unsafe("gateway")],
                    "interfaces": [
                        {"segment": unsafe("acme"), "addresses": [unsafe("10.7.1.1")]},
                        {"segment": "servers", "addresses": ["10.7.2.1"]},
                    ],
                },
            },
            "ws": {
                "ringfence_segments": SEGMENTS,
                "ringfence_host": {
                    "os": "debian12",
                    "kinds": ["workstation"],
                    "default_gateway": ["10.7.1.1"],
                    "interfaces": [{"segment": "acme", "addresses": ["10.7.1.5", "fd07:1::5"]}],
                },
            },
        }
    }
}


def test_segments_with_hosts_become_networks() -> None:
    lab = site.to_spec(LISTED, "demo", "site.yml")
    assert [network.name for network in lab.networks] == ["acme", "servers"]
    assert lab.networks[0].bridge == ("10.7.1.254", "fd07:1::fffe")
    gateway, workstation = lab.hosts
    assert gateway.forwarding
    assert gateway.image == "debian13"
    assert gateway.default_gateway == ()
    assert not workstation.forwarding
    assert workstation.default_gateway == ("10.7.1.1",)
    assert workstation.addresses == ["10.7.1.5", "fd07:1::5"]


def test_hosts_that_cannot_start_are_all_named() -> None:
    listed = copy.deepcopy(LISTED)
    hosts = listed["_meta"]["hostvars"]
    hosts["gw"]["ringfence_host"]["os"] = "debian11"
    hosts["ws"]["ringfence_host"]["interfaces"] = []
    with pytest.raises(LabError, match=r"host gw has os 'debian11'.*host ws has no address"):
        site.to_spec(listed, "demo", "site.yml")


def test_a_site_without_hosts_is_refused() -> None:
    with pytest.raises(LabError, match="it has no hosts"):
        site.to_spec({"_meta": {"hostvars": {}}}, "demo", "site.yml")
