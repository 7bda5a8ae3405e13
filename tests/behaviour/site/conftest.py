# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site's behaviour tests share: what is intended, ports that answer on every host, and what arrives outside.

Intended is worked out here from site.yml alone, not from what the inventory plugin derives: so a flow that the plugin
forgets, or a rule that it adds, shows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.lab import REPOSITORY

if TYPE_CHECKING:
    from tests.support.lab import Lab

HERE = Path(__file__).parent
#: The demo's site model as molecule/site/create.yml moved it.
SITE = REPOSITORY / ".cache" / "molecule-site" / "site.yml"
#: Ports that answer on every host and that no flow names.
DECOYS = (23, 8088)
#: UDP ports that answer on every host: names, and everything by which machines find each other.
DISCOVERY = (53, 137, 1900, 3702, 5353, 5355)
#: The host that stands for the internet.
OUTSIDE = "outside"


class Intent:
    """Which host may reach which host on which TCP port, read from the site model."""

    def __init__(self, model: dict[str, Any]) -> None:
        self.model = model
        self.hosts: dict[str, Any] = model["hosts"]

    def members(self, names: str | list[str]) -> set[str]:
        """The hosts a flow's end stands for; ``internet`` is the one that stands for it."""
        found: set[str] = set()
        for name in [names] if isinstance(names, str) else names:
            segment = self.model.get("clients", {}).get(name, {}).get("segment", name)
            if name in self.hosts:
                found.add(name)
            if name == "internet":
                found.add(OUTSIDE)
            found |= {host for host, entry in self.hosts.items() if entry["segment"] == segment}
        return found

    def flows(self) -> list[dict[str, Any]]:
        """The flows as written, and those from the internet, which stand under ``published``."""
        services = [{**one, "from": "internet", "to": one["host"]} for one in self.model.get("published", [])]
        return self.model["flows"] + services

    def tcp_ports(self) -> set[int]:
        """Every single TCP port at which a flow says that a host of the site answers."""
        return {
            int(port)
            for flow in self.flows()
            if flow["protocol"] == "tcp" and self.members(flow["to"]) & set(self.hosts)
            for port in flow["ports"]
            if str(port).isdigit()
        }

    def tcp_ports_outside(self) -> set[int]:
        """Every single TCP port at which a flow says that the internet answers."""
        flows = (flow for flow in self.flows() if flow["protocol"] == "tcp" and OUTSIDE in self.members(flow["to"]))
        return {int(port) for flow in flows for port in flow["ports"] if str(port).isdigit()}

    def allows(self, source: str, target: str, port: int) -> bool:
        """Whether a flow lets source reach target on this TCP port."""
        for flow in self.flows():
            named = flow["protocol"] == "tcp" and port in {int(item) for item in flow["ports"] if str(item).isdigit()}
            if named and source in self.members(flow["from"]) and target in self.members(flow["to"]):
                return True
        administration = self.model["administration"]["sources"]
        # A gateway is no place to hop on from, though it stands in the administrators' segment.
        administrators = {name for name in self.members(administration) if "gateway" not in self.hosts[name]["kind"]}
        return port in self.ssh_ports(target) and source in administrators

    def ssh_ports(self, host: str) -> list[int]:
        """Where a host's sshd listens."""
        own = self.hosts.get(host, {}).get("ssh_port")
        return self.model["administration"].get("ports", [22]) if own is None else [own]

    def of_class(self, name: str) -> list[str]:
        """The hosts in segments of a class."""
        return [host for host, entry in self.hosts.items() if self.model["segments"][entry["segment"]]["class"] == name]


@pytest.fixture(autouse=True)
def _record_every_release(request: pytest.FixtureRequest, lab: Lab) -> None:
    """A test that is of no single release is one of the whole site: note every release that its hosts run."""
    if "release" not in request.fixturenames:
        found = sorted({lab.release(name) for name in lab.hosts if name != OUTSIDE})
        request.node.user_properties.extend(("release", release) for release in found)


@pytest.fixture(scope="session")
def converged() -> list[str]:
    """The roles that the hosts were given; none where it was all of them."""
    return [role for role in os.environ.get("RINGFENCE_SITE_ROLES", "").split(",") if role]


@pytest.fixture(scope="session")
def intent() -> Intent:
    """The site model of this lab, as plain data."""
    return Intent(yaml.safe_load(SITE.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def listeners(lab: Lab, intent: Intent) -> Iterator[list[int]]:
    """Something that answers on every port of every host, so that silence can only be the firewall's: the TCP ports."""
    ports = sorted(intent.tcp_ports() | set(DECOYS) | {22})
    program = (HERE / "listener.py").read_text(encoding="utf-8")
    for name in lab.hosts:
        # What stands for the internet has web sites and name servers in other tests.
        answering = {*intent.tcp_ports_outside(), *DECOYS} if name == OUTSIDE else {*ports} - {22}
        wanted = " ".join([*map(str, sorted(answering)), "udp", *map(str, DISCOVERY)])
        service = f"systemd-run -q --unit ringfence-listener /usr/bin/python3 /run/listener.py {wanted}"
        assert lab.run(name, f"cat > /run/listener.py; {service}", stdin=program).rc == 0, name
    yield ports
    for name in lab.hosts:
        lab.run(name, "systemctl stop ringfence-listener; rm -f /run/listener.py")


Try = tuple[str, str, int]


def attempt(lab: Lab, source: str, tries: list[Try]) -> dict[Try, str]:
    """How tries of (tcp or udp, address, port) from a host end: connected, refused, silent or unreachable."""
    program = (HERE / "probe_flows.py").read_text(encoding="utf-8")
    done = lab.run(source, f"python3 - '{json.dumps(tries)}'", stdin=program, timeout=240)
    assert done.rc == 0, done.stderr
    return dict(zip(tries, json.loads(done.stdout)))


class Sink:
    """Everything that reaches one host, whomever it is for."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name

    @contextmanager
    def open(self) -> Iterator[list[dict[str, Any]]]:
        """Listen; at the end the list holds the packets: ``source``, ``target``, ``protocol``, ``port``."""
        seen: list[dict[str, Any]] = []
        program = (HERE / "sink.py").read_text(encoding="utf-8")
        unit = "ringfence-sink"
        start = (
            f"cat > /run/sink.py; rm -f /run/sink.json; systemctl reset-failed {unit};"
            f" systemd-run -q --unit {unit} /usr/bin/python3 /run/sink.py /run/sink.json;"
            " for i in $(seq 50); do [ -e /run/sink.json ] && exit 0; sleep 0.1; done; exit 1"
        )
        assert self.lab.run(self.name, start, stdin=program).rc == 0
        try:
            yield seen
        finally:
            done = self.lab.run(self.name, f"sleep 0.5; systemctl stop {unit}; cat /run/sink.json")
            seen.extend(json.loads(line) for line in done.stdout.splitlines())


@contextmanager
def without_firewall(lab: Lab, *names: str) -> Iterator[None]:
    """Hosts whose own firewall is gone, as on a machine that somebody has taken over."""
    try:
        for name in names:
            assert lab.run(name, "nft delete table inet ringfence").rc == 0
        yield
    finally:
        for name in names:
            assert lab.run(name, "systemctl reload ringfence-firewall.service").rc == 0
