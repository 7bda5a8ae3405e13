# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends crafted ICMP packets and says what came of them: runs as root on a host of the lab that no role hardens.

usage: python3 crafted.py neighbour SOURCE TARGET HOPLIMIT
           asks for TARGET's link address; prints "answered" or "silent"
       python3 crafted.py redirect SOURCE TARGET             tells TARGET of a better way to an address
       python3 crafted.py too-big SOURCE TARGET PORT MTU [forged]
           opens a connection to TARGET's port and reports one of TARGET's packets as too big; ``forged``: a packet of
           a connection that does not exist. Holds the connection until a line arrives on standard input.
"""

from __future__ import annotations

import select
import socket
import struct
import sys

ICMPV6 = socket.IPPROTO_ICMPV6


def packed(address: str) -> bytes:
    """An address as it stands in packets."""
    return socket.inet_pton(family(address), address)


def family(address: str) -> socket.AddressFamily:
    """IPv6 or IPv4."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def sender(source: str, hops: int) -> socket.socket:
    """A socket for ICMPv6 from an address with a hop limit; the kernel adds the checksum."""
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, ICMPV6)
    raw.bind((source, 0))
    interface = next(index for index, name in socket.if_nameindex() if name != "lo")
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, interface)
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, hops)
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
    return raw


def neighbour(source: str, target: str, hops: int) -> None:
    """A neighbour solicitation to the target itself: no cache of ours or the bridge's decides who gets it."""
    with sender(source, hops) as raw:
        raw.sendto(struct.pack("!BBHI", 135, 0, 0, 0) + packed(target), (target, 0))
        while select.select([raw], [], [], 1.5)[0]:
            data = raw.recv(2048)
            if data[0] == 136 and data[8:24] == packed(target):
                print("answered")
                return
    print("silent")


def redirect(source: str, target: str) -> None:
    """A redirect with the hop limit of a neighbour."""
    with sender(source, 255) as raw:
        raw.sendto(struct.pack("!BBHI", 137, 0, 0, 0) + packed(source) + packed("2001:db8::1"), (target, 0))


def checksum(data: bytes) -> int:
    """The Internet checksum."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def quoted(source: str, target: str, segment: bytes) -> bytes:
    """A TCP packet from the target to us, as an ICMP error quotes it."""
    if ":" in target:
        return struct.pack("!IHBB", 6 << 28, 1400, socket.IPPROTO_TCP, 64) + packed(target) + packed(source) + segment
    head = struct.pack("!BBHHHBBH", 0x45, 0, 1400, 1, 0x4000, 64, socket.IPPROTO_TCP, 0)
    head += packed(target) + packed(source)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + segment


def received_up_to(client: socket.socket) -> int:
    """The number of the next byte that a connection expects: the first that its other end has not sent yet."""
    repair, queue, number, receiving = 19, 20, 21, 1
    client.setsockopt(socket.IPPROTO_TCP, repair, 1)
    client.setsockopt(socket.IPPROTO_TCP, queue, receiving)
    found = client.getsockopt(socket.IPPROTO_TCP, number)
    client.setsockopt(socket.IPPROTO_TCP, repair, 0)
    return found & 0xFFFFFFFF


def too_big(source: str, target: str, port: int, mtu: int, forged: bool) -> None:
    """Packet too big (IPv6) or fragmentation needed (IPv4) for a packet of the target."""
    with socket.socket(family(target), socket.SOCK_STREAM) as client:
        client.bind((source, 0))
        client.connect((target, port))
        client.recv(1)
        own_port = client.getsockname()[1] if not forged else 9
        segment = struct.pack("!HHIIBBHHH", port, own_port, received_up_to(client), 1, 5 << 4, 0x10, 512, 0, 0)
        if ":" in target:
            with sender(source, 64) as raw:
                raw.sendto(struct.pack("!BBHI", 2, 0, 0, mtu) + quoted(source, target, segment), (target, 0))
        else:
            body = quoted(source, target, segment)
            head = struct.pack("!BBHHH", 3, 4, checksum(struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + body), 0, mtu)
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw4:
                raw4.sendto(head + body, (target, 0))
        print("sent", flush=True)
        sys.stdin.readline()


def main() -> None:
    """Do what the first word says."""
    what, *words = sys.argv[1:]
    if what == "neighbour":
        neighbour(words[0], words[1], int(words[2]))
    elif what == "redirect":
        redirect(words[0], words[1])
    else:
        too_big(words[0], words[1], int(words[2]), int(words[3]), "forged" in words)


if __name__ == "__main__":
    main()
