# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that is asked of a systemd unit lets a foreign source in, not one: the peer never stops sending."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from .conftest import HERE, PEER

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Gateway

OUTSIDE = ("198.51.100.7", "2001:db8:66::7")
VERBS = ("start", "reload", "restart", "reload-or-restart", "try-restart", "stop")
# Receives on the port that frames.py sends to; prints from where, when it is stopped.
RECEIVE = """
import json, signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
seen = set()
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    one.bind(("::", 9))
    one.settimeout(0.2)
    open("/run/behaviour-receiving", "w").close()
    try:
        while True:
            try:
                seen.add(one.recvfrom(64)[1][0].removeprefix("::ffff:"))
            except TimeoutError:
                pass
    finally:
        print(json.dumps(sorted(seen)), flush=True)
"""


@contextmanager
def sending(lab: Lab, gateway: Gateway, sources: tuple[str, ...]) -> Iterator[set[str]]:
    """The peer sends from these sources into the segment acme while the block runs; those that came in, then."""
    leg = gateway.legs["acme"]
    ends = [end for one in sources for mine in leg.addresses if (":" in one) == (":" in mine) for end in (one, mine)]
    words = " ".join([leg.peer_interface, gateway.mac(leg.interface), "udp", *(ends * 100)])
    heard: set[str] = set()
    # The peer is that of the other release's gateway as well.
    frames, stop = f"/run/behaviour-frames-{gateway.name}.py", f"/run/behaviour-frames-{gateway.name}.stop"

    def receive() -> None:
        done = gateway.run("exec timeout 170 python3 -", stdin=RECEIVE)
        heard.update(json.loads(done.stdout))

    def send() -> None:
        once = f"python3 {frames} {words}"
        lab.run(PEER, f"while test ! -e {stop}; do {once}; done", timeout=180)

    program = (HERE / "frames.py").read_text(encoding="utf-8")
    lab.run(PEER, f"rm -f {stop}; cat > {frames}", stdin=program)
    gateway.run("rm -f /run/behaviour-receiving")
    threads = [threading.Thread(target=receive), threading.Thread(target=send)]
    for thread in threads:
        thread.start()
    try:
        gateway.run("until test -e /run/behaviour-receiving; do sleep 0.1; done")
        time.sleep(0.5)
        yield heard
        time.sleep(0.5)
    finally:
        lab.run(PEER, f"touch {stop}")
        threads[1].join()
        gateway.run("pkill -TERM -f '^python3 -$'")
        threads[0].join()


@pytest.mark.proof("client-vlans.spoofed-sources")
@pytest.mark.control("client_vlans.source_addresses")
def test_no_verb_on_a_unit_lets_a_foreign_source_in(lab: Lab, gateway: Gateway) -> None:
    """The distribution's unit and ours, again and again: only the segment's own sources ever come in."""
    before = gateway.state()
    own = gateway.legs["acme"].peer_addresses
    foreign = (*OUTSIDE, *gateway.legs["globex"].peer_addresses)
    each = f"for verb in {' '.join(VERBS)}; do systemctl $verb UNIT; systemctl reset-failed UNIT; done"
    units = "; ".join(each.replace("UNIT", unit) for unit in ("nftables", "ringfence-client-vlans"))
    try:
        with sending(lab, gateway, (*own, *foreign)) as heard:
            gateway.run("systemctl enable --now nftables; systemctl disable --now nftables")
            gateway.run(f"for round in 1 2; do {units}; done; systemctl start ringfence-client-vlans nftables")
            tables = gateway.run("nft list tables").stdout
    finally:
        gateway.run("systemctl stop nftables; systemctl reset-failed nftables ringfence-client-vlans")
    assert heard == set(own)
    assert "table inet filter" in tables
    assert gateway.state() == before
    assert gateway.run("systemctl is-active ringfence-client-vlans").stdout.strip() == "active"


@pytest.mark.claim("client-vlans")
@pytest.mark.control("client_vlans.source_addresses")
def test_an_open_moment_is_seen(lab: Lab, gateway: Gateway) -> None:
    """Without the table for a hundredth of a second foreign sources come in: so above there was no such moment."""
    with sending(lab, gateway, OUTSIDE) as heard:
        load = "nft -f /etc/ringfence/client-vlans/sources.nft"
        assert gateway.run(f"nft delete table inet ringfence_vlans; sleep 0.05; {load}").rc == 0
    assert heard & set(OUTSIDE)
