# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's answer is judged: what it does not say, or says in a wrong way, is never a pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES, finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import findings
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import PreparedCheck

CHECK = {"id": "d.c.x", "control": "d.c", "role": "d", "aspect": "running", "expect": {"bolt": "in"}}
ANSWER = {"schema": 1, "started": 100.0, "finished": 101.0, "findings": [], "hostname": "h", "root": True}


def answered(**changes: Any) -> dict[str, Any]:
    return {**finding(CHECK, "pass", observed={"bolt": "in"}, source="/bolt"), **changes}


def merged(*answers: Any) -> dict[str, Any]:
    (one,) = findings.merge([PreparedCheck(CHECK)], answers)
    return one


def test_a_valid_answer_becomes_the_finding() -> None:
    assert merged(answered()) == answered()


def test_the_controller_says_what_was_asked_for() -> None:
    one = merged(answered(control="other.control", expected={"bolt": "anything"}))
    assert one["control"] == "d.c"
    assert one["expected"] == {"bolt": "in"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "excepted"},
        {"status": "fine"},
        {"status": None},
        {"observed": None},
        {"observed": ["in"]},
        {"observed_at": None},
        {"source": 7},
        {"reason": {"a": 1}},
    ],
)
def test_an_unbelievable_answer_is_an_error(wrong: dict[str, Any]) -> None:
    assert merged(answered(**wrong))["status"] == "error"


@given(
    st.lists(
        st.none()
        | st.integers()
        | st.text(max_size=3)
        | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
    )
)
def test_no_answer_is_an_error_whatever_else_is_there(junk: list[Any]) -> None:
    one = merged(*junk)
    assert one["status"] == "error"
    assert "no finding of this check" in one["reason"]


def test_what_the_controller_decided_stays() -> None:
    decided = finding(CHECK, "not_applicable", reason="off")
    assert findings.merge([PreparedCheck(CHECK, decided)], [answered()]) == [decided]
    assert findings.without_answer([PreparedCheck(CHECK, decided)], "not_observed", "gone") == [decided]


def test_numbers_in_an_answer_are_masked_on_the_controller_too() -> None:
    assert merged(answered(observed={"line": "4111111111111111"}))["observed"] == {"line": "************1111"}


@pytest.mark.parametrize(
    "wrong", [[], None, "text", {**ANSWER, "schema": 2}, {**ANSWER, "findings": {}}, {**ANSWER, "started": "now"}]
)
def test_an_answer_of_another_shape_is_refused(wrong: Any) -> None:
    with pytest.raises(findings.AnswerError):
        findings.check_answer(wrong)


def test_the_clock_offset_is_host_minus_controller() -> None:
    seen = findings.look(ANSWER, sent=94.0, received=97.0)
    assert seen["clock_offset_seconds"] == 5.0
    assert seen["clock_uncertainty_seconds"] == 1.0
    assert seen["hostname"] == "h"


def test_counts_name_every_status_and_worst_is_what_needs_attention() -> None:
    assert list(findings.count([answered()])) == list(STATUSES)
    assert findings.worst(["pass", "not_observed", "fail"]) == "fail"
    assert findings.worst(["pass", "not_applicable"]) == "pass"
    assert findings.worst([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"host": "other"},
        {"schema": 9},
        {"observed": "yes"},
        {"findings": None},
        {"findings": [{"status": "good", "check": "x"}]},
    ],
)
def test_a_record_that_is_not_one_is_refused(change: dict[str, Any]) -> None:
    good = findings.record("h", attributes={}, findings=[answered()], seen={})
    assert findings.check_record(good, "h") == good
    with pytest.raises(ValueError, match=r".+"):
        findings.check_record({**good, **change}, "h")


ACCOUNT = {
    "name": "jane",
    "uid": 1000,
    "shell": "/bin/sh",
    "groups": ["jane"],
    "password": "set",
    "changed": None,
    "maximum_days": 90,
    "expires": None,
}


def test_the_state_that_a_host_tells_is_kept_in_its_shape_alone() -> None:
    good = {"accounts": [{**ACCOUNT, "hash": "$y$j9T$"}], "ruleset": ["card 4111 1111 1111 1111"], "problems": {}}
    kept = findings.state({"state": good})
    assert kept == {"accounts": [ACCOUNT], "ruleset": ["card **** **** **** 1111"], "problems": {}}
    assert findings.state({}) is None
    assert findings.state({"state": {"accounts": None, "ruleset": None, "problems": {"ruleset": "no nft"}}}) == {
        "accounts": None,
        "ruleset": None,
        "problems": {"ruleset": "no nft"},
    }
    for wrong in ({"accounts": [{**ACCOUNT, "uid": "0"}]}, {"ruleset": "text"}, {"accounts": 7, "problems": []}):
        told = findings.state({"state": {**good, **wrong}})
        assert told is not None
        (name,) = {key for key in wrong if key != "problems"}
        assert told[name] is None
        assert told["problems"][name].startswith("the host's answer is not valid: ")
