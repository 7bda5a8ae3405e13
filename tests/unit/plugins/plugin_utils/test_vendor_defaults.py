# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of vendor defaults and a site's additions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.action.account_passwords import account_errors
from ansible_collections.ringfence.callcenter.plugins.action.service_passwords import service_errors
from ansible_collections.ringfence.callcenter.plugins.filter.vendor_defaults import vendor_defaults
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import vendor_defaults as catalogue

ROW = {
    "id": "pi",
    "product": "Raspberry Pi OS",
    "kind": "operating_system",
    "source": "its manual",
    "logins": [{"service": "login", "port": 22, "account": "pi", "password": "raspberry"}],
}


def row(**login: Any) -> dict[str, Any]:
    return ROW | {"logins": [login]}


def test_the_catalogue_itself() -> None:
    logins = catalogue.load()
    assert len({login.product for login in logins}) > 70
    assert {login.service for login in logins} <= set(catalogue.SERVICES)
    assert any(login.password == "" for login in logins)


def test_the_texts_tell_how_many_entries_were_checked() -> None:
    file = Path(catalogue.FILE)
    text = file.read_text(encoding="utf-8")
    rows = yaml.safe_load(text)["vendor_defaults"]
    says = f"{sum('checked' in row for row in rows)} of {len(rows)} entries"
    assert says in text.partition("vendor_defaults:\n")[0]
    readme = Path(__file__).parents[4] / "roles" / "default_passwords" / "README.md"
    assert says in readme.read_text(encoding="utf-8")


def test_an_entry_may_tell_when_it_was_checked() -> None:
    assert catalogue.parse([{**ROW, "checked": "2026-11-21"}]) == catalogue.parse([ROW])


def test_a_pattern_cannot_be_tried() -> None:
    assert catalogue.parse([row(service="ipmi", account="a", pattern="on the tag")]) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({}, "a list is expected"),
        ([{**ROW, "more": 1}], "needs exactly"),
        ([{**ROW, "source": ""}], "needs exactly"),
        ([{**ROW, "checked": ""}], "needs exactly"),
        ([{**ROW, "checked": "21.11.2026"}], "checked is a date"),
        ([{**ROW, "checked": "20261121"}], "checked is a date"),
        ([{**ROW, "checked": 20261121}], "checked is a date"),
        ([ROW, ROW], "the id is there twice"),
        ([{**ROW, "kind": "toaster"}], "kind 'toaster' is none of"),
        ([row(account="a", password="b")], "needs service"),
        ([row(service="gopher", account="a", password="hidden")], "service 'gopher' is none of"),
        ([row(service="ssh", account="a")], "either password or pattern"),
        ([row(service="ssh", account="a", password=1234)], "put numbers in quotes"),
        ([row(service="ssh", account="a", password="hidden", port=70000)], "port is a number"),
    ],
)
def test_what_is_wrong_is_told_without_a_password(rows: Any, says: str) -> None:
    with pytest.raises(catalogue.VendorDefaultsError, match=says) as caught:
        catalogue.parse(rows)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("text", "a list is expected"),
        (["hidden"], r"known\[0\]: a mapping"),
        ([{"product": "x", "password": "hidden", "user": "y"}], "unknown key 'user'"),
        ([{"password": "hidden"}], "product is missing"),
        ([{"product": "x", "password": "hidden", "service": "gopher"}], "service 'gopher' is none of"),
    ],
)
def test_additions_that_are_wrong(rows: Any, says: str) -> None:
    with pytest.raises(catalogue.VendorDefaultsError, match=says) as caught:
        catalogue.parse_own(rows, "known")
    assert "hidden" not in str(caught.value)


def test_a_selection_has_each_login_once_and_the_sites_own_first() -> None:
    logins = catalogue.parse_own([{"product": "Ours", "account": "pi", "password": "raspberry"}], "known")
    logins += catalogue.parse([ROW, {**ROW, "id": "two", "logins": [{"service": "snmp", "password": "public"}]}])
    assert catalogue.select(logins, ["login", "ssh"]) == {
        "entries": [{"product": "Ours", "service": "login", "account": "pi", "password": "raspberry"}],
        "common": [],
    }


def test_common_passwords_are_those_of_most_products() -> None:
    rows = [
        {**ROW, "id": f"p{number}", "product": f"P{number}", "logins": [{"service": "ssh", "password": password}]}
        for number, password in enumerate(["b", "a", "a", "", "", "", "c"])
    ]
    assert catalogue.common_passwords(catalogue.parse(rows), 2) == ["a", "b"]


def test_the_filter() -> None:
    given = vendor_defaults([{"product": "Ours", "account": "x", "password": "y"}], ["login"], common=4)
    assert given["entries"][0]["product"] == "Ours"
    assert len(given["common"]) == 4
    assert all(entry["service"] != "ssh" for entry in given["entries"])


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"pi": {"remedy": "set", "password": "hidden"}}, 0),
        ({"pi": {"remedy": "lock"}}, 0),
        ({"pi": {"remedy": "lock", "password": "hidden"}}, 1),
        ({"pi": {"remedy": "set"}, "ann": {"remedy": "burn"}, "bob": "hidden"}, 3),
    ],
)
def test_remedies_of_accounts(given: dict[str, Any], wrong: int) -> None:
    errors = account_errors(given)
    assert len(errors) == wrong
    assert "hidden" not in "".join(errors)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"snmp": {"remedy": "set", "password": "hidden"}}, 0),
        ({"snmp": {"remedy": "expire"}}, 1),
        ({"redis": {"remedy": "set", "password": "hidden"}}, 0),
        ({"redis": {"remedy": "lock"}, "mongodb": {"remedy": "set", "password": "hidden"}}, 2),
        ({"postgresql": {"remedy": "lock", "accounts": {"app": {"remedy": "set", "password": "hidden"}}}}, 0),
        ({"mysql": {"accounts": {"app@%": {"remedy": "expire"}, "x": {"remedy": "set"}, "y": "hidden"}}}, 2),
        ({"mysql": {"remedy": "set", "password": "hidden"}, "postgresql": {"remedy": "set", "accounts": ["x"]}}, 3),
        ({"snmp": {"remedy": "set"}}, 1),
    ],
)
def test_remedies_of_services(given: dict[str, Any], wrong: int) -> None:
    errors = service_errors(given)
    assert len(errors) == wrong
    assert "hidden" not in "".join(errors)
