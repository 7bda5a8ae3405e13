# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the role client_vlans share: a gateway's legs, a peer on each, and a witness of what comes in."""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

HERE = Path(__file__).parent
#: The host that has a leg on every network of the gateways, and that no role hardens.
PEER = "vlan-peer"
# Comes after the table of the role and before all else, and counts by source and interface what that let through; and
# after the firewall what goes from one segment to another.
WITNESS = """
table inet witness
delete table inet witness
table inet witness {
  set seen4 { type ifname . ipv4_addr; flags dynamic; size 4096; counter; }
  set seen6 { type ifname . ipv6_addr; flags dynamic; size 4096; counter; }
  counter advertisements { }
  set passed4 { type ipv4_addr . ipv4_addr; flags dynamic; size 4096; counter; }
  set passed6 { type ipv6_addr . ipv6_addr; flags dynamic; size 4096; counter; }
  chain passing {
    type filter hook forward priority filter + 1; policy accept;
    update @passed4 { ip saddr . ip daddr }
    update @passed6 { ip6 saddr . ip6 daddr }
  }
  chain incoming {
    type filter hook prerouting priority raw + 1; policy accept;
    icmpv6 type nd-router-advert counter name advertisements
    update @seen4 { iifname . ip saddr }
    update @seen6 { iifname . ip6 saddr }
  }
}
"""


@dataclass(frozen=True)
class Leg:
    """A leg of the gateway: its own interface and addresses, and the peer's interface and addresses there."""

    interface: str
    addresses: tuple[str, ...]
    peer_interface: str
    peer_addresses: tuple[str, ...]

    def pairs(self) -> list[tuple[str, str]]:
        """(peer's address, gateway's address) of each IP version."""
        return [
            (theirs, mine)
            for theirs in self.peer_addresses
            for mine in self.addresses
            if ipaddress.ip_address(theirs).version == ipaddress.ip_address(mine).version
        ]


class Gateway:
    """The gateway under test."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        theirs = {
            leg["network"]: (f"eth{at}", leg["addresses"]) for at, leg in enumerate(lab.hosts[PEER]["interfaces"])
        }
        self.legs: dict[str, Leg] = {}
        self.macs: dict[str, str] = {}
        for at, leg in enumerate(lab.hosts[name]["interfaces"]):
            interface, addresses = theirs[leg["network"]]
            segment = str(leg["network"]).rstrip("0123456789")
            self.legs[segment] = Leg(f"eth{at}", tuple(leg["addresses"]), interface, tuple(addresses))

    def run(self, command: str, *, stdin: str = "") -> Completed:
        """Run a shell line on the gateway."""
        return self.lab.run(self.name, command, stdin=stdin)

    def mac(self, interface: str) -> str:
        """The link address of one of its interfaces."""
        if interface not in self.macs:
            self.macs[interface] = self.run(f"cat /sys/class/net/{interface}/address").stdout.strip()
        return self.macs[interface]

    def send(self, segment: str, pairs: list[tuple[str, str]], what: str = "udp") -> None:
        """Have the peer send frames, (source, target) each, to the gateway on one of its legs."""
        leg = self.legs[segment]
        words = " ".join([leg.peer_interface, self.mac(leg.interface), what, *(end for pair in pairs for end in pair)])
        program = (HERE / "frames.py").read_text(encoding="utf-8")
        done = self.lab.run(PEER, f"python3 - {words}", stdin=program)
        assert done.rc == 0, done.stderr

    def witness(self) -> None:
        """Begin to count what comes in."""
        done = self.run("nft -f -", stdin=WITNESS)
        assert done.rc == 0, done.stderr

    def came_in(self, interface: str) -> set[str]:
        """The sources that the witness saw on an interface."""
        return {source for name, source in self._seen("seen") if name == interface}

    def passed(self) -> set[tuple[str, str]]:
        """The (source, target) pairs that the witness saw being forwarded."""
        return self._seen("passed")

    def _seen(self, kind: str) -> set[tuple[str, str]]:
        listed = json.loads(self.run("nft -j list table inet witness").stdout)["nftables"]
        sets = [item["set"] for item in listed if item.get("set", {}).get("name", "").startswith(kind)]
        return {tuple(one["elem"]["val"]["concat"]) for found in sets for one in found.get("elem", ())}

    def dropped(self, comment: str) -> int:
        """How many packets the rules with this comment have dropped."""
        done = self.run("nft -j list table inet ringfence_vlans")
        assert done.rc == 0, done.stderr
        rules = [item["rule"] for item in json.loads(done.stdout)["nftables"] if "rule" in item]
        named = [rule for rule in rules if rule.get("comment") == comment]
        assert named, comment
        return sum(part["counter"]["packets"] for rule in named for part in rule["expr"] if "counter" in part)

    def state(self) -> tuple[str, str, str, str]:
        """What runs, what boots, and what networkd and its links are told."""
        return (
            self.run("nft --stateless list table inet ringfence_vlans").stdout,
            self.run("cat /etc/ringfence/client-vlans/sources.nft").stdout,
            self.run("cd /etc/systemd/network && tail -n +1 05-ringfence-*").stdout,
            self.run("ip -br address show eth3 | sed s,@[^ ]*,,; systemctl is-enabled systemd-networkd").stdout,
        )


@pytest.fixture
def gateway(lab: Lab, name: str) -> Iterator[Gateway]:
    """The gateway under test, with a witness."""
    found = Gateway(lab, name)
    found.witness()
    yield found
    found.run("nft delete table inet witness")


def eventually(question: object, seconds: float = 3) -> bool:
    """Whether a question is answered with yes within a while."""
    assert callable(question)
    end = time.monotonic() + seconds
    while not question():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def converge(lab: Lab, name: str, *args: str, playbook: Path | None = None) -> Completed:
    """Run the scenario's converge playbook, or another, on one host."""
    play = playbook or Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "converge.yml"
    return lab.playbook(str(play), "--limit", name, *args, inventory=lab.inventory, timeout=180)
