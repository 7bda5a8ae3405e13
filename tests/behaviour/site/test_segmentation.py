# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The segmentation test itself: it passes on the site as it is, and sees what is opened or closed behind its back."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lab import REPOSITORY

from .conftest import HERE, OUTSIDE, SITE, Sink

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.lab import Completed, Lab

PLAYBOOK = str(REPOSITORY / "playbooks" / "segmentation_test.yml")
AS_INTENDED, OPEN, CLOSED = "as intended", "open but not intended", "closed but needed"
CONTROL = "ringfence negative control"


def run(lab: Lab, evidence: Path, **options: Any) -> tuple[Completed, dict[str, Any]]:
    """Run the test; how it ended and its record."""
    told = {f"segmentation_test_{key}": value for key, value in {"evidence_dir": str(evidence), **options}.items()}
    done = lab.playbook(PLAYBOOK, "-e", json.dumps(told), inventory=SITE)
    records = sorted((evidence / "records" / "segmentation_test").glob("*.json"))
    assert records, done.stdout[-4000:] + done.stderr[-2000:]
    return done, json.loads(records[-1].read_text(encoding="utf-8"))


def addresses(lab: Lab, *names: str) -> list[str]:
    """The first IPv4 address of each host."""
    return [lab.address(name) for name in names]


@contextmanager
def planted(lab: Lab, rules: dict[str, list[str]]) -> Iterator[None]:
    """Rules put before all others into chains of hosts: ``CHAIN MATCH VERDICT``."""
    try:
        for name, texts in rules.items():
            for text in texts:
                done = lab.run(name, f"nft 'insert rule inet ringfence {text}'")
                assert done.rc == 0, done.stderr
        yield
    finally:
        for name in rules:
            assert lab.run(name, "systemctl reload ringfence-firewall.service").rc == 0


def remains(lab: Lab) -> dict[str, str]:
    """What a test has left behind on hosts, by host: rules, interfaces, timers, files, processes that watch."""
    look = (
        f"nft list ruleset | grep -F '{CONTROL}'; ip -o link | grep rfseg;"
        " systemctl list-units --all --no-legend | grep ringfence-segmentation; ls /run/ringfence/segmentation/*"
    )
    found = {name: lab.run(name, look).stdout for name in lab.hosts}
    return {name: text for name, text in found.items() if text}


@pytest.mark.proof("client-vlans.matrix")
@pytest.mark.claim("external-access-limited")
@pytest.mark.claim("no-network-browsing")
def test_every_pair_of_segments_is_as_intended(lab: Lab, tmp_path: Path) -> None:
    """Over TCP, UDP and ICMP, IPv4 and IPv6: nothing but the flows gets through, and all of them do."""
    with Sink(lab, OUTSIDE).open() as seen:
        done, record = run(lab, tmp_path)
    assert done.rc == 0, done.stdout[-6000:]
    # Only addresses of the inventory are targets: nothing of a host arrives outside. The gateway asks its name servers.
    hosts = {address for name in lab.hosts if name not in ("gw1", OUTSIDE) for address in lab.addresses(name)}
    assert [packet for packet in seen if packet["source"] in hosts] == []
    assert record["findings"] == []
    segments = ["management", "acme", "globex", "servers", "card-data"]
    cells = {(cell["from"], cell["to"]): cell for cell in record["matrix"]}
    assert set(cells) == {(row, column) for row in [*segments, "internet"] for column in segments}
    assert {cell["verdict"] for cell in cells.values()} == {AS_INTENDED}
    assert all(cell["tries"] >= 100 for (row, column), cell in cells.items() if row != column)
    # What has to work was seen to work, so that this is no site where nothing works.
    assert cells["acme", "card-data"]["needed"] >= 4
    assert cells["internet", "servers"]["needed"] == 2
    assert record["negative_control"]["seen"]
    assert {entry["protocol"] for entry in record["negative_control"]["tries"]} == {"tcp", "udp", "icmp", "icmpv6"}
    assert {entry["opened"] for entry in record["negative_control"]["tries"]} == {OPEN}
    assert {entry["closed"] for entry in record["negative_control"]["tries"]} == {AS_INTENDED}
    assert (record["outcome"], record["site"], record["due"] > record["finished_at"][:10]) == ("pass", "demo", True)
    page = next((tmp_path / "records" / "segmentation_test").glob("*.html")).read_text(encoding="utf-8")
    assert "every try ended as intended" in page
    assert remains(lab) == {}


