# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a lab host: answers on the ports named on the command line, IPv4 and IPv6, until stopped.

usage: python3 listener.py TCP_PORT ... [udp UDP_PORT ...]

The UDP ports answer whatever is sent to the host, to a broadcast or to the multicast groups of discovery protocols.
"""

import contextlib
import selectors
import socket
import struct
import sys

GROUPS = ("224.0.0.251", "224.0.0.252", "239.255.255.250")
GROUPS6 = ("ff02::fb", "ff02::1:3", "ff02::c")


def bound(kind, port):
    """A socket on a port, None when something else serves it already: it is left to it."""
    server = socket.socket(socket.AF_INET6, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    try:
        server.bind(("::", port))
    except OSError:
        server.close()
        return None
    return server


def join(server):
    """Take part in the discovery protocols, on every interface."""
    for index, name in socket.if_nameindex():
        if name != "lo":
            for group in GROUPS:
                request = socket.inet_aton(group) + struct.pack("!I", 0) + struct.pack("@i", index)
                server.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
            for group in GROUPS6:
                request = socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", index)
                server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)


def main():
    """Answer on every port until stopped."""
    ready = selectors.DefaultSelector()
    words = sys.argv[1:]
    split = words.index("udp") if "udp" in words else len(words)
    for port in words[:split]:
        server = bound(socket.SOCK_STREAM, int(port))
        if server:
            server.listen(64)
            ready.register(server, selectors.EVENT_READ)
    for port in words[split + 1 :]:
        server = bound(socket.SOCK_DGRAM, int(port))
        if server:
            join(server)
            ready.register(server, selectors.EVENT_READ)
    while True:
        for key, _events in ready.select():
            if key.fileobj.type == socket.SOCK_STREAM:
                connection, _peer = key.fileobj.accept()
                connection.close()
                continue
            _data, sender = key.fileobj.recvfrom(2048)
            with contextlib.suppress(OSError):
                # This host's own firewall may not let the answer out.
                key.fileobj.sendto(b"here", sender)


main()
