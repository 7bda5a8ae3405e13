# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run in the guest: sends raw frames into network namespaces and says where they were seen. Standard library only.

Its standard input is JSON: ``listen`` [[namespace, interface]], ``send`` [[namespace, interface, frame as hex]],
``until`` [place in listen, token]: the last frame's arrival, after which nothing older is on its way any more;
``tokens``: what to look for. A namespace '' is the guest's own. Prints what was ``seen``,
[[place in listen, token]], and whether the last frame ``arrived``.
"""

import ctypes
import json
import selectors
import socket
import sys
import time

EVERYTHING = 0x0003
NEW_NET = 0x40000000
#: Far more than a frame takes on an emulated processor that others share.
PATIENCE_SECONDS = 20.0
#: What follows the last frame's arrival: answers to the ones before it.
AFTERWARDS_SECONDS = 0.7


def enter(namespace: str) -> None:
    """Let what is opened from now on be in this namespace."""
    path = f"/run/netns/{namespace}" if namespace else "/proc/1/ns/net"
    with open(path, "rb") as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), NEW_NET) != 0:
            raise OSError(ctypes.get_errno(), f"namespace {namespace}")


def raw(namespace: str, interface: str, protocol: int) -> socket.socket:
    """A socket for whole frames of an interface."""
    enter(namespace)
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    opened.bind((interface, protocol))
    return opened


def main() -> None:
    """Listen, send, wait for the last frame and print what was seen."""
    todo = json.loads(sys.argv[1])
    tokens = {token: bytes.fromhex(token) for token in todo["tokens"]}
    ready = selectors.DefaultSelector()
    sockets = [raw(namespace, interface, EVERYTHING) for namespace, interface in todo["listen"]]
    for number, opened in enumerate(sockets):
        ready.register(opened, selectors.EVENT_READ, number)
    for namespace, interface, frame in todo["send"]:
        with raw(namespace, interface, 0) as sender:
            sender.send(bytes.fromhex(frame))
    seen: set[tuple[int, str]] = set()
    last, end = tuple(todo["until"]), time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for key, _events in ready.select(0.1):
            frame, origin = sockets[key.data].recvfrom(4096)
            if origin[2] == socket.PACKET_OUTGOING:
                continue
            found = {(int(key.data), token) for token, content in tokens.items() if content in frame}
            if last in found and last not in seen:
                end = min(end, time.monotonic() + AFTERWARDS_SECONDS)
            seen |= found
    print(json.dumps({"seen": sorted(seen), "arrived": last in seen}))


main()
