# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closes local accounts that a well-known password, or none at all, opens; and puts their fields back.

How an account was is kept in a file readable by root only, as /etc/shadow is, and only until ``absent``. Who has been
given another password since then keeps it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import ways_in
from ansible_collections.ringfence.callcenter.plugins.module_utils.login_account import Login
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import FILE, PathState, establish, observe
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _accounts, _crypt
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable
from ansible_collections.ringfence.callcenter.plugins.module_utils.shadow_files import Fields, ShadowFiles

STORE = "/var/lib/ringfence/default_passwords/accounts.json"
#: The length that PCI DSS 8.3.6 asks for.
LEAST_LENGTH = 12
EMPTY = "no password"


class AccountError(Exception):
    """What keeps the accounts from being as asked for, every error, one a line. Never tells a password."""


@dataclass(frozen=True)
class Remedy:
    """What to do with an account. password: for ``set``."""

    kind: str
    password: str = ""


@dataclass(frozen=True)
class Change:
    """What becomes of one account. product: whose default its password is."""

    account: str
    product: str
    remedy: str
    before: Fields
    after: Fields


_SAID = {"lock": "the password is locked", "expire": "the account has expired", "set": "has the password it was given"}


class AccountPasswords:
    """One call's work. login: how whoever runs this came in, None when no account's password matters for that."""

    def __init__(
        self,
        catalogue: Mapping[str, Any],
        *,
        remedy: str = "lock",
        accounts: Mapping[str, Remedy] | None = None,
        login: Login | None = None,
        seconds: float = 120,
        host: Host | None = None,
    ) -> None:
        self.host = host or Host()
        self.known = _accounts.VendorAccounts.of(catalogue)
        self.remedy, self.remedies, self.login, self.seconds = remedy, dict(accounts or {}), login, seconds
        self.files = ShadowFiles(self.host.root)

    # -- finding and planning ---------------------------------------------------------------------------------------

    def found(self) -> dict[str, str]:
        """Account -> whose default opens it."""
        listed = _accounts.accounts(self.host)
        hashes = _accounts.with_hash(listed)
        candidates = {name: self.known.candidates(name) for name in hashes}
        try:
            tried = _crypt.try_passwords(hashes, candidates, seconds=self.seconds) if hashes else _crypt.GuessResult()
        except NotObservable as problem:
            raise AccountError(str(problem)) from problem
        if tried.left:
            raise AccountError(
                f"{len(tried.left)} of {len(hashes)} accounts could not be tried in {self.seconds:g} s: "
                "nothing was changed; give it more time"
            )
        found = {name: self.known.product(name, password) for name, password in tried.hits.items()}
        found.update({account.name: EMPTY for account in listed if account.has_empty_password})
        return dict(sorted(found.items()))

    def plan(self) -> list[Change]:
        """What to change. AccountError names everything that forbids it, before anything is touched."""
        fields = self.files.fields()
        errors: list[str] = []
        changes = []
        for account, product in self.found().items():
            remedy = self.remedies.get(account) or Remedy(self.remedy)
            try:
                changes.append(
                    Change(account, product, remedy.kind, fields[account], self._after(fields, account, remedy))
                )
            except AccountError as problem:
                errors.append(str(problem))
        errors += self._locked_out(changes)
        if errors:
            raise AccountError("\n".join(errors))
        return changes

    def _after(self, fields: Mapping[str, Fields], account: str, remedy: Remedy) -> Fields:
        before = fields[account]
        if remedy.kind == "lock":
            return before.with_password(account, f"!{before.password}")
        if remedy.kind == "expire":
            # The first of January 1970 was day 0, which some tools take for never.
            return before.with_password(account, before.password or "!", expires=1)
        if len(remedy.password) < LEAST_LENGTH:
            raise AccountError(f"{account}: the password to be set is shorter than {LEAST_LENGTH} characters")
        if remedy.password in self.known.candidates(account):
            raise AccountError(f"{account}: the password to be set is a well-known one itself")
        crypt = _crypt.LibCrypt()
        return before.with_password(
            account, crypt.hash(remedy.password, crypt.setting()), changed=int(time.time() // 86400)
        )

    def _locked_out(self, changes: Sequence[Change]) -> list[str]:
        """Why these changes would leave nobody, or not the one who makes them, a way in."""
        if not changes:
            return []
        listed = _accounts.accounts(self.host)
        after = {change.account: change.remedy == "set" for change in changes}
        closed = [change.account for change in changes if change.remedy == "expire"]
        errors = []
        left = ways_in.remaining(self.host, listed, after=after, closed=closed)
        if not left and ways_in.remaining(self.host, listed, after=dict.fromkeys(after, True)):
            errors.append(
                f"closing {', '.join(after)} would leave no administrator a way into this host: give one of them the "
                "remedy set with a password, or somebody else a key and the right to sudo, first"
            )
        for account in listed:
            if self.login is None or account.name != self.login.account or account.name not in after:
                continue
            if after[account.name]:
                continue
            said = f"{account.name} is the account that this run came in by ({self.login.said})"
            if account.name in closed or not ways_in.has_key(self.host, account):
                errors.append(
                    f"{said} and would have no way in any more: give it an ssh key, or the remedy set with a password, "
                    "first"
                )
            elif "sudo" in self.login.way and not ways_in.administrators(self.host, listed).get(account.name):
                errors.append(
                    f"{said} and sudo asks for the password that would be locked: give it the remedy set with a "
                    "password, or the right to sudo without one, first"
                )
        return errors

    # -- changing and putting back ----------------------------------------------------------------------------------

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes; how it was is kept first."""
        with self.files.locked():
            now = self.files.fields()
            due = {change.account: change for change in changes if now.get(change.account) == change.before}
            kept = self._kept()
            for name, change in due.items():
                before = change.before
                if name in kept and kept[name]["after"] == asdict(before):
                    # A change of ours on top of an earlier one of ours: the first original counts.
                    before = Fields(**kept[name]["before"])
                kept[name] = {"before": asdict(before), "after": asdict(change.after)}
            self._keep(kept)
            self.files.write({name: change.after for name, change in due.items()})

    def restorable(self) -> dict[str, Fields]:
        """The accounts that are still as this left them -> how they were."""
        now = self.files.fields()
        return {
            name: Fields(**entry["before"])
            for name, entry in sorted(self._kept().items())
            if name in now and asdict(now[name]) == entry["after"]
        }

    @property
    def has_store(self) -> bool:
        """Whether anything is kept."""
        return os.path.exists(self._store)

    def restore(self) -> None:
        """Put back what is still as this left it, and forget."""
        with self.files.locked():
            self.files.write(self.restorable())
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._store)
        for folder in (os.path.dirname(self._store), os.path.dirname(os.path.dirname(self._store))):
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    @property
    def _store(self) -> str:
        return self.host.at(STORE)

    def _kept(self) -> dict[str, Any]:
        content = observe(self._store).content
        if content is None:
            return {}
        try:
            accounts: dict[str, Any] = json.loads(content)["accounts"]
        except (ValueError, KeyError, TypeError) as problem:
            raise AccountError(
                f"{STORE} cannot be read ({type(problem).__name__}): restore it from a backup"
            ) from problem
        return accounts

    def _keep(self, accounts: Mapping[str, Any]) -> None:
        folder = os.path.dirname(self._store)
        os.makedirs(os.path.dirname(folder), mode=0o755, exist_ok=True)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        text = json.dumps({"version": 1, "accounts": accounts}, indent=1, sort_keys=True) + "\n"
        establish(self._store, PathState(FILE, 0o600, os.geteuid(), os.getegid(), content=text.encode()))

    # -- what is said -----------------------------------------------------------------------------------------------

    @staticmethod
    def diff(changes: Sequence[Change]) -> dict[str, str]:
        """Ansible's difference, without a secret in it."""
        return {
            "before": "".join(
                f"{one.account}: "
                + (f"{EMPTY} is asked for" if one.product == EMPTY else f"opened by a default password ({one.product})")
                + "\n"
                for one in changes
            ),
            "after": "".join(f"{one.account}: {_SAID[one.remedy]}\n" for one in changes),
        }

    @staticmethod
    def restore_diff(accounts: Sequence[str]) -> dict[str, str]:
        """The same for putting back."""
        return {
            "before": "".join(f"{name}: closed by this role\n" for name in accounts),
            "after": "".join(f"{name}: as it was before\n" for name in accounts),
        }
