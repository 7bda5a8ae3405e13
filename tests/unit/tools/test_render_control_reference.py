# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated control reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.render_control_reference import INDEX, main

if TYPE_CHECKING:
    import pytest

    from tests.unit.tools.conftest import Tree


PAGE = "docs/controls/lamp.md"


def test_everything_about_a_control_is_on_the_page(tree: Tree) -> None:
    assert main([], tree.repository()) == 0
    page = (tree.root / PAGE).read_text(encoding="utf-8")
    for text in (
        "# lamp\n\nOn hosts of every kind.",
        "## lamp.shines\n\nThe lamp shines.",
        "| `lamp.shines.on` | running | `bulb` | `lamp: {{ lamp_name }}` | `on: True` |",
        "- `light`: It is light",
        "- 1.1.1: Something is written",
        "- `tests/behaviour/lamp/test_lamp.py::test_shines`",
        "- `lamp-unplugged`: somebody pulls the plug",
    ):
        assert text in page
    assert "| [lamp](controls/lamp.md) | every kind | 1 | 1 | 1 |" in (tree.root / INDEX).read_text(encoding="utf-8")


def test_the_page_of_a_role_that_is_gone_goes(tree: Tree) -> None:
    tree.write("docs/controls/candle.md", "# candle\n")
    assert main(["--check"], tree.repository()) == 1
    main([], tree.repository())
    assert not (tree.root / "docs/controls/candle.md").exists()
    assert main(["--check"], tree.repository()) == 0


def test_check_tells_a_stale_page(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"], tree.repository()) == 1
    assert "out of date" in capsys.readouterr().err
    assert not (tree.root / PAGE).exists()
    main([], tree.repository())
    assert main(["--check"], tree.repository()) == 0
    tree.control(title="The lamp is bright")
    assert main(["--check"], tree.repository()) == 1


def test_kinds_and_conditions(tree: Tree) -> None:
    tree.control(when="{{ lamp_name != '' }}", not_applicable="There is no lamp")
    main([], tree.repository())
    page = (tree.root / PAGE).read_text(encoding="utf-8")
    assert "Not applicable when `{{ lamp_name != '' }}` is false: There is no lamp." in page
