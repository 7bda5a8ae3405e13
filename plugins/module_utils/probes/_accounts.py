# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts in /etc/passwd and /etc/shadow, and which of their passwords are well-known ones."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .base import Host, NotObservable

USERS = "/etc/passwd"
SHADOW = "/etc/shadow"

#: What crypt(5) can have made: $id$..., the extended DES _..., and the 13 characters of traditional DES.
_HASH = re.compile(r"\$[^:*!]+|_[./0-9A-Za-z]{19}|[./0-9A-Za-z]{13}")


@dataclass(frozen=True)
class Account:
    """One local account. password: the field that counts, from /etc/shadow where /etc/passwd says ``x``.

    expires: days since the epoch from which it is closed, None when never.
    """

    name: str
    uid: int
    home: str
    shell: str
    password: str
    expires: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the account itself has not expired."""
        return self.expires is None or time.time() // 86400 < self.expires

    @property
    def has_empty_password(self) -> bool:
        """Whether no password at all is asked for."""
        return self.password == "" and self.is_open

    @property
    def has_hash(self) -> bool:
        """Whether a password can open it: a lock (!) or * in front of a hash is no hash any more."""
        return bool(_HASH.fullmatch(self.password)) and self.is_open


def parse(passwd: str, shadow: str) -> list[Account]:
    """The accounts of both texts, in the order of the first one."""
    shadows = {fields[0]: fields for fields in (line.split(":") for line in shadow.splitlines()) if len(fields) > 1}
    found = []
    for line in passwd.splitlines():
        fields = line.split(":")
        # Lines for other name services begin with + or -.
        if len(fields) < 7 or not fields[2].isdigit() or not fields[0] or fields[0][0] in "+-#":
            continue
        name, field, expires = fields[0], fields[1], None
        if field == "x":
            more = shadows.get(name, [name, "*"])
            field = more[1]
            expires = int(more[7]) if len(more) > 7 and more[7].isdigit() else None
        found.append(Account(name, int(fields[2]), fields[5], fields[6], field, expires))
    return found


def accounts(host: Host) -> list[Account]:
    """The local accounts of this host."""
    passwd, shadow = host.read(USERS), host.read(SHADOW)
    if passwd is None:
        raise NotObservable(f"there is no {USERS}")
    return parse(passwd, shadow or "")


@dataclass(frozen=True)
class VendorAccounts:
    """The well-known passwords. by_account: account -> password -> product. common: tried with every account."""

    by_account: Mapping[str, Mapping[str, str]]
    common: Sequence[str]

    @classmethod
    def of(cls, catalogue: Mapping[str, Any]) -> VendorAccounts:
        """From plain data: ``entries`` [{product, account, password}] and ``common`` [password]."""
        by_account: dict[str, dict[str, str]] = {}
        for entry in catalogue.get("entries", ()):
            listed = by_account.setdefault(str(entry["account"]), {})
            listed.setdefault(str(entry["password"]), str(entry["product"]))
        return cls(by_account, [str(one) for one in catalogue.get("common", ())])

    def candidates(self, account: str) -> list[str]:
        """The passwords to try with an account: those of its name, its name, the common ones."""
        listed = [*self.by_account.get(account, {}), account, *self.common]
        return [one for one in dict.fromkeys(listed) if one]

    def product(self, account: str, password: str) -> str:
        """Whose default a password is."""
        if password in self.by_account.get(account, {}):
            return self.by_account[account][password]
        return "the account's own name" if password == account else "a password that many products come with"


def with_hash(listed: Iterable[Account]) -> dict[str, str]:
    """Name -> hash of the accounts that a password can open."""
    return {account.name: account.password for account in listed if account.has_hash}
