# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulesets that do not load: the old one stays in force without a gap, and the run fails saying why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import HERE, LISTED, converge

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

OPEN = """\
table inet ringfence
delete table inet ringfence
table inet ringfence {
  chain input { type filter hook input priority filter; policy accept; }
  chain output { type filter hook output priority filter; policy accept; }
}
"""
#: What is wrong -> the ruleset, and what the run says about it. Each begins with a table that would open the host.
BROKEN = {
    "does not parse": (OPEN + "table inet ringfence { chain input { tcp dport } }\n", "syntax error"),
    "goes round": (
        OPEN + "add chain inet ringfence a\nadd rule inet ringfence a jump a\nadd rule inet ringfence input jump a\n",
        "Too many links",
    ),
    # Loads in a namespace of its own, so every check passes; fails in the kernel after the new table is in place.
    "fails half-way": (OPEN + "create table inet others\n", "the kernel refuses the ruleset, and the rules in force"),
}
OTHERS = "table inet others { chain mine { ip saddr 192.0.2.66 counter drop; }; }"

pytestmark = pytest.mark.usefixtures("listeners")


@pytest.fixture(scope="module")
def others(lab: Lab, name: str) -> Iterator[None]:
    """A table of somebody else's."""
    assert lab.run(name, "nft -f -", stdin=OTHERS).rc == 0
    yield
    lab.run(name, "nft delete table inet others")


def state(lab: Lab, name: str) -> str:
    """All that runs with its handles (so that a reload would show), what boots, and what waits for a confirmation."""
    return lab.run(
        name,
        "nft --stateless --handle list ruleset; cat /etc/ringfence/firewall/ruleset.nft;"
        " ls /run/ringfence/firewall/pending.json; systemctl is-active ringfence-firewall-rollback.timer",
    ).stdout


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("wrong", BROKEN)
def test_a_ruleset_that_does_not_load(lab: Lab, packets: Packets, name: str, wrong: str) -> None:
    """Not one rule is loaded, no rollback is left armed, and unlisted ports stay silent."""
    ruleset, why = BROKEN[wrong]
    before = state(lab, name)
    assert before.endswith("inactive\n")
    done = converge(lab, name, "-e", json.dumps({"injected": ruleset}), playbook=HERE / "injected.yml")
    assert done.rc == 2, done.stdout
    assert why in done.stdout
    assert "the rules in force stay" in " ".join(done.stdout.split())
    assert state(lab, name) == before
    address = packets.addresses(name)[0]
    seen = packets.reach(packets.peer, [("tcp", address, LISTED), ("tcp", address, 4444)], seconds=1)
    assert list(seen.values()) == ["answered", "silent"]
