# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules never close the port that a run came in by, and say which ports of sshd they close."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import converge

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

DROP_IN = "/etc/ssh/sshd_config.d/99-rf-port.conf"
BOTH = {"firewall_administration_ports": [22, 2222]}
RUNS = "nft --stateless list table inet ringfence"


@pytest.fixture
def two_ports(lab: Lab, name: str) -> Iterator[None]:
    """sshd listens on a second port as well."""
    assert lab.run(name, f"printf 'Port 22\\nPort 2222\\n' > {DROP_IN} && systemctl restart ssh").rc == 0
    yield
    assert lab.run(name, f"rm -f {DROP_IN} && systemctl restart ssh").rc == 0
    assert converge(lab, name).rc == 0


def said(done: Completed) -> str:
    """What a run said, on one line."""
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_the_port_that_a_run_came_in_by_is_not_closed(two_ports: None, lab: Lab, name: str) -> None:
    """It came in by port 2222, and the rules would let it in to port 22 only."""
    assert converge(lab, name, "-e", json.dumps(BOTH)).rc == 0
    before = lab.run(name, RUNS).stdout
    assert "2222" in before
    for words in (["--check"], []):
        done = converge(lab, name, *words, "-e", json.dumps({"ansible_port": 2222}))
        assert done.rc == 2, done.stdout
        assert "the rules let nobody in to port 2222, by which this run came in: they let in 22" in said(done)
        assert "administration.ports of the site model" in said(done), done.stdout
        assert "changed=0" in done.stdout, done.stdout
    assert lab.run(name, RUNS).stdout == before
    done = converge(lab, name, "-e", json.dumps({**BOTH, "ansible_port": 2222}))
    assert done.rc == 0, done.stdout


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_a_port_of_sshd_that_the_rules_close_is_named(two_ports: None, lab: Lab, name: str) -> None:
    done = converge(lab, name)
    assert done.rc == 0, done.stdout
    assert "sshd listens on 2222 and no rule lets anybody in there: firewall_administration_ports" in said(done)
    quiet = converge(lab, name, "-e", json.dumps(BOTH))
    assert quiet.rc == 0, quiet.stdout
    assert "sshd listens on" not in said(quiet), quiet.stdout
