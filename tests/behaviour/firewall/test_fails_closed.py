# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host boots with rules that cannot be loaded: nobody gets in but administrators, and a run mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import LISTED, OUTSIDE_LISTED, UNLISTED, converge, serve

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

RULESET = "/etc/ringfence/firewall/ruleset.nft"


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.fails_closed")
@pytest.mark.usefixtures("listeners")
def test_rules_that_cannot_be_loaded_leave_the_host_closed(lab: Lab, packets: Packets, name: str) -> None:
    """The listed port is silent, nothing gets out, ssh answers; after a converge all is as before."""
    assert lab.run(name, f"cp -p {RULESET} /var/tmp/ruleset.nft && echo 'table inet {{' >> {RULESET}").rc == 0
    try:
        lab.restart(name)
        assert lab.run(name, "systemctl is-active ringfence-firewall").stdout.strip() == "failed"
        serve(lab, name, "behaviour-answer", (LISTED, *UNLISTED))
        for address in packets.addresses(name):
            assert packets.sweep(address) == {22: "open"}
        away = [("tcp", address, OUTSIDE_LISTED) for address in packets.addresses(packets.peer)]
        assert set(packets.reach(name, away).values()) == {"silent"}
        # What is loaded before the rules must not take the place of rules that are in force.
        before = lab.run(name, "nft --stateless --handle list ruleset").stdout
        assert lab.run(name, "systemctl restart ringfence-firewall").rc != 0
        assert lab.run(name, "nft --stateless --handle list ruleset").stdout == before

        assert converge(lab, name).rc == 0
        assert lab.run(name, "systemctl is-active ringfence-firewall").stdout.strip() == "active"
        assert packets.sweep(packets.addresses(name)[0])[LISTED] == "open"
        assert set(packets.reach(name, away).values()) == {"answered"}
    finally:
        lab.run(
            name, f"cp -p /var/tmp/ruleset.nft {RULESET}; rm /var/tmp/ruleset.nft; systemctl restart ringfence-firewall"
        )
