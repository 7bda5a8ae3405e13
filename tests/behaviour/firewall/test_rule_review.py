# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule review as a person runs it: hits are the kernel's, and what nobody declared stands out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lab import REPOSITORY

from .conftest import LISTED

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

pytestmark = pytest.mark.usefixtures("listeners")


def rules(lab: Lab, name: str, folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The rules of one host in a new review."""
    playbook = REPOSITORY / "playbooks" / "firewall_review.yml"
    where = ["-e", f"firewall_review_dir={folder}", "--limit", f"localhost,{name}"]
    done = lab.playbook(str(playbook), *where, inventory=lab.inventory)
    assert done.rc == 0, done.stdout
    (path,) = folder.glob("*.json")
    (host,) = (host for host in json.loads(path.read_text(encoding="utf-8"))["hosts"] if host["name"] == name)
    assert host["status"] == "observed"
    assert path.with_suffix(".html").is_file()
    assert path.with_suffix(".csv").is_file()
    return {(rule["direction"], rule["name"]): rule for rule in host["rules"]}


@pytest.mark.claim("external-access-limited")
@pytest.mark.control("firewall.rules_reviewed")
def test_the_review(lab: Lab, packets: Packets, name: str, tmp_path: Path) -> None:
    """A rule that was used is counted, one that was not is marked, and a back door is there without having a name."""
    lab.run(name, "systemctl reload ringfence-firewall.service")
    targets = [("tcp", address, LISTED) for address in packets.addresses(name)]
    assert set(packets.reach(packets.peer, targets).values()) == {"answered"}
    try:
        assert lab.run(name, "nft insert rule inet ringfence input tcp dport 4444 counter accept").rc == 0
        found = rules(lab, name, tmp_path)
    finally:
        lab.run(name, "systemctl reload ringfence-firewall.service")
    web = found["inbound", "demo-web"]
    assert (web["packets"], web["marks"]) == (2, ["undated"])
    assert (web["owner"], web["reason"]) == ("Network team", "The listed port of the behaviour tests")
    assert found["outbound", "peer-only"]["marks"] == ["never_hit", "undated"]
    assert len(found["outbound", "peer-only"]["permits"]) == 2
    door = found["inbound", ""]
    assert door["marks"] == ["not_declared", "never_hit", "undated"]
    assert door["permits"] == ["tcp dport 4444 counter accept"]
    own = [rule for (_direction, rule_name), rule in found.items() if rule_name.startswith("ringfence ")]
    assert own
    assert all(rule["own"] and not rule["marks"] for rule in own)
