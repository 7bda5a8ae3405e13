# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests in the virtual machine share: the wires of molecule/vm/wire.sh, and frames put on them.

A test that shows that a frame does not arrive sends another one after it that does: so nothing was merely slow, and a
wire that is cut makes no test pass.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.lab import REPOSITORY

from .frames import Frame

if TYPE_CHECKING:
    from tests.support.lab import Lab

HERE = Path(__file__).parent
SITES = REPOSITORY / ".cache" / "molecule-vm"
#: Network namespace and interface; the namespace '' is the gateway itself.
Place = tuple[str, str]
#: Where the gateway has its trunk, and the switch the other end of it.
PORT: Place = ("", "eth1")
TRUNK: Place = ("switch", "eth2")
ACME, TAGGED, GLOBEX, SERVER = "ws-acme-1", "ws-acme-2", "ws-globex-1", "srv1"
#: Beyond the uplink; the site model does not know it.
OUTSIDE = "outside"
#: The UDP port that a flow opens from the agents to the server.
OPEN = 9443

_LINKS = "ip -j -d link; for ns in $(ip netns list | cut -d' ' -f1 | sort); do echo \"ns $ns\"; ip -n $ns -j link; done"


class Wire:
    """The gateway's VLANs and what hangs on them."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        release = lab.release(name)
        self.model: dict[str, Any] = yaml.safe_load((SITES / f"{release}.site.yml").read_text(encoding="utf-8"))
        # The names of a site's hosts end in the number of its release, those of the network namespaces do not.
        self.ending = release.replace("debian", "-")
        self.hosts: dict[str, Any] = {
            host.removesuffix(self.ending): entry
            for host, entry in self.model["hosts"].items()
            if entry["kind"] != "gateway"
        }
        blocks = self.run(_LINKS).split("ns ")
        links = json.loads(blocks[0])
        self.gateway_link = next(link["address"] for link in links if link["ifname"] == PORT[1])
        self.vlans: dict[int, Place] = {
            link["linkinfo"]["info_data"]["id"]: ("", link["ifname"])
            for link in links
            if link.get("linkinfo", {}).get("info_kind") == "vlan" and link.get("link") == PORT[1]
        }
        self.links: dict[str, str] = {}
        self.legs: dict[str, Place] = {}
        for block in blocks[1:]:
            namespace, _newline, text = block.partition("\n")
            if namespace in self.hosts:
                found = [link for link in json.loads(text) if link["ifname"].startswith("eth0")]
                self.links[namespace] = found[0]["address"]
                self.legs[namespace] = (namespace, found[-1]["ifname"])

    def run(self, command: str, *, stdin: str = "", timeout: float = 120) -> str:
        """Run a shell line on the gateway and return what it printed; it must succeed."""
        done = self.lab.run(self.name, command, stdin=stdin, timeout=timeout)
        assert done.rc == 0, done.stdout + done.stderr
        return done.stdout

    def vlan(self, host: str) -> int:
        """The VLAN of a host's segment."""
        return int(self.model["segments"][self.hosts[host]["segment"]]["vlan"])

    def address(self, host: str, version: int) -> str:
        """A host's address of an IP version."""
        return str(self.hosts[host]["address" if version == 4 else "address6"])

    def gateway(self, segment: str, version: int) -> str:
        """The gateway's address of an IP version in a segment."""
        about = self.model["hosts"][self.name]
        listed = about["interfaces"].get(segment, [about["address"], about["address6"]])
        return str(listed[0 if version == 4 else 1])

    def up(self, host: str) -> tuple[str, str]:
        """The link addresses of a frame from a host to the gateway."""
        return self.gateway_link, self.links[host]

    def exchange(
        self, sent: Sequence[tuple[Place, Frame]], listen: Sequence[Place], control: tuple[Place, Frame, Place]
    ) -> list[set[Place]]:
        """Send frames and then the control; where each of ``sent`` was seen coming in, and the control's places last.

        :param control: where it is sent, what, and where it must arrive.
        """
        origin, last, arrives = control
        every = [*sent, (origin, last)]
        words = {
            "listen": listen,
            "send": [[*place, frame.data.hex()] for place, frame in every],
            "tokens": [frame.token for _place, frame in every],
            "until": [listen.index(arrives), last.token],
        }
        program = (HERE / "exchange.py").read_text(encoding="utf-8")
        told = json.loads(self.run(f"python3 - {shlex.quote(json.dumps(words))}", stdin=program))
        assert told["arrived"], f"the frame that must arrive at {arrives} did not; seen: {told['seen']}"
        return [{listen[number] for number, token in told["seen"] if token == frame.token} for _place, frame in every]


@pytest.fixture(scope="module")
def wire(lab: Lab, name: str) -> Wire:
    """The wires as they are now."""
    return Wire(lab, name)
