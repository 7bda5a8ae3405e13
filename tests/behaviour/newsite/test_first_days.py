# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first days of a real site, in the order in which they come: each test goes on from where the one before left off.

Its machines have none of the packages of the roles, are reached by an account that becomes root with a password, by su
or without one, and were configured by others; packages, names, time and definitions come from a host of the site's own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .conftest import FOLDER, ROLES, SNAPSHOT
from .left_by_packages import unexplained

if TYPE_CHECKING:
    from .conftest import NewSite, Run

#: A machine whose packages no other run touched yet, and the host they come from.
FRESH = "ws-acme-1"
MIRROR = "infra1"
#: The machine that others hardened, which roles find that configure its sshd, and what that has to read.
HARDENED = "db1"
SSHD = {"idle_sessions", "login_delay"}
DROP_INS = "/etc/ssh/sshd_config.d/*.conf"

#: A unit that a role keeps running on every host, and machines of both releases on which it is masked.
MASKED = "fail2ban.service"
MASKED_ON = ["db1", "log1"] if "login_delay" in ROLES else []
#: What every host must still do.
NEEDED = ["getent ahostsv4 infra1.callcenter.example", "apt-get update -q -o Acquire::Retries=0 --error-on=any"]
NEEDED += ["systemctl start ringfence-antivirus-update.service"] if "antivirus" in ROLES else []
#: Prints the digest of each file that roles keep on a host; of some only a block is theirs.
LOOK = """
import glob, hashlib, json, os
indexes = glob.glob("/var/lib/ringfence/originals/*/index.json")
entries = [item for index in indexes for item in json.load(open(index))["paths"].items()]
names = {path for path, entry in entries if not entry.get("block")}
files = [path for path in names if os.path.isfile(path) and not os.path.islink(path)]
print(json.dumps({path: hashlib.sha256(open(path, "rb").read()).hexdigest() for path in files}))
"""
#: And adds a byte to each.
EDIT = (
    LOOK
    + """
for path in files:
    with open(path, "ab") as file:
        file.write(b"\\n")
"""
)


def went_well(run: Run) -> None:
    """Assert that a run ended well on every host."""
    assert run.rc == 0, run.output[-8000:]
    assert set(run.failed.values()) == {0}, run.failed


def test_check_mode_on_fresh_hosts_names_what_would_fail_and_touches_nothing(site: NewSite) -> None:
    """Before the first run of all, `site --check` goes to its end on every host and leaves every host as it was.

    It finds one thing: where others hardened sshd, nothing would come of what a role writes. It says what to do.
    """
    run = site.run("site", "--check")
    assert "Traceback" not in run.output
    found = {HARDENED} if SSHD & set(ROLES) else set()
    assert {name for name in site.hosts if run.failed[name]} == found, run.output[-8000:]
    said = [line for line in run.output.splitlines() if line.startswith(f"fatal: [{HARDENED}]")]
    assert bool(said) is bool(found)
    assert all(f"Include {DROP_INS}" in line or "is not finished" in line for line in said), said
    for name in site.hosts:
        assert site.snapshot(name) == site.before(name), name


def test_what_check_mode_asked_for_is_all_that_it_takes(site: NewSite) -> None:
    """The administrator does as told, and check mode has nothing more to say."""
    site.ask(HARDENED, f"sed -i '1i Include {DROP_INS}' /etc/ssh/sshd_config && systemctl reload ssh.service")
    site.ask(HARDENED, "sh -s > /var/tmp/ringfence-before", stdin=SNAPSHOT)
    went_well(site.run("site", "--check", "--limit", HARDENED))


def test_check_mode_names_a_mirror_that_does_not_answer(site: NewSite) -> None:
    """What the first run could not fetch is said by check mode, with the place it would come from."""
    site.ask(MIRROR, "systemctl stop newsite-www.service")
    try:
        run = site.run("site", "--check", "--limit", FRESH)
    finally:
        site.ask(MIRROR, "systemctl start newsite-www.service")
    assert run.rc != 0
    assert "infra1.callcenter.example" in run.output
    assert "Traceback" not in run.output


def test_the_first_run_goes_to_its_end(site: NewSite) -> None:
    """Every host gets every role that is for it, packages and definitions included."""
    run = site.run("site")
    went_well(run)
    assert all(run.changed[name] for name in site.hosts)


