# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every role has its packages installed by, against a real apt and a mirror that comes and goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.support.lab import Lab

HERE = Path(__file__).parent
CLEAN = """
systemctl stop rf-mirror.service 2>/dev/null
systemctl disable -q rf-daemon.service 2>/dev/null
dpkg --purge rf-plain rf-daemon >/dev/null 2>&1
systemctl reset-failed rf-daemon.service 2>/dev/null
rm -rf /srv/rf-mirror /etc/apt/sources.list.d /var/lib/apt/lists/*_rf-* /var/cache/apt/archives/rf-*
for path in /etc/apt/rf-before/*; do mv "$path" /etc/apt/; done
rmdir /etc/apt/rf-before; find /var/lib/apt/lists -type f ! -name lock -delete; systemctl daemon-reload; true
"""
LISTS = "find /var/lib/apt /var/cache/apt /usr/sbin/policy-rc.d* -type f ! -name lock 2>/dev/null | xargs -r sha256sum"


@pytest.fixture(scope="module")
def hosts(lab: Lab) -> Iterator[list[str]]:
    """The hosts of this scenario, with a mirror of their own and lists that are empty and young."""
    names = [name for name in lab.hosts if name.startswith("password-policy-")]
    for name in names:
        done = lab.run(name, "sh -s", stdin=(HERE / "mirror.sh").read_text(encoding="utf-8"))
        assert done.rc == 0, done.stderr
    try:
        yield names
    finally:
        for name in names:
            lab.run(name, CLEAN)


def have(lab: Lab, *arguments: str, **variables: Any) -> tuple[int, str]:
    """Run the module on all hosts; exit status and all that was said, on one line."""
    extra = json.dumps({f"packages_{name}": value for name, value in variables.items()})
    done = lab.playbook(str(HERE / "packages.yml"), "-e", extra, *arguments, inventory=lab.inventory)
    return done.rc, " ".join((done.stdout + done.stderr).split())


def test_packages(lab: Lab, hosts: list[str]) -> None:
    """Check mode, download, an installation without the mirror, a daemon that waits, and a mirror that is away."""
    before = {name: lab.run(name, LISTS).stdout for name in hosts}
    rc, said = have(lab, "--check", "--diff", names=["rf-plain", "rf-daemon"])
    assert rc == 0, said
    assert "+rf-daemon 1" in said
    rc, missing = have(lab, "--check", names=["rf-plain", "rf-nowhere"])
    assert rc == 2
    assert "No source of this host (/etc/apt/sources.list.d) has rf-nowhere." in missing
    assert {name: lab.run(name, LISTS).stdout for name in hosts} == before

    rc, said = have(lab, names=["rf-daemon", "rf-plain"], state="downloaded")
    assert (rc, said.count("changed: [")) == (0, len(hosts)), said
    for name in hosts:
        lab.run(name, "systemctl stop rf-mirror.service; printf '#!/bin/sh\\nexit 0\\n' > /usr/sbin/policy-rc.d")
    rc, said = have(lab, names=["rf-daemon", "rf-plain"], start_later=["rf-daemon.service"])
    assert (rc, said.count("changed: [")) == (0, len(hosts)), said
    for name in hosts:
        assert lab.run(name, "systemctl is-failed rf-daemon.service").stdout.strip() == "inactive"
        assert lab.run(name, "systemctl is-enabled rf-daemon.service").stdout.strip() == "enabled"
        assert lab.run(name, "ls /usr/sbin/ | grep policy-rc.d").stdout.split() == ["policy-rc.d"]
        assert lab.run(name, "wc -l < /usr/sbin/policy-rc.d; rm /usr/sbin/policy-rc.d").stdout.strip() == "2"
    assert have(lab, names=["rf-daemon", "rf-plain"])[1].count("changed: [") == 0

    for name in hosts:
        lab.run(name, "dpkg --purge rf-plain; rm -rf /var/cache/apt/archives/rf-*; rm -f /var/lib/apt/lists/*Packages*")
    refused = [have(lab, *mode, names=["rf-plain"]) for mode in (["--check"], [])]
    for rc, said in refused:
        assert rc == 2
        assert "could not be fetched from http://127.0.0.1:8099 (127.0.0.1:8099, no proxy is set)" in said
        assert "So this host needs a flow to 127.0.0.1:8099 (protocol tcp), or a proxy (Acquire::http::Proxy)." in said
        assert "Not installed: rf-plain. Nothing was installed." in said
