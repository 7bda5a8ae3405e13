# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has packages installed or only downloaded: looks first, fetches lists only when needed, and says what failed.

A run that only looks (check mode) makes the same steps with lists of its own, up to the point where something would be
installed, and fails with the same words.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ansible_collections.ringfence.callcenter.plugins.module_utils import apt_commands, apt_failures, dpkg_status
from ansible_collections.ringfence.callcenter.plugins.module_utils.apt_commands import Apt, Done
from ansible_collections.ringfence.callcenter.plugins.module_utils.apt_failures import Failure
from ansible_collections.ringfence.callcenter.plugins.module_utils.start_policy import StartPolicy, failed_units

_INSTALL = (
    "--no-install-recommends",
    # What somebody uses is not taken away for something that a role wants.
    "--no-remove",
    # The files of an administrator stay as they are.
    "--option=Dpkg::Options::=--force-confdef",
    "--option=Dpkg::Options::=--force-confold",
    "install",
)


class PackagesError(Exception):
    """Packages that are wanted cannot be had. errors: one sentence each."""

    def __init__(self, errors: Sequence[str], outcome: Outcome) -> None:
        super().__init__(" ".join(errors))
        self.errors = list(errors)
        self.outcome = outcome


@dataclass
class Outcome:
    """What was done, or in a run that only looks would be."""

    missing: list[str] = field(default_factory=list)
    installed: dict[str, str] = field(default_factory=dict)
    downloaded: list[str] = field(default_factory=list)
    updated_lists: bool = False
    reason: str = ""
    warnings: list[str] = field(default_factory=list)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


