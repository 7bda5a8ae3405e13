# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sent to a lab host over stdin: asks everybody on its link to show himself, in every way that machines do this.

usage: python3 - BROADCAST    the link's IPv4 broadcast address; the interface is eth0

NetBIOS, mDNS, LLMNR, SSDP, WS-Discovery, and ping to broadcast and to all nodes. Prints a JSON list: the addresses
that answered.
"""

import contextlib
import json
import select
import socket
import struct
import sys
import time

PATIENCE_SECONDS = 2
GROUPS = (("224.0.0.251", 5353), ("224.0.0.252", 5355), ("239.255.255.250", 1900), ("239.255.255.250", 3702))
GROUPS6 = (("ff02::fb", 5353), ("ff02::1:3", 5355), ("ff02::c", 1900), ("ff02::c", 3702))
ECHO4 = struct.pack("!BBHHH", 8, 0, 0xF7FF - 1, 0, 1)
ECHO6 = struct.pack("!BBHHH", 128, 0, 0, 0, 1)


def send(sender, data, place):
    """Send; our own firewall may not let it out."""
    with contextlib.suppress(OSError):
        sender.sendto(data, place)


def main():
    """Ask, listen, print."""
    link = socket.if_nametoindex("eth0")
    four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    four.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    four.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("@4s4si", b"", b"", link))
    six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link)
    ping4 = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    ping4.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    ping6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    ping6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link)
    for group, port in (*GROUPS, (sys.argv[1], 137), (sys.argv[1], 53)):
        send(four, b"who is there", (group, port))
    for group, port in GROUPS6:
        send(six, b"who is there", (group, port, 0, link))
    send(ping4, ECHO4, (sys.argv[1], 0))
    send(ping6, ECHO6, ("ff02::1", 0, 0, link))
    heard = set()
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for answered in select.select([four, six, ping4, ping6], [], [], 0.2)[0]:
            data, sender = answered.recvfrom(2048)
            if answered is ping4:
                data = data[(data[0] & 15) * 4 :]
            if answered in (four, six) or data[0] in (0, 129):
                heard.add(sender[0].split("%")[0])
    print(json.dumps(sorted(heard)))


main()
