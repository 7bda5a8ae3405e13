# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to the evidence of a host besides its checks: who looked, its accounts, and its ruleset as text.

It is looked at in the same round trip as the checks, read-only. Never is there anything of a password but whether there
is one and how old it is.
"""

from __future__ import annotations

import os
import pwd
import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from .masking import mask_text
from .probes.base import Host, NotObservable

MAX_LINES = 20000  # of a ruleset
MAX_ACCOUNTS = 5000
_MAX_CHAIN = 64
_HASH = re.compile(r"\$[^:*!]+|_[./0-9A-Za-z]{19}|[./0-9A-Za-z]{13}")


class _Process(NamedTuple):
    uid: int
    parent: int
    connection: str


def _process(host: Host, pid: int) -> _Process | None:
    """A process: its real user, its parent, and the connection of ssh that its environment names."""
    try:
        with open(host.at(f"/proc/{pid}/status"), encoding="utf-8", errors="replace") as stream:
            fields = dict(line.split(":", 1) for line in stream if ":" in line)
        uid, parent = int(fields["Uid"].split()[0]), int(fields["PPid"])
    except (OSError, KeyError, ValueError, IndexError):
        return None
    try:
        with open(host.at(f"/proc/{pid}/environ"), "rb") as stream:
            listed = stream.read().split(b"\0")
    except OSError:
        listed = []
    names = dict(one.split(b"=", 1) for one in listed if b"=" in one)
    return _Process(uid, parent, names.get(b"SSH_CONNECTION", b"").decode("ascii", errors="replace"))


def _chain(host: Host, pid: int) -> Iterator[_Process]:
    """A process and those that it descends from, the first one of the system left out."""
    for _turn in range(_MAX_CHAIN):
        found = _process(host, pid) if pid > 1 else None
        if found is None:
            return
        yield found
        pid = found.parent


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def account(host: Host, pid: int | None = None) -> dict[str, Any]:
    """By which account this look came in: ``user``, ``uid``, ``source`` (the address ssh was spoken from, null) and
    ``became`` (what it looks as, where that is another account; else null).

    Of several accounts in a row, the first that came in counts: by the outermost process that ssh has started, or the
    outermost that is not root's where nobody came over ssh.
    """
    chain = list(_chain(host, os.getpid() if pid is None else pid))
    over_ssh = [one for one in chain if one.connection]
    others = [one for one in chain if one.uid != 0]
    first = next(iter((over_ssh or others or chain)[::-1]), None)
    uid = os.geteuid() if first is None else first.uid
    now = chain[0].uid if chain else os.geteuid()
    words = first.connection.split() if first is not None else []
    return {
        "user": _name(uid),
        "uid": uid,
        "source": words[0] if words else None,
        "became": _name(now) if now != uid else None,
    }


def _password(field: str) -> str:
    """A password's field in a word: ``none`` (nothing is asked for), ``set``, ``locked`` or ``no password``."""
    if field == "":
        return "none"
    if _HASH.fullmatch(field):
        return "set"
    return "locked" if field.startswith("!") and len(field.strip("!*")) > 0 else "no password"


def _day(text: str) -> str | None:
    return time.strftime("%Y-%m-%d", time.gmtime(int(text) * 86400)) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _days(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def accounts(host: Host) -> list[dict[str, Any]]:
    """The local accounts, without anything of a password but its state and age; NotObservable without root."""
    passwd, groups = host.read("/etc/passwd"), host.read("/etc/group")
    if passwd is None:
        raise NotObservable("there is no /etc/passwd")
    lines = [line.split(":") for line in (host.read("/etc/shadow") or "").splitlines()]
    shadow = {fields[0]: [*fields, *[""] * 9][:9] for fields in lines if len(fields) > 1}
    names: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for fields in (line.split(":") for line in (groups or "").splitlines()):
        if len(fields) == 4:
            names[fields[2]] = fields[0]
            for member in filter(None, fields[3].split(",")):
                members.setdefault(member, []).append(fields[0])
    found = []
    for fields in (line.split(":") for line in passwd.splitlines()):
        if len(fields) < 7 or not fields[2].isdigit() or not fields[0] or fields[0][0] in "+-#":
            continue
        name, field, gid = fields[0], fields[1], fields[3]
        more = shadow.get(name, [name, "*", *[""] * 7]) if field == "x" else [name, field, *[""] * 7]
        found.append(
            {
                "name": name,
                "uid": int(fields[2]),
                "shell": fields[6],
                "groups": list(dict.fromkeys([names.get(gid, gid), *sorted(members.get(name, []))])),
                "password": _password(more[1]),
                "changed": _day(more[2]),
                "maximum_days": _days(more[4]),
                "expires": _day(more[7]),
            }
        )
    return found[:MAX_ACCOUNTS]


def ruleset(host: Host) -> list[str]:
    """The kernel's whole ruleset as nft lists it, without counters, which differ each time; card numbers masked."""
    done = host.run("nft", "--stateless", "list", "ruleset", needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"nft list ruleset: {done.stderr.strip() or done.rc}")
    lines = [mask_text(line) for line in done.stdout.splitlines()]
    left_out = len(lines) - MAX_LINES
    return [*lines[:MAX_LINES], *([f"# {left_out} lines more"] if left_out > 0 else [])]


def state(host: Host) -> dict[str, Any]:
    """``accounts`` and ``ruleset``; one that could not be seen is null, and ``problems`` says why by its name."""
    made: dict[str, Any] = {"problems": {}}
    for name, look in (("accounts", accounts), ("ruleset", ruleset)):
        try:
            made[name] = look(host)
        except NotObservable as problem:
            made[name], made["problems"][name] = None, str(problem)
    return made
