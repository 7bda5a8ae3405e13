# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ICMP with crafted packets: what IPv6 and path MTU discovery need comes in, and nothing that only looks like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import HERE

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

CRAFTED = (HERE / "crafted.py").read_text(encoding="utf-8")
MTU = 1300
# A container's /proc/sys is read-only, so IPv4's cache is emptied through another mount of it.
FORGET = """
ip -6 route flush cache &&
unshare --mount sh -c 'mount -t proc proc /mnt && echo 0 > /mnt/sys/net/ipv4/route/flush'
"""


def craft(packets: Packets, *words: str) -> str:
    """Run crafted.py on the peer."""
    done = packets.lab.run(packets.peer, f"python3 /run/crafted.py {' '.join(words)}", stdin="\n")
    assert done.rc == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module", autouse=True)
def _program(lab: Lab, packets: Packets) -> Iterator[None]:
    lab.run(packets.peer, "cat > /run/crafted.py", stdin=CRAFTED)
    yield
    lab.run(packets.peer, "rm -f /run/crafted.py")


def dropped(lab: Lab, name: str, kind: str) -> int:
    """How many incoming packets were dropped: as ``invalid``, or as ``dropped`` because no rule accepted them."""
    listing = lab.run(name, "nft list chain inet ringfence input").stdout
    match = re.search(rf'counter packets (\d+) bytes \d+ (drop )?comment "ringfence {kind}"', listing)
    assert match, listing
    return int(match[1])


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
def test_neighbours_are_only_those_on_the_link(lab: Lab, packets: Packets, name: str) -> None:
    """A solicitation with the hop limit of the link is answered; one that crossed a router is dropped by our chain."""
    mine, its = packets.addresses(packets.peer)[1], packets.addresses(name)[1]
    assert craft(packets, "neighbour", mine, its, "255") == "answered"
    before = dropped(lab, name, "dropped")
    assert craft(packets, "neighbour", mine, its, "254") == "silent"
    assert dropped(lab, name, "dropped") > before


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.default_deny_inbound")
def test_nobody_redirects_our_traffic(lab: Lab, packets: Packets, name: str) -> None:
    """A redirect from the link, hop limit and all, is dropped by our chain."""
    before = dropped(lab, name, "invalid")
    craft(packets, "redirect", packets.addresses(packets.peer)[1], packets.addresses(name)[1])
    assert dropped(lab, name, "invalid") > before


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.rules_as_declared")
@pytest.mark.parametrize("version", [4, 6])
def test_path_mtu_discovery_works_for_connections_only(lab: Lab, packets: Packets, name: str, version: int) -> None:
    """An error about an open connection's packet lowers the path's MTU; one about no connection's is dropped."""
    mine, its = packets.addresses(packets.peer)[version == 6], packets.addresses(name)[version == 6]
    route = f"ip -{version} route get {mine}"
    try:
        before = dropped(lab, name, "invalid")
        craft(packets, "too-big", mine, its, "22", str(MTU), "forged")
        assert dropped(lab, name, "invalid") > before
        assert f"mtu {MTU}" not in lab.run(name, route).stdout
        craft(packets, "too-big", mine, its, "22", str(MTU))
        assert f"mtu {MTU}" in lab.run(name, route).stdout
    finally:
        assert lab.run(name, FORGET).rc == 0
