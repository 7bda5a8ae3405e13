# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outgoing and passing through: nothing leaves and nothing is forwarded but by a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import LISTED, OUTSIDE_LISTED, OUTSIDE_UNLISTED

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Packets

pytestmark = pytest.mark.usefixtures("listeners")


@pytest.mark.claim("card-data-no-internet")
@pytest.mark.control("firewall.default_deny_outbound")
@pytest.mark.control("firewall.rules_as_declared")
def test_only_the_listed_destination_is_reached(lab: Lab, packets: Packets, name: str) -> None:
    """TCP, UDP, DNS and ICMP to the peer, IPv4 and IPv6: only the listed port connects."""
    both = packets.addresses(packets.peer)
    listed = [("tcp", address, OUTSIDE_LISTED) for address in both]
    hidden = [(kind, address, port) for kind in ("tcp", "udp") for address in both for port in OUTSIDE_UNLISTED]
    hidden += [("udp", address, OUTSIDE_LISTED) for address in both]
    from_itself = packets.reach(packets.peer, hidden)
    assert set(from_itself.values()) == {"answered"}, "the peer does not serve, so this would prove nothing"
    seen = packets.reach(name, listed + hidden)
    assert {target: seen[target] for target in listed} == dict.fromkeys(listed, "answered")
    assert {target: seen[target] for target in hidden} == dict.fromkeys(hidden, "silent")
    for address in both:
        assert lab.run(name, f"ping -c 2 -i 0.2 -W 1 {address}").rc != 0


@pytest.fixture
def second_addresses(lab: Lab, packets: Packets) -> Iterator[tuple[str, str]]:
    """Two more addresses of the peer, which no rule names."""
    mine = packets.addresses(packets.peer)
    # None that other roles' tests give to the peers of this network.
    last = 251 if packets.peer == "peer" else 252
    more = f"{mine[0].rsplit('.', 1)[0]}.{last}", f"{mine[1].rsplit(':', 1)[0]}:{last}"
    lengths = ("24", "64 nodad")
    change = "; ".join(f"ip address {{0}} {address}/{length} dev eth0" for address, length in zip(more, lengths))
    try:
        assert lab.run(packets.peer, change.format("replace")).rc == 0
        yield more
    finally:
        lab.run(packets.peer, change.format("delete").replace(" nodad", ""))


@pytest.mark.claim("card-data-no-internet")
@pytest.mark.control("firewall.default_deny_outbound")
@pytest.mark.control("firewall.rules_as_declared")
def test_a_listed_port_at_another_destination_is_not_reached(
    packets: Packets, second_addresses: tuple[str, str], name: str
) -> None:
    """The rule permits a destination, not a port: the same port of the same machine at other addresses is silent."""
    others = [("tcp", address, OUTSIDE_LISTED) for address in second_addresses]
    listed = [("tcp", address, OUTSIDE_LISTED) for address in packets.addresses(packets.peer)]
    assert set(packets.reach(packets.peer, others).values()) == {"answered"}, "nothing serves there: no proof"
    seen = packets.reach(name, others + listed)
    assert list(seen.values()) == ["silent", "silent", "answered", "answered"]


@pytest.fixture(scope="module")
def router(lab: Lab, name: str) -> Iterator[Lab]:
    """The host under test forwards between two network namespaces, ``left`` and ``right``; right answers on a port.

    A container's /proc/sys is read-only, so forwarding is switched on through another mount of it.
    """
    program = f"""
for side in left right; do
  ip netns add $side
  ip link add $side type veth peer name inner netns $side
  ip link set $side up
  ip -n $side link set lo up
  ip -n $side link set inner up
done
ip address add 10.255.1.1/24 dev left
ip address add 10.255.2.1/24 dev right
ip -n left address add 10.255.1.2/24 dev inner
ip -n right address add 10.255.2.2/24 dev inner
ip -n left route add default via 10.255.1.1
ip -n right route add default via 10.255.2.1
unshare --mount sh -c 'mount -t proc proc /mnt && echo 1 > /mnt/sys/net/ipv4/ip_forward'
systemd-run --quiet --collect --unit=behaviour-right ip netns exec right python3 /run/behaviour-answer.py {LISTED}
for i in $(seq 50); do ip netns exec right ss -Hltn sport = :{LISTED} | grep -q . && exit 0; sleep 0.1; done
exit 1
"""
    try:
        done = lab.run(name, "sh -e -s", stdin=program)
        assert done.rc == 0, done.stderr
        yield lab
    finally:
        lab.run(
            name,
            "systemctl stop behaviour-right; ip netns delete left; ip netns delete right;"
            " unshare --mount sh -c 'mount -t proc proc /mnt && echo 0 > /mnt/sys/net/ipv4/ip_forward'",
        )


@pytest.mark.claim("inbound-drop")
@pytest.mark.control("firewall.default_deny_forward")
def test_nothing_is_forwarded(router: Lab, packets: Packets, name: str) -> None:
    """From left to right through the host: silent. With the chain opened it connects: so it is the chain."""
    target = ("tcp", "10.255.2.2", LISTED)
    through = "ip netns exec left"
    assert packets.reach(name, [target], prefix=through) == {target: "silent"}
    try:
        router.run(name, "nft insert rule inet ringfence forward accept")
        assert packets.reach(name, [target], prefix=through) == {target: "answered"}
    finally:
        router.run(name, "systemctl reload ringfence-firewall.service")
    assert packets.reach(name, [target], prefix=through) == {target: "silent"}
