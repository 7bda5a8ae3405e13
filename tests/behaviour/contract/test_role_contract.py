# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every role owes: a clean check mode on a converged host, and ``state: absent`` that puts back what was there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control import cases
from tests.support.observed import Observed

if TYPE_CHECKING:
    from tests.support.lab import Lab

ROLE = os.environ.get("RINGFENCE_ROLE", "")
SNAPSHOT = (Path(__file__).parent / "snapshot.sh").read_text(encoding="utf-8")
#: Changes a file that the role keeps, and says which.
CHANGE = 'printf "\\n# changed\\n" >> "$path"; echo "$path"'
RECAP = re.compile(r"^(?P<host>\S+)\s*:\s*ok=\d+\s+changed=(?P<changed>\d+)\s", re.MULTILINE)


def converge(lab: Lab, *args: str) -> dict[str, int]:
    """Run the scenario's converge playbook; how much changed on each host."""
    playbook = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "converge.yml"
    done = lab.playbook(str(playbook), *args, inventory=lab.inventory)
    assert done.rc == 0, done.stdout[-6000:] + done.stderr[-2000:]
    recap = {match["host"]: int(match["changed"]) for match in RECAP.finditer(done.stdout)}
    assert recap, done.stdout
    return recap


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> list[str]:
    """The hosts of this scenario."""
    return [name for name in lab.hosts if name.startswith(ROLE.replace("_", "-") + "-")]


def audit(lab: Lab, folder: Path) -> Observed:
    """What an audit of the scenario's hosts observes, as its stage ``after``."""
    Observed.place(folder, "after")
    variables = ["-e", f"contract_role={ROLE}", "-e", f"contract_findings={folder}"]
    done = lab.playbook(str(Path(__file__).parent / "audit.yml"), *variables, inventory=lab.inventory)
    return Observed(folder, done.stdout + done.stderr)


def test_audit_is_green(lab: Lab, hosts: list[str], tmp_path: Path) -> None:
    """The audit sees every check of the role pass on a converged host."""
    observed = audit(lab, tmp_path)
    assert {name: observed.red("after", name) for name in hosts} == {name: {} for name in hosts}


def test_no_unit_has_failed(lab: Lab, hosts: list[str]) -> None:
    """A converged host is a running one."""
    assert hosts
    # A session of an account that a test took away, and what the lab's images would fetch from the internet at boot.
    spare = re.compile(r"user(-runtime-dir)?@\d+\.service")
    ignored = set() if ROLE == "antivirus" else {"clamav-freshclam-once.service"}
    failed = {}
    for name in hosts:
        listed = lab.run(name, "systemctl --failed --plain --no-legend").stdout.splitlines()
        units = {line.split()[0] for line in listed if line.strip()}
        failed[name] = sorted(unit for unit in units - ignored if not spare.fullmatch(unit))
    assert failed == {name: [] for name in hosts}


def test_check_mode_on_a_converged_host_changes_nothing(lab: Lab) -> None:
    """Check mode has nothing to say about a converged host."""
    assert set(converge(lab, "--check", "--diff").values()) == {0}


@pytest.mark.control("ROLE.as_declared")
def test_what_was_changed_is_named_and_absent_puts_back_what_was_there(
    lab: Lab, hosts: list[str], tmp_path: Path
) -> None:
    """The audit names each file of the role that others changed since.

    Even so absent leaves files, modes, units and tables as they were before the role came; and once is enough.
    """
    assert hosts
    absent = f"{ROLE}_state=absent"
    changing = cases.of_role({"id": "", "each": "kept", "command": CHANGE}, ROLE)["command"]
    try:
        changed = {name: lab.run(name, changing).stdout.split() for name in hosts}
        observed = audit(lab, tmp_path)
        for name, paths in changed.items():
            said = observed.value("after", name, f"{ROLE}.as_declared.steps")["differs"]
            assert [path for path in paths if not any(line.endswith(f": {path}") for line in said)] == [], said
            assert paths or not said
        assert all(converge(lab, "-e", absent, "--check").values())
        assert all(converge(lab, "-e", absent).values())
        for name in hosts:
            before = lab.run(name, "cat /var/tmp/ringfence-before").stdout.splitlines()
            after = lab.run(name, "sh -s", stdin=SNAPSHOT).stdout.splitlines()
            assert before, name
            assert sorted(set(before) ^ set(after)) == [], name
        assert set(converge(lab, "-e", absent).values()) == {0}
    finally:
        converge(lab)
