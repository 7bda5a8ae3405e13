# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can talk to whom in the demo call centre: every pair of hosts, real connections, against site.yml's flows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from .conftest import attempt

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Intent

Pair = tuple[str, str, str, int]
#: From how many hosts connections are tried at once.
AT_ONCE = 4


@pytest.fixture(scope="module")
def measured(lab: Lab, intent: Intent, listeners: list[int]) -> dict[Pair, str]:
    """How a connection ended: (source, target, IPv4 or IPv6 address of the target's own segment, port) -> outcome."""

    def from_host(source: str) -> dict[Pair, str]:
        pairs = [
            (source, target, address, port)
            for target in intent.hosts
            if target != source
            for address in (lab.address(target), lab.address6(target))
            for port in listeners
        ]
        results = attempt(lab, source, [("tcp", address, port) for _source, _target, address, port in pairs])
        return dict(zip(pairs, results.values()))

    # Most of it is waiting for answers that do not come.
    with ThreadPoolExecutor(max_workers=AT_ONCE) as workers:
        return {pair: end for found in workers.map(from_host, intent.hosts) for pair, end in found.items()}


def of_release(lab: Lab, measured: dict[Pair, str], release: str) -> dict[Pair, str]:
    """The outcomes whose target runs a release: the firewall that decides last is that host's."""
    found = {pair: outcome for pair, outcome in measured.items() if lab.release(pair[1]) == release}
    assert found
    return found


@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.claim("inbound-drop")
@pytest.mark.proof("no-network-browsing.not-reached", "no-network-browsing.listed-servers-only")
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
@pytest.mark.proof("inbound-drop.listed-connects")
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
@pytest.mark.claim("card-data-no-internet")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_the_database_reaches_only_what_flows_name(
    lab: Lab, intent: Intent, measured: dict[Pair, str], release: str
) -> None:
    """A host with customer data opens connections to nothing but what a flow names."""
    stores = [
        name for name in intent.hosts if "database" in intent.hosts[name]["kind"] and lab.release(name) == release
    ]
    assert stores
    for pair, outcome in measured.items():
        if pair[0] in stores and not intent.allows(pair[0], pair[1], pair[3]):
            assert outcome in ("silent", "unreachable"), pair
