# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the playbooks that write site models: each wrong one is named by its key, in one sentence."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_edit.answers import (
    ANSWERS,
    NAMES_OF_A_NEW_SITE,
    wrong_answers,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import path_text

REPOSITORY = Path(__file__).resolve().parents[5]
RIGHT: dict[str, dict[str, Any]] = {
    "new_site": {
        "folder": "inventories/porto",
        "site": "porto",
        "title": 'Porto "call" centré: #1',
        "domain": "callcenter.example",
        "prefix4": "172.16",
        "prefix6": "",
        "account": "automation",
        "ssh_ports": [2222, "22"],
        "clients": "acme, globex-2",
    },
    "onboard_client": {
        "client": "initech",
        "title": "Initech",
        "like": "acme",
        "segment": {"name": "floor-3", "vlan": "20", "subnets": "10.60.20.0/24, fd60:0:0:20::/64"},
        "sites_allowed": [],
        "database": {"host": "db1"},
        "recordings": {"store": "Archive", "retention": 90},
        "retention": {"data": 30, "reason": "Contract"},
        "business_hours": {"days": ["mon"], "from": "08:00", "to": "24:00", "timezone": "Europe/Lisbon"},
        "flows": [
            {"name": "x", "from": "initech", "to": "db1", "protocol": "tcp", "ports": 1, "reason": "r", "owner": "o"}
        ],
        "site_file": "site.yml",
    },
    "offboard_client": {
        "client": "initech",
        "remove_hosts": "yes",
        "certificate_directory": "evidence",
        "by": "Ana Example",
        "site_file": "site.yml",
    },
}
KEYS = [(playbook, key) for playbook, answers in ANSWERS.items() for key in answers]


def said(playbook: str, **given: Any) -> list[str]:
    return [f"{path_text(problem.path)}: {problem.message}" for problem in wrong_answers(playbook, given)]


@pytest.mark.parametrize("playbook", ANSWERS)
def test_right_answers_and_none_are_let_through(playbook: str) -> None:
    assert set(RIGHT[playbook]) == set(ANSWERS[playbook])
    assert said(playbook, **RIGHT[playbook]) == []
    assert said(playbook) == []


@pytest.mark.parametrize(("playbook", "key"), KEYS)
@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_an_empty_answer_is_one_sentence(playbook: str, key: str, nothing: Any) -> None:
    (problem,) = said(playbook, **{key: nothing}) or [""]
    assert problem.startswith(f"{key}: empty; expected ") is (key != "prefix6")


@pytest.mark.parametrize(("playbook", "key"), KEYS)
def test_a_template_is_refused_wherever_it_is(playbook: str, key: str) -> None:
    for text in ("Foo {{ x }}", "{% raw %}", "{# x #}"):
        (problem,) = said(playbook, **{key: text})
        assert problem == f"{key}: {text!r} looks like a template, and answers are taken as they are written"
        nested = said(playbook, **{key: {"a": [text]}})
        assert [one.split(":")[0] for one in nested] == [f"{key}.a[0]"]


@pytest.mark.parametrize(("playbook", "key"), [pair for pair in KEYS if isinstance(RIGHT[pair[0]][pair[1]], str)])
@pytest.mark.parametrize("value", [10.2, False, datetime.date(2026, 11, 29)])
def test_what_yaml_does_not_read_as_text_needs_quotes(playbook: str, key: str, value: Any) -> None:
    if key == "remove_hosts":
        assert bool(said(playbook, **{key: value})) is (value is not False)
        return
    (problem,) = said(playbook, **{key: value})
    found = {10.2: "the number 10.2", False: "false"}.get(value, "the date 2026-11-29")
    assert problem.startswith(f"{key}: expected ")
    assert problem.endswith(f", found {found}: put it in quotes")


@pytest.mark.parametrize(
    ("playbook", "given", "says"),
    [
        ("new_site", {"prefix4": "11.30"}, "prefix4: expected two numbers of private space such as '10.20', found"),
        ("new_site", {"ssh_ports": "22, 65536"}, "ssh_ports[1]: expected a port such as 22, found '65536'"),
        ("new_site", {"ssh_ports": ","}, "ssh_ports: expected a list of at least one entry"),
        ("new_site", {"clients": ["acme", 7]}, "clients[1]: expected name (a-z"),
        ("new_site", {"clients": "acme, acme"}, "clients[1]: 'acme' is in this list twice"),
        ("new_site", {"clients": "servers"}, "clients: servers has a meaning of its own in a new site"),
        ("new_site", {"clients": "no"}, "clients: no has a meaning of its own in a new site"),
        ("new_site", {"clients": "card_data"}, "clients: card_data and card-data would be the same group"),
        ("new_site", {"clients": [f"c{at}" for at in range(100)]}, "clients: expected at most 99, found 100"),
        (
            "onboard_client",
            {"segment": "vlan20"},
            "segment: expected a mapping with the keys name, title, vlan, subnets",
        ),
        ("onboard_client", {"segment": {"vlam": 20}}, "segment.vlam: unknown key. Valid: name, title, vlan, subnets"),
        ("onboard_client", {"segment": {"vlan": "twenty"}}, "segment.vlan: expected a whole number from 1 to 4094"),
        ("onboard_client", {"segment": {"subnets": [10.2]}}, "segment.subnets[0]: expected a subnet such as"),
        ("onboard_client", {"retention": "30"}, "retention: expected a mapping with the keys data, backups, reason"),
        ("onboard_client", {"retention": {"data": 30}}, "retention.reason: this key is missing"),
        ("onboard_client", {"flows": "x"}, "flows: expected a list of flows, each with the keys name, from, to"),
        ("onboard_client", {"flows": [{"nam": "x"}]}, "flows[0].nam: unknown key."),
        ("offboard_client", {"remove_hosts": "maybe"}, "remove_hosts: expected true or false, found 'maybe'"),
    ],
)
def test_other_answers_are_named_with_what_is_valid(playbook: str, given: dict[str, Any], says: str) -> None:
    assert said(playbook, **given)[0].startswith(says)


def test_the_names_of_a_new_site_are_those_of_its_template() -> None:
    text = (REPOSITORY / "playbooks" / "templates" / "new_site.yml.j2").read_text(encoding="utf-8")
    parts = {name: text.split(f"\n{name}:\n")[1].split("\n\n")[0] for name in ("segments", "hosts")}
    assert set(re.findall(r"^  ([a-z0-9-]+):$", "\n".join(parts.values()), re.MULTILINE)) == NAMES_OF_A_NEW_SITE


@pytest.mark.parametrize("playbook", ANSWERS)
def test_the_playbook_asks_for_these_answers_and_takes_what_is_typed_as_it_is(playbook: str) -> None:
    (play,) = yaml.safe_load((REPOSITORY / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8"))
    assert f"checked_hosts(answers='{playbook}')" in play["hosts"]
    prompts = play.get("vars_prompt", [])
    assert [prompt["name"] for prompt in prompts] == (list(ANSWERS[playbook]) if playbook == "new_site" else [])
    assert all(prompt["unsafe"] is True for prompt in prompts)
