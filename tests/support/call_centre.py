# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call centre with several clients, and a sealed bundle of it in which every text names everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, catalog, findings, population
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import inventory
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers.entries import Entry, Registers
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import inventory_of
from tests.support import call_centre_records

ABOUT: dict[str, Any] = {
    "collection": {"name": "ringfence.callcenter", "version": "0", "commit": None},
    "ansible": None,
    "python": "3",
}
ABOUT["controller"] = {"host": "control1.centre.example", "user": "ops", "sudo_user": None}
CONTROLS: list[dict[str, Any]] = [
    {
        "id": f"door.{name}",
        "role": "door",
        "title": f"The door is {name}",
        "kinds": "all",
        "claims": ["inbound-drop"],
        "pci_dss": [requirement],
        "checks": [{"id": f"door.{name}.now", "aspect": "running", "probe": "bolt"}],
    }
    for name, requirement in (("closed", "1.2.1"), ("bolted", "1.3.1"), ("watched", "8.3.4"))
]


@dataclass
class CallCentre:
    """Clients by name, each with a title; the segment of each is called ``seg-NAME``, its hosts ``ws-NAME-1`` …

    status: of a host and a check, its status.
    """

    clients: Mapping[str, str]
    hosts_each: int = 2
    title: str = "The call centre"
    status: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def model(self) -> dict[str, Any]:
        """The site.yml."""
        numbers = {name: at for at, name in enumerate(self.clients, 1)}
        segments: dict[str, Any] = {
            "mgmt": {"vlan": 99, "subnets": ["10.77.99.0/24"], "class": "management"},
            "serve": {"vlan": 30, "subnets": ["10.77.30.0/24"], "class": "servers"},
            "cards": {"vlan": 40, "subnets": ["10.77.40.0/24"], "class": "card_data"},
        }
        hosts: dict[str, Any] = {
            "db1": {"kind": "database", "segment": "cards", "address": "10.77.40.10", "os": "debian12"},
            "mail1": {"kind": "mail", "segment": "serve", "address": "10.77.30.10", "os": "debian12"},
        }
        legs = {"cards": ["10.77.40.1"], "serve": ["10.77.30.1"]}
        for name, at in numbers.items():
            segments[f"seg-{name}"] = {
                "vlan": 100 + at,
                "subnets": [f"10.78.{at}.0/24", f"fd78:{at}::/64"],
                "class": "client",
            }
            legs[f"seg-{name}"] = [f"10.78.{at}.1", f"fd78:{at}::1"]
            for number in range(1, self.hosts_each + 1):
                hosts[f"ws-{name}-{number}"] = {
                    "kind": "workstation",
                    "segment": f"seg-{name}",
                    "address": f"10.78.{at}.{10 + number}",
                    "address6": f"fd78:{at}::{10 + number}",
                    "os": "debian12",
                }
        hosts["gw1"] = {
            "kind": "gateway",
            "segment": "mgmt",
            "address": "10.77.99.1",
            "interfaces": legs,
            "os": "debian12",
        }
        everybody = [f"seg-{name}" for name in self.clients]
        return {
            "plugin": "ringfence.callcenter.site",
            "site": {"name": "centre", "title": self.title},
            "segments": segments,
            "clients": {
                name: {
                    "title": title,
                    "segment": f"seg-{name}",
                    "sites_allowed": [f"shop.{name}-web.example", "weather.example"],
                    "database": {"host": "db1", "name": f"{name.replace('-', '_')}_data"},
                }
                for name, title in self.clients.items()
            },
            "hosts": hosts,
            "flows": [
                {
                    "name": "agents-to-servers",
                    "from": everybody,
                    "to": ["db1", "mail1"],
                    "protocol": "tcp",
                    "ports": [443],
                    "reason": "Agents work",
                    "owner": "it",
                }
            ],
            "administration": {"sources": ["mgmt"], "reason": "Administration", "owner": "it"},
        }

    def hostvars(self) -> dict[str, dict[str, Any]]:
        """What Ansible has of each host."""
        made = inventory_of(load_site(yaml.safe_dump(self.model(), sort_keys=False), "site.yml"))
        return {
            host: {
                **made.site_variables,
                **own,
                "group_names": sorted(group for group, members in made.groups.items() if host in members),
            }
            for host, own in made.host_variables.items()
        }

    def inventory(self) -> inventory.Inventory:
        """The same as the pack reads it."""
        return inventory.read(self.hostvars())

    def words(self, client: str) -> list[str]:
        """What names a client, in many forms; each has the client's name in it or lies in its subnets."""
        at = list(self.clients).index(client) + 1
        return [
            client,
            client.upper(),
            f"seg-{client}",
            f"client_{client.replace('-', '_')}",
            f"ws-{client}-1",
            f"the mail of {self.clients[client]} went out",
            f"allow 10.78.{at}.11 to any",
            f"fd78:{at}:0::b",
            f"https://shop.{client}-web.example/login",
            f"{client.replace('-', '_')}_data",
        ]

    def findings_of(self, host: str, about: Sequence[str]) -> list[dict[str, Any]]:
        """A finding a control, with texts that name all these clients."""
        said = [word for client in about for word in self.words(client)]
        made = []
        for control in CONTROLS:
            check = control["checks"][0]["id"]
            made.append(
                {
                    "check": check,
                    "control": control["id"],
                    "role": "door",
                    "aspect": "running",
                    "status": self.status.get((host, check), "pass"),
                    "expected": {"bolt": "in", "allowed": said},
                    "observed": {"bolt": "in", **{word: word for word in said}, "list": said, "host": host},
                    "source": f"/etc/{said[0]}" if said else "/etc/bolt",
                    "observed_at": "2026-11-21T21:41:00Z",
                    "reason": f"because of {said[-1]}" if said else None,
                }
            )
        return made

    def records(self) -> list[dict[str, Any]]:
        """The record of every host. Each names all clients but a mute one, which names nobody."""
        made = []
        for host, variables in self.hostvars().items():
            mute = host.endswith("-2")
            seen = {"hostname": host, "os": "Debian", "kernel": "6", "python": "3", "root": True, "container": False}
            made.append(
                findings.record(
                    host,
                    attributes=population.attributes(variables, variables["group_names"]),
                    findings=self.findings_of(host, [] if mute else list(self.clients)),
                    seen={**seen, "seconds": 0.1, "clock_offset_seconds": 0.0, "clock_uncertainty_seconds": 0.1},
                    state=self.state([] if mute else list(self.clients)),
                )
            )
        return made

    def state(self, about: Sequence[str]) -> dict[str, Any]:
        """Accounts and rules that name these clients."""
        account = {"uid": 1, "shell": "/bin/sh", "password": "set", "changed": None, "maximum_days": 1, "expires": None}
        return {
            "accounts": [{**account, "name": f"agent-of-{name}", "groups": [name, "users"]} for name in about],
            "ruleset": ["table inet x {", *(f"  # {self.clients[name]}" for name in about), "}"],
            "problems": {},
        }

    def registers(self, folder: Path) -> Registers:
        """Of each client an exception of its own, one that it shares with the gateway, an attestation; one of all."""
        dates = {"made_on": "2026-01-01", "expires": "2036-01-01", "signed_by": "ciso", "owner": "security"}
        shown = {"evidence": "evidence/note.txt", "sha256": "0" * 64}
        entries = []

        def exception(name: str, hosts: list[str], reason: str) -> None:
            texts = {"reason": reason, "compensating_measure": "A guard"}
            fields = {"control": "door.closed", "hosts": hosts, **texts, **dates, **shown}
            entries.append(Entry("exception", name, fields, "exceptions.yml:1", str(folder)))

        exception("EX-all", ["all"], "Everybody knows gw1 at 10.77.99.1")
        for at, client in enumerate(self.clients, 1):
            exception(f"EX-{at}", [f"ws-{client}-1"], f"{self.clients[client]} wants it")
            exception(f"EX-gw-{at}", [f"ws-{client}-1", "gw1"], "The gateway is old")
            entries.append(
                Entry(
                    "attestation",
                    f"AT-{at}",
                    {
                        "requirements": ["12.6.1"],
                        "claims": ["screening-training"],
                        "activities": ["security_training"],
                        "statement": f"Agents of {self.clients[client]} were trained",
                        **dates,
                        **shown,
                        "evidence": f"evidence/{client}.pdf",
                    },
                    "attestations.yml:1",
                    str(folder),
                )
            )
        return Registers(str(folder), tuple(entries))

    def seal(self, evidence: Path, known: catalog.Catalog) -> bundle.SealedFolder:
        """Two bundles, the second without the last client's last host; the second."""
        call_centre_records.leave(self, evidence)
        records = self.records()
        gone = f"ws-{list(self.clients)[-1]}-{self.hosts_each}"
        for kept in (records, [one for one in records if one["host"] != gone]):
            partial = bundle.open_run(str(evidence), {"name": "centre", "title": self.title})
            for one in kept:
                bundle.write_record(partial, one)
            sealed = bundle.seal(
                partial,
                Material(
                    records=kept,
                    controls=CONTROLS,
                    catalog=known,
                    about=ABOUT,
                    registers=self.registers(evidence / "registers"),
                    sample={"size": 2, "seed": "of the auditor"},
                    pictures={"network": f"<svg>{' '.join(self.clients)}</svg>"},
                ),
            )
        return sealed


def everything(folder: Path) -> str:
    """Every byte of a folder and every path, as one text in small letters."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "\n".join(f"{path.relative_to(folder)}\n{path.read_bytes().decode()}" for path in files).lower()


def part(pack: str, name: str) -> Any:
    """A JSON file of a pack."""
    return json.loads((Path(pack) / name).read_text())


ALL_STATUSES = tuple(status for status in STATUSES if status != "excepted")
