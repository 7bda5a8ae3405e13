# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scanner at work: files that are opened, media that are mounted, users who want it gone, and what it survives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.behaviour.antivirus.conftest import QUARANTINE, USER
from tests.support.malware import EICAR, encrypted, write, zipped

if TYPE_CHECKING:
    from tests.behaviour.antivirus.conftest import Machine


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.on_access")
def test_an_infected_file_cannot_be_opened(machine: Machine) -> None:
    """A user opens a clean file in the home folder but not an infected one, in a folder made later neither."""
    home = f"/home/{USER}"
    machine.run(f"echo good > {home}/good.txt; mkdir -p {home}/later; chown -R {USER} {home}")
    machine.run(write(f"{home}/virus.com", EICAR))
    machine.run(write(f"{home}/later/virus.com", EICAR))
    machine.run(f"chown -R {USER} {home}")
    since = machine.now()
    assert machine.as_user(f"cat {home}/good.txt").stdout == "good\n"
    for path in (f"{home}/virus.com", f"{home}/later/virus.com"):
        assert machine.wait(lambda path=path: machine.as_user(f"cat {path}").stdout == ""), path
        assert "Operation not permitted" in machine.as_user(f"cat {path}").stderr
    assert "FOUND" in machine.log(since)
    machine.run(f"rm -r {home}/virus.com {home}/later")


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.encrypted_stopped")
def test_what_nobody_can_look_into_counts_as_infected(machine: Machine) -> None:
    """An encrypted archive is found, whatever is in it, and taken away with an alert; the same in the clear is not."""
    machine.run(write("/srv/files/secret.zip", encrypted("a good file")))
    machine.run(write("/srv/files/open.zip", zipped("a good file")))
    seen = machine.attempt("clamdscan --fdpass --no-summary /srv/files/secret.zip /srv/files/open.zip").stdout
    assert "/srv/files/secret.zip: Heuristics.Encrypted.Zip" in seen
    assert "/srv/files/open.zip: OK" in seen
    since = machine.now()
    machine.run("systemctl start ringfence-antivirus-scan.service")
    assert not machine.exists("/srv/files/secret.zip")
    assert machine.exists("/srv/files/open.zip")
    assert machine.exists(f"{QUARANTINE}/secret.zip")
    assert machine.wait(lambda: "/srv/files/secret.zip" in machine.log(since, "--priority=alert"))
    machine.run(f"rm {QUARANTINE}/* /srv/files/open.zip")


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.removable_media")
def test_a_medium_is_scanned_when_it_is_mounted(machine: Machine) -> None:
    """A stick with a virus on it is mounted: the virus is in the quarantine before anybody asks, the rest is there."""
    machine.run("mkdir -p /srv/stick /media/stick; mount -t tmpfs stick /srv/stick; echo good > /srv/stick/good.txt")
    machine.run(write("/srv/stick/virus.com", EICAR))
    try:
        machine.run("mount --bind /srv/stick /media/stick")
        assert machine.wait(lambda: not machine.exists("/media/stick/virus.com"))
        assert machine.exists("/media/stick/good.txt")
        assert machine.wait(lambda: machine.exists(f"{QUARANTINE}/virus.com"))
    finally:
        machine.attempt(f"umount /media/stick; umount /srv/stick; rmdir /media/stick /srv/stick; rm {QUARANTINE}/*")


@pytest.mark.proof("workstation-antivirus.operator-cannot-stop")
@pytest.mark.claim("anti-spyware")
@pytest.mark.control("antivirus.users_cannot_stop")
@pytest.mark.control("antivirus.quarantine")
def test_a_user_cannot_stop_or_change_it(machine: Machine) -> None:
    """Not through systemd, not by a signal, not by the scanner's own command, not in its files."""
    pids = machine.run("pidof clamd clamonacc").split()
    attempts = [
        f"systemctl --no-ask-password stop {unit}"
        for unit in (
            "clamav-daemon.service",
            "ringfence-antivirus-daily.timer",
            "ringfence-antivirus-on-access.service",
            "ringfence-antivirus-media.service",
        )
    ]
    attempts += [f"kill -9 {pid}" for pid in pids]
    attempts += [
        "printf 'zSHUTDOWN\\0' | nc -U -w 2 /run/clamav/clamd.ctl",
        "echo 'DetectPUA no' >> /etc/clamav/clamd.conf",
        "echo >> /usr/local/lib/ringfence/antivirus/scan.py",
        "rm /var/lib/clamav/ringfence-lab.cud",
        f"ls {QUARANTINE}",
        "rm /var/lib/ringfence/antivirus/update.result",
    ]
    for attempt in attempts:
        done = machine.as_user(attempt)
        assert done.rc != 0, f"{attempt}: {done.stdout}"
    assert machine.run("pidof clamd clamonacc").split() == pids
    assert machine.answers()


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.scanner_runs")
def test_a_killed_scanner_comes_back(machine: Machine) -> None:
    """The scanner and the on-access scanner are killed: both are back within seconds and find things."""
    machine.run("kill -9 $(pidof clamd) $(pidof clamonacc)")
    assert machine.wait(machine.answers)
    machine.run(write("/srv/files/virus.com", EICAR))
    assert "FOUND" in machine.attempt("clamdscan --fdpass --no-summary /srv/files/virus.com").stdout
    assert machine.wait(lambda: machine.attempt("pidof clamonacc").rc == 0)
    machine.run("rm /srv/files/virus.com")


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.scanner_runs")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.on_access")
@pytest.mark.control("antivirus.removable_media")
def test_all_is_there_after_a_reboot(machine: Machine) -> None:
    """The host reboots: scanner, timers, on-access scanning and the watch over media are there by themselves."""
    machine.lab.restart(machine.name)
    assert machine.wait(machine.answers)
    units = (
        "ringfence-antivirus-daily.timer",
        "ringfence-antivirus-rootkits.timer",
        "ringfence-antivirus-on-access.service",
        "ringfence-antivirus-media.service",
    )
    assert machine.wait(lambda: machine.attempt(f"systemctl is-active {' '.join(units)}").rc == 0)
