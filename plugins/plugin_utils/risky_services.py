# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that a rule may permit only together with a ``mitigation``: what makes their use safe all the same.

In the table is what sends passwords or data in the clear, asks for no password at all, or is a usual way in for
attackers, whatever the host behind it does. A port that carries both safe and unsafe traffic, where only the host's
configuration tells which, is not in it (SMTP, HTTP, PostgreSQL, MySQL): those hosts have controls of their own, and a
text that every site must write for its main flows is a text that nobody reads.

The README of the role firewall shows this table to people; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BOTH = ("tcp", "udp")


@dataclass(frozen=True)
class Service:
    """A risky service on the ports ``low`` to ``high``. ``why``: the end of the sentence "SERVICE: …"."""

    name: str
    protocols: tuple[str, ...]
    low: int
    high: int
    why: str

    @property
    def ports(self) -> str:
        """The ports as people write them."""
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


SERVICES = (
    Service("echo", BOTH, 7, 7, "answers anybody, and amplifies attacks on others"),
    Service("chargen", BOTH, 19, 19, "answers anybody, and amplifies attacks on others"),
    Service("ftp", ("tcp",), 20, 21, "passwords and files in the clear"),
    Service("telnet", ("tcp",), 23, 23, "passwords and sessions in the clear"),
    Service("tftp", ("udp",), 69, 69, "files for everybody, without a password"),
    Service("finger", ("tcp",), 79, 79, "tells account names"),
    Service("pop3", ("tcp",), 110, 110, "passwords and mail in the clear"),
    Service("portmapper", BOTH, 111, 111, "tells everybody which services run, and amplifies attacks on others"),
    Service("msrpc", ("tcp",), 135, 135, "runs programs from afar, and worms have come through it"),
    Service("netbios", BOTH, 137, 139, "tells names, shares and accounts; worms have come through it"),
    Service("imap", ("tcp",), 143, 143, "passwords and mail in the clear"),
    Service("snmp", BOTH, 161, 162, "versions 1 and 2c send their password in the clear"),
    Service("ldap", BOTH, 389, 389, "passwords and directory in the clear"),
    Service("smb", BOTH, 445, 445, "worms and ransomware spread through it"),
    Service("rexec, rlogin, rsh", ("tcp",), 512, 514, "passwords in the clear, or trust in an address instead"),
    Service("syslog", ("udp",), 514, 514, "anybody may forge, read or lose entries"),
    Service("rsync", ("tcp",), 873, 873, "files in the clear"),
    Service("nfs", BOTH, 2049, 2049, "trusts what a client says of its users; files in the clear"),
    Service("docker", ("tcp",), 2375, 2375, "root on the host without a password"),
    Service("rdp", BOTH, 3389, 3389, "a whole session for a guessed password; the usual way in of ransomware"),
    Service("sip", BOTH, 5060, 5060, "calls and keyed digits in the clear"),
    Service("vnc", ("tcp",), 5900, 5906, "a whole session for a short password; screen and keys in the clear"),
    Service("x11", ("tcp",), 6000, 6063, "screen and keys in the clear, often for anybody"),
    Service("redis", ("tcp",), 6379, 6379, "data in the clear, by default without a password"),
    Service("memcached", ("tcp",), 11211, 11211, "data in the clear, without a password"),
)


def risky(protocol: str, ranges: Iterable[tuple[int, int]]) -> list[Service]:
    """The risky services that a permission of these inclusive port ranges lets through, in the order of the table.

    ``any`` as protocol lets all of them through; a protocol without ports none.
    """
    if protocol == "any":
        return list(SERVICES)
    wanted = list(ranges)
    return [
        service
        for service in SERVICES
        if protocol in service.protocols and any(low <= service.high and service.low <= high for low, high in wanted)
    ]


def demand(protocol: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Why a permission needs a mitigation, as the end of a message; empty when it needs none."""
    found = risky(protocol, ranges)
    if not found:
        return ""
    if protocol == "any":
        return "this lets every service through, telnet and the like too; say what makes that safe"
    named = "; ".join(f"{protocol} {service.ports} is {service.name}: {service.why}" for service in found[:3])
    more = f"; and {len(found) - 3} more" if len(found) > 3 else ""
    return f"say what makes this service safe here ({named}{more})"
