# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scanner that others ask elsewhere, or a proxy with a password, is refused before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.lab import REPOSITORY, Completed, Lab

CONVERGE = REPOSITORY / "molecule" / "antivirus" / "converge.yml"
SUMS = "find /etc -xdev -type f ! -path '/etc/.*' -exec sha256sum {} + | sort -k 2"


def converge(lab: Lab, name: str, *args: str) -> Completed:
    """Run the role on one host."""
    return lab.playbook(str(CONVERGE), "--limit", name, *args, inventory=lab.inventory)


@pytest.fixture
def untouched(lab: Lab, name: str) -> Iterator[None]:
    """The host without the role, its two files as they were afterwards."""
    assert converge(lab, name, "-e", "antivirus_state=absent").rc == 0
    lab.run(name, "cp -pr /etc/clamav /var/tmp/clamav-before")
    yield
    lab.run(name, "rm -rf /etc/clamav && mv /var/tmp/clamav-before /etc/clamav")
    assert converge(lab, name).rc == 0


@pytest.mark.control("antivirus.scanner_runs")
def test_what_others_need_is_refused_with_the_way_out(lab: Lab, name: str, untouched: None) -> None:
    for file, lines, words in (
        ("clamd.conf", "TCPSocket 3310\\nTCPAddr 127.0.0.1\\n", "others may ask the scanner over TCP"),
        ("clamd.conf", "LocalSocket /srv/own/clamd.sock\\n", "others may ask the scanner at the LocalSocket"),
        ("freshclam.conf", "HTTPProxyServer p\\nHTTPProxyPassword rf-hush-4711\\n", "Give it as antivirus_proxy,"),
    ):
        lab.run(name, f"cp -p /var/tmp/clamav-before/*.conf /etc/clamav/; printf '{lines}' >> /etc/clamav/{file}")
        before = lab.run(name, SUMS).stdout
        for mode in (["--check", "--diff"], ["-vvv"]):
            done = converge(lab, name, *mode)
            said = " ".join((done.stdout + done.stderr).split())
            assert done.rc != 0
            assert f"/etc/clamav/{file}: " in said
            assert words in said
            assert "rf-hush-4711" not in said
        assert lab.run(name, SUMS).stdout == before
