# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sent to a lab host over stdin: tries connections in parallel and says how each ended. Standard library only.

Its argument is JSON: a list of [tcp or udp, address, port]. Prints a list of outcomes in the same order: connected
(over UDP: an answer came), refused (an answer came that says no), silent (none came), unreachable (a router said so).
"""

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

#: Longer than one lost SYN needs, short enough for hundreds of silent ports.
PATIENCE_SECONDS = 1.6


def attempt(target):
    """How one try ends."""
    protocol, address, port = target
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        try:
            connection.connect((address, port))
            if protocol == "udp":
                connection.send(b"who is there")
                connection.recv(512)
        except ConnectionRefusedError:
            return "refused"
        except (TimeoutError, socket.timeout):
            return "silent"
        except PermissionError:
            return "silent"  # our own host's firewall dropped it on its way out
        except OSError:
            return "unreachable"
        return "connected"


def main():
    """Try all targets and print the outcomes."""
    targets = json.loads(sys.argv[1])
    with ThreadPoolExecutor(max_workers=64) as workers:
        print(json.dumps(list(workers.map(attempt, targets))))


main()
