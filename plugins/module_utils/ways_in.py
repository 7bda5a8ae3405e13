# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which local accounts an administrator can come in by, so that closing one never closes the last.

What is not understood counts as closed: better to refuse a change than to lock somebody out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._accounts import Account
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._sshd_ports import TEST
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

_NO_SHELL = ("nologin", "false", "sync")
_GROUPS = ("sudo", "wheel", "admin")
#: USER or %GROUP, hosts, who one becomes, the tags, all commands: other rights do not make an administrator.
_RIGHT = re.compile(r"^(%?[\w.-]+)\s+\S+\s*=\s*(?:\([^)]*\)\s*)?((?:[A-Z_]+:\s*)*)ALL\s*$")
_KEYS = (".ssh/authorized_keys", ".ssh/authorized_keys2")


def has_key(host: Host, account: Account) -> bool:
    """Whether an ssh key opens an account."""
    for name in _KEYS:
        text = host.read(os.path.join(account.home, name)) or ""
        if any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
            return True
    return False


def has_password(account: Account, after: Mapping[str, bool]) -> bool:
    """Whether a password opens it; after: for accounts that are about to change, whether one will."""
    return after.get(account.name, account.has_hash)


def has_shell(account: Account) -> bool:
    """Whether somebody who logs in gets anywhere."""
    return account.shell.rsplit("/", 1)[-1] not in _NO_SHELL


def _members(host: Host) -> dict[str, list[str]]:
    lines = (line.split(":") for line in (host.read("/etc/group") or "").splitlines())
    return {fields[0]: fields[3].split(",") for fields in lines if len(fields) == 4}


def _sudoers(host: Host) -> dict[str, bool]:
    """Who may become root by sudo: name or %group -> whether without a password."""
    folder = "/etc/sudoers.d"
    paths = ["/etc/sudoers", *(f"{folder}/{name}" for name in host.listdir(folder) if "." not in name)]
    found: dict[str, bool] = {}
    for path in paths:
        for line in (host.read(path) or "").splitlines():
            match = _RIGHT.match(line.strip())
            if match:
                found[match[1]] = found.get(match[1], False) or "NOPASSWD" in match[2]
    return found


def members_of(host: Host, group: str) -> list[str]:
    """Who is listed in a local group."""
    return _members(host).get(group, [])


def administrators(host: Host, accounts: Sequence[Account], *, without: tuple[str, str] = ("", "")) -> dict[str, bool]:
    """Who is root or can become it by sudo: name -> whether that takes no password.

    without: an account and a group that it is taken to have left.
    """
    found = {account.name: True for account in accounts if account.uid == 0}
    rights, members = _sudoers(host), _members(host)
    for who, free in rights.items():
        names = members.get(who[1:], []) if who.startswith("%") else [who]
        if who == f"%{without[1]}":
            names = [name for name in names if name != without[0]]
        for name in names:
            found[name] = found.get(name, False) or free
    return found


def _root_may_use_keys(host: Host) -> bool:
    try:
        done = host.run(*TEST)
    except NotObservable:
        return False
    return done.rc == 0 and "permitrootlogin no" not in done.stdout.lower()


def remaining(
    host: Host, accounts: Sequence[Account], *, after: Mapping[str, bool], closed: Sequence[str] = ()
) -> list[str]:
    """The administrators who can still come in when some accounts have changed.

    after: name -> whether a password opens it then. closed: accounts that will have expired.
    """
    left = []
    admins = administrators(host, accounts)
    for account in accounts:
        if account.name not in admins or account.name in closed or not account.is_open or not has_shell(account):
            continue
        password, key = has_password(account, after), has_key(host, account)
        if account.uid == 0:
            key = key and _root_may_use_keys(host)
        # An administrator with a key alone must not be asked for a password by sudo.
        if password or (key and admins[account.name]):
            left.append(account.name)
    return left
