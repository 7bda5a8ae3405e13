# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is secret by its name is found however deep it lies, and replaced however it comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import redaction


def same(value: Any) -> Any:
    return value


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"ansible_password": "hunter22"}, ["hunter22"]),
        ({"db": {"users": [{"name": "app", "password": "hunter22"}]}}, ["hunter22"]),
        ({"api_tokens": {"x": "hunter22"}, "token": ["hunter22", "hunter2233"]}, ["hunter2233", "hunter22"]),
        ({"password_policy_length": "longenough", "x_password_state": "present"}, []),
        ({"x_password": "short", "y_password": None, "z_password": True}, []),
        ({"hostvars": {"other": {"x_password": "hunter22"}}}, []),
        ({"pin": 12345678}, ["12345678"]),
        ({"x_private_key": "BEGIN\nabcdefgh\nEND KEY"}, ["BEGIN\nabcdefgh\nEND KEY", "abcdefgh", "END KEY"]),
    ],
)
def test_secrets_are_known_by_their_names(variables: dict[str, Any], found: list[str]) -> None:
    assert sorted(redaction.secrets_of(variables, same)) == sorted(found)


def test_templates_are_filled_in_unless_they_do_something() -> None:
    def fill(value: Any) -> Any:
        if "broken" in value:
            raise ValueError(value)
        return f"filled {value}"

    variables = {
        "a_password": "{{ other }}",
        "b_password": "{{ lookup('password', 'x') }}",
        "c_password": "{{ broken }}",
    }
    assert "filled {{ other }}" in redaction.secrets_of(variables, fill)
    assert not [text for text in redaction.secrets_of(variables, fill) if text.startswith("filled {{ lookup")]


def test_a_longer_secret_is_not_left_half() -> None:
    secrets = redaction.secrets_of({"a_password": "hunter22", "b_password": "hunter22-long"}, same)
    assert redaction.redact("x hunter22-long y hunter22", secrets) == "x [secret] y [secret]"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(JSON, st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=6).map(str.strip))
def test_no_value_keeps_a_secret(value: Any, secret: str) -> None:
    if len(secret) < 6 or secret in redaction.HIDDEN:
        return
    planted = {"in": [value, f"a{secret}b"], secret: value, "deep": {"x": {"y": [secret]}}}
    kept: list[Any] = []

    def texts(one: Any) -> None:
        if isinstance(one, dict):
            for key, item in one.items():
                kept.append(key)
                texts(item)
        elif isinstance(one, list):
            for item in one:
                texts(item)
        elif isinstance(one, str):
            kept.append(one)

    texts(redaction.redact(planted, [secret]))
    assert not [text for text in kept if secret in text.replace(redaction.HIDDEN, "")]


def test_what_holds_no_secret_is_as_it_was() -> None:
    value = {"a": [1, 2.5, None, True, "text"], "b": {"c": "d"}}
    assert json.dumps(redaction.redact(value, ["hunter22"])) == json.dumps(value)
