# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says of other firewalls: declared rules that they leave without effect, what decides beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import firewall_surroundings
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

WEB = {"name": "web", "protocol": "tcp", "ports": [[8080, 8090]], "versions": [4, 6]}
SSH = {"name": "administration", "protocol": "tcp", "ports": [[22, 22]], "versions": [4, 6]}


def _in(table: str, kind: str, **content: Any) -> dict[str, Any]:
    return {kind: {"family": "ip", "table": table, **content}}


#: As iptables makes it: the ports of a match of its own stand in the text only.
LISTING = json.dumps(
    {
        "nftables": [
            {"table": {"family": "ip", "name": "filter"}},
            _in("filter", "chain", name="INPUT", hook="input", policy="drop", type="filter"),
            _in(
                "filter",
                "rule",
                chain="INPUT",
                handle=7,
                expr=[{"xt": {"type": "match", "name": "multiport"}}, {"accept": None}],
            ),
        ]
    }
)
TEXT = "table ip filter {\n\tchain INPUT { # handle 1\n\t\ttcp dport { 22, 80 } counter accept # handle 7\n\t}\n}\n"


class FakeHost(Host):
    """A host with that table."""

    def __init__(self, rc: int = 0) -> None:
        super().__init__()
        self.rc = rc

    def read(self, path: str) -> str | None:
        return None

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        if argv[0] == "systemctl":
            return Completed(0, "Id=firewalld.service\nUnitFileState=enabled\nActiveState=active\n", "")
        return Completed(self.rc, LISTING if "-j" in argv else TEXT, "no")


def test_a_rule_without_effect_is_named() -> None:
    """With its port, the version of IP and the chain; what the text opens is not among them."""
    found = firewall_surroundings.without_effect(FakeHost(), [WEB, SSH], set())
    assert found == ["web (tcp 8080, IPv4) is dropped by ip filter INPUT"]
    assert firewall_surroundings.without_effect(FakeHost(), [WEB], {("ip", "filter")}) == []


def test_what_decides_beside_the_rules_is_named() -> None:
    """Now and at boot; and that nothing could be seen."""
    said = firewall_surroundings.warnings(FakeHost(), set())
    assert [one.split(".", maxsplit=1)[0] for one in said] == [
        "Another firewall decides beside the declared rules: table ip filter (input): drops, accepts",
        "Another firewall is loaded at boot beside the declared rules: firewalld",
    ]
    assert firewall_surroundings.warnings(FakeHost(), {("ip", "filter")}) == said[1:]
    assert "could not be seen" in firewall_surroundings.warnings(FakeHost(rc=1), set())[0]
    assert firewall_surroundings.without_effect(FakeHost(rc=1), [WEB], set()) == []


def test_nothing_is_said_of_a_unit_without_our_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where it cannot be tried out: the audit says that."""
    place = ("inet", "ringfence", "/nowhere")
    assert firewall_surroundings.unit_warnings(FakeHost(), place, "zz-ringfence-firewall.conf") == []
    monkeypatch.setattr(firewall_surroundings.os.path, "exists", lambda _path: True)

    def refused(*_words: object) -> list[str]:
        raise NotObservable("no namespace")

    monkeypatch.setattr(firewall_surroundings._nft_verbs, "lost_by", refused)
    assert firewall_surroundings.unit_warnings(FakeHost(), place, "zz-ringfence-firewall.conf") == []
