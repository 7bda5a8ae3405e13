# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries to reach addresses and says what came back: runs on hosts of the lab.

usage: python3 reach.py SECONDS tcp|udp ADDRESS PORT [tcp|udp ADDRESS PORT ...]

Prints a JSON list: ``answered``, ``refused`` (a RST or an ICMP error came back) or ``silent``.
"""

from __future__ import annotations

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor


def reach(protocol: str, address: str, port: int, seconds: float) -> str:
    """Try one port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as client:
        client.settimeout(seconds)
        try:
            client.connect((address, port))
            if protocol == "udp":
                client.send(b"question")
                client.recv(512)
        except (TimeoutError, socket.timeout):
            return "silent"
        except PermissionError:
            # Our own firewall dropped the packet: nothing left the host.
            return "silent"
        except OSError:
            return "refused"
    return "answered"


def main() -> None:
    """Try all at once."""
    words = sys.argv[2:]
    targets = [(words[at], words[at + 1], int(words[at + 2])) for at in range(0, len(words), 3)]
    with ThreadPoolExecutor(max_workers=len(targets)) as pool:
        print(json.dumps(list(pool.map(lambda target: reach(*target, float(sys.argv[1])), targets))))


if __name__ == "__main__":
    main()
