# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and groups of a host as the name service knows them."""

from __future__ import annotations

from .base import Host, NotObservable


def _entries(host: Host, *argv: str) -> list[list[str]]:
    done = host.run("getent", *argv)
    # 2: a key was not found, which is an answer.
    if done.rc not in (0, 2):
        raise NotObservable(f"getent {' '.join(argv)}: {done.stderr.strip() or done.rc}")
    return [line.split(":") for line in done.stdout.splitlines() if line.count(":") >= 3]


def accounts(host: Host) -> dict[str, tuple[int, int]]:
    """Every account that can be listed: login name -> user id, primary group id."""
    return {
        fields[0]: (int(fields[2]), int(fields[3]))
        for fields in _entries(host, "passwd")
        if fields[2].isdigit() and fields[3].isdigit()
    }


def group_people(host: Host, group: str) -> set[str] | None:
    """The login names in a group (by name or number), by listing or by primary group; None when there is none."""
    found = _entries(host, "group", group)
    if not found:
        return None
    _name, _password, number, members = found[0][:4]
    listed = {member for member in members.split(",") if member}
    return listed | {name for name, (_uid, gid) in accounts(host).items() if str(gid) == number}
