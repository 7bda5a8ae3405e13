# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real SNMP agent with the communities that every agent is delivered with, asked from another host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Doors

COMMUNITY = "a-community-of-its-own"
CONF = "/etc/snmp/snmpd.conf"
_AGENT = r"agentaddress udp:161\nrocommunity public default\ncom2sec reader default private\n"

#: Asks an agent for sysName.0 with version 2c, by bytes written here and not by the code under test.
_ASK = r"""
import socket, sys
address, community = sys.argv[1], sys.argv[2].encode()
oid = bytes([0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 5, 0])
part = lambda tag, body: bytes([tag, len(body)]) + body
pdu = part(0xa0, part(2, b"\x07") + part(2, b"\x00") + part(2, b"\x00") + part(0x30, part(0x30, oid + b"\x05\x00")))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
    channel.settimeout(2)
    channel.sendto(part(0x30, part(2, b"\x01") + part(4, community) + pdu), (address, 161))
    try:
        print("ANSWERED" if channel.recv(4096) else "")
    except socket.timeout:
        print("SILENT")
"""


class Agent:
    """The agent of the host under test, as a manager on another host sees it."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def answers(self, community: str) -> bool:
        """Whether the agent answers to a community."""
        lab = self.doors.lab
        where = lab.address(self.doors.name)
        done = lab.run(lab.peer(self.doors.name), f"python3 - {where} {community}", stdin=_ASK)
        assert done.rc == 0, done.stderr
        return done.stdout.strip() == "ANSWERED"


@pytest.fixture(scope="module")
def agent(doors: Doors) -> Iterator[Agent]:
    """A running agent with well-known communities, before the role comes."""
    doors.run(f"cp -p {CONF} /run/rf/snmpd.conf && printf '{_AGENT}' > {CONF} && systemctl restart snmpd")
    yield Agent(doors)
    doors.run(f"systemctl stop snmpd; cp -p /run/rf/snmpd.conf {CONF}")
    doors.run("rm -rf /var/lib/ringfence/originals/default_passwords_services")


@pytest.fixture(scope="module")
def found(agent: Agent, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the audit sees while the agent is open, and what the role does without being told a remedy, and with."""
    assert agent.answers("public")
    assert agent.answers("private") is False, "com2sec alone gives no access, so only the file tells of it"
    folder = tmp_path_factory.mktemp("audit")
    red, _output = agent.doors.audit(folder)
    untold = agent.doors.converge("-e", '{"default_passwords_services": {}}')
    still_open = agent.answers("public")
    locking = '{"default_passwords_services": {"snmp": {"remedy": "lock"}}}'
    locked = agent.doors.converge("-e", locking)
    after_lock = agent.answers("public")
    done = agent.doors.converge("--diff", "-vvv")
    return {
        "red": red,
        "observed": {one["control"]: one["observed"] for one in agent.doors.findings(folder)},
        "untold": untold,
        "untold_left_it_open": still_open,
        "lock": locked,
        "lock_left_it_open": after_lock,
        "done": done,
    }


@pytest.mark.proof("no-default-passwords.planted-found")
@pytest.mark.control("default_passwords.local_services")
def test_the_audit_finds_what_answers_and_what_is_written(found: dict[str, Any]) -> None:
    assert "default_passwords.local_services" in found["red"]
    observed = found["observed"]["default_passwords.local_services"]
    assert observed["opened"]
    assert [line.split(" ")[0] for line in observed["written"]] == [f"{CONF}:2:", f"{CONF}:3:"]


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_without_a_remedy_it_warns_and_touches_nothing(found: dict[str, Any]) -> None:
    assert found["untold"].rc == 0
    assert "a well-known login opens it" in found["untold"].stdout + found["untold"].stderr
    assert found["untold_left_it_open"]


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_a_service_is_not_left_without_a_way_in(found: dict[str, Any]) -> None:
    assert found["lock"].rc != 0
    assert "no way in" in found["lock"].stdout
    assert found["lock_left_it_open"]


@pytest.mark.proof("no-default-passwords.services-fail", "no-default-passwords.never-printed")
@pytest.mark.control("default_passwords.local_services")
def test_the_well_known_community_is_silent_and_the_new_one_answers(found: dict[str, Any], agent: Agent) -> None:
    assert found["done"].rc == 0, found["done"].stdout[-3000:]
    assert not agent.answers("public")
    assert agent.answers(COMMUNITY)
    assert COMMUNITY not in found["done"].stdout + found["done"].stderr


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_absent_gives_the_community_back(found: dict[str, Any], agent: Agent) -> None:
    try:
        assert agent.doors.converge("-e", "default_passwords_state=absent").rc == 0
        assert agent.answers("public")
    finally:
        assert agent.doors.converge().rc == 0
    assert not agent.answers("public")
