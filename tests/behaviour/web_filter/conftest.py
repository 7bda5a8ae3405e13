# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the web filter's behaviour tests share: each host under test is the gateway of a small world.

Two clients' workstations, an inner network and an internet with web sites and name servers, each in a network namespace
of its own behind the host. Without the filter everything is in reach of everybody: the host routes, and none of the
tests here has a firewall. What that one adds is shown by tests/behaviour/site.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.lab import REPOSITORY

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

HERE = Path(__file__).parent
CA = "/run/ringfence-world/ca.pem"
ACME, GLOBEX = "acme", "globex"
#: Network: this host's addresses in it, and those in the namespace.
NETWORKS = {
    "acme": [["10.69.11.1", "fd69:11::1"], [["10.69.11.2", "fd69:11::2"]]],
    "globex": [["10.69.12.1", "fd69:12::1"], [["10.69.12.2", "fd69:12::2"]]],
    "inside": [["10.69.13.1", "fd69:13::1"], [["10.69.13.10", "fd69:13::10"], ["10.69.13.20", "fd69:13::20"]]],
    "outside": [
        ["198.51.100.1", "2001:db8:69::1"],
        [[f"198.51.100.{number}", f"2001:db8:69::{number}"] for number in (53, 10, 11, 20, 30)],
    ],
}
#: What the internet's name servers say; a name stands for all below it too.
SITES = {
    "claims.acme.example": ["198.51.100.10", "2001:db8:69::10"],
    "portal.example": ["198.51.100.11", "2001:db8:69::11"],
    "booking.globex.example": ["198.51.100.20", "2001:db8:69::20"],
    "social.example": ["198.51.100.30", "2001:db8:69::30"],
    "inside.example": ["10.69.13.20"],
    "crm.inside.example": ["10.69.13.10"],
    "use-application-dns.net": ["198.51.100.30"],
}
WORLD = {"networks": NETWORKS, "sites": SITES, "servers": ["outside", "inside"]}
OTHER_RESOLVER = NETWORKS["outside"][1][0][0]
SETTINGS: dict[str, Any] = yaml.safe_load(
    (REPOSITORY / "molecule" / "web_filter" / "vars.yml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Fetched:
    """What came of a try to open a site: ``status`` of the site, ``proxy`` of CONNECT (0: none), and the body."""

    status: int
    proxy: int
    body: str


class Gateway:
    """A host under test with the world around it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name

    def at(self, network: str, command: str, *, stdin: str = "", timeout: float = 60) -> Completed:
        """Run a shell line in a namespace."""
        line = f"ip netns exec {network} sh -c {shlex.quote(command)}"
        return self.lab.run(self.name, line, stdin=stdin, timeout=timeout)

    def proxy(self, network: str, family: int = 4) -> str:
        """The proxy as the workstations of a client are told it."""
        address = NETWORKS[network][0][0 if family == 4 else 1]
        return f"http://{address}:3128" if family == 4 else f"http://[{address}]:3128"

    def fetch(self, network: str, url: str, *options: str, proxy: str | None = None, filtered: bool = True) -> Fetched:
        """Open a URL from a workstation, through the proxy unless ``filtered`` is false."""
        way = ["-x", proxy or self.proxy(network)] if filtered else ["--noproxy", "*"]
        say = "\n%{http_code} %{http_connect}\n"
        argv = ["curl", "-s", "-m", "8", "--cacert", CA, *way, "-w", say, *options, url]
        # What a proxy says when it refuses CONNECT curl shows with the headers only.
        done = self.at(network, " ".join(shlex.quote(word) for word in argv))
        body, _newline, codes = done.stdout.rstrip("\n").rpartition("\n")
        status, connect = codes.split()
        return Fetched(int(status), int(connect), body.strip())

    def direct(self, network: str, url: str, address: str) -> Fetched:
        """Open a URL with no filter in the way: it has to load for a test of the filter to mean anything."""
        rest = url.split("//", 1)[1].split("/", 1)[0]
        port = 443 if url.startswith("https") else 80
        return self.fetch(network, url, "--resolve", f"{rest}:{port}:{address}", filtered=False)

    def dig(self, network: str, name: str, *options: str, server: str | None = None) -> str:
        """Ask a name server, the gateway's own by default: the status, then the answers, on one line."""
        server = server or NETWORKS[network][0][0]
        line = f"dig +tries=1 +time=3 @{server} {name} {' '.join(options)}"
        text = self.at(network, line).stdout
        status = next((part for part in text.replace(",", "").split() if part in ANSWERS), "SILENT")
        found = [line.split()[-1] for line in text.splitlines() if line.startswith(name + ".")]
        return " ".join([status, *sorted(found)])

    def asked_outside(self) -> list[str]:
        """Every name that a name server of the internet was asked for."""
        return self.lab.run(self.name, "cat /run/ringfence-world/outside.dns").stdout.split()

    def log(self) -> list[str]:
        """The lines of squid's log."""
        return self.lab.run(self.name, "cat /var/log/squid/access.log").stdout.splitlines()


ANSWERS = ("NOERROR", "NXDOMAIN", "REFUSED", "SERVFAIL")


def make_world(lab: Lab, name: str) -> None:
    """Build the world around a host."""
    words = ["python3", "-", "up", json.dumps(WORLD), (HERE / "outside.py").read_text(encoding="utf-8")]
    program = (HERE / "world.py").read_text(encoding="utf-8")
    done = lab.run(name, " ".join(shlex.quote(word) for word in words), stdin=program)
    assert done.rc == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def gateway(lab: Lab, name: str) -> Iterator[Gateway]:
    """The host under test with a world around it."""
    make_world(lab, name)
    yield Gateway(lab, name)
    program = (HERE / "world.py").read_text(encoding="utf-8")
    lab.run(name, f"python3 - down {shlex.quote(json.dumps(WORLD))}", stdin=program)
