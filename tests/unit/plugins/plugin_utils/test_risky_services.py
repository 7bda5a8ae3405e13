# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which permissions need a mitigation, and that people are told the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.risky_services import SERVICES, demand, risky

README = Path(__file__).parents[4] / "roles" / "firewall" / "README.md"


@pytest.mark.parametrize(
    ("protocol", "ranges", "names"),
    [
        ("tcp", [(22, 22), (443, 443), (5432, 5432)], []),
        ("tcp", [(22, 22), (23, 23)], ["telnet"]),
        ("udp", [(23, 23)], []),
        ("udp", [(69, 69), (514, 514)], ["tftp", "syslog"]),
        ("tcp", [(514, 514)], ["rexec, rlogin, rsh"]),
        ("tcp", [(138, 150)], ["netbios", "imap"]),
        ("tcp", [(5901, 5901)], ["vnc"]),
        ("tcp", [(5907, 5999)], []),
        ("tcp", [(6063, 6063)], ["x11"]),
        ("udp", [(10000, 20000)], []),
        ("icmp", [], []),
        ("esp", [], []),
    ],
)
def test_found_wherever_ports_overlap(protocol: str, ranges: list[tuple[int, int]], names: list[str]) -> None:
    """By protocol, at both ends of a range, and nothing beside it."""
    assert [service.name for service in risky(protocol, ranges)] == names
    assert bool(demand(protocol, ranges)) == bool(names)


def test_everything_holds_everything() -> None:
    """A range of all ports, and the protocol any."""
    assert risky("any", []) == list(SERVICES)
    assert {service.name for service in (*risky("tcp", [(1, 65535)]), *risky("udp", [(1, 65535)]))} == {
        service.name for service in SERVICES
    }
    assert "every service" in demand("any", [])


def test_the_readme_shows_this_table() -> None:
    """Each service with its ports and the reason, in the same order and no other."""
    section = README.read_text(encoding="utf-8").split("## Risky services")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert rows == [
        f"| {entry.name} | {' and '.join(entry.protocols)} {entry.ports} | {entry.why} |" for entry in SERVICES
    ]
