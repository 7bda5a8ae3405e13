# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a run that is under way: ``EVIDENCE_DIR/records/negative_control/RUN.partial``.

It holds ``plan.json``, the audits' records by stage (``before``, ``N/broken``, ``N/repaired``) and what the commands of
each round said. One that is there when a run begins was left by a run that died: its hosts may be broken still.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, chain, population
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.sources import RECORDS
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.judging import Stages
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.record import ACTIVITY

_PLAN = "plan.json"


def begin(directory: str) -> str:
    """Make the folder of a new run below an evidence folder, and return its path."""
    path = os.path.join(directory, RECORDS, ACTIVITY, bundle.run_id() + chain.PARTIAL)
    os.makedirs(os.path.join(path, "before", bundle.HOSTS), mode=canonical.DIRECTORY_MODE)
    return path


def run_of(path: str) -> str:
    """The name of a folder's run."""
    return os.path.basename(path).removesuffix(chain.PARTIAL)


def write_plan(path: str, plan: Mapping[str, Any]) -> None:
    """Keep the plan, and make the folders that its rounds' audits write into."""
    for number in range(1, plan["rounds"] + 1):
        for stage in ("broken", "repaired", "commands"):
            os.makedirs(os.path.join(path, str(number), stage, bundle.HOSTS), mode=canonical.DIRECTORY_MODE)
    canonical.write(os.path.join(path, _PLAN), canonical.dumps(plan))


def read_plan(path: str) -> dict[str, Any]:
    """The plan of a run; ValueError when there is none."""
    try:
        plan = canonical.read(os.path.join(path, _PLAN))
    except OSError as problem:
        raise ValueError(f"{path} has no plan: {problem.strerror}") from problem
    if not isinstance(plan, dict):
        raise ValueError(f"{path} has no plan that can be read")
    return plan


def left_behind(directory: str) -> dict[str, list[str]]:
    """The folders of runs that did not come to their end, with the hosts that they may have left broken."""
    top = os.path.join(directory, RECORDS, ACTIVITY)
    found = {}
    for name in sorted(os.listdir(top)) if os.path.isdir(top) else []:
        path = os.path.join(top, name)
        if name.endswith(chain.PARTIAL) and os.path.isdir(path):
            try:
                found[path] = sorted(read_plan(path)["hosts"])
            except (ValueError, KeyError, TypeError):
                found[path] = []  # it died before anything was broken
    return found


def undo_of(behind: Mapping[str, Collection[str]], host: str) -> list[str]:
    """The commands that put back what no role does, of all cases that runs which died planned for a host."""
    found: dict[str, None] = {}
    for path, hosts in behind.items():
        if host in hosts:
            rounds = read_plan(path)["hosts"][host]["rounds"]
            found.update(dict.fromkeys(case["undo"] for one in rounds for case in one if "undo" in case))
    return list(found)


def drop_repaired(directory: str, hosts: Collection[str], own: str) -> None:
    """Remove what earlier runs left behind, where all of their hosts have been converged since."""
    for path, theirs in left_behind(directory).items():
        if path != own and set(theirs) <= set(hosts):
            shutil.rmtree(path, ignore_errors=True)


def write_commands(path: str, number: int, host: str, said: Mapping[str, Any]) -> None:
    """Keep how the commands of a round ended on a host."""
    folder = os.path.join(path, str(number), "commands", bundle.HOSTS)
    canonical.write(os.path.join(folder, population.file_name(host)), canonical.dumps(dict(said)))


def read_before(path: str, host: str) -> Mapping[str, Any]:
    """The record of a host's audit before anything was broken."""
    return bundle.read_record(os.path.join(path, "before"), host) or {"findings": [], "observed": False}


def stages(path: str, host: str, rounds: int) -> list[Stages]:
    """What the audits and the commands of a host's rounds left behind."""
    before = read_before(path, host)
    found = []
    for number in range(1, rounds + 1):
        folder = os.path.join(path, str(number))
        said = os.path.join(folder, "commands", bundle.HOSTS, population.file_name(host))
        repaired = bundle.read_record(os.path.join(folder, "repaired"), host)
        found.append(
            Stages(
                before=before,
                broken=bundle.read_record(os.path.join(folder, "broken"), host),
                repaired=repaired,
                commands=canonical.read(said) if os.path.exists(said) else {},
            )
        )
        if repaired is not None and repaired["observed"]:
            before = repaired  # what one round leaves red is held against its cases alone
    return found
