# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes VLAN interfaces and the sources bound to them, as one change that heals by itself when nobody confirms it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.networkd import SERVICE, Networkd, NetworkSpec
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft import NftError, Table, run
from ansible_collections.ringfence.callcenter.plugins.module_utils.nft_transaction import Plan, Transaction
from ansible_collections.ringfence.callcenter.plugins.module_utils.path_state import (
    ABSENT,
    DIRECTORY,
    PathState,
    establish,
    observe,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _vlan_sources

PATH = "/etc/ringfence/client-vlans/sources.nft"
STATE = "/var/lib/ringfence/client_vlans"
RUN = "/run/ringfence/client_vlans"
ROLLBACK_UNIT = "ringfence-client-vlans-rollback"

# The connection of this very run may be one that the new table cuts. It goes on until the change is confirmed, so that
# the run hears of it; new ones, which begin with a SYN, are judged at once.
_GRACE = (
    f"insert rule {_vlan_sources.FAMILY} {_vlan_sources.TABLE} prerouting meta l4proto tcp tcp flags & syn == 0 accept"
    ' comment "unconfirmed"\n'
)


@dataclass(frozen=True)
class NetworkPlan(Plan):
    """A plan for the table and for networkd."""

    wanted: NetworkSpec = field(default_factory=NetworkSpec)
    network_differs: bool = False

    @property
    def guarded(self) -> bool:
        """Whether what is to be done could cut somebody off."""
        return self.kernel_differs or self.network_differs


class VlanTransaction(Transaction):
    """The guarded way to change the interfaces of segments."""

    def __init__(self, table: Table, networkd: Networkd, path: str = PATH, **folders: str) -> None:
        places = {"state": STATE, "runtime": RUN, **folders}
        what = "the VLAN interfaces that were"
        super().__init__(table, path, "root", unit=ROLLBACK_UNIT, what=what, **places)
        self.networkd = networkd
        self.folder = os.path.join(self.state, "previous")
        self.script = os.path.join(self.state, "rollback.sh")
        self.service = os.path.join(self.state, "service.json")

    def ruleset(self, bindings: Sequence[Mapping[str, Any]], untagged: Sequence[str]) -> str:
        """The table for this host. Raises NftError naming every segment whose interface is not to be found."""
        shown = "[]"
        if any(not binding.get("interface") for binding in bindings):
            shown = run(["ip", "-j", "address", "show"]).stdout
        found, wrong = _vlan_sources.resolved(bindings, shown)
        if wrong:
            raise NftError("these segments have no interface here, and the network stays as it is: " + "; ".join(wrong))
        return _vlan_sources.render(found, untagged)

    def plan_network(self, ruleset: str, wanted: NetworkSpec) -> NetworkPlan:
        """Compare. Raises NftError when the ruleset does not load."""
        base = self.plan(ruleset)
        before, after = _shown(self.networkd.files()), _shown(wanted.files)
        differs = self.networkd.differs(wanted)
        if base.kernel_differs or base.file_differs:
            before, after = before + base.before, after + base.after
        return NetworkPlan(
            ruleset, base.kernel_differs, base.file_differs, before, after, wanted=wanted, network_differs=differs
        )

    def plan_removal(self) -> NetworkPlan:
        """The way to nothing of ours."""
        there = self.table.installed and self.table.listing() is not None
        before = _shown(self.networkd.files())
        running = (self.table.stateless() or "") if there else ""
        differs = bool(before)
        return NetworkPlan(self.table.emptied(), there, self.remains(), before + running, "", network_differs=differs)

    # Apply

    def _keep(self, plan: Plan) -> None:
        if observe(self.service).content is None:
            self._write(self.service, json.dumps(self.networkd.service()) + "\n")
        shutil.rmtree(self.folder, ignore_errors=True)
        establish(self.folder, PathState(DIRECTORY, 0o700, 0, 0))
        lines = [f"nft -f {self.previous}"]
        if isinstance(plan, NetworkPlan) and plan.network_differs:
            for name in self.networkd.files():
                shutil.copy2(os.path.join(self.networkd.folder, name), os.path.join(self.folder, name))
            lines += self.networkd.restoring(plan.wanted, self.folder)
        # Every line is tried, whatever became of those before it.
        self._write(self.script, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n" + "\n".join(lines) + "\n")

    def _unconfirmed(self, plan: Plan) -> str:
        return "" if plan.ruleset == self.table.emptied() else _GRACE

    def _rollback(self) -> str:
        return f"/bin/sh {self.script}"

    def _go_on(self, plan: Plan) -> None:
        if not isinstance(plan, NetworkPlan) or not plan.network_differs:
            return
        try:
            self.networkd.make(plan.wanted)
        except (NftError, OSError) as error:
            if self._settle("failed"):
                self._restore()
            raise NftError(f"{error}; everything is as it was before") from error

    def _restore(self) -> None:
        done = run(["sh", self.script])
        if self.table.listing() is None and (observe(self.previous).content or b"").count(b"\n") > 2:
            raise NftError(f"the previous table could not be loaded: {done.stderr.strip()}")

    # Absent

    def confirm_removal(self, token: str) -> None:
        """Make a pending removal permanent."""
        if self._claim(token):
            self.remove()

    def remains(self) -> bool:
        """Whether there is anything of ours to remove."""
        return super().remains() or bool(self.networkd.files())

    def remove(self) -> None:
        """Remove the table, our files and everything kept beside them; networkd goes back to what it was."""
        if self.networkd.files():
            self.networkd.make(NetworkSpec())
        try:
            was = json.loads(observe(self.service).content or b"{}")
        except ValueError:
            was = {}
        if was.get("enabled") is False and self.networkd.service()["enabled"]:
            run(["systemctl", "disable", "--quiet", SERVICE])
        if was.get("active") is False and self.networkd.service()["active"]:
            run(["systemctl", "stop", "systemd-networkd.socket", SERVICE])
        shutil.rmtree(self.folder, ignore_errors=True)
        for path in (self.script, self.service):
            establish(path, PathState(ABSENT))
        super().remove()


def _shown(files: Mapping[str, str]) -> str:
    return "".join(f"# {name}\n{text}\n" for name, text in sorted(files.items()))
