# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the model says of clients: where their data is, for how long it is kept, when they work; and of people."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import clients
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.groups import Inventory

HOURS = {"days": ["mon", "sun"], "from": "22:00", "to": "06:00", "timezone": "Europe/Lisbon"}
FULL = {
    "title": "Acme",
    "segment": "acme",
    "database": {"host": "db1"},
    "recordings": {"host": "log1", "path": "/srv/recordings/acme", "retention": 90},
    "retention": {"data": 365, "backups": 400, "reason": "Contract"},
    "business_hours": HOURS,
}


@pytest.fixture
def full(small: dict[str, Any]) -> dict[str, Any]:
    """The small model with everything that can be said of its client."""
    small["clients"]["acme"] = {**FULL}
    small["hosts"]["log1"]["kind"] = "recorder"
    return small


def test_a_clients_hosts_and_those_that_hold_its_data_are_told(
    full: dict[str, Any], derive: Callable[[Any], Inventory]
) -> None:
    inventory = derive(full)
    told = inventory.host_variables["ws1"]["ringfence_client"]
    assert told["database"] == {"host": "db1", "name": "acme"}
    assert told["recordings"] == {**FULL["recordings"], "store": None}  # type: ignore[dict-item]  # a mapping, see above
    assert (told["retention"], told["business_hours"]) == (FULL["retention"], HOURS)
    assert inventory.site_variables["ringfence_clients"] == {"acme": told}
    assert inventory.host_variables["db1"]["ringfence_databases"] == [
        {"client": "acme", "name": "acme", "sources": ["10.1.10.0/24", "fd01:10::/64"], "retention": 365}
    ]
    assert inventory.host_variables["log1"]["ringfence_recordings"] == [
        {"client": "acme", "path": "/srv/recordings/acme", "retention": 90}
    ]
    assert not {"ringfence_databases", "ringfence_recordings"} & set(inventory.host_variables["mail1"])


def test_every_host_has_a_class(full: dict[str, Any], derive: Callable[[Any], Inventory]) -> None:
    full["hosts"]["ws2"]["class"] = "guest"
    classes = {name: of["ringfence_host"]["class"] for name, of in derive(full).host_variables.items()}
    assert classes == {
        "gw1": "management",
        "adm1": "management",
        "db1": "card_data",
        "mail1": "servers",
        "log1": "servers",
        "ws1": "client",
        "ws2": "guest",
    }


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (
            "database",
            {"host": "db2"},
            r"database\.host: 'db2' is no host of this site\. Valid: db1\. Did you mean db1\?",
        ),
        ("database", {"host": "mail1"}, r"database\.host: mail1 is no host of kind database"),
        ("database", {"host": "db1", "name": "Acme-DB"}, r"database\.name: expected database name"),
        ("database", "db1", r"database: expected a mapping with the keys host, name"),
        ("recordings", {"host": "db1", "retention": 1}, r"recordings\.host: db1 is no host of kind recorder"),
        ("recordings", {"retention": 1}, r"recordings: says of no place where they are"),
        ("recordings", {"store": "x", "path": "/a", "retention": 1}, r"recordings\.path: is a folder of no host"),
        ("recordings", {"host": "log1", "path": "/a/../b", "retention": 1}, r"recordings\.path: expected a path"),
        ("recordings", {"store": "x"}, r"recordings\.retention: this key is missing"),
        ("recordings", {"store": "x", "retention": 0}, r"recordings\.retention: expected a whole number from 1"),
        ("retention", {"reason": "x"}, r"retention: says of nothing how long it is kept"),
        ("retention", {"data": 5}, r"retention\.reason: this key is missing"),
        ("business_hours", {**HOURS, "from": "8:00"}, r"business_hours\.from: expected a time of day such as '08:30'"),
        ("business_hours", {**HOURS, "from": "24:00"}, r"business_hours\.from: expected a time of day"),
        ("business_hours", {**HOURS, "to": "22:00"}, r"business_hours\.to: is the same as from"),
        ("business_hours", {**HOURS, "days": ["monday"]}, r"days\[0\]: 'monday' is not valid here\. Valid: mon, "),
        (
            "business_hours",
            {**HOURS, "timezone": "Europe/Lisboa"},
            r"no time zone 'Europe/Lisboa'.*mean Europe/Lisbon\?",
        ),
        ("business_hours", {**HOURS, "timezone": "Europe"}, r"no time zone 'Europe'"),
        ("business_hours", {**HOURS, "timezone": "../etc/passwd"}, r"timezone: expected a time zone"),
    ],
)
def test_a_mistake_is_refused(
    key: str, value: Any, says: str, full: dict[str, Any], refused: Callable[[Any], list[str]]
) -> None:
    full["clients"]["acme"][key] = value
    (problem,) = refused(full)
    assert re.search(r"clients\.acme\..*" + says, problem), problem


