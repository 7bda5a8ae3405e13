# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens connections to ports without a pause until it is stopped, and lists the ports that gave any answer.

usage: python3 knock.py STOP PORT ADDRESS [ADDRESS …]

STOP is a file that ends it. Runs on a host of the lab that no role hardens. Each new socket sends one SYN at once, and
is given up before it would send another. Prints a JSON object: ``sent``, and ``answers``: address -> open or refused.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import time
from collections import deque

LIMIT = 180.0
PATIENCE = 0.3
PAUSE = 0.001


def main() -> None:
    """Knock."""
    stop, port, *addresses = sys.argv[1:]
    answers: dict[str, str] = {}
    waiting: dict[int, tuple[socket.socket, str]] = {}
    order: deque[tuple[float, int]] = deque()
    poll = select.poll()
    sent, end = 0, time.monotonic() + LIMIT
    while time.monotonic() < end and not (sent % 64 == 0 and os.path.exists(stop)):
        address = addresses[sent % len(addresses)]
        one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        one.setblocking(False)
        one.connect_ex((address, int(port)))
        waiting[one.fileno()] = (one, address)
        order.append((time.monotonic(), one.fileno()))
        poll.register(one, select.POLLOUT)
        sent += 1
        for number, _event in poll.poll(0):
            error = waiting[number][0].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            answers.setdefault(waiting[number][1], "refused" if error else "open")
            poll.unregister(number)
        while order and order[0][0] < time.monotonic() - PATIENCE:
            old, address = waiting.pop(order.popleft()[1])
            with contextlib.suppress(KeyError):  # it was answered
                poll.unregister(old)
            old.close()
        time.sleep(PAUSE)
    print(json.dumps({"sent": sent, "answers": answers}))


if __name__ == "__main__":
    main()
