# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another firewall beside the declared rules: the run and the audit name it, and what it makes useless is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from .conftest import LISTED, converge

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

# As ufw makes it for `ufw allow 22`, through iptables-nft.
UFW = """
table ip filter {
  chain ufw-before-input {
    iifname "lo" counter accept
    ct state related,established counter accept
    udp sport 67 udp dport 68 counter accept
  }
  chain ufw-user-input { tcp dport 22 counter accept; }
  chain INPUT {
    type filter hook input priority filter; policy drop;
    counter jump ufw-before-input
    counter jump ufw-user-input
  }
}
"""
# As firewalld makes it; an accept of it comes before our rules.
FIREWALLD = """
table inet firewalld {
  chain filter_IN_public { tcp dport 4444 accept; }
  chain filter_INPUT {
    type filter hook input priority filter - 5; policy accept;
    ct state { established, related } accept
    jump filter_IN_public
  }
}
"""
NAT = """
table ip nat {
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; tcp dport 9 redirect to :8; }
}
"""
COUNTING = "table inet counting { chain input { type filter hook input priority filter + 1; counter; }; }"


@contextmanager
def loaded(lab: Lab, name: str, text: str) -> Iterator[None]:
    """These tables are in force beside ours, and gone afterwards."""
    words = text.split()
    assert lab.run(name, "nft -f -", stdin=text).rc == 0
    try:
        yield
    finally:
        lab.run(name, f"nft delete table {words[1]} {words[2]}")


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.no_other_firewall")
@pytest.mark.usefixtures("listeners")
def test_one_that_drops_a_declared_port_is_refused(lab: Lab, packets: Packets, name: str) -> None:
    """The listed port is silent over IPv4 while it is there; a run fails naming rule and chain, in check mode too."""
    target = ("tcp", packets.addresses(name)[0], LISTED)
    before = lab.run(name, "nft --stateless list table inet ringfence").stdout
    with loaded(lab, name, UFW):
        assert packets.reach(packets.peer, [target], seconds=1) == {target: "silent"}
        for words in ((), ("--check",)):
            done = converge(lab, name, *words)
            assert done.rc == 2, done.stdout
            assert f"demo-web (tcp {LISTED}, IPv4) is dropped by ip filter INPUT" in done.stdout
            assert "administration" not in done.stdout.split("without effect", 1)[1].split("firewall_other_tables")[0]
        known = '{"firewall_other_tables": [{"family": "ip", "name": "filter", "reason": "Tests"}]}'
        done = converge(lab, name, "-e", known)
        assert done.rc == 0, done.stdout
        assert "ip filter" not in done.stdout
        assert "changed=0 " in done.stdout
    assert packets.reach(packets.peer, [target]) == {target: "answered"}
    assert lab.run(name, "nft --stateless list table inet ringfence").stdout == before


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.no_other_firewall")
@pytest.mark.usefixtures("listeners")
def test_one_that_accepts_opens_nothing_and_is_named(lab: Lab, packets: Packets, name: str) -> None:
    """What it lets in stays silent; the run warns and goes on."""
    target = ("tcp", packets.addresses(name)[0], 4444)
    with loaded(lab, name, FIREWALLD):
        assert packets.reach(packets.peer, [target], seconds=1) == {target: "silent"}
        for words in ((), ("--check",)):
            done = converge(lab, name, *words)
            assert done.rc == 0, done.stdout
            said = " ".join((done.stdout + done.stderr).split())
            assert "table inet firewalld (input): accepts" in said
            assert "changed=0 " in done.stdout


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.no_other_firewall")
def test_one_that_diverts_is_named_and_one_that_counts_is_not(lab: Lab, name: str) -> None:
    """A redirect is; a table that decides nothing is not."""
    with loaded(lab, name, NAT), loaded(lab, name, COUNTING):
        done = converge(lab, name, "--check")
        said = " ".join((done.stdout + done.stderr).split())
        assert done.rc == 0, done.stdout
        assert "table ip nat (prerouting): diverts (redirect)" in said
        assert "counting" not in said


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
def test_a_drop_in_that_wins_is_named(lab: Lab, name: str) -> None:
    """One of an administrator gives way, and one that sorts after ours would take the rules out of force."""
    folder = "/etc/systemd/system/nftables.service.d"
    text = "[Service]\nExecStop=\nExecStop=/usr/sbin/nft flush ruleset\n"
    try:
        lab.run(name, f"cat > {folder}/override.conf && systemctl daemon-reload", stdin=text)
        done = converge(lab, name)
        said = " ".join((done.stdout + done.stderr).split())
        assert done.rc == 0, done.stdout
        assert f"{folder}/override.conf says what nftables.service runs" in said
        assert "out of force" not in said
        lab.run(name, f"mv {folder}/override.conf {folder}/zzz.conf && systemctl daemon-reload")
        said = " ".join(converge(lab, name).stderr.split())
        assert "stop: nft flush ruleset removes the table" in said
    finally:
        lab.run(name, f"rm -f {folder}/override.conf {folder}/zzz.conf; systemctl daemon-reload")
