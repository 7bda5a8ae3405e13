# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of others that keep the role's settings of sshd from having an effect are named before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.lab import REPOSITORY, Completed, Lab

CONVERGE = REPOSITORY / "molecule" / "login_delay" / "converge.yml"
MAIN, FOLDER = "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d"
ASK = "sshd -T -C user=nobody,addr=192.0.2.9,host=elsewhere | grep -i '^maxauthtries'"


@pytest.fixture
def main_file(lab: Lab, name: str) -> Iterator[None]:
    """sshd's files are as they were afterwards, and the daemon works by them."""
    assert lab.run(name, f"cp -p {MAIN} /root/rf-sshd").rc == 0
    yield
    done = lab.run(name, f"cp -p /root/rf-sshd {MAIN}; rm -f /root/rf-sshd {FOLDER}/*-rf.conf; systemctl reload ssh")
    assert done.rc == 0, done.stderr


def converge(lab: Lab, name: str, *args: str) -> Completed:
    """Run the role on one host."""
    return lab.playbook(str(CONVERGE), "--limit", name, *args, inventory=lab.inventory)


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.ssh_limits")
@pytest.mark.parametrize(
    ("command", "named"),
    [
        (f"sed -i 's/^Include/#Include/' {MAIN}", "no file that sshd reads sets it"),
        (
            f"echo 'MaxAuthTries 40' > {FOLDER}/00-rf.conf",
            f"MaxAuthTries is 40, expected at least 1 and at most 3: {FOLDER}/00-rf.conf:1 decides it",
        ),
        (
            f"printf 'Match Address 192.0.2.0/24\\n  MaxAuthTries 40\\n' > {FOLDER}/99-rf.conf",
            f"{FOLDER}/99-rf.conf:2 (MaxAuthTries 40) overrides it for Match Address 192.0.2.0/24",
        ),
    ],
    ids=["no Include", "earlier file", "Match"],
)
def test_settings_without_effect_are_refused(main_file: None, lab: Lab, name: str, command: str, named: str) -> None:
    """sshd itself agrees that they would be: it is asked as for a connection from there."""
    assert lab.run(name, ASK).stdout.strip() == "maxauthtries 3"
    assert lab.run(name, command).rc == 0
    assert lab.run(name, ASK).stdout.strip() != "maxauthtries 3"
    for words in (["--check"], []):
        done = converge(lab, name, *words)
        said = " ".join(done.stdout.split())
        assert done.rc == 2, said
        assert named in said, said
        assert "Way out: put `Include" in said, said
        assert "changed=0" in said, said


@pytest.mark.claim("bad-logons-blocked")
@pytest.mark.control("login_delay.ssh_limits")
def test_stricter_settings_of_the_site_do_no_harm(main_file: None, lab: Lab, name: str) -> None:
    """They stay, they are in force, and the role has nothing to do."""
    text = "MaxAuthTries 2\\nLoginGraceTime 30\\nMaxStartups 5:50:20\\n"
    assert lab.run(name, f"printf '{text}' > {FOLDER}/00-rf.conf && systemctl reload ssh").rc == 0
    done = converge(lab, name)
    assert done.rc == 0, done.stdout
    assert "changed=0" in done.stdout, done.stdout
    assert lab.run(name, ASK).stdout.strip() == "maxauthtries 2"
