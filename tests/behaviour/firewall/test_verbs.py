# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that is asked of a systemd unit leaves the host open, not for one packet: a peer never stops knocking."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import HERE, UNLISTED

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

pytestmark = pytest.mark.usefixtures("listeners")
CONF = "/etc/nftables.conf"
STOP = "/run/behaviour-knock-stop"
# What an administrator's file may be. All but the missing one begin as the distribution's: with a flush of every table.
OPEN = """\
flush ruleset
define PORTS = { 23, 53 }
table inet ringfence {
  chain input { type filter hook input priority filter - 1; policy accept; tcp dport $PORTS accept; }
  chain of_somebody_else { }
}
table inet theirs {
  set known { type ipv4_addr; elements = { 192.0.2.66 }; }
}"""  # without a last newline
OPEN_CHAIN = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter\n\t}\n}\n"
FILES = {
    "of the distribution": f"flush ruleset\n{OPEN_CHAIN}",
    "with a table of our name": OPEN,
    "that includes others": 'flush ruleset\ninclude "/etc/behaviour-nftables.d/*.nft"\n',
    "with an error": "flush ruleset\nadd rule inet nowhere input accept\n",
    "cut off": "flush ruleset\ntable inet filter {\n",
    "missing": None,
}
LOADS = ("of the distribution", "with a table of our name", "that includes others")
DISTRIBUTION = ("start", "reload", "restart", "reload-or-restart", "try-restart", "stop")
OURS = ("reload", "restart", "stop", "start")
RUNS = "nft --stateless list table inet ringfence"


@contextmanager
def knocking(lab: Lab, packets: Packets, name: str, port: int = UNLISTED[0]) -> Iterator[dict[str, Any]]:
    """Knock at a service that no rule lists while the block runs; what came of it is there afterwards."""
    heard: dict[str, Any] = {}
    words = f"{STOP} {port} {' '.join(packets.addresses(name))}"
    program = (HERE / "knock.py").read_text(encoding="utf-8")

    def knock() -> None:
        done = lab.run(packets.peer, f"rm -f {STOP}; exec python3 - {words}", stdin=program, timeout=200)
        heard.update(json.loads(done.stdout))

    thread = threading.Thread(target=knock)
    thread.start()
    try:
        time.sleep(0.5)
        yield heard
        time.sleep(0.5)
    finally:
        lab.run(packets.peer, f"touch {STOP}")
        thread.join()


@contextmanager
def conf(lab: Lab, name: str, text: str | None) -> Iterator[None]:
    """The host's nftables.conf is this text, or is not there; afterwards it and its unit are what they were."""
    write = f"rm {CONF}" if text is None else f"cat > {CONF}"
    assert lab.run(name, f"cp -p {CONF} /var/tmp/nftables.conf && {write}", stdin=text or "").rc == 0
    try:
        yield
    finally:
        lab.run(
            name,
            "systemctl disable --now nftables; systemctl reset-failed nftables ringfence-firewall; "
            f"mv /var/tmp/nftables.conf {CONF}; systemctl reload-or-restart ringfence-firewall",
        )


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
@pytest.mark.parametrize("kind", FILES)
def test_no_verb_on_the_distributions_unit_opens_the_host(lab: Lab, packets: Packets, name: str, kind: str) -> None:
    """Whatever its file is. The rules afterwards are the declared ones, and what its file holds is loaded as well."""
    before = lab.run(name, RUNS).stdout
    lab.run(name, "mkdir -p /etc/behaviour-nftables.d && cat > /etc/behaviour-nftables.d/a.nft", stdin=OPEN + "\n")
    each = f"for verb in {' '.join(DISTRIBUTION)}; do systemctl $verb nftables; systemctl reset-failed nftables; done"
    rounds = " ".join("12" if kind in LOADS else "1")
    try:
        with conf(lab, name, FILES[kind]):
            with knocking(lab, packets, name) as heard:
                lab.run(name, "systemctl enable --now nftables; systemctl disable --now nftables")
                lab.run(name, f"for round in {rounds}; do {each}; done", timeout=120)
                assert lab.run(name, RUNS).stdout == before
                loaded = lab.run(name, "systemctl start nftables").rc == 0
                tables = lab.run(name, "nft list tables").stdout
            assert loaded == (kind in LOADS)
            if loaded:
                assert tables.count("\n") == 2, tables
                assert lab.run(name, RUNS).stdout == before
            assert lab.run(name, "systemctl is-active ringfence-firewall").stdout.strip() == "active"
            assert heard["sent"] > 500
            assert heard["answers"] == {}
    finally:
        lab.run(name, "rm -r /etc/behaviour-nftables.d")


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
def test_no_verb_on_our_own_unit_opens_the_host(lab: Lab, packets: Packets, name: str) -> None:
    """Stopping it opens nothing either."""
    before = lab.run(name, RUNS).stdout
    unit = "ringfence-firewall"
    each = f"for verb in {' '.join(OURS)}; do systemctl $verb {unit} || exit 1; systemctl reset-failed {unit}; done"
    with knocking(lab, packets, name) as heard:
        assert lab.run(name, f"for round in 1 2 3; do {each}; done", timeout=120).rc == 0
    assert heard["sent"] > 500
    assert heard["answers"] == {}
    assert lab.run(name, RUNS).stdout == before
    assert lab.run(name, "systemctl is-active ringfence-firewall").stdout.strip() == "active"


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
@pytest.mark.control("firewall.rules_as_declared")
def test_rules_take_the_place_of_rules_without_a_gap(lab: Lab, packets: Packets, name: str) -> None:
    """Loaded again and again: also in the microseconds in which the kernel has no policy yet, a rule drops."""
    with knocking(lab, packets, name) as heard:
        lab.run(name, "for i in $(seq 300); do nft -f /etc/ringfence/firewall/ruleset.nft; done", timeout=120)
    assert heard["answers"] == {}


