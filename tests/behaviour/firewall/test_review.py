# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules past their review date, and risky services that nobody says how to use safely."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.observed import Observed

from .conftest import LISTED, converge

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

AUDIT = Path(__file__).parents[1] / "contract" / "audit.yml"
OLD = {
    "name": "fax-gateway",
    "direction": "inbound",
    "protocol": "tcp",
    "ports": [LISTED],
    "reason": "Faxes from the branch",
    "owner": "Branch office",
    "review_by": "2020-12-31",
}

pytestmark = pytest.mark.usefixtures("listeners", "declared_again")


@pytest.fixture(scope="module")
def declared_again(lab: Lab, name: str) -> Iterator[None]:
    """The scenario's own rules are in force afterwards."""
    yield
    assert converge(lab, name).rc == 0


def variables(rule: dict[str, Any], expired: str) -> str:
    """The rule of a test instead of the scenario's."""
    return json.dumps({"firewall_rules": [rule], "firewall_expired_rules": expired})


def red(lab: Lab, name: str, rules: str, folder: Path) -> dict[str, list[str]]:
    """The controls of the firewall that an audit finds red."""
    Observed.place(folder, "after")
    where = ["-e", "contract_role=firewall", "-e", f"contract_findings={folder}"]
    done = lab.playbook(str(AUDIT), "--limit", name, *where, "-e", rules, inventory=lab.inventory)
    return Observed(folder, done.stdout + done.stderr).red("after", name)


@pytest.mark.claim("external-access-limited")
@pytest.mark.control("firewall.rules_reviewed")
def test_a_rule_past_its_review(lab: Lab, packets: Packets, name: str, tmp_path: Path) -> None:
    """Kept: it is loaded, the run warns and the audit fails for this alone. Refused: it is not in force any more."""
    port = ("tcp", packets.addresses(name)[0], LISTED)
    done = converge(lab, name, "-e", variables(OLD, "keep"))
    assert done.rc == 0, done.stdout
    warning = " ".join((done.stdout + done.stderr).split())
    assert "past their review date and still loaded: inbound fax-gateway (due 2020-12-31" in warning
    assert packets.reach(packets.peer, [port]) == {port: "answered"}
    found = red(lab, name, variables(OLD, "keep"), tmp_path / "keep")
    assert list(found) == ["firewall.rules_reviewed"], found
    done = converge(lab, name, "-e", variables(OLD, "refuse"))
    assert done.rc == 0, done.stdout
    assert packets.reach(packets.peer, [port]) == {port: "silent"}
    assert red(lab, name, variables(OLD, "refuse"), tmp_path / "refuse") == {}


@pytest.mark.control("firewall.rules_reviewed")
def test_a_new_date_loads_nothing(lab: Lab, name: str) -> None:
    """After a review only the file changes: no rule is loaded again, so no counter starts anew."""
    rule = {**OLD, "review_by": "2199-12-31"}
    assert converge(lab, name, "-e", variables(rule, "keep")).rc == 0
    handles = "nft --handle --stateless list table inet ringfence"
    before = lab.run(name, handles).stdout
    done = converge(lab, name, "-e", variables({**rule, "review_by": "2198-12-31"}, "keep"))
    assert "changed=1 " in done.stdout
    assert lab.run(name, handles).stdout == before
    assert "2198-12-31" in lab.run(name, "cat /etc/ringfence/firewall/ruleset.nft").stdout


@pytest.mark.control("firewall.rules_as_declared")
def test_a_risky_service_needs_a_mitigation(lab: Lab, name: str) -> None:
    """Without one the rule is refused before anything is touched."""
    done = converge(lab, name, "-e", variables({**OLD, "ports": ["5800-5999"], "review_by": "2199-12-31"}, "keep"))
    assert done.rc == 2
    assert "firewall_rules[0] (fax-gateway): mitigation: missing; say what makes this service safe here" in done.stdout
    assert "changed=0 " in done.stdout
