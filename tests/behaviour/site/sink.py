# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a lab host: writes down every IP packet that arrives on any interface, before any firewall, until stopped.

usage: python3 sink.py FILE    one JSON object a line: source, target, protocol (a number), port (null without one)
"""

import json
import socket
import struct
import sys

ETH_P_ALL = 3
OUTGOING = 4


def packet(data):
    """What matters of an IP packet."""
    if data[0] >> 4 == 4:
        head, protocol = (data[0] & 15) * 4, data[9]
        source, target = (socket.inet_ntop(socket.AF_INET, data[at : at + 4]) for at in (12, 16))
    else:
        head, protocol = 40, data[6]
        source, target = (socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (8, 24))
    port = None
    if protocol in (socket.IPPROTO_TCP, socket.IPPROTO_UDP) and len(data) >= head + 4:
        port = struct.unpack("!H", data[head + 2 : head + 4])[0]
    return {"source": source, "target": target, "protocol": protocol, "port": port}


def main():
    """Listen until stopped."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        with open(sys.argv[1], "w", encoding="utf-8") as out:
            while True:
                data, (_interface, kind, direction, *_rest) = raw.recvfrom(65535)
                if direction != OUTGOING and kind in (0x0800, 0x86DD):
                    out.write(json.dumps(packet(data)) + "\n")
                    out.flush()


main()
