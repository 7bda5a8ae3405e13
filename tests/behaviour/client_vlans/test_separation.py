# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""With the role firewall beside it: clients reach each other by a rule that names both, and else not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import HERE, converge, eventually
from .test_addresses import ask

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Gateway


@pytest.fixture(scope="module")
def firewall(lab: Lab, name: str) -> Iterator[None]:
    """One rule between two clients, and those by which addresses are handed out; nothing else is forwarded."""
    done = converge(lab, name, playbook=HERE / "firewall.yml")
    assert done.rc == 0, done.stdout
    yield
    gone = converge(lab, name, "-e", "firewall_state=absent", playbook=HERE / "firewall.yml")
    assert gone.rc == 0, gone.stdout


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
@pytest.mark.usefixtures("firewall")
def test_clients_are_apart_but_for_the_rule_that_names_both(gateway: Gateway) -> None:
    """From the one to the other as the rule says; not back, and not from a segment that no rule names."""
    acme, globex, tests = (gateway.legs[name].peer_addresses for name in ("acme", "globex", "tests"))
    named = set(zip(acme, globex))
    gateway.send("globex", list(zip(globex, acme)))
    gateway.send("tests", [*zip(tests, acme), *named])
    gateway.send("acme", list(zip(acme, tests)))
    assert not eventually(lambda: bool(gateway.passed()), 1)
    gateway.send("acme", list(named))
    assert eventually(lambda: named <= gateway.passed())


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.address_assignment")
@pytest.mark.usefixtures("firewall")
def test_addresses_are_handed_out_through_the_firewall(lab: Lab, gateway: Gateway) -> None:
    """The rules that a site model derives are all that it takes, advertisements included."""
    leg = gateway.legs["acme"]
    done = ask(lab, leg.peer_interface)
    assert f"router={leg.addresses[0]}" in done.stdout
    assert "default via fe80:" in done.stdout