@pytest.mark.claim("client-vlans")
@pytest.mark.claim("no-network-browsing")
def test_what_is_opened_or_closed_behind_its_back_is_seen_by_pair_and_port(lab: Lab, tmp_path: Path) -> None:
    """At the gateway, in a neighbour's firewall, in a source's: each is named, and who stopped it; nothing else is."""
    agent, neighbour, other, store, mail = addresses(lab, "ws-acme-1", "ws-acme-2", "ws-globex-1", "db1", "mail1")
    agent6, store6 = lab.address6("ws-acme-1"), lab.address6("db1")
    rules = {
        "gw1": [
            f"forward ip saddr {agent} ip daddr {store} tcp dport 3306 accept",
            f"forward ip6 saddr {agent6} ip6 daddr {store6} udp dport 161 accept",
            f"forward ip saddr {store} ip daddr {other} icmp type echo-request accept",
            f"forward ip saddr {other} ip daddr {mail} tcp dport 993 drop",
        ],
        "ws-acme-2": [f"input ip saddr {agent} udp dport 137 accept"],
        "db1": ["output meta nfproto ipv4 tcp dport 8432 drop"],
    }
    with planted(lab, rules):
        done, record = run(lab, tmp_path, common_ports=False, tcp_ports=[3306], udp_ports=[137, 161])
    assert done.rc == 2, done.stdout[-6000:]
    keys = ("measured", "from_address", "to_address", "protocol", "port", "stopped_by")
    found = {tuple(finding[key] for key in keys) for finding in record["findings"]}
    backup = lab.address("log1")
    assert found == {
        (OPEN, agent, store, "tcp", 3306, "firewall of db1"),
        (OPEN, agent6, store6, "udp", 161, "firewall of db1"),
        (OPEN, store, other, "icmp", None, "firewall of ws-globex-1"),
        (OPEN, agent, neighbour, "udp", 137, None),
        (CLOSED, other, mail, "tcp", 993, "gateway gw1"),
        (CLOSED, store, backup, "tcp", 8432, "firewall of db1"),
    }
    assert record["outcome"] == "fail"
    assert record["negative_control"]["seen"]
    bad = {(cell["from"], cell["to"]): cell["verdict"] for cell in record["matrix"] if cell["verdict"] != AS_INTENDED}
    assert bad == {
        ("acme", "card-data"): OPEN,
        ("acme", "acme"): OPEN,
        ("card-data", "globex"): OPEN,
        ("globex", "servers"): CLOSED,
        ("card-data", "servers"): CLOSED,
    }
    assert f"acme -> card-data: ws-acme-1 to db1 {store} tcp 3306" in done.stdout


def test_a_run_that_dies_leaves_nothing_open(lab: Lab) -> None:
    """Whoever opens the way and is never heard of again: the gateway closes it by itself."""
    died = lab.playbook(str(HERE / "segmentation_dies.yml"), inventory=SITE)
    assert died.rc == 0, died.stdout[-3000:]
    listing = "nft list chain inet ringfence forward"
    assert lab.run("gw1", f"{listing} | grep -cF '{CONTROL}'").stdout.strip() == "2"
    waited = lab.run("gw1", f"for i in $(seq 45); do {listing} | grep -qF '{CONTROL}' || exit 0; sleep 1; done; exit 1")
    assert waited.rc == 0, "the way is still open after 45 seconds"
    assert remains(lab) == {}
