# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pause after a wrong password in every PostgreSQL of this host, by the server's own auth_delay.

auth_delay has to be loaded when a server starts, by ``shared_preload_libraries``, of which the last line that the
server reads wins. So the file of ours, read last in conf.d, names the libraries that the other files name and
auth_delay behind them; each run works that out anew. A server is restarted only where auth_delay is not loaded yet,
and read anew where the pause is another. When it does not start with the file, the file goes back and the server
starts without.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils import managed_plan, path_state
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_files import ManagedFiles
from ansible_collections.ringfence.callcenter.plugins.module_utils.managed_plan import (
    Activation,
    ManagedFilesError,
    PathSpec,
    Plan,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _postgresql
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes._postgresql import LIBRARIES, Cluster
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.postgresql_auth_delay import LIBRARY, PAUSE

_HEADER = """\
# Managed by Ansible (ringfence.callcenter). Read last, so this list of libraries is the one that counts: those that the
# other files name, and auth_delay. Name more of them in the other files: the next run takes them over.
"""
_AWAITED_SECONDS = 15.0


class AuthDelayError(Exception):
    """What cannot be done. ``errors``: one sentence each, all that were found."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass
class Work:
    """What a run will do: the plan of the files, and the clusters to restart and to have read their files."""

    plan: Plan
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    restart: list[str] = field(default_factory=list)
    reload: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.plan.changed or self.restart or self.reload)


def text(others: str, milliseconds: int) -> str:
    """The file of ours. others: the list of libraries that the other files name, as they write it."""
    listed = others if LIBRARY in _postgresql.names(others) else f"{others}, {LIBRARY}".lstrip(", ")
    quoted = listed.replace("\\", "\\\\").replace("'", "''")
    return f"{_HEADER}{LIBRARIES} = '{quoted}'\n{PAUSE} = {milliseconds}\n"


def _run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(argv),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
        check=False,
        env={"PATH": Host.path, "LC_ALL": "C"},
    )


class AuthDelay:
    """One call's work. host and place (the arguments of ManagedFiles) are others in tests."""

    def __init__(self, managed_by: str, name: str, *, host: Callable[[], Host] = Host, **place: Any) -> None:
        self.host = host
        self.name = name
        self.files = ManagedFiles(managed_by, **place)

    def path(self, cluster: Cluster) -> str:
        """The file of ours in a cluster."""
        return f"{cluster.folder}/conf.d/{self.name}"

    # -- planning ---------------------------------------------------------------------------------------------------

    def present(self, milliseconds: int) -> Work:
        """What makes every cluster wait. AuthDelayError when one of them could not."""
        host = self.host()
        found = _postgresql.clusters(host)
        errors: list[str] = []
        wanted = []
        for cluster in found:
            named = _postgresql.files(host, cluster).last(LIBRARIES, without=self.path(cluster))
            planned = text(named.value if named else "", milliseconds)
            errors += self._obstacles(host, cluster, planned)
            wanted.append(PathSpec(self.path(cluster), "0644", content=planned))
        if errors:
            raise AuthDelayError(errors)
        self.files.check(wanted, lenient=False)
        work = Work(self.files.plan_present(wanted, exclusive=True), {one.text: one for one in found})
        changed = set(work.plan.changed_paths)
        for cluster, runs in self._running(host, found).items():
            if LIBRARY not in _postgresql.names(runs.get(LIBRARIES, "")):
                work.restart.append(cluster.text)
            elif _postgresql.milliseconds(runs.get(PAUSE, "")) != milliseconds or self.path(cluster) in changed:
                work.reload.append(cluster.text)
        return work

    def absent(self, *, restart: bool) -> Work:
        """What takes the file out of every cluster, and the pause out of those that run."""
        host = self.host()
        found = [one for one in _postgresql.clusters(host) if self.path(one) in self.files.store.paths]
        work = Work(Plan(), {one.text: one for one in found})
        for cluster, runs in self._running(host, found).items():
            named = _postgresql.files(host, cluster).last(LIBRARIES, without=self.path(cluster))
            loaded = LIBRARY in _postgresql.names(runs.get(LIBRARIES, ""))
            kept = LIBRARY in _postgresql.names(named.value if named else "")
            (work.restart if loaded and not kept and restart else work.reload).append(cluster.text)
        # Owed on the host until they ran: what runs does not tell any more why, once the file is gone.
        orders = [(one, "restart") for one in work.restart] + [(one, "reload") for one in work.reload]
        work.plan = self.files.plan_absent(
            [Activation(_order(work.clusters[one], what), [self.path(work.clusters[one])]) for one, what in orders]
        )
        return work

    @staticmethod
    def _running(host: Host, found: Sequence[Cluster]) -> dict[Cluster, dict[str, str]]:
        runs = _postgresql.online(host) if found else {}
        return {cluster: _postgresql.running(host, cluster) for cluster in found if cluster.text in runs}

    def _obstacles(self, host: Host, cluster: Cluster, planned: str) -> list[str]:
        """What would keep the file from counting, or a server from starting with it."""
        path = self.path(cluster)
        files = _postgresql.files(host, cluster, {path: planned})
        if path not in files.read:
            return [f"{cluster.folder}/postgresql.conf does not read {path}: give it the line include_dir = 'conf.d'"]
        errors = []
        for name in (LIBRARIES, PAUSE):
            counts = files.last(name)
            if counts and counts.path.endswith("/postgresql.auto.conf"):
                errors.append(
                    f"{counts.path} sets {name}, which wins over every file: say ALTER SYSTEM RESET {name} in "
                    f"{cluster.text}, and name it in a file below {cluster.folder}/conf.d"
                )
            elif counts and counts.path != path:
                errors.append(f"{counts.path} sets {name} and is read after {path}: give it an earlier name")
        counts = files.last(LIBRARIES)
        for library in _postgresql.names(counts.value if counts else ""):
            file = f"{cluster.programs}/lib/{library}.so"
            if "/" not in library and not os.path.exists(host.at(file)):
                errors.append(f"{cluster.text} is told to load {library} but there is no {file}: it would not start")
        return errors

    # -- doing ------------------------------------------------------------------------------------------------------

    def apply_present(self, work: Work, milliseconds: int) -> None:
        """Write the files, let the server's own program read them, and make those that run work by them."""
        if self.files.needs_writing(work.plan):
            self.files.apply(work.plan)
        try:
            for cluster in work.clusters.values():
                loads = _postgresql.as_started(self.host(), cluster, LIBRARIES)
                if LIBRARY not in _postgresql.names(loads):
                    raise AuthDelayError([f"postgres -C says that {cluster.text} would load '{loads}'"])
        except (AuthDelayError, NotObservable) as error:
            self._back(work)
            raise AuthDelayError([f"{error}: the files are as before"]) from error
        for one in work.restart:
            done = _run(*_order(work.clusters[one], "restart"))
            if done.returncode != 0:
                self._back(work, self.path(work.clusters[one]))
                again = _run(*_order(work.clusters[one], "start"))
                ends = "it runs without it" if again.returncode == 0 else "it does not start without it either"
                raise AuthDelayError([f"{one} did not start with auth_delay: the files are as before, {ends}"])
        for one in work.reload:
            done = _run(*_order(work.clusters[one], "reload"))
            if done.returncode != 0:
                raise AuthDelayError([f"{one} was not told to read its files: {done.stderr.strip()}"])
        self._await([work.clusters[one] for one in work.restart + work.reload], milliseconds)

    def apply_absent(self, work: Work) -> None:
        """Restore files and run what that takes."""
        if work.plan.changed or self.files.store.exists:
            self.files.apply(work.plan, remove_store=True)

    @staticmethod
    def _back(work: Work, only: str = "") -> None:
        for step in work.plan.steps:
            if only in ("", step.path):
                path_state.establish(step.path, step.before)

    def _await(self, found: Sequence[Cluster], milliseconds: int) -> None:
        """A server answers a little after it was started, and reads its files a little after it was told."""
        end = time.monotonic() + _AWAITED_SECONDS
        for cluster in found:
            reason = ""
            while True:
                try:
                    runs = _postgresql.running(self.host(), cluster)
                    if _postgresql.milliseconds(runs.get(PAUSE, "")) == milliseconds:
                        break
                    reason = f"it runs with {runs}"
                except NotObservable as error:
                    reason = str(error)
                if time.monotonic() > end:
                    raise AuthDelayError([f"{cluster.text} does not wait as told: {reason}"])
                time.sleep(0.2)


def _order(cluster: Cluster, what: str) -> list[str]:
    """Debian's command, which goes through systemd where a unit runs the server."""
    return ["pg_ctlcluster", cluster.version, cluster.name, what]


def report(work: Work, *, with_diff: bool) -> dict[str, Any]:
    """The module's result."""
    result: dict[str, Any] = {
        "changed": work.changed,
        "changed_paths": work.plan.changed_paths,
        "restarted": work.restart,
        "reloaded": work.reload,
    }
    if with_diff:
        result["diff"] = managed_plan.diff(work.plan)
    return result


#: What a call may raise.
ERRORS = (AuthDelayError, ManagedFilesError, NotObservable)
