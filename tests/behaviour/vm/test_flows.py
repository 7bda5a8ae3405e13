# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Segments talk only where a flow says so: every pair of hosts, real connections through the gateway's VLANs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from .conftest import HERE, OUTSIDE

if TYPE_CHECKING:
    from .conftest import Wire

PROGRAMS = HERE.parent / "site"
#: Ports that answer on every host: ssh, what flows open between some, what is published, and one that nothing names.
PORTS = (22, 25, 587, 7443, 8088, 8443)
Pair = tuple[str, str, int, int]
#: The gateway as a target.
GATEWAY = "gateway"


def allowed(wire: Wire, source: str, target: str, port: int) -> bool:
    """Whether site.yml has a flow for it, read here from the file and not from what the plugin derives."""

    def named(ends: str | list[str], host: str) -> bool:
        segment = wire.hosts[host]["segment"] if host in wire.hosts else ""
        return not {host + wire.ending, segment}.isdisjoint([ends] if isinstance(ends, str) else ends)

    return any(
        flow["protocol"] == "tcp"
        and port in flow["ports"]
        and named(flow["from"], source)
        and named(flow["to"], target)
        for flow in wire.model["flows"]
    )


@pytest.fixture(scope="module")
def listeners(wire: Wire) -> Iterator[None]:
    """Every port answers on every host and on the gateway, so that silence can only be the gateway's."""
    wire.run("cat > /run/listener.py", stdin=(PROGRAMS / "listener.py").read_text(encoding="utf-8"))
    wire.run("cat > /run/probe.py", stdin=(PROGRAMS / "probe_flows.py").read_text(encoding="utf-8"))
    ports = " ".join(map(str, PORTS))
    units = []
    for namespace in ("", *wire.hosts):
        inside = f"ip netns exec {namespace} " if namespace else ""
        units.append(f"lab-listener-{namespace or 'gateway'}")
        wire.run(
            f"systemd-run -q --collect --unit {units[-1]} {inside}/usr/bin/python3 /run/listener.py {ports};"
            f" for i in $(seq 100); do {inside}ss -Hltn 'sport = :{PORTS[-1]}' | grep -q . && exit 0; sleep 0.2; done;"
            " exit 1"
        )
    yield
    wire.run(f"systemctl stop {' '.join(units)}; rm -f /run/listener.py /run/probe.py")


def tried(wire: Wire, source: str, tries: Sequence[tuple[str, str, int]]) -> list[str]:
    """How each connection from a network namespace ended."""
    told = wire.run(f"ip netns exec {source} python3 /run/probe.py {shlex.quote(json.dumps(tries))}")
    found: list[str] = json.loads(told)
    return found


@pytest.fixture(scope="module")
def measured(wire: Wire, listeners: None) -> dict[Pair, str]:
    """How a connection ended: (source, target, IP version, port) -> connected, refused, silent or unreachable."""
    outcomes: dict[Pair, str] = {}
    for source in wire.hosts:
        pairs: list[Pair] = []
        tries = []
        for target in (*wire.hosts, GATEWAY):
            for version in (4, 6):
                if target == source:
                    continue
                own = wire.hosts[source]["segment"]
                address = wire.gateway(own, version) if target == GATEWAY else wire.address(target, version)
                pairs += [(source, target, version, port) for port in PORTS]
                tries += [("tcp", address, port) for port in PORTS]
        outcomes.update(zip(pairs, tried(wire, source, tries)))
    return outcomes


def across(wire: Wire, measured: dict[Pair, str]) -> dict[Pair, str]:
    """What went from one segment to another, or to the gateway."""
    segments = {host: entry["segment"] for host, entry in wire.hosts.items()}
    return {pair: outcome for pair, outcome in measured.items() if segments[pair[0]] != segments.get(pair[1])}


@pytest.mark.proof("client-vlans.matrix")
@pytest.mark.control("firewall.default_deny_forward")
def test_what_no_flow_names_does_not_cross(wire: Wire, measured: dict[Pair, str]) -> None:
    """No port of another segment answers, nor does the gateway's ssh, unless a flow names both ends."""
    others = {pair: end for pair, end in across(wire, measured).items() if not allowed(wire, pair[0], pair[1], pair[3])}
    assert len(others) > 60
    assert {pair: end for pair, end in others.items() if end in ("connected", "refused")} == {}


@pytest.mark.proof("client-vlans.matrix")
@pytest.mark.control("firewall.rules_as_declared")
def test_what_a_flow_names_crosses(wire: Wire, measured: dict[Pair, str]) -> None:
    """Each flow carries connections over both versions of IP: also the one between two clients, in its direction."""
    wanted = {pair: end for pair, end in across(wire, measured).items() if allowed(wire, pair[0], pair[1], pair[3])}
    assert ("ws-acme-1", "ws-globex-1", 6, 7443) in wanted
    assert len(wanted) == 8
    assert {pair: end for pair, end in wanted.items() if end != "connected"} == {}


def test_hosts_of_a_segment_need_no_gateway(wire: Wire, measured: dict[Pair, str]) -> None:
    """The control: every port does answer, where no gateway is between."""
    inside = {pair: end for pair, end in measured.items() if {pair[0], pair[1]} == {"ws-acme-1", "ws-acme-2"}}
    assert len(inside) == 4 * len(PORTS)
    assert set(inside.values()) == {"connected"}


@pytest.mark.proof("external-access-limited.published-connects")
@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.control("firewall.default_deny_forward")
@pytest.mark.control("firewall.rules_as_declared")
@pytest.mark.usefixtures("listeners")
def test_outside_reaches_what_is_published(wire: Wire) -> None:
    """Beyond the uplink, over both versions of IP: the published services connect, no other port of anybody answers."""
    published = {(one["host"].removesuffix(wire.ending), one["ports"][0]) for one in wire.model["published"]}
    names = {wire.name.removesuffix(wire.ending): GATEWAY}
    wanted = {(names.get(host, host), version, port): "connected" for host, port in published for version in (4, 6)}
    targets = {
        (target, version, port): (
            "tcp",
            wire.gateway("servers", version) if target == GATEWAY else wire.address(target, version),
            port,
        )
        for target in (*wire.hosts, GATEWAY)
        for version in (4, 6)
        for port in PORTS
    }
    seen = dict(zip(targets, tried(wire, OUTSIDE, [*targets.values()])))
    assert len(wanted) == 4
    assert {target: end for target, end in seen.items() if end in ("connected", "refused")} == wanted
