# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule review: what is marked, and that page and table hold everything and run nothing."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.action import firewall_review as action
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger import shapes
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review import (
    COLUMNS,
    MARKS,
    SHAPE,
    as_csv,
    marks,
    review,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports.firewall_review_html import as_html

DAY = "2026-11-21"


def rule(**changes: Any) -> dict[str, Any]:
    """A rule with nothing to look at, as firewall_rules_info returns it, with some keys changed."""
    return {
        "name": "web",
        "direction": "inbound",
        "reason": "Customers reach the portal",
        "owner": "Web team",
        "change": "CHG-1",
        "mitigation": "",
        "review_by": "2027-06-30",
        "permits": ["tcp dport 443 counter accept"],
        "packets": 12345,
        "bytes": 740700,
        "recorded": True,
        "statements": 1,
        "loaded": True,
        **changes,
    }


def answer(*rules: dict[str, Any]) -> dict[str, Any]:
    """What a host answers."""
    return {
        "installed": True,
        "observed_at": f"{DAY}T10:00:00Z",
        "counting_since": "2026-11-01T06:00:00Z",
        "rules": list(rules),
    }


OWN = {"name": "ringfence loopback", "review_by": "", "owner": "ringfence.callcenter.firewall"}
NASTY = '=HYPERLINK("x")</td><script>alert(1)</script>'


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, []),
        ({"packets": 0}, ["never_hit"]),
        ({"packets": None}, []),
        ({"review_by": ""}, ["undated"]),
        ({"review_by": DAY}, []),
        ({"review_by": "2026-11-20"}, ["overdue"]),
        ({"loaded": False, "permits": [], "packets": None}, ["not_loaded"]),
        ({"recorded": False, "statements": 0, "review_by": "", "packets": 0}, ["not_declared", "never_hit", "undated"]),
        ({"permits": ["a", "b"]}, ["altered"]),
        ({**OWN, "packets": 0}, []),
        ({**OWN, "recorded": False, "statements": 0}, ["not_declared", "undated"]),
    ],
)
def test_marks(changes: dict[str, Any], wanted: list[str]) -> None:
    """What a reviewer must look at, in the order of attention; of the role's own rules only drift."""
    assert marks(rule(**changes), DAY) == wanted


@pytest.fixture
def found() -> dict[str, Any]:
    """A review of three hosts, of which one did not answer and one has no firewall of ours."""
    return review(
        "Demo <site>",
        "2026-11-21T10:00:05Z",
        {
            "gw1": answer(rule(), rule(name="old", packets=0, reason=NASTY, mitigation="vpn"), rule(**OWN)),
            "db1": {"msg": "Failed to connect\nto the host"},
            "peer": {**answer(), "installed": False},
        },
    )


def test_no_host_and_no_rule_is_missing(found: dict[str, Any]) -> None:
    """Counts, and why a host was not observed."""
    assert found["totals"] == {
        "hosts": 3,
        "observed": 1,
        "no_firewall": 1,
        "not_observed": 1,
        "rules": 2,
        **dict.fromkeys(MARKS, 0),
        "never_hit": 1,
    }
    assert [(host["name"], host["status"], host["reason"]) for host in found["hosts"]] == [
        ("gw1", "observed", None),
        ("db1", "not_observed", "Failed to connect to the host"),
        ("peer", "no_firewall", None),
    ]


def test_the_table(found: dict[str, Any]) -> None:
    """One line a rule, one for a host without, and nothing that a spreadsheet would run."""
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [(row["host"], row["name"], row["marks"]) for row in rows] == [
        ("gw1", "web", ""),
        ("gw1", "old", "never_hit"),
        ("gw1", "ringfence loopback", ""),
        ("db1", "", ""),
        ("peer", "", ""),
    ]
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["permits"] == "tcp dport 443 counter accept"
    assert (rows[0]["packets"], rows[0]["review_by"], rows[0]["owner"]) == ("12345", "2027-06-30", "Web team")
    assert rows[1]["reason"] == "'" + NASTY
    assert rows[3]["reason"] == "Failed to connect to the host"


class Tags(HTMLParser):
    """The elements of a page, and whether each that must be closed is."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page(found: dict[str, Any]) -> None:
    """Well-formed, without a script or anything from elsewhere; the role's own rules come last."""
    page = as_html(found)
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not {"script", "img", "link", "iframe"} & set(tags.seen)
    assert "http" not in page
    assert "&lt;script&gt;" in page
    assert "Demo &lt;site&gt;" in page
    assert "2 rules on 1 of 3 hosts" in page
    assert "not observed</b>: Failed to connect to the host" in page
    assert "12\u202f345" in page
    assert page.index(">old<") < page.index("ringfence loopback")


class Quiet:
    """Where messages go."""

    def display(self, text: str) -> None:
        self.text = text


class Templar:
    """Nothing here is a template."""

    def template(self, value: Any) -> Any:
        return value


class Action(action.ActionModule):  # type: ignore[misc]  # ansible-core ships no types
    """The plugin without a play around it."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self._display = Quiet()
        self._templar = Templar()

    def validate_argument_spec(self, argument_spec: Any) -> Any:
        del argument_spec
        return None, {"directory": self._directory, "register": "found", "evidence": f"{self._directory}/evidence"}


def test_the_action_writes_all_three_and_fails_for_a_silent_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that the run was limited not to ask is in the review, and no failure."""
    monkeypatch.setattr(action.ActionBase, "run", lambda *_args: {})
    variables = {
        "groups": {"all": ["gw1", "db1", "away"]},
        "ansible_play_hosts_all": ["gw1", "db1"],
        "hostvars": {"gw1": {"found": answer(rule())}, "db1": {"found": {"msg": "no route", "unreachable": True}}},
        "ringfence_site": {"title": "Demo"},
    }
    done = Action(tmp_path / "review").run(None, variables)
    assert done["failed"]
    assert done["msg"].endswith("lacks what was asked of db1")
    data = json.loads(Path(done["json"]).read_text())
    assert data["site"] == "Demo"
    record = json.loads(Path(done["record"]).read_text())
    assert record["activity"] == "firewall_review"
    assert record["review"] == data
    assert shapes.misfit(record["review"], SHAPE) == ""
    assert [host["reason"] for host in data["hosts"]] == [
        None,
        "no route",
        "not among the hosts that this run was limited to",
    ]
    assert Path(done["html"]).read_text().startswith("<!DOCTYPE html>")
    assert Path(done["csv"]).read_text().startswith("host,")
    variables["ansible_play_hosts_all"] = ["gw1"]
    assert "failed" not in Action(tmp_path / "review").run(None, variables)
