# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guarded change of interfaces, on a host whose kernel and systemd only remember what they were told."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import networkd, unconfirmed, vlan_transaction
from ansible_collections.ringfence.callcenter.plugins.module_utils.networkd import Networkd, NetworkSpec
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import Done, NftError
from ansible_collections.ringfence.callcenter.plugins.module_utils.unconfirmed import Expired
from ansible_collections.ringfence.callcenter.plugins.module_utils.vlan_transaction import VlanTransaction

FILES = {
    "05-ringfence-eth1.network": "[Match]\nName=eth1\n",
    "05-ringfence-vlan10.netdev": "[NetDev]\nName=vlan10\nKind=vlan\n[VLAN]\nId=10\n",
}
WANTED = NetworkSpec(FILES, ["eth1"], {"vlan10": ("eth1", 10)}, {"vlan10": ["192.0.2.1/24"]})
TABLE = "table inet ringfence_vlans { }\n"


class Machine:
    """Answers ip and systemctl, and makes of networkd's files what networkd would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[list[str]] = []
        self.active = self.enabled = False
        self.links: dict[str, tuple[str, int]] = {}
        self.addresses = {"eth1": ["198.51.100.9/24"]}
        self.obeys = True

    def _reload(self) -> None:
        if self.obeys and (self.folder / "05-ringfence-vlan10.netdev").exists():
            self.addresses = {"eth1": [], "vlan10": ["192.0.2.1/24"]}
            self.links.setdefault("vlan10", ("eth1", 10))

    def run(self, argv: Sequence[str], stdin: str = "", timeout: float = 60.0) -> Done:
        del stdin, timeout
        words = list(argv)
        self.told.append(words)
        if words[0] == "ip" and "delete" in words:
            self.links.pop(words[-1], None)
        elif words[:2] == ["ip", "-j"]:
            return Done(0, json.dumps(self._shown(words)), "")
        elif words[:2] in (["networkctl", "reload"], ["systemctl", "start"]):
            self.active = True
            self._reload()
        elif words[:2] == ["systemctl", "enable"]:
            self.enabled = True
        elif words[:3] == ["systemctl", "is-active", "--quiet"]:
            return Done(0 if self.active else 3, "", "")
        elif words[:3] == ["systemctl", "is-enabled", "--quiet"]:
            return Done(0 if self.enabled else 1, "", "")
        elif words[:2] == ["systemctl", "stop"] and networkd.SERVICE in words:
            self.active = False
        elif words[:2] == ["systemctl", "disable"]:
            self.enabled = False
        return Done(0, "", "")

    def _shown(self, words: list[str]) -> list[dict[str, Any]]:
        if "link" in words:
            return [
                {"ifname": name, "link": parent, "linkinfo": {"info_kind": "vlan", "info_data": {"id": number}}}
                for name, (parent, number) in self.links.items()
            ]
        return [
            {
                "ifname": name,
                "addr_info": [
                    {"local": a.split("/", maxsplit=1)[0], "prefixlen": a.rsplit("/", maxsplit=1)[1]} for a in carried
                ],
            }
            for name, carried in self.addresses.items()
            if "dev" not in words or name in words
        ]


class Kernel:
    """Stands for Table."""

    family, name, installed = "inet", "ringfence_vlans", True
    running: str | None = None

    def listing(self) -> str | None:
        if self.running is None:
            return None
        return json.dumps({"nftables": [{"rule": {"chain": "c", "expr": [{"text": self.running}]}}]})

    def stateless(self) -> str | None:
        return self.running

    def scratch(self, ruleset: str, option: str = "-j") -> str | None:
        return (
            ruleset
            if option == "-s"
            else json.dumps({"nftables": [{"rule": {"chain": "c", "expr": [{"text": ruleset}]}}]})
        )

    def load(self, ruleset: str) -> None:
        text = ruleset.replace(vlan_transaction._GRACE, "")
        self.running = None if text == self.emptied() else text

    def emptied(self) -> str:
        return "emptied\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A host with an address on the port that becomes the trunk."""
    folder = tmp_path / "network"
    folder.mkdir()
    found = Machine(folder)
    for module in (networkd, unconfirmed, vlan_transaction):
        monkeypatch.setattr(module, "run", found.run)
    monkeypatch.setattr(networkd, "knows_vlans", lambda: True)
    monkeypatch.setattr(networkd, "_PATIENCE", 0.0)
    return found


@pytest.fixture
def work(tmp_path: Path, machine: Machine) -> VlanTransaction:
    """A transaction on that host."""
    folders = {"state": str(tmp_path / "lib/r/vlans"), "runtime": str(tmp_path / "run/r/vlans")}
    path = str(tmp_path / "etc/sources.nft")
    return VlanTransaction(Kernel(), Networkd(str(machine.folder)), path, **folders)  # type: ignore[arg-type]  # a double


def applied(work: VlanTransaction) -> str:
    """Change table and interfaces; the token to confirm with."""
    token = work.apply(work.plan_network(TABLE, WANTED), 30)
    assert token
    return token


def script(work: VlanTransaction) -> list[str]:
    """The lines that the timer would run."""
    return Path(work.script).read_text(encoding="utf-8").splitlines()