def test_clients_share_no_database_and_no_folder(full: dict[str, Any], refused: Callable[[Any], list[str]]) -> None:
    full["clients"]["other"] = {**FULL, "segment": "globex", "database": {"host": "db1", "name": "acme"}}
    said = refused(full)
    assert sorted(problem.split(": ", 1)[1] for problem in said) == [
        "clients.other.database.name: acme on db1 is that of client acme already; clients share none",
        "clients.other.recordings.path: /srv/recordings/acme on log1 is that of client acme already; clients share "
        "none",
    ]


def test_a_machine_without_time_zones_takes_what_looks_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not clients._is_timezone("Nowhere/Atall")
    monkeypatch.setattr(clients.zoneinfo, "available_timezones", set)
    assert clients._is_timezone("Nowhere/Atall")


PEOPLE = {
    "security_officer": [{"name": "Ana", "email": "ana@x.example"}],
    "incident_response": [{"name": "L", "phone": 1}],
}


def test_contacts_and_remediation_hosts(small: dict[str, Any], derive: Callable[[Any], Inventory]) -> None:
    small["contacts"] = PEOPLE
    small["remediation_hosts"] = ["log1", "198.51.100.7"]
    told = derive(small).site_variables
    assert told["ringfence_contacts"] == {
        "security_officer": [{"name": "Ana", "email": "ana@x.example", "phone": None}],
        "incident_response": [{"name": "L", "email": None, "phone": "1"}],
    }
    assert told["ringfence_remediation_hosts"] == [
        {"name": "log1", "addresses": ["10.1.30.20"]},
        {"name": "198.51.100.7/32", "addresses": ["198.51.100.7"]},
    ]


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("remediation_hosts", ["log2"], r"remediation_hosts\[0\]: 'log2' is no host.*Did you mean log1\?"),
        ("remediation_hosts", ["servers"], r"remediation_hosts\[0\]: servers is no single machine"),
        ("remediation_hosts", ["internet"], r"remediation_hosts\[0\]: internet is no single machine"),
        ("remediation_hosts", ["198.51.100.0/24"], r"remediation_hosts\[0\]: .* is no single machine"),
        ("remediation_hosts", ["log1", "db1"], r"remediation_hosts\[1\]: db1 has class card_data"),
        ("contacts", {"security_officier": []}, r"contacts\.security_officier: unknown key.*mean security_officer\?"),
        ("contacts", {"management": []}, r"contacts\.management: expected a list of at least one"),
        ("contacts", {"management": [{"name": "A"}]}, r"contacts\.management\[0\]: can be reached in no way"),
        ("contacts", {"management": [{"name": "A", "email": "a"}]}, r"email: expected a mail address"),
    ],
)
def test_people_and_remedies_that_are_refused(
    key: str, value: Any, says: str, small: dict[str, Any], refused: Callable[[Any], list[str]]
) -> None:
    small[key] = value
    (problem,) = refused(small)
    assert re.search(says, problem), problem