class Packages:
    """One call's work."""

    def __init__(
        self,
        names: Sequence[str],
        apt: Apt,
        policy: StartPolicy | None = None,
        *,
        download_only: bool = False,
        read: Callable[[], dpkg_status.Status] = dpkg_status.read,
    ) -> None:
        self.names = names
        self.apt = apt
        self.policy = policy
        self.download_only = download_only
        self.read = read
        self.looking = apt.scratch is not None
        self.outcome = Outcome()
        self._refused: list[Failure] = []

    def run(self) -> Outcome:
        """Do it. Raises PackagesError."""
        status = self.read()
        self.outcome.missing = status.missing(self.names)
        if not self.outcome.missing:
            return self.outcome
        try:
            self._possible(status)
            plan = self._plan()
            self._judge(plan, status)
            self._carry_out(plan)
        except apt_commands.NoApt as error:
            self._fail([f"This host has no {error}: it is no Debian, or apt was removed."])
        return self.outcome

    # -- before anything is changed ---------------------------------------------------------------------------------

    def _possible(self, status: dpkg_status.Status) -> None:
        if not status.exists:
            self._fail(["This host has no packages of dpkg (/var/lib/dpkg/status): it is no Debian."])
        if status.interrupted:
            self._fail(
                [
                    "dpkg was interrupted on this host and can install nothing until its work is ended: run "
                    "`dpkg --configure -a` there; `dpkg --audit` says which packages it is about."
                ]
            )

    def _plan(self) -> Done:
        """A simulated run, after the lists were fetched when they have to be."""
        reason = apt_commands.lists_outdated(self.apt.places())
        if reason:
            self._update(reason)
        plan = self._simulate()
        unknown = apt_commands.unknown(plan)
        if unknown and not self.outcome.updated_lists:
            self._update(f"the package lists do not have {_listed(unknown)}")
            plan = self._simulate()
        return plan

    def _update(self, reason: str) -> None:
        done = self.apt.update()
        self.outcome.updated_lists = True
        self.outcome.reason = reason
        self._refused = apt_failures.failures(done.text) if done.rc != 0 else []
        if done.rc != 0 and not self._refused:
            self._fail([f"The package lists could not be fetched. apt says: {self._said(done)}"])

    def _simulate(self) -> Done:
        return self.apt.get("--simulate", *_INSTALL, "--", *self.outcome.missing)

    def _judge(self, plan: Done, status: dpkg_status.Status) -> None:
        """Refuse what cannot be installed."""
        unknown = apt_commands.unknown(plan)
        if unknown:
            errors = self._sentences(self._refused)
            where = "other source of this host" if errors else "source of this host (/etc/apt/sources.list.d)"
            self._fail([*errors, f"No {where} has {_listed(unknown)}."])
        going = apt_commands.removed(plan)
        if going or "Packages need to be removed" in plan.text:
            loss = f"remove {_listed(going)}" if going else "remove packages that are in use"
            self._fail(
                [
                    f"To install {_listed(self.outcome.missing)} would {loss}, and a role does not take away what "
                    f"somebody may use: install it on the host by hand, if that is wanted."
                ]
            )
        if plan.rc != 0:
            self._fail([*self._broken(plan, status)])
        for sentence in self._sentences(self._refused):
            self.outcome.warnings.append(f"{sentence} Other sources have what is wanted here.")

    def _broken(self, plan: Done, status: dpkg_status.Status) -> list[str]:
        errors = [f"apt says: {self._said(plan)}"]
        unfinished = [one.name for one in status.unfinished()]
        if unfinished:
            errors.append(
                f"{_listed(unfinished)} {'is' if len(unfinished) == 1 else 'are'} not completely installed: see "
                "`dpkg --audit`, then run `apt-get --fix-broken install` on the host."
            )
        held = [name for name in status.held() if name in plan.text]
        if held:
            errors.append(f"{_listed(held)} is held on this host: `apt-mark unhold` lets it go.")
        return errors

    # -- the change -------------------------------------------------------------------------------------------------

    def _carry_out(self, plan: Done) -> None:
        wanted = apt_commands.planned(plan)
        uris = apt_commands.to_fetch(self.apt.get("--print-uris", *_INSTALL, "--", *self.outcome.missing))
        remote = {uri: size for uri, size in uris.items() if urlsplit(uri).scheme not in apt_failures.LOCAL_SCHEMES}
        if self.looking:
            self._preflight(remote)
        if self.download_only:
            self.outcome.downloaded = sorted({Failure(uri, "").package for uri in remote})
        if self.download_only and not remote:
            return
        if not self.looking:
            self._install()
        if not self.download_only:
            self.outcome.installed = wanted

    def _preflight(self, remote: dict[str, int]) -> None:
        """Fetch the smallest package of each source, unless its lists came from there a moment ago."""
        if self.outcome.updated_lists or self.apt.scratch is None:
            return
        smallest: dict[str, str] = {}
        for uri, _size in sorted(remote.items(), key=lambda one: one[1]):
            smallest.setdefault(Failure(uri, "").source, uri)
        found: list[Failure] = []
        for number, uri in enumerate(smallest.values()):
            done = self.apt.fetch(uri, os.path.join(self.apt.scratch, f"{number}.deb"))
            if done is not None and done.rc != 0:
                found += apt_failures.failures(done.text) or [Failure(uri, self._said(done))]
        if found:
            self._fail(self._sentences(found))

    def _install(self) -> None:
        words = [*(["--download-only"] if self.download_only else []), *_INSTALL, "--", *self.outcome.missing]
        before = [] if self.download_only else failed_units()
        done = self._change(words)
        if done.rc != 0 and not self.outcome.updated_lists and any(one.kind == "gone" for one in self._failed(done)):
            # The mirror has gone on since the lists were fetched.
            self._update("a source does not have a package any more that the lists name")
            done = self._change(words)
        broken = [] if self.download_only else [name for name in failed_units() if name not in before]
        if broken:
            self.outcome.warnings.append(f"Since this installation {_listed(broken)} failed: see `systemctl status`.")
        if done.rc == 0 and (self.download_only or not self.read().missing(self.outcome.missing)):
            return
        failed = self._failed(done)
        self._fail(self._sentences([*self._refused, *failed]) or self._broken(done, self.read()))

    def _change(self, words: Sequence[str]) -> Done:
        if self.policy is None or not self.policy.units or self.download_only:
            return self.apt.get(*words)
        return self.apt.get(*words, around=self.policy.around)

    @staticmethod
    def _failed(done: Done) -> list[Failure]:
        return apt_failures.failures(done.text)

    # -- words ------------------------------------------------------------------------------------------------------

    @staticmethod
    def _said(done: Done) -> str:
        errors = done.errors() or [line.strip() for line in done.text.splitlines() if line.strip()][-3:]
        return apt_failures.without_secrets("; ".join(errors) or f"exit status {done.rc}")

    def _sentences(self, found: Sequence[Failure]) -> list[str]:
        if not found:
            return []
        settings, environment = self.apt.settings(), apt_commands.environment()
        return apt_failures.sentences(
            found, lambda uri: apt_failures.proxy_of(uri, settings, environment), self.outcome.missing
        )

    def _fail(self, errors: Sequence[str]) -> None:
        """End the work, with what is there and what is not."""
        left = self.read().missing(self.outcome.missing)
        done = [name for name in self.outcome.missing if name not in left]
        verb = "downloaded" if self.download_only else "installed"
        last = f"Not {verb}: {_listed(left)}." + (
            f" Installed: {_listed(done)}." if done else " Nothing was installed."
        )
        self.outcome.installed = {name: self.read().version(name) or "" for name in done}
        self.outcome.missing = left
        raise PackagesError([*errors, last], self.outcome)
