# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The TCP ports that sshd takes connections on: its own, or those of systemd's socket where that hands them over."""

from __future__ import annotations

import re

from . import _sshd_listener
from .base import Host, NotObservable

_SOCKET = ("show", "--property=ActiveState,Listen", "--", "ssh.socket")
#: Asks sshd for its settings outside Match blocks. Without a port it refuses to answer where a block is for one: this
#: is none that anybody listens at.
TEST = ("sshd", "-T", "-C", "lport=1")


def of_configuration(text: str) -> list[int]:
    """The ports in what ``sshd -T`` prints; every one stands in the lines of listenaddress."""
    found = re.findall(r"^listenaddress \S+:(\d+)(?: rdomain \S+)?$", text, re.MULTILINE | re.IGNORECASE)
    return sorted({int(port) for port in found})


def of_socket(text: str) -> list[int]:
    """The ports of ssh.socket as systemd shows it, none when it is not active."""
    if not re.search(r"^ActiveState=active$", text, re.MULTILINE):
        return []
    return sorted({int(port) for port in re.findall(r"^Listen=(?:\S*:)?(\d+) \(Stream\)$", text, re.MULTILINE)})


def _options(host: Host) -> list[str]:
    """What the running daemon was started with beside its files."""
    done = host.run("systemctl", *_sshd_listener.QUESTION)
    pid, _loaded = _sshd_listener.shown(done.stdout) if done.rc == 0 else (0, 0)
    return _sshd_listener.title(host.read(f"/proc/{pid}/cmdline") or "")[0] if pid else []


def ports(host: Host) -> list[int]:
    """Sorted. None where there is no sshd, or none that can be asked."""
    if not host.has("sshd"):
        return []
    try:
        handed_over = of_socket(host.run("systemctl", *_SOCKET).stdout)
        if handed_over:
            return handed_over
        options = _options(host)
    except NotObservable:
        options = []  # without systemd the files alone decide
    done = host.run(*TEST, *options, needs_root=True)
    return of_configuration(done.stdout)
