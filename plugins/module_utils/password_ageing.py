# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has the passwords of all accounts age, those to come and those there are, and knows how they aged before.

How it was is kept in one file a role, ``/var/lib/ringfence/ageing/ROLE.json``, written before the first
change: ``{"defaults": {KEY: value or null}, "accounts": {NAME: [maximum, minimum, warning, changed]}}``, null: not set.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    FILE,
    PathState,
    establish,
    observe,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._ageing import (
    KEYS,
    Ages,
    defaults,
    with_passwords,
)

STORE = "/var/lib/ringfence/ageing"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class AgeingError(Exception):
    """What is asked for cannot be done: one sentence for the user."""


@dataclass(frozen=True)
class Plan:
    """What changes: settings of login.defs (None: no such line) and accounts, each (before, after)."""

    settings: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    accounts: dict[str, tuple[Ages, Ages]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.settings or self.accounts)

    def lines(self, *, after: bool) -> str:
        """One line a thing that changes, as it is or as it shall be."""
        index = 1 if after else 0
        text = "".join(f"login.defs: {key} {pair[index] or '(not set)'}\n" for key, pair in self.settings.items())
        for name, pair in self.accounts.items():
            ages = pair[index]
            text += (
                f"{name}: at most {_said(ages.maximum)}, at least {_said(ages.minimum)}, warning {_said(ages.warning)}"
            )
            text += f", last changed on day {_said(ages.changed)}\n"
        return text


def _said(days: int | None) -> str:
    return "(not set)" if days is None else str(days)


def with_setting(text: str, key: str, value: str | None) -> str:
    """login.defs with a setting changed where it stands, added at the end, or (None) taken out."""
    if value is None:
        return re.sub(rf"^[ \t]*{key}[ \t]+\S+[^\n]*\n?", "", text, flags=re.MULTILINE)
    changed, count = re.subn(rf"^([ \t]*{key}[ \t]+)\S+", rf"\g<1>{value}", text, flags=re.MULTILINE)
    return changed if count else text + ("" if text.endswith("\n") or not text else "\n") + f"{key}\t{value}\n"


def chage(name: str, ages: Ages) -> None:
    """Set how the password of one account ages."""
    command = shutil.which("chage", path=_PATH)
    if command is None:
        raise AgeingError("chage is not installed")
    options = zip(("-M", "-m", "-W", "-d"), astuple(ages))
    argv = [word for option, days in options for word in (option, "-1" if days is None else str(days))]
    done = subprocess.run(
        [command, *argv, name],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": _PATH, "LC_ALL": "C"},
    )
    if done.returncode:
        raise AgeingError(f"chage {name}: {done.stderr.strip() or done.returncode}")


class Ageing:
    """One call's work. etc, store, change: others in tests. today: days since 1970."""

    def __init__(
        self,
        managed_by: str,
        *,
        today: int,
        etc: str = "/etc",
        store: str = STORE,
        change: Callable[[str, Ages], None] = chage,
    ) -> None:
        self.etc, self.today, self.change = etc, today, change
        self.folder = store
        self.path = os.path.join(store, f"{managed_by}.json")

    def _read(self, name: str) -> str:
        with open(os.path.join(self.etc, name), encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()

    def accounts(self, exempt: Iterable[str] = ()) -> dict[str, Ages]:
        """The accounts with a password, and how those age now."""
        return with_passwords(self._read("passwd"), self._read("shadow"), self._read("login.defs"), exempt)

    def originals(self) -> dict[str, dict[str, Any]]:
        """How everything was before the first change."""
        content = observe(self.path).content
        found: dict[str, dict[str, Any]] = {"defaults": {}, "accounts": {}} if content is None else json.loads(content)
        return found

    def plan_present(self, maximum: int, minimum: int, warning: int, exempt: Iterable[str]) -> Plan:
        """All accounts but the exempt ones age as told; those exempt since age as before."""
        spared = set(exempt)
        now = defaults(self._read("login.defs"))
        wanted = dict(zip(KEYS, (str(maximum), str(minimum), str(warning))))
        settings: dict[str, tuple[str | None, str | None]]
        settings = {key: (now.get(key), value) for key, value in wanted.items() if now.get(key) != value}
        accounts = {}
        for name, ages in self.accounts(spared).items():
            # Without a day of the last change a password never ages: the count begins today.
            after = Ages(maximum, minimum, warning, self.today if ages.changed is None else ages.changed)
            if ages != after:
                accounts[name] = (ages, after)
        before = {name: old for name, old in self.originals()["accounts"].items() if name in spared}
        return Plan(settings, {**accounts, **self._back(before)})

    def plan_absent(self) -> Plan:
        """Everything ages as it did before the first change."""
        now = defaults(self._read("login.defs"))
        original = self.originals()
        settings: dict[str, tuple[str | None, str | None]]
        settings = {key: (now.get(key), old) for key, old in original["defaults"].items() if now.get(key) != old}
        return Plan(settings, self._back(original["accounts"]))

    def _back(self, original: Mapping[str, list[int | None]]) -> dict[str, tuple[Ages, Ages]]:
        """What puts accounts back. A password that was changed since keeps its day."""
        found = {}
        for name, ages in self.accounts().items():
            if name in original:
                maximum, minimum, warning, changed = original[name]
                after = Ages(maximum, minimum, warning, ages.changed if changed is not None else changed)
                if after != ages:
                    found[name] = (ages, after)
        return found

    def apply(self, plan: Plan) -> None:
        """Carry a plan out, originals first."""
        original = self.originals()
        for key, pair in plan.settings.items():
            original["defaults"].setdefault(key, pair[0])
        for name, accounts in plan.accounts.items():
            original["accounts"].setdefault(name, list(astuple(accounts[0])))
        self._save(original)
        self._do(plan)

    def restore(self, plan: Plan) -> None:
        """Carry a plan out that puts everything back, and forget how it was."""
        self._do(plan)
        establish(self.path, PathState(ABSENT))
        for folder in (self.folder, os.path.dirname(self.folder)):
            with contextlib.suppress(OSError):
                # Other roles, or other subjects, live there.
                os.rmdir(folder)

    def _do(self, plan: Plan) -> None:
        if plan.settings:
            path = os.path.join(self.etc, "login.defs")
            text = self._read("login.defs")
            for key, pair in plan.settings.items():
                text = with_setting(text, key, pair[1])
            now = observe(path)
            content = text.encode(errors="surrogateescape")
            establish(path, PathState(FILE, now.mode, now.uid, now.gid, content))
        for name, accounts in plan.accounts.items():
            self.change(name, accounts[1])

    def _save(self, original: Mapping[str, Any]) -> None:
        os.makedirs(os.path.dirname(self.folder), mode=0o755, exist_ok=True)
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        text = json.dumps(original, indent=1, sort_keys=True) + "\n"
        establish(self.path, PathState(FILE, 0o600, os.geteuid(), os.getegid(), text.encode()))
