# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers on TCP and UDP ports, IPv4 and IPv6, until it is stopped: runs on hosts of the lab.

usage: python3 answer.py PORT...
"""

from __future__ import annotations

import selectors
import socket
import sys


def main() -> None:
    """Answer on every port."""
    ready = selectors.DefaultSelector()
    for port in map(int, sys.argv[1:]):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            listener = socket.socket(socket.AF_INET6, kind)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("::", port))
            if kind == socket.SOCK_STREAM:
                listener.listen(64)
            ready.register(listener, selectors.EVENT_READ)
    while True:
        for key, _events in ready.select():
            listener = key.fileobj
            assert isinstance(listener, socket.socket)
            if listener.type == socket.SOCK_STREAM:
                connection, _sender = listener.accept()
                connection.close()
            else:
                _data, sender = listener.recvfrom(512)
                listener.sendto(b"answer", sender)


if __name__ == "__main__":
    main()
