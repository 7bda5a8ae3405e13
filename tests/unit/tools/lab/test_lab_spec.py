# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The specification of a lab and what follows from it: plan, addresses, ssh files, podman's arguments."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.lab import access, hosts, paths, plan, spec
from tools.lab.run import LabError

DATA: dict[str, Any] = {
    "name": "office",
    "networks": [
        {"name": "agents", "subnets": ["10.9.1.0/24", "fd09:1::/64"]},
        {"name": "servers", "subnets": ["10.9.2.0/24"], "bridge": ["10.9.2.250"]},
    ],
    "hosts": [
        {
            "name": "gw",
            "image": "debian12",
            "forwarding": True,
            "groups": ["gateways"],
            "interfaces": [
                {"network": "agents", "addresses": ["10.9.1.1", "fd09:1::1"]},
                {"network": "servers", "addresses": ["10.9.2.1"]},
            ],
        },
        {
            "name": "ws",
            "image": "debian13",
            "interfaces": [{"network": "agents", "addresses": ["10.9.1.11", "fd09:1::11"]}],
            "default_gateway": ["10.9.1.1", "fd09:1::1"],
        },
    ],
}
IMAGES = {"debian12": "id12", "debian13": "id13"}
OPTIONS = ("--systemd=always",)


def wanted() -> spec.Spec:
    return spec.parse(DATA)


def seen(lab: spec.Spec, boot: str = "boot-1") -> plan.LabState:
    networks = {network.name: network for network in lab.networks}
    return plan.LabState(
        {name: plan.mark_network(network) for name, network in networks.items()},
        {
            host.name: plan.SeenHost(plan.mark_host(host, networks, IMAGES[host.image], OPTIONS), boot)
            for host in lab.hosts
        },
    )


def planned(lab: spec.Spec, there: plan.LabState, settled: dict[str, str] | None = None) -> plan.Plan:
    return plan.plan(lab, there, IMAGES, OPTIONS, {"gw": "boot-1", "ws": "boot-1"} if settled is None else settled)


def test_bridge_addresses_are_the_last_usable_ones() -> None:
    assert wanted().networks[0].bridge == ("10.9.1.254", "fd09:1::fffe")
    assert wanted().networks[1].bridge == ("10.9.2.250",)
    assert spec.bridge_address("10.0.0.0/22") == "10.0.3.254"


def test_specification_survives_its_own_json() -> None:
    assert spec.parse(json.loads(wanted().as_json())) == wanted()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data.update(colour="red"), ["unknown key colour", "hosts, name, networks"]),
        (lambda data: data["hosts"][1].update(image="debian11"), ["host ws", "debian11", "debian12, debian13"]),
        (lambda data: data["hosts"][1].update(name="gw"), ["host gw is there twice"]),
        (lambda data: data["hosts"][1].update(name="Ws_1"), ["'Ws_1'"]),
        (lambda data: data["hosts"][1]["interfaces"][0].update(network="agent"), ["'agent'", "agents, servers"]),
        (lambda data: data["hosts"][1]["interfaces"][0].update(addresses=["10.9.2.9"]), ["10.9.2.9", "lies in none"]),
        (lambda data: data["hosts"][1]["interfaces"][0].update(addresses=["10.9.1.1"]), ["taken by host gw"]),
        (lambda data: data["hosts"][1]["interfaces"][0].update(addresses=["fd09:1:0::1"]), ["taken by host gw"]),
        (lambda data: data["hosts"][1]["interfaces"][0].update(addresses=["10.9.1.254"]), ["network agents's bridge"]),
        (lambda data: data["hosts"][1]["interfaces"][0].update(addresses=[]), ["every interface an address"]),
        (lambda data: data["hosts"][1].update(default_gateway=["10.8.0.1"]), ["default gateway 10.8.0.1"]),
        (lambda data: data["networks"][0].update(subnets=["10.9.1.0/33"]), ["10.9.1.0/33 is not a subnet"]),
        (lambda data: data["hosts"][0].pop("image"), ["shape", "image"]),
    ],
)
def test_bad_specifications_are_refused(change: Any, words: list[str]) -> None:
    data = copy.deepcopy(DATA)
    change(data)
    with pytest.raises(LabError) as refused:
        spec.parse(data, "x.json")
    assert "x.json is refused" in refused.value.sentence
    for word in words:
        assert word in refused.value.sentence


def test_all_errors_are_told_at_once() -> None:
    data = copy.deepcopy(DATA)
    data["hosts"][1].update(image="debian11", colour="red")
    with pytest.raises(LabError, match=r"(?s)colour.*debian11"):
        spec.parse(data)


def test_from_nothing_everything_is_made() -> None:
    todo = planned(wanted(), plan.LabState(), {})
    assert todo.create_networks == ("agents", "servers")
    assert todo.create_hosts == todo.settle_hosts == ("gw", "ws")
    assert not todo.remove_hosts


def test_unchanged_and_running_needs_nothing() -> None:
    assert not planned(wanted(), seen(wanted()))


