# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of others that keep idle shells over ssh open are named before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.lab import REPOSITORY, Completed, Lab

CONVERGE = REPOSITORY / "molecule" / "idle_sessions" / "converge.yml"
FOLDER = "/etc/ssh/sshd_config.d"
ASK = "sshd -T -C user=nobody,addr=192.0.2.9,host=elsewhere | grep -i -e '^channeltimeout' -e '^clientaliveinterval'"


@pytest.fixture(autouse=True)
def _no_files_of_others(lab: Lab, name: str) -> Iterator[None]:
    """sshd's files are as they were afterwards."""
    yield
    assert lab.run(name, f"rm -f {FOLDER}/*-rf.conf && systemctl reload ssh").rc == 0


def converge(lab: Lab, name: str, *args: str) -> Completed:
    """Run the role on one host."""
    return lab.playbook(str(CONVERGE), "--limit", name, *args, inventory=lab.inventory)


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.ssh")
@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("00-rf.conf", "ClientAliveInterval 0", "ClientAliveInterval is 0, expected at least 1 and at most"),
        ("99-rf.conf", "Match User nobody\\n  ChannelTimeout session:shell=1d", "overrides it for Match User nobody"),
    ],
    ids=["earlier file", "Match"],
)
def test_settings_without_effect_are_refused(lab: Lab, name: str, file: str, text: str, named: str) -> None:
    """sshd itself agrees that they would be: it is asked as for a connection of that account."""
    before = lab.run(name, ASK).stdout
    assert lab.run(name, f"printf '{text}\\n' > {FOLDER}/{file}").rc == 0
    assert lab.run(name, ASK).stdout != before
    for words in (["--check"], []):
        done = converge(lab, name, *words)
        said = " ".join(done.stdout.split())
        assert done.rc == 2, said
        assert named in said, said
        assert f"{FOLDER}/{file}:" in said, said
        assert "changed=0" in said, said


@pytest.mark.claim("idle-lock")
@pytest.mark.control("idle_sessions.ssh")
def test_shorter_times_of_the_site_do_no_harm(lab: Lab, name: str) -> None:
    text = "ChannelTimeout session:shell=4\\nClientAliveInterval 5\\n"
    assert lab.run(name, f"printf '{text}' > {FOLDER}/00-rf.conf && systemctl reload ssh").rc == 0
    done = converge(lab, name)
    assert done.rc == 0, done.stdout
    assert "changed=0" in done.stdout, done.stdout
