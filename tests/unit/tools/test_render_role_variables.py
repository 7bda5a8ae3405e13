# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of variables say what argument_specs says, and leave the rest of a README alone."""

from __future__ import annotations

import pytest

from tools import render_role_variables
from tools.render_role_variables import markdown, rendered

OPTIONS = {
    "lamp_state": {
        "description": "V(absent) | off.",
        "type": "str",
        "choices": ["present", "absent"],
        "default": "present",
    },
    "lamp_shades": {
        "description": ["One a room.", "See O(lamp_state)."],
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {"name": {"description": "Its name.", "type": "str", "default": "{{ 1 }}"}},
    },
}


def test_all_readmes_are_up_to_date() -> None:
    assert render_role_variables.main(["--check"]) == 0


def test_a_table() -> None:
    text = rendered("# lamp\n\nIt shines.\n", "lamp", OPTIONS)
    assert text.startswith("# lamp\n\nIt shines.\n\n## Variables\n")
    assert "| `lamp_state` | str: `present`, `absent`; default: `present` | `absent` \\| off. |" in text
    assert "| `lamp_shades` | list of dict; required | One a room. See `lamp_state`. |" in text
    assert "| `lamp_shades[].name` | str; default: worked out from other variables | Its name. |" in text


@pytest.mark.parametrize("after", ["", "\n## More\n\nText.\n"])
def test_what_stands_around_stays_and_once_more_changes_nothing(after: str) -> None:
    stale = f"# lamp\n\n## Variables\n\nold\n{after}"
    text = rendered(stale, "lamp", OPTIONS)
    assert "old" not in text
    assert text.endswith(after or "|\n")
    assert rendered(text, "lamp", OPTIONS) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("C(/etc/x)  and\nO(a[].b)", "`/etc/x` and `a[].b`"),
        ("C('LOW-HIGH')", "`LOW-HIGH`"),
        ("everybody (such as C(TMOUT)) and C(f(x))", "everybody (such as `TMOUT`) and `f(x)`"),
        ("I(state=absent), B(never)", "*state=absent*, *never*"),
    ],
)
def test_markup(written: str, shown: str) -> None:
    assert markdown(written) == shown
