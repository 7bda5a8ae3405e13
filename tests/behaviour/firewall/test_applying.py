# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying rules: the administrator is never locked out for good, and tables of others stay as they are."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import converge

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

HERE = Path(__file__).parent
OTHERS = """
table inet others {
  set banned { type ipv4_addr; elements = { 192.0.2.66 }; }
  chain input { type filter hook input priority filter - 1; policy accept; ip saddr @banned counter drop; }
}
"""
BOOTS = "cat /etc/ringfence/firewall/ruleset.nft /etc/ringfence/firewall/lockdown.nft"
RUNS = "nft --stateless list table inet ringfence"


def state(lab: Lab, name: str) -> tuple[str, str]:
    """What runs and what boots."""
    return lab.run(name, RUNS).stdout, lab.run(name, BOOTS).stdout


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_drift_is_repaired_and_tables_of_others_stay(lab: Lab, name: str) -> None:
    """A converge that reloads our table leaves another one alone, down to its handles."""
    before = state(lab, name)
    others = "nft --handle --stateless list table inet others"
    try:
        lab.run(name, "nft -f -", stdin=OTHERS)
        theirs = lab.run(name, others).stdout
        assert "banned" in theirs
        assert lab.run(name, "nft insert rule inet ringfence input tcp dport 4444 accept").rc == 0
        done = converge(lab, name)
        assert done.rc == 0, done.stdout
        assert "changed=1 " in done.stdout
        assert state(lab, name) == before
        assert lab.run(name, others).stdout == theirs
    finally:
        lab.run(name, "nft delete table inet others")


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_rules_that_cut_ssh_are_undone_by_the_host(lab: Lab, name: str) -> None:
    """The run fails saying why, the old rules are in force again, and nothing became permanent."""
    before = state(lab, name)
    cut = {"firewall_administration_sources": ["192.0.2.1"], "firewall_confirm_timeout": 8, "ansible_timeout": 3}
    started = time.monotonic()
    done = converge(lab, name, "-e", json.dumps(cut))
    assert time.monotonic() - started < 60
    assert done.rc == 2, done.stdout
    assert "do not let a new connection in" in done.stdout
    assert state(lab, name) == before


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_a_controller_that_dies_leaves_a_host_that_heals(lab: Lab, packets: Packets, name: str) -> None:
    """Rules that cut ssh are loaded and nobody ever confirms: the host comes back by itself."""
    before = state(lab, name)
    address = packets.addresses(name)[0]
    ssh = ("tcp", address, 22)
    done = converge(lab, name, playbook=HERE / "unconfirmed.yml")
    assert done.rc == 0, done.stdout
    assert packets.reach(packets.peer, [ssh], seconds=1) == {ssh: "silent"}
    end = time.monotonic() + 20
    while packets.reach(packets.peer, [ssh], seconds=1) != {ssh: "answered"}:
        assert time.monotonic() < end, "the host did not come back"
    assert state(lab, name) == before


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_wrong_rules_touch_nothing(lab: Lab, name: str) -> None:
    """All errors at once, before the first change."""
    before = state(lab, name)
    wrong = {"firewall_rules": [{"name": "A", "direction": "in"}, {"name": "b", "protocol": "tcp"}]}
    done = converge(lab, name, "-e", json.dumps(wrong))
    assert done.rc == 2
    assert "firewall_rules[0] (A): direction: 'in' is unknown; valid: inbound, outbound, forward" in done.stdout
    assert "firewall_rules[1] (b): owner: missing" in done.stdout
    assert "changed=0 " in done.stdout
    assert state(lab, name) == before
