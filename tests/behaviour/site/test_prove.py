# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The negative control of a site: it breaks, sees and repairs on a marked host, and leaves one without a mark alone."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lab import REPOSITORY

from .conftest import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.lab import Completed, Lab

PLAYBOOK = str(REPOSITORY / "playbooks" / "prove.yml")
#: A small host, and one that is not to be broken.
SMALL, SPARED = "log1", "ws-acme-1"
MARK = "/etc/ringfence-lab"
#: A case and the check that it turns red; two roles of one round, and two controls of one role.
SEEN = {
    "firewall-folder-writable": "firewall.changes_restricted.",
    "password-policy-length-lowered": "password_policy.strength.",
    "password-policy-history-readable": "password_policy.history.store",
}
#: The roles that all of this is about, of which every host holds all.
ROLES = ["firewall", "password_policy", "idle_sessions"]
#: One whose control has no meaning on this host.
MEANINGLESS = "idle-sessions-desktop-unlocked"


def prove(lab: Lab, evidence: Path, *hosts: str, cases: list[str], roles: list[str] | None) -> Completed:
    """Run the playbook; over all roles of the hosts where none are named."""
    told = {"prove_hosts": list(hosts), "prove_cases": cases, "prove_evidence_dir": str(evidence)}
    told |= {"prove_roles": roles} if roles else {}
    return lab.playbook(PLAYBOOK, "-e", json.dumps(told), inventory=SITE)


@contextmanager
def without_mark(lab: Lab, name: str, instead: str = "") -> Iterator[None]:
    """A host that is not marked as one of a lab, or is with the mark of another."""
    try:
        assert lab.run(name, f"mv {MARK} /root/rf-mark{f'; echo {instead!r} > {MARK}' if instead else ''}").rc == 0
        yield
    finally:
        assert lab.run(name, f"mv /root/rf-mark {MARK}").rc == 0


def changed_since(lab: Lab, name: str, moment: str) -> list[str]:
    """The files of settings that were written on a host since a moment of its clock."""
    found = lab.run(name, f"find /etc /var/lib/ringfence /usr/local -xdev -newermt '{moment}' -not -name ringfence-lab")
    assert found.rc == 0, found.stderr
    return [path for path in found.stdout.split() if path != "/etc"]


@pytest.fixture
def held(converged: list[str]) -> list[str] | None:
    """The roles that the negative control looks at: those of these tests where the site does not have all."""
    return ROLES if converged else None


def test_checks_of_a_host_are_seen_red_and_it_is_repaired(lab: Lab, held: list[str] | None, tmp_path: Path) -> None:
    """Each case turns its control red and no other; the record tells of every check; the next audit is green."""
    done = prove(lab, tmp_path, SMALL, cases=[*SEEN, MEANINGLESS], roles=held)
    assert done.rc == 0, done.stdout[-4000:] + done.stderr[-2000:]
    (path,) = (tmp_path / "records" / "negative_control").iterdir()
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert record["outcome"] == "pass"
    assert record["hosts"][SMALL]["red_before"] == {}
    assert {one["case"]: one["outcome"] for one in record["cases"]} == dict.fromkeys(SEEN, "seen")
    for one in record["cases"]:
        assert all(check.startswith(SEEN[one["case"]]) for check in one["turned_red"]), one
        assert (one["others"], one["still_red"], one["note"]) == ({}, {}, "")
    assert [one["case"] for one in record["not_applied"]] == [MEANINGLESS]
    told = {one["check"]: one for one in record["checks"]}
    assert told["password_policy.history.store"]["seen_by"] == ["password-policy-history-readable"]
    assert told["idle_sessions.consoles.logind"]["reason"] == "no case that was asked for breaks its control"
    assert told["idle_sessions.desktop.settings"]["reason"].startswith("does not apply on this host: ")
    assert f"{SMALL}: {record['summary']['checks_proven']} of {len(told)} checks proven to fail" in done.stdout


def test_a_host_without_its_mark_is_refused_and_none_is_touched(
    lab: Lab, held: list[str] | None, tmp_path: Path
) -> None:
    """The error names it and what is missing, and the marked host beside it stays as it is, too."""
    moments = {name: lab.run(name, "sleep 1; date '+%F %T.%N'").stdout.strip() for name in (SMALL, SPARED)}
    with without_mark(lab, SPARED):
        done = prove(lab, tmp_path, SMALL, SPARED, cases=list(SEEN), roles=held)
    assert done.rc == 2
    said = done.stdout + done.stderr
    assert f"{SPARED}: has no mark {MARK}" in said
    assert f"{SMALL}: " not in said
    with without_mark(lab, SPARED, instead=f"host: {SMALL}"):
        done = prove(lab, tmp_path, SPARED, cases=list(SEEN), roles=held)
    assert done.rc == 2
    assert "it was made for another machine" in done.stdout + done.stderr
    for name, moment in moments.items():
        assert changed_since(lab, name, moment) == []
    assert list(tmp_path.iterdir()) == []
