# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a large site model costs: reading it, and what ansible-inventory makes of it; where the bytes of a listing go.

    .venv/bin/python benchmarks/site_model_cost.py [HOSTS [CLIENTS]]

Each way runs several times, the ways taking turns; the figures are medians of processor seconds, which other work on
the machine disturbs less than the wall clock, and ratios to reading the model alone.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
ROUNDS = 3

READ = """
import sys
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import inventory_of
inventory_of(load_site(open(sys.argv[1], encoding="utf-8").read(), "site.yml"))
"""


def model(hosts: int, clients: int) -> dict[str, Any]:
    """A site of that many hosts: a gateway, a log server, and workstations of that many clients."""
    names = [f"client{number}" for number in range(clients)]
    segments: dict[str, Any] = {
        "management": {"vlan": 4000, "subnets": ["10.250.0.0/24"], "class": "management"},
        "servers": {"vlan": 4001, "subnets": ["10.251.0.0/24"], "class": "servers"},
    }
    legs = {"servers": ["10.251.0.1"]}
    for number, name in enumerate(names):
        segments[name] = {"vlan": number + 2, "subnets": [f"10.{number}.0.0/16"], "class": "client"}
        legs[name] = [f"10.{number}.0.1"]
    machines: dict[str, Any] = {
        "gw1": {"kind": "gateway", "segment": "management", "address": "10.250.0.1", "interfaces": legs},
        "log1": {"kind": "log_server", "segment": "servers", "address": "10.251.0.10"},
    }
    for number in range(hosts - 2):
        place, client = number // clients + 300, number % clients
        address = f"10.{client}.{place // 250}.{place % 250 + 2}"
        machines[f"ws{number}"] = {"kind": "workstation", "segment": names[client], "address": address}
    flow = {"from": names, "to": "log1", "protocol": "tcp", "reason": "What people wrote here", "owner": "operations"}
    return {
        "plugin": "ringfence.callcenter.site",
        "site": {"name": "large", "title": "Large"},
        "segments": segments,
        "clients": {name: {"title": name, "segment": name, "sites_allowed": [f"crm.{name}.example"]} for name in names},
        "hosts": {name: {**machine, "os": "debian12"} for name, machine in machines.items()},
        "flows": [{**flow, "name": f"flow-{number}", "ports": [6514 + number]} for number in range(5)],
        "administration": {"sources": ["management"], "reason": "Administration", "owner": "operations"},
    }


def seconds(command: list[str], out: Path) -> float:
    """The processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".venv" / "collections"),
        "PYTHONPATH": str(REPOSITORY / ".venv" / "collections"),
    }
    with out.open("wb") as stream:
        subprocess.run(command, stdout=stream, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(hosts: int = 1000, clients: int = 20) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        site, out = Path(folder) / "site.yml", Path(folder) / "out"
        site.write_text(yaml.dump(model(hosts, clients), Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")
        inventory = [str(BIN / "ansible-inventory"), "-i", str(site)]
        ways = {
            "read, check, derive": [sys.executable, "-c", READ, str(site)],
            "ansible-inventory --graph": [*inventory, "--graph"],
            "ansible-inventory --list --export": [*inventory, "--list", "--export"],
            "ansible-inventory --list": [*inventory, "--list"],
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        sizes: dict[str, int] = {}
        for _round in range(ROUNDS):
            for name, command in ways.items():
                taken[name].append(seconds(command, out))
                sizes[name] = out.stat().st_size
        listing = json.loads(out.read_text(encoding="utf-8"))["_meta"]["hostvars"]
    floor = statistics.median(taken["read, check, derive"])
    print(f"{hosts} hosts of {clients} clients, medians of {ROUNDS} rounds")
    for name, found in taken.items():
        median = statistics.median(found)
        print(f"{name:36} {median:7.1f} s  {median / floor:6.1f} x  {sizes[name] / 1e6:8.1f} MB")
    bytes_of: Counter[str] = Counter()
    for variables in listing.values():
        bytes_of.update({name: len(json.dumps(value)) for name, value in variables.items()})
    whole = sum(bytes_of.values())
    print("Of the listing are, in per cent:", ", ".join(f"{n} {b * 100 // whole}" for n, b in bytes_of.most_common(6)))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
