# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``fail2ban_jail``: when and how fail2ban bans an address.

Parameters: ``jail``; ``view``: ``files`` (what fail2ban reads out of all its files) or ``server`` (what the running
server does). Observes ``active`` (the jail is, or would be, started) and the keys that _fail2ban.py describes; of the
jail ``sshd`` also ``left_open``: the ports that sshd listens on and that a ban does not close.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _fail2ban, _sshd_ports
from .base import Host, NotObservable, Observation


def _left_open(host: Host, jail: str, seen: Mapping[str, Any]) -> dict[str, Any]:
    if jail != "sshd":
        return {}
    kind, _space, rest = str(seen["blocks"]).partition(" ")
    closed = {"22" if port == "ssh" else port for port in rest.partition(" ")[0].split(",")}
    listened = [] if kind == "allports" else _sshd_ports.ports(host)
    return {"left_open": [port for port in listened if str(port) not in closed]}


def _jail(host: Host, jail: str, seen: dict[str, Any], source: str) -> Observation:
    return Observation({"installed": True, **seen, **_left_open(host, jail, seen)}, source)


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Ask fail2ban-client."""
    jail = str(params["jail"])
    if not host.has(_fail2ban.CLIENT):
        return Observation({"installed": False, "active": False}, _fail2ban.CLIENT)
    try:
        if params.get("view") == "files":
            done = host.run(_fail2ban.CLIENT, "-d", needs_root=True)
            if done.rc != 0:
                raise NotObservable(f"fail2ban-client -d: {done.stderr.strip() or done.rc}")
            return _jail(host, jail, _fail2ban.from_dump(done.stdout, jail), "fail2ban-client -d")
        done = host.run(_fail2ban.CLIENT, "-i", stdin=_fail2ban.questions(jail), needs_root=True)
        if "fail2ban> " not in done.stdout:
            return Observation({"installed": True, "active": False}, "fail2ban-client -i")
        return _jail(host, jail, _fail2ban.from_answers(done.stdout, jail), "fail2ban-client -i")
    except _fail2ban.Fail2banError as error:
        raise NotObservable(str(error)) from error
