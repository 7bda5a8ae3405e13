# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ports that a segmentation test tries: those of every flow, and those by which machines are usually got at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: ssh, telnet, mail, web, files, names, directories, databases, remote desktops, printers, proxies and caches.
COMMON_TCP: tuple[int, ...] = (
    *(21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 389, 443, 445, 631, 873, 1433, 1521, 2049, 2375, 3128, 3306),
    *(3389, 5060, 5432, 5900, 5985, 6379, 8080, 8443, 9100, 11211, 27017),
)
#: Names, addresses, time, files, management, tunnels, telephony, and by which machines find each other.
COMMON_UDP = (
    53,
    69,
    111,
    123,
    137,
    161,
    389,
    443,
    500,
    514,
    1194,
    1434,
    1900,
    3702,
    4500,
    5060,
    5353,
    5355,
    11211,
    51820,
)


def wanted_ports(
    protocol: str, flows: Iterable[Mapping[str, Any]], more: Iterable[int], *, common: bool = True
) -> list[int]:
    """The ports of tcp or udp, in order. Of a range its two ends and its middle are tried."""
    found = {int(port) for port in more}
    if common:
        found |= set(COMMON_TCP if protocol == "tcp" else COMMON_UDP)
    for flow in flows:
        if flow["protocol"] == protocol:
            for text in flow["ports"]:
                first, _dash, last = str(text).partition("-")
                low, high = int(first), int(last or first)
                found |= {low, (low + high) // 2, high}
    return sorted(found)