JAIL = """[sshd]
enabled = true
backend = systemd
banaction = nftables[type=allports, blocktype=drop]
"""


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
def test_bans_of_fail2ban_are_there_again(lab: Lab, name: str) -> None:
    """The flush of each verb takes its table away; it bans the same address again, and goes on."""
    banned = "nft list table inet f2b-table | grep -q 192.0.2.66 && systemctl is-active --quiet fail2ban"
    soon = f"for i in $(seq 150); do {banned} && exit 0; sleep 0.2; done; exit 1"
    try:
        lab.run(name, "cat > /etc/fail2ban/jail.d/zz-behaviour.local && systemctl restart fail2ban", stdin=JAIL)
        ban = "until fail2ban-client ping; do sleep 0.2; done; fail2ban-client set sshd banip 192.0.2.66"
        assert lab.run(name, ban).rc == 0
        assert lab.run(name, soon).rc == 0
        with conf(lab, name, FILES["of the distribution"]):
            for verb in ("enable --now", "reload", "restart", "stop"):
                pid = lab.run(name, "systemctl show --value --property=MainPID fail2ban").stdout
                assert lab.run(name, f"systemctl {verb} nftables").rc == 0
                assert lab.run(name, soon).rc == 0, verb
                assert lab.run(name, "systemctl show --value --property=MainPID fail2ban").stdout != pid, verb
    finally:
        lab.run(name, "fail2ban-client set sshd unbanip 192.0.2.66; systemctl stop fail2ban")
        lab.run(name, "rm -f /etc/fail2ban/jail.d/zz-behaviour.local; systemctl reset-failed fail2ban")


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
def test_a_masked_unit_opens_nothing(lab: Lab, packets: Packets, name: str) -> None:
    """Masked while it runs, stopped and unmasked."""
    before = lab.run(name, RUNS).stdout
    with conf(lab, name, FILES["of the distribution"]), knocking(lab, packets, name) as heard:
        lab.run(name, "systemctl start nftables; systemctl mask --now nftables; systemctl restart nftables")
        assert lab.run(name, RUNS).stdout == before
        lab.run(name, "systemctl unmask nftables; systemctl restart nftables")
        assert lab.run(name, RUNS).stdout == before
    assert heard["answers"] == {}


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.kept_in_force")
def test_an_open_moment_is_heard(lab: Lab, packets: Packets, name: str) -> None:
    """Without the table for hundredths of a second the knocking is answered: silence means no such moment.

    At a port of its own, as connections that were let in go on. Where the machine is busy nobody may knock in one.
    """
    moment = "nft delete table inet ringfence; sleep 0.01; nft -f /etc/ringfence/firewall/ruleset.nft || exit 1"
    with knocking(lab, packets, name, UNLISTED[3]) as heard:
        assert lab.run(name, f"for moment in 1 2 3 4 5 6 7 8; do {moment}; sleep 0.1; done").rc == 0
    assert set(heard["answers"].values()) == {"open"}
