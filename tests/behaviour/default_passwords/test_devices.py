# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A managed device of the inventory, played by the host under test: its default logins are found from outside.

The daemons are those of its release, the login of a vendor is planted: firmware of a vendor is not at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lab import Completed, Lab

from .conftest import Doors

_DEVICE = "ubnt:ubnt"
_AGENT = r"agentaddress udp:161\nrocommunity public default\n"


@pytest.fixture
def device(lab: Lab, doors: Doors) -> Iterator[str]:
    """The host with the login of an access point and a well-known community."""
    conf = "/etc/snmp/snmpd.conf"
    name = doors.name
    lab.run(name, f"useradd -m -s /bin/sh ubnt; cp -p {conf} /run/rf-snmpd; printf '{_AGENT}' > {conf}")
    lab.run(name, "chpasswd -c YESCRYPT && systemctl restart snmpd", stdin=f"{_DEVICE}\n")
    yield name
    lab.run(name, f"systemctl stop snmpd; cp -p /run/rf-snmpd {conf}; userdel -r ubnt")


def look(lab: Lab, device: str, folder: Path) -> Completed:
    """Run the module against the device, at its most talkative."""
    play = [
        {
            "name": "Look for default logins",
            "hosts": device,
            "gather_facts": False,
            "tasks": [
                {
                    "name": "Try them",
                    "ringfence.callcenter.default_logins": {
                        "services": [{"service": "ssh", "port": 22}, {"service": "snmp", "port": 161}],
                        "kinds": ["access_point"],
                        "known": [
                            {"product": "Our boxes", "service": "ssh", "account": "ours", "password": "our-secret-47"},
                            {"product": "Our communities", "service": "snmp", "password": "public"},
                        ],
                        "tries": 1,
                        "pause": 0.2,
                    },
                }
            ],
        }
    ]
    path = folder / "play.yml"
    path.write_text(json.dumps(play), encoding="utf-8")
    return lab.playbook(str(path), "-vvv", inventory=lab.inventory)


@pytest.mark.proof(
    "no-default-passwords.device-services-fail",
    "no-default-passwords.planted-found",
    "no-default-passwords.never-printed",
)
def test_a_device_is_found_open_and_then_closed(lab: Lab, device: str, tmp_path: Path) -> None:
    done = look(lab, device, tmp_path)
    assert done.rc != 0
    assert "ssh 22: ubnt (Ubiquiti" in done.stdout
    assert "snmp 161: Our communities" in done.stdout
    assert "our-secret-47" not in done.stdout + done.stderr
    lab.run(
        device, "passwd -l ubnt; systemctl stop snmpd; sed -i s/public/a-community-of-its-own/ /etc/snmp/snmpd.conf"
    )
    lab.run(device, "systemctl start snmpd")
    closed = look(lab, device, tmp_path)
    assert closed.rc == 0, closed.stdout[-3000:]