def test_a_confirmed_change_is_there_and_stays(work: VlanTransaction, machine: Machine) -> None:
    """Files, interface, service, table; and a second plan has nothing to do."""
    work.confirm(applied(work))
    assert (machine.active, machine.enabled, machine.links) == (True, True, {"vlan10": ("eth1", 10)})
    assert sorted(os.listdir(machine.folder)) == sorted(FILES)
    assert Path(work.path).read_text(encoding="utf-8") == TABLE
    assert not work.plan_network(TABLE, WANTED).changed


def test_the_way_back_is_written_before_anything_changes(work: VlanTransaction, machine: Machine) -> None:
    """Table, files, interface, service, and the address by which somebody may have come in."""
    applied(work)
    armed = next(number for number, argv in enumerate(machine.told) if argv[0] == "systemd-run")
    assert machine.told[armed][-1].endswith(f"exec /bin/sh {work.script}")
    assert armed < machine.told.index(["systemctl", "enable", "--quiet", networkd.SERVICE])
    lines = script(work)
    assert f"nft -f {work.previous}" in lines
    assert f"rm -f {machine.folder}/05-ringfence-vlan10.netdev" in lines
    assert lines.index("ip link delete vlan10") < lines.index("ip address replace 198.51.100.9/24 dev eth1")
    assert f"systemctl stop systemd-networkd.socket {networkd.SERVICE}" in lines
    assert subprocess.run(["/bin/sh", "-n", work.script], check=False).returncode == 0


def test_files_that_were_there_come_back(work: VlanTransaction, machine: Machine) -> None:
    """A changed file is kept beside, and the way back copies it."""
    work.confirm(applied(work))
    other = NetworkSpec(
        {**FILES, "05-ringfence-eth1.network": "[Match]\nName=eth9\n"}, WANTED.ports, WANTED.links, WANTED.addresses
    )
    assert work.apply(work.plan_network(TABLE, other), 30)
    kept = Path(work.folder) / "05-ringfence-eth1.network"
    assert kept.read_text(encoding="utf-8") == FILES[kept.name]
    assert f"cp -p {kept} {machine.folder}/{kept.name}" in script(work)
    assert "networkctl reload" in script(work)
    assert "ip link delete vlan10" not in script(work)


def test_a_networkd_that_does_not_obey_is_undone_at_once(work: VlanTransaction, machine: Machine) -> None:
    """The way back runs, nothing is pending, and the message names what is lacking."""
    machine.obeys = False
    with pytest.raises(NftError, match=r"did not make vlan10, eth1 without 198\.51\.100\.9/24"):
        applied(work)
    assert ["sh", work.script] in machine.told
    assert not work.is_pending


def test_the_timer_was_faster(work: VlanTransaction) -> None:
    """A late confirmation makes nothing permanent."""
    token = applied(work)
    os.rename(work.pending, work.settled)
    with pytest.raises(Expired):
        work.confirm(token)
    assert not os.path.exists(work.path)


def test_drift_of_links_is_seen(work: VlanTransaction, machine: Machine) -> None:
    """Another VLAN on an interface of ours, an address on the trunk, a file that nobody declared."""
    work.confirm(applied(work))
    machine.links["vlan10"] = ("eth1", 11)
    assert work.plan_network(TABLE, WANTED).network_differs
    work.confirm(applied(work))
    assert ["ip", "link", "delete", "vlan10"] in machine.told
    machine.addresses["eth1"] = ["192.0.2.99/32"]
    assert work.plan_network(TABLE, WANTED).network_differs
    machine.addresses["eth1"] = []
    (machine.folder / "05-ringfence-vlan9.netdev").write_text("[NetDev]\nName=vlan9\n", encoding="utf-8")
    plan = work.plan_network(TABLE, WANTED)
    assert plan.network_differs
    assert not plan.kernel_differs


def test_a_kernel_without_vlans_gets_the_files(
    work: VlanTransaction, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for interfaces that cannot be."""
    monkeypatch.setattr(networkd, "knows_vlans", lambda: False)
    machine.obeys = False
    machine.addresses = {"eth1": []}
    work.confirm(applied(work))
    assert sorted(os.listdir(machine.folder)) == sorted(FILES)
    assert not work.plan_network(TABLE, WANTED).changed


def test_removal_is_a_change_like_any_other(work: VlanTransaction, machine: Machine, tmp_path: Path) -> None:
    """Confirmed, it leaves nothing, and networkd as it was before the first change."""
    work.confirm(applied(work))
    plan = work.plan_removal()
    assert plan.guarded
    token = work.apply(plan, 30)
    assert token
    assert f"cp -p {work.folder}/05-ringfence-eth1.network {machine.folder}/05-ringfence-eth1.network" in script(work)
    work.confirm_removal(token)
    assert (machine.links, machine.active, machine.enabled) == ({}, False, False)
    assert os.listdir(machine.folder) == []
    assert not work.remains()
    assert not (tmp_path / "lib/r").exists()
    assert not work.plan_removal().changed


def test_segments_without_an_interface_are_all_named(work: VlanTransaction) -> None:
    """Before anything is touched."""
    one = {"name": "acme", "addresses": ["203.0.113.1/24"], "subnets": ["203.0.113.0/24"]}
    with pytest.raises(NftError, match=r"acme: no interface carries 203.0.113.1; globex: no interface"):
        work.ruleset([one, {**one, "name": "globex"}], [])
