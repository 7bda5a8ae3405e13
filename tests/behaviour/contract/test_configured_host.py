# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role on a host that others configured before: what does no harm stays, what goes is named, all comes back.

configured/ROLE.sh makes such a host for one role, another script there for the roles of its line ``# roles: NAME ...``.
Each is run as ``sh -s configure``, ``works`` (after the role) and ``restore``. A line ``# warning: TEXT`` is a warning
that check mode and the run itself owe.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.observed import Observed

if TYPE_CHECKING:
    from tests.support.lab import Lab

ROLE = os.environ.get("RINGFENCE_ROLE", "")
HERE = Path(__file__).parent
SNAPSHOT = (HERE / "snapshot.sh").read_text(encoding="utf-8")


def scripts(role: str) -> list[str]:
    """The scripts that make a host on which a role meets what others configured."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((HERE / "configured").glob("*.sh"))}
    found = [text for text in texts.values() if role in " ".join(re.findall(r"^# roles: (.+)$", text, re.M)).split()]
    return [*found, *([texts[role]] if role in texts else [])]


SCRIPTS = scripts(ROLE)
WARNINGS = [match for script in SCRIPTS for match in re.findall(r"^# warning: (.+)$", script, re.MULTILINE)]


def converge(lab: Lab, *args: str) -> tuple[str, bool]:
    """Run the scenario's converge playbook: its words on one line, and whether anything changed."""
    playbook = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"]) / "converge.yml"
    done = lab.playbook(str(playbook), *args, inventory=lab.inventory)
    assert done.rc == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return " ".join((done.stdout + done.stderr).split()), bool(re.search(r"changed=[1-9]", done.stdout))


def on(lab: Lab, hosts: list[str], script: str, word: str) -> None:
    """Run a part of a script on every host."""
    for name in hosts:
        done = lab.run(name, f"sh -s {word}", stdin=script, timeout=120)
        assert done.rc == 0, f"{word} on {name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def snapshot(lab: Lab, name: str) -> list[str]:
    """Everything that a role may leave behind on a host."""
    return lab.run(name, "sh -s", stdin=SNAPSHOT).stdout.splitlines()


pytestmark = pytest.mark.skipif(not SCRIPTS, reason="nothing that others configure is known to concern this role")


@pytest.fixture
def hosts(lab: Lab) -> Iterator[list[str]]:
    """The hosts of this scenario, configured by others before the role comes; afterwards as they were."""
    names = [name for name in lab.hosts if name.startswith(ROLE.replace("_", "-") + "-")]
    converge(lab, "-e", f"{ROLE}_state=absent")
    for script in SCRIPTS:
        on(lab, names, script, "configure")
    yield names
    converge(lab, "-e", f"{ROLE}_state=absent")
    for script in reversed(SCRIPTS):
        on(lab, names, script, "restore")
    converge(lab)


def test_a_host_that_others_configured(lab: Lab, hosts: list[str], tmp_path: Path) -> None:
    """Check mode and the run name what goes, services work on, a second run changes nothing, absent puts all back."""
    assert hosts
    before = {name: snapshot(lab, name) for name in hosts}
    for args in (["--check", "--diff"], []):
        said, changed = converge(lab, *args)
        assert changed, args
        for warning in WARNINGS:
            assert warning in said, f"not said{' in check mode' if args else ''}: {warning}"
    for script in SCRIPTS:
        on(lab, hosts, script, "works")
    assert not converge(lab)[1]
    Observed.place(tmp_path, "after")
    variables = ["-e", f"contract_role={ROLE}", "-e", f"contract_findings={tmp_path}"]
    done = lab.playbook(str(HERE / "audit.yml"), *variables, inventory=lab.inventory)
    observed = Observed(tmp_path, done.stdout + done.stderr)
    # What others configured and is left alone is for the site to accept.
    beside = f"{ROLE}.as_declared.beside"
    told = {name: [text for texts in observed.red("after", name).values() for text in texts] for name in hosts}
    assert {name: [text for text in texts if not text.startswith(beside)] for name, texts in told.items()} == {
        name: [] for name in hosts
    }
    converge(lab, "-e", f"{ROLE}_state=absent")
    for name in hosts:
        assert sorted(set(before[name]) ^ set(snapshot(lab, name))) == [], name