def test_a_stopped_host_is_started_and_settled() -> None:
    todo = planned(wanted(), seen(wanted(), boot=""))
    assert todo.start_hosts == todo.settle_hosts == ("gw", "ws")
    assert not todo.create_hosts


def test_a_host_booted_behind_our_back_is_settled() -> None:
    assert planned(wanted(), seen(wanted(), boot="boot-2")) == plan.Plan(settle_hosts=("gw", "ws"))


def test_a_changed_host_alone_is_made_anew() -> None:
    lab = wanted()
    changed = replace(lab, hosts=(lab.hosts[0], replace(lab.hosts[1], default_gateway=())))
    todo = planned(changed, seen(lab))
    assert todo.remove_hosts == todo.create_hosts == todo.settle_hosts == ("ws",)
    assert not todo.create_networks


def test_other_groups_make_no_new_host() -> None:
    lab = wanted()
    assert not planned(replace(lab, hosts=(replace(lab.hosts[0], groups=()), lab.hosts[1])), seen(lab))


def test_a_changed_network_takes_its_hosts_with_it() -> None:
    lab = wanted()
    changed = replace(lab, networks=(lab.networks[0], replace(lab.networks[1], bridge=("10.9.2.254",))))
    todo = planned(changed, seen(lab))
    assert todo.remove_networks == todo.create_networks == ("servers",)
    assert todo.remove_hosts == todo.create_hosts == ("gw",)


def test_what_is_no_longer_wanted_is_removed() -> None:
    lab = wanted()
    todo = planned(replace(lab, hosts=lab.hosts[:1]), seen(lab))
    assert todo == plan.Plan(remove_hosts=("ws",))


def test_a_new_image_makes_new_hosts() -> None:
    lab = wanted()
    todo = plan.plan(lab, seen(lab), {**IMAGES, "debian13": "newer"}, OPTIONS, {"gw": "boot-1", "ws": "boot-1"})
    assert todo.create_hosts == ("ws",)


def test_known_hosts_and_ssh_config_know_every_name_and_address() -> None:
    lab = wanted()
    known = access.known_hosts(lab, {"gw": ["ssh-ed25519 AAA", "ecdsa-sha2-nistp256 BBB"], "gone": ["ssh-rsa CCC"]})
    assert known.splitlines() == [
        "gw,10.9.1.1,fd09:1::1,10.9.2.1 ecdsa-sha2-nistp256 BBB",
        "gw,10.9.1.1,fd09:1::1,10.9.2.1 ssh-ed25519 AAA",
    ]
    text = access.ssh_config(lab, Path("/x y"), Path("/c"))
    assert "Host gw\n  HostName 10.9.1.1\n" in text
    assert "Host ws 10.9.1.11 fd09:1::11\n  HostKeyAlias ws\n" in text
    assert "StrictHostKeyChecking yes" in text
    assert 'IdentityFile "/x y/id_ed25519"' in text


def test_inventory_has_groups_and_all_that_a_connection_needs() -> None:
    everything = access.inventory(wanted())["all"]
    assert everything["children"] == {"gateways": {"hosts": {"gw": {}}}}
    assert everything["hosts"]["gw"]["ansible_host"] == "10.9.1.1"
    assert everything["hosts"]["gw"]["lab_interfaces"][1] == {
        "name": "eth1",
        "network": "servers",
        "addresses": ["10.9.2.1"],
    }
    # Ansible looks for these words in its own arguments before it believes in a persistent connection.
    assert {"ControlPersist", "ControlPath"} <= set(everything["vars"]["ansible_ssh_args"].replace("=", " ").split())


def test_an_address_always_has_the_same_mac_address() -> None:
    assert hosts.mac_address("fd09:1::1") == hosts.mac_address("fd09:1:0:0::1") != hosts.mac_address("fd09:1::2")
    assert hosts.mac_address("10.9.1.1").startswith("02:")


def test_control_sockets_fit_into_their_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "CACHE", Path("/short"))
    assert paths.control_folder("demo") == Path("/short/demo/cm")
    monkeypatch.setattr(paths, "CACHE", Path("/a/very/long/way/to/the/folder/of/this/checkout/.cache/lab"))
    assert paths.control_folder("demo").parent == Path.home() / ".ansible"
    assert paths.control_folder("demo") != paths.control_folder("molecule")


def test_a_part_of_a_lab_has_the_hosts_of_its_groups_and_their_peers() -> None:
    data = copy.deepcopy(DATA)
    data["hosts"][1]["groups"] = ["peers"]
    data["hosts"].append({**copy.deepcopy(DATA["hosts"][1]), "name": "other", "groups": ["others"]})
    data["hosts"][2]["interfaces"][0]["addresses"] = ["10.9.1.12", "fd09:1::12"]
    whole = spec.parse(data)
    assert spec.part(whole, []) == whole
    assert [host.name for host in spec.part(whole, ["gateways"]).hosts] == ["gw", "ws"]
    assert spec.part(whole, ["gateways"]).networks == whole.networks
    with pytest.raises(LabError, match=r"in group gatways \(there are gateways, others, peers\)"):
        spec.part(whole, ["gatways"])