def test_the_second_run_changes_nothing(site: NewSite) -> None:
    """Whatever was there before, the roles have nothing to do twice."""
    run = site.run("site")
    went_well(run)
    assert run.changed == dict.fromkeys(site.hosts, 0)


def test_no_unit_has_failed(site: NewSite) -> None:
    """A converged host is a running one."""
    assert site.failed_units() == dict.fromkeys(site.hosts, "")


def test_the_audit_is_green_on_every_host(site: NewSite) -> None:
    """Every control of every role is observed to hold."""
    told = {"audit_evidence_dir": str(FOLDER / "evidence"), "audit_roles": ROLES}
    run = site.run("audit", "-e", json.dumps(told))
    wrong = {}
    for name in site.hosts:
        record = json.loads((FOLDER / "evidence" / "latest" / "hosts" / f"{name}.json").read_text(encoding="utf-8"))
        for item in record["findings"]:
            if item["status"] not in ("pass", "not_applicable"):
                wrong[name, item["check"]] = f"{item['status']}: {item['reason']}"
    assert wrong == {}, run.output[-2000:]


@pytest.mark.parametrize("command", NEEDED)
def test_what_every_host_needs_still_gets_through(site: NewSite, command: str) -> None:
    """Names, packages and definitions, of every host, now that the firewall is closed."""
    for name in site.hosts:
        site.ask(name, command)


def test_nothing_else_gets_out(site: NewSite) -> None:
    """The same host, at a port that no flow names, is not reached."""
    script = (
        "import socket, sys\n"
        "try:\n    socket.create_connection((sys.argv[1], 8443), timeout=2)\n"
        "except TimeoutError:\n    print('dropped')\nexcept OSError as error:\n    print(error)\n"
    )
    address = site.lab.address(MIRROR)
    for name in site.hosts:
        if name != MIRROR:
            assert site.ask(name, f"python3 - {address}", stdin=script).strip() == "dropped", name


def test_edited_files_are_put_right_and_masked_units_are_named(site: NewSite) -> None:
    """A byte more in every file that the roles keep is gone after the next run; a masked unit stops it with a sentence.

    The files are edited on one host of each release, the units masked on another of each.
    """
    edited, masked = ["gw1", "ws-acme-1"], MASKED_ON
    kept = {name: json.loads(site.ask(name, "python3 -", stdin=EDIT)) for name in edited}
    assert all(len(files) > min(10, len(ROLES)) for files in kept.values()), kept
    for name in masked:
        site.ask(name, f"systemctl mask --now {MASKED}")
    try:
        run = site.run("site")
        assert "Traceback" not in run.output
        assert {name: bool(run.failed[name]) for name in site.hosts} == {name: name in masked for name in site.hosts}
        for name in masked:
            said = [line for line in run.output.splitlines() if line.startswith(f"fatal: [{name}]")]
            assert said, run.output[-4000:]
            assert all(MASKED in line and f"systemctl unmask {MASKED}" in line for line in said), said
        for name, files in kept.items():
            now = json.loads(site.ask(name, "python3 -", stdin=LOOK))
            assert {path for path, digest in files.items() if now.get(path) != digest} == set(), name
    finally:
        for name in masked:
            site.ask(name, f"systemctl unmask {MASKED}")


def test_absent_leaves_every_host_as_it_was(site: NewSite) -> None:
    """All that the roles made is gone, what they changed is back; the packages stay, and what packages make."""
    absent = json.dumps({f"{role}_state": "absent" for role in ROLES})
    went_well(site.run("site", "-e", absent))
    left = {}
    for name in site.hosts:
        differing = sorted(set(site.before(name)) ^ set(site.snapshot(name)))
        owned = site.ask(name, "cat /var/lib/dpkg/info/*.list /var/lib/dpkg/info/*.conffiles | sort -u").splitlines()
        named = site.ask(
            name, "grep -rl ringfence /etc /usr/local --exclude=ringfence-lab --exclude=hosts --exclude-dir=ssl || :"
        )
        left[name] = unexplained(differing, set(owned)) + named.splitlines()
    assert left == {name: [] for name in site.hosts}
