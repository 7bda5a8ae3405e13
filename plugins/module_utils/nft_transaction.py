# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes the running firewall so that it heals by itself when nobody confirms it.

``apply`` saves the running table, arms a systemd timer that restores it, and loads the new one. ``confirm``, which
comes over a connection made after that, disarms the timer and only then makes the new ruleset the file that boots.
:mod:`.unconfirmed` is the part of it that knows nothing of rules.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, Table
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    FILE,
    PathState,
    establish,
    group_id,
    observe,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _nft
from ansible_collections.ringfence.callcenter.plugins.module_utils.unconfirmed import Expired, Unconfirmed

__all__ = ["Expired", "Plan", "Transaction"]

STATE = "/var/lib/ringfence/firewall"
RUN = "/run/ringfence/firewall"
ROLLBACK_UNIT = "ringfence-firewall-rollback"

# The kernel follows connections only once a rule asks for their state. A connection that is older than the first load
# and whose next packet is an answer of ours (the ssh connection of this very run) would be taken for a new outgoing
# one and hang. So answers, which never carry a lone SYN, may leave until the change is confirmed.
_GRACE = (
    "insert rule {family} {table} output meta l4proto tcp tcp flags & syn == 0 ct state new accept"
    ' comment "unconfirmed"\n'
)


@dataclass(frozen=True)
class Plan:
    """How the running table and the file differ from what is wanted. ``before``, ``after``: listings for people."""

    ruleset: str
    kernel_differs: bool
    file_differs: bool
    before: str
    after: str

    @property
    def guarded(self) -> bool:
        """Whether what is to be done could cut somebody off."""
        return self.kernel_differs

    @property
    def changed(self) -> bool:
        """Whether anything is to be done."""
        return self.guarded or self.file_differs


class Transaction(Unconfirmed):
    """The guarded way to change one table and the file that loads it at boot. Others build more on it."""

    def __init__(
        self,
        table: Table,
        path: str,
        group: str,
        *,
        state: str = STATE,
        runtime: str = RUN,
        unit: str = ROLLBACK_UNIT,
        what: str = "the packet filter that was",
    ) -> None:
        super().__init__(state, runtime, unit=unit, what=what)
        self.table = table
        self.path = path
        self.group = group
        self.previous = os.path.join(state, "previous.nft")
        self.candidate = os.path.join(state, "candidate.nft")
        self.loaded = os.path.join(state, "loaded.json")

    # What is and what is wanted

    def plan(self, ruleset: str) -> Plan:
        """Compare. Raises NftError when the ruleset does not load."""
        wanted = self._file_state(ruleset)
        now = observe(self.path)
        file_differs = now != wanted
        if not self.table.installed:
            return Plan(ruleset, True, file_differs, "", ruleset)
        running = self.table.listing()
        scratch = self.table.scratch(ruleset)
        if scratch is not None:
            same = running is not None and _nft.canonical(running) == _nft.canonical(scratch)
        else:
            self.table.check(ruleset)
            same = running is not None and self._as_recorded(ruleset, running)
        if same:
            text = "" if now.content is None else now.content.decode(errors="replace")
            return Plan(ruleset, False, file_differs, text, ruleset if file_differs else text)
        after = self.table.scratch(ruleset, "-s") or ruleset
        return Plan(ruleset, True, file_differs, self.table.stateless() or "", after)

    def _file_state(self, ruleset: str) -> PathState:
        return PathState(FILE, 0o640, 0, group_id(self.group), ruleset.encode())

    def _as_recorded(self, ruleset: str, running: str) -> bool:
        """Whether the kernel still holds what it held after this very ruleset was loaded last."""
        content = observe(self.loaded).content
        try:
            recorded = json.loads(content or b"{}")
        except ValueError:
            return False
        return bool(recorded == self._record(ruleset, running))

    def _record(self, ruleset: str, running: str) -> dict[str, Any]:
        return {"sha256": hashlib.sha256(ruleset.encode()).hexdigest(), "canonical": _nft.canonical(running)}

    # Apply

    def apply(self, plan: Plan, timeout: int) -> str | None:
        """Carry a plan out. The token to confirm it with, None when nothing that runs had to change.

        timeout: seconds until the host restores what was. Raises NftError with nothing changed.
        """
        if not plan.guarded:
            self._make_current(plan.ruleset)
            return None
        self._folders()
        running = self.table.stateless() or ""
        self._write(self.previous, self.table.emptied() + running)
        self._write(self.candidate, plan.ruleset)
        self._keep(plan)
        token = self._mark()
        try:
            self._arm(timeout, self._rollback())
            self.table.load(plan.ruleset + self._unconfirmed(plan))
        except NftError:
            self._settle("failed")
            raise
        self._go_on(plan)
        return token

    def _unconfirmed(self, _plan: Plan) -> str:
        """What is loaded after a plan's ruleset until the change is confirmed."""
        return _GRACE.format(family=self.table.family, table=self.table.name)

    def _rollback(self) -> str:
        """What the timer runs."""
        nft = shutil.which("nft", path="/usr/sbin:/usr/bin:/sbin:/bin") or "/usr/sbin/nft"
        return f"{nft} -f {self.previous}"

    def _keep(self, plan: Plan) -> None:
        """Save what else the plan would change."""

    def _go_on(self, plan: Plan) -> None:
        """Change what else the plan holds, once the table is loaded. Puts back everything when that fails."""

    def _restore(self) -> None:
        """What the timer would do, now."""
        self.table.load(self._kept(self.previous))

    # Confirm and roll back

    def confirm(self, token: str) -> None:
        """Make the pending change permanent. Raises Expired when the host was faster, NftError when that fails."""
        if not self._claim(token):
            return
        ruleset = self._kept(self.candidate)
        try:
            self.table.load(ruleset)
        except NftError as error:
            self._restore()
            raise Expired(
                f"the confirmed rules could not be loaded, the previous ones were restored: {error}"
            ) from error
        self._make_current(ruleset)

    def _kept(self, path: str) -> str:
        content = observe(path).content
        if content is None:
            raise NftError(f"{path} is missing: the unconfirmed change can be neither completed nor undone")
        return content.decode()

    def roll_back(self) -> bool:
        """Restore what ran before a change that nobody confirmed, now; whether there was one."""
        if not self._settle("rolled back"):
            return False
        self._restore()
        return True

    def _make_current(self, ruleset: str) -> None:
        """Make a ruleset that runs the one that boots."""
        self._folders()
        running = self.table.listing()
        if running is not None:
            self._write(self.loaded, json.dumps(self._record(ruleset, running), indent=1) + "\n")
        os.makedirs(os.path.dirname(self.path), mode=0o750, exist_ok=True)
        establish(self.path, self._file_state(ruleset))

    # Absent

    def remains(self) -> bool:
        """Whether there is anything of ours to remove."""
        running = self.table.installed and self.table.listing() is not None
        return running or any(os.path.lexists(path) for path in (self.path, self.pending, self.state))

    def remove(self) -> None:
        """Remove the table, the file and everything kept beside them."""
        self._settle("removed")
        if self.table.installed and self.table.listing() is not None:
            self.table.load(self.table.emptied())
        self._sweep((self.path, self.previous, self.candidate, self.loaded))
