# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a lab host: listens on the TCP ports named on the command line, IPv4 and IPv6, and answers each connection."""

import selectors
import socket
import sys


def main():
    """Accept on every port until stopped; a port that something else serves already is left to it."""
    ready = selectors.DefaultSelector()
    for port in sys.argv[1:]:
        server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            server.bind(("::", int(port)))
        except OSError:
            server.close()
            continue
        server.listen(64)
        ready.register(server, selectors.EVENT_READ)
    while True:
        for key, _events in ready.select():
            connection, _peer = key.fileobj.accept()
            connection.close()


main()
