# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daily job: definitions, then a scan that finds, reports and locks away; and what happens when there are none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.behaviour.antivirus.conftest import QUARANTINE, RECORDS, USER
from tests.support.malware import EICAR, UNWANTED, write, zipped

if TYPE_CHECKING:
    from tests.behaviour.antivirus.conftest import Machine

SCAN, UPDATE = "ringfence-antivirus-scan.service", "ringfence-antivirus-update.service"


def started(machine: Machine, unit: str, which: str) -> int:
    """When a unit's main process began or ended, in microseconds since boot."""
    return int(machine.run(f"systemctl show --value --property=ExecMain{which}TimestampMonotonic {unit}"))


@pytest.mark.proof(
    "workstation-antivirus.scan-after-update",
    "workstation-antivirus.found-and-quarantined",
    "workstation-antivirus.reported",
)
@pytest.mark.proof("anti-spyware.unwanted-reported")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.daily_scan")
@pytest.mark.control("antivirus.quarantine")
@pytest.mark.control("antivirus.findings_logged")
@pytest.mark.control("antivirus.looks_inside")
@pytest.mark.control("antivirus.unwanted_programs")
def test_update_then_scan_then_quarantine(machine: Machine) -> None:
    """What the timer starts fetches definitions, then finds a virus, one in an archive and an unwanted program."""
    planted = {
        f"/home/{USER}/virus.com": EICAR,
        "/srv/files/archive.zip": zipped(EICAR, depth=2),
        "/srv/files/unwanted.bin": UNWANTED,
        "/dev/shm/in-memory.com": EICAR,
        f"/srv/files/{'d/' * 300}deep.com": EICAR,
    }
    for path, content in planted.items():
        machine.run(f"mkdir -p {Path(path).parent}; {write(path, content)}")
    machine.run("echo good > /srv/files/good.txt; rm -f /var/lib/clamav/ringfence-lab.cud")
    since = machine.now()

    unit = machine.run("systemctl show --value --property=Unit ringfence-antivirus-daily.timer").strip()
    machine.run(f"systemctl start {unit}")

    assert machine.exists("/var/lib/clamav/ringfence-lab.cud")
    assert started(machine, UPDATE, "Exit") <= started(machine, SCAN, "Start")
    for path in planted:
        assert not machine.exists(path), path
    assert machine.exists("/srv/files/good.txt")
    kept = machine.run(f"stat -c '%n %U %a' {QUARANTINE} {QUARANTINE}/*").split("\n")
    for name in ("virus.com", "archive.zip", "unwanted.bin", "in-memory.com", "deep.com"):
        assert f"{QUARANTINE}/{name} root 400" in kept
    assert machine.as_user(f"cat {QUARANTINE}/virus.com").rc != 0
    alerts = machine.log(since, "--priority=alert")
    for path in planted:
        assert path in alerts
    assert "PUA.Ringfence.Test.Program" in alerts
    machine.run(f"rm -r {QUARANTINE}/* /srv/files/d")


@pytest.mark.proof("workstation-antivirus.scan-after-update")
@pytest.mark.control("antivirus.daily_scan")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.definitions_fresh")
def test_without_an_update_there_is_no_scan(machine: Machine, tmp_path: Path) -> None:
    """The source of the definitions is gone: nothing is scanned, and the audit says so; old definitions are red too."""
    machine.run(write("/srv/files/virus.com", EICAR))
    before = machine.run(f"cat {RECORDS}/scan.ok")
    started_before = started(machine, SCAN, "Start")
    machine.run("systemctl stop rf-definitions.service")
    try:
        assert machine.attempt(f"systemctl start {SCAN}").rc != 0
        assert machine.exists("/srv/files/virus.com")
        assert started(machine, SCAN, "Start") == started_before
        assert machine.run(f"cat {RECORDS}/scan.ok") == before
        assert "exit-code" in machine.run(f"cat {RECORDS}/update.result")
        # As if restored from an old backup; the configuration says nothing about it.
        warp = "sed -i '1s/^ClamAV-VDB:[^:]*:/ClamAV-VDB:01 Jan 2020 00-00 +0000:/' /var/lib/clamav/ringfence-lab.cud"
        machine.run(warp)
        red = machine.red(tmp_path)
        assert sorted(red) == ["antivirus.daily_update", "antivirus.definitions_fresh"]
    finally:
        machine.run("systemctl start rf-definitions.service; touch -d @0 /var/lib/clamav/ringfence-lab.cud")
    assert machine.wait(lambda: machine.attempt("nc -z localhost 8443").rc == 0)
    machine.run(f"systemctl start {SCAN}")
    assert not machine.exists("/srv/files/virus.com")
    machine.run(f"rm {QUARANTINE}/*")


@pytest.mark.proof("anti-spyware.rootkit-reported")
@pytest.mark.control("antivirus.rootkits_weekly")
def test_a_rootkit_is_reported(machine: Machine) -> None:
    """The weekly search reports a back door of a known kind, and its unit stays failed until it is gone."""
    since = machine.now()
    unit = machine.run("systemctl show --value --property=Unit ringfence-antivirus-rootkits.timer").strip()
    machine.run("touch /bin/.login")
    try:
        assert machine.attempt(f"systemctl start {unit}").rc != 0
    finally:
        machine.run("rm /bin/.login")
    assert "/bin/.login" in machine.log(since, f"--unit={unit}")
    assert "exit-code" in machine.run(f"cat {RECORDS}/rootkits.result")
    machine.run(f"systemctl reset-failed {unit}; rm {RECORDS}/rootkits.result")
