# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the web filter's helper reads out of squid's list of open requests, and which of them it would end."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[3] / "roles" / "web_filter" / "files" / "web-filter.py"
CLIENTS = [
    {"name": "acme", "sources": ["10.1.10.0/24", "fd01:10::/64"], "sites_allowed": ["crm.example", "*.portal.example"]},
    {"name": "globex", "sources": ["10.1.20.0/24"], "sites_allowed": []},
]
OPEN = """\
Connection: 0x1
\tFD 22, read 52, wrote 0
\tremote: 127.0.0.1:60302
\tlocal: 127.0.0.1:3128
uri http://web-filter:3128/squid-internal-mgr/active_requests

Connection: 0x2
\tremote: 10.1.10.2:34172
\tlocal: 10.1.10.1:3128
uri http://CRM.example/long?x=1
username -

Connection: 0x3
\tremote: 127.0.0.1:40900
\tlocal: 127.0.0.1:3129
uri crm.example:443

Connection: 0x4
\tremote: [fd01:10::2]:34186
\tlocal: [fd01:10::1]:3128
uri a.portal.example:443
"""


@pytest.fixture(scope="module")
def helper() -> dict[str, Any]:
    """The helper's functions."""
    return runpy.run_path(str(FILE))


def test_requests_of_workstations(helper: dict[str, Any]) -> None:
    """Neither squid's talk with itself nor our own question."""
    assert list(helper["requests"](OPEN, 3128)) == [
        ("10.1.10.2", 34172, "crm.example"),
        ("fd01:10::2", 34186, "a.portal.example"),
    ]


@pytest.mark.parametrize(
    ("address", "name", "stays"),
    [
        ("10.1.10.2", "crm.example", True),
        ("10.1.10.2", "www.crm.example", False),
        ("10.1.10.2", "portal.example", True),
        ("fd01:10::2", "a.b.portal.example", True),
        ("10.1.10.2", "notportal.example", False),
        ("10.1.20.2", "crm.example", False),
        ("10.1.30.2", "crm.example", False),
        ("127.0.0.1", "anything", True),
    ],
)
def test_what_is_listed_stays(helper: dict[str, Any], address: str, name: str, stays: bool) -> None:
    """As the proxy itself judges a new request."""
    assert helper["listed"](CLIENTS, address, name) is stays
