# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can talk to whom in the demo call centre: every pair of hosts, real connections, against the flows of site.yml.

Intended is worked out here from site.yml alone, not from what the inventory plugin derives: so a flow that the plugin
forgets, or a rule that it adds, shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.lab import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.lab import Lab

HERE = Path(__file__).parent
#: The demo's site model as molecule/site/create.yml moved it.
SITE = REPOSITORY / ".cache" / "molecule-site" / "site.yml"
#: Ports that listen on every host and that no flow names.
DECOYS = (23, 8088)

Pair = tuple[str, str, str, int]


class Intent:
    """Which host may reach which host on which TCP port, read from the site model."""

    def __init__(self, model: dict[str, Any]) -> None:
        self.model = model
        self.hosts: dict[str, Any] = model["hosts"]

    def members(self, names: str | list[str]) -> set[str]:
        """The hosts a flow's end stands for."""
        found: set[str] = set()
        for name in [names] if isinstance(names, str) else names:
            segment = self.model.get("clients", {}).get(name, {}).get("segment", name)
            if name in self.hosts:
                found.add(name)
            found |= {host for host, entry in self.hosts.items() if entry["segment"] == segment}
        return found

    def tcp_ports(self) -> set[int]:
        """Every single TCP port that a flow names."""
        return {
            int(port)
            for flow in self.model["flows"]
            if flow["protocol"] == "tcp"
            for port in flow["ports"]
            if str(port).isdigit()
        }

    def allows(self, source: str, target: str, port: int) -> bool:
        """Whether a flow lets source reach target on this TCP port."""
        for flow in self.model["flows"]:
            named = flow["protocol"] == "tcp" and port in {int(item) for item in flow["ports"] if str(item).isdigit()}
            if named and source in self.members(flow["from"]) and target in self.members(flow["to"]):
                return True
        administration = self.model.get("administration", {}).get("sources", [])
        # A gateway is no place to hop on from, though it stands in the administrators' segment.
        administrators = {name for name in self.members(administration) if "gateway" not in self.hosts[name]["kind"]}
        return port == 22 and source in administrators


@pytest.fixture(scope="module")
def intent() -> Intent:
    """The site model of this lab, as plain data."""
    return Intent(yaml.safe_load(SITE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def listeners(lab: Lab, intent: Intent) -> Iterator[list[int]]:
    """Something that answers on every port of every host, so that silence can only be the firewall's."""
    ports = sorted(intent.tcp_ports() | set(DECOYS) | {22})
    program = (HERE / "listener.py").read_text(encoding="utf-8")
    wanted = " ".join(str(port) for port in ports if port != 22)
    for name in lab.hosts:
        service = f"systemd-run -q --unit ringfence-listener /usr/bin/python3 /run/listener.py {wanted}"
        assert lab.run(name, f"cat > /run/listener.py; {service}", stdin=program).rc == 0, name
    yield ports
    for name in lab.hosts:
        lab.run(name, "systemctl stop ringfence-listener; rm -f /run/listener.py")


@pytest.fixture(scope="module")
def measured(lab: Lab, listeners: list[int]) -> dict[Pair, str]:
    """How a connection ended: (source, target, IPv4 or IPv6 address of the target's own segment, port) -> outcome."""
    outcomes: dict[Pair, str] = {}
    program = (HERE / "probe_flows.py").read_text(encoding="utf-8")
    for source in lab.hosts:
        targets = [
            (target, address, port)
            for target in lab.hosts
            if target != source
            for address in (lab.address(target), lab.address6(target))
            for port in listeners
        ]
        pairs = json.dumps([[address, port] for _target, address, port in targets])
        done = lab.run(source, f"python3 - '{pairs}'", stdin=program, timeout=240)
        assert done.rc == 0, done.stderr
        for (target, address, port), result in zip(targets, json.loads(done.stdout)):
            outcomes[(source, target, address, port)] = result[2]
    return outcomes


def of_release(lab: Lab, measured: dict[Pair, str], release: str) -> dict[Pair, str]:
    """The outcomes whose target runs a release: the firewall that decides last is that host's."""
    found = {pair: outcome for pair, outcome in measured.items() if lab.release(pair[1]) == release}
    assert found
    return found


@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.claim("inbound-drop")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_what_no_flow_names_gets_no_answer(lab: Lab, intent: Intent, measured: dict[Pair, str], release: str) -> None:
    """Over IPv4 and IPv6, a port that no flow opens to a source gives that source no answer at all."""
    others = {
        pair: outcome
        for pair, outcome in of_release(lab, measured, release).items()
        if not intent.allows(pair[0], pair[1], pair[3])
    }
    assert len(others) > 50
    assert {pair: outcome for pair, outcome in others.items() if outcome in ("connected", "refused")} == {}


@pytest.mark.control("firewall.rules_as_declared")
@pytest.mark.claim("inbound-drop")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_what_a_flow_names_connects(lab: Lab, intent: Intent, measured: dict[Pair, str], release: str) -> None:
    """Every flow of the site model carries a real connection, over IPv4 and IPv6, across the gateway where it must."""
    wanted = {
        pair: outcome
        for pair, outcome in of_release(lab, measured, release).items()
        if intent.allows(pair[0], pair[1], pair[3])
    }
    assert wanted
    assert {pair: outcome for pair, outcome in wanted.items() if outcome != "connected"} == {}


@pytest.mark.control("firewall.default_deny_forward")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_clients_do_not_reach_each_other(lab: Lab, intent: Intent, measured: dict[Pair, str], release: str) -> None:
    """A workstation of one client reaches no host of another client on any port."""
    segments = {entry["segment"] for entry in intent.model["clients"].values()}
    crossing = {
        pair: outcome
        for pair, outcome in of_release(lab, measured, release).items()
        if {intent.hosts[pair[0]]["segment"], intent.hosts[pair[1]]["segment"]} <= segments
        and intent.hosts[pair[0]]["segment"] != intent.hosts[pair[1]]["segment"]
    }
    assert crossing
    assert set(crossing.values()) <= {"silent", "unreachable"}


@pytest.mark.control("firewall.default_deny_outbound")
@pytest.mark.parametrize("release", ["debian12"])
def test_the_database_reaches_only_what_flows_name(
    lab: Lab, intent: Intent, measured: dict[Pair, str], release: str
) -> None:
    """A host with customer data opens connections to nothing but what a flow names."""
    stores = [name for name in lab.hosts if "database" in intent.hosts[name]["kind"] and lab.release(name) == release]
    assert stores
    for pair, outcome in measured.items():
        if pair[0] in stores and not intent.allows(pair[0], pair[1], pair[3]):
            assert outcome in ("silent", "unreachable"), pair
