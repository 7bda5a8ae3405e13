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
# Comes after the table of the role and before all else, and counts by source and interface what that let through.
WITNESS = """
table inet witness
delete table inet witness
table inet witness {
  set seen4 { type ifname . ipv4_addr; flags dynamic; size 4096; counter; }
  set seen6 { type ifname . ipv6_addr; flags dynamic; size 4096; counter; }
  counter advertisements { }
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
        for at, leg in enumerate(lab.hosts[name]["interfaces"]):
            interface, addresses = theirs[leg["network"]]
            segment = str(leg["network"]).rstrip("0123456789")
            self.legs[segment] = Leg(f"eth{at}", tuple(leg["addresses"]), interface, tuple(addresses))

    def run(self, command: str, *, stdin: str = "") -> Completed:
        """Run a shell line on the gateway."""
        return self.lab.run(self.name, command, stdin=stdin)

    def mac(self, interface: str) -> str:
        """The link address of one of its interfaces."""
        return self.run(f"cat /sys/class/net/{interface}/address").stdout.strip()

    def send(self, segment: str, source: str, target: str, what: str = "udp") -> None:
        """Have the peer send a frame to the gateway on one of its legs."""
        leg = self.legs[segment]
        words = f"{leg.peer_interface} {self.mac(leg.interface)} {source} {target} {what}"
        program = (HERE / "frames.py").read_text(encoding="utf-8")
        done = self.lab.run(PEER, f"python3 - {words}", stdin=program)
        assert done.rc == 0, done.stderr

    def witness(self) -> None:
        """Begin to count what comes in."""
        done = self.run("nft -f -", stdin=WITNESS)
        assert done.rc == 0, done.stderr

    def came_in(self, source: str, interface: str) -> bool:
        """Whether the witness saw a packet of this source on this interface."""
        name = "seen6" if ":" in source else "seen4"
        listed = json.loads(self.run(f"nft -j list set inet witness {name}").stdout)["nftables"]
        elements = [element for item in listed for element in item.get("set", {}).get("elem", ())]
        seen = [element["elem"]["val"]["concat"] for element in elements]
        return [interface, source] in seen

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
            self.run("ip -br address show eth3; systemctl is-enabled systemd-networkd").stdout,
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
