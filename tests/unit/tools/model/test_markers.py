# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading marks without running the tests."""

from __future__ import annotations

import pytest

from tools.model.markers import MarkedTest, UnreadableMark, marked_tests_in

SOURCE = """
import pytest

pytestmark = [pytest.mark.claim("module"), pytest.mark.slow]

@pytest.mark.claim("function")
@pytest.mark.control("lamp.shines")
@pytest.mark.parametrize("watts", [1, 2])
def test_one(host, watts):
    pass

def helper():
    pass

@pytest.mark.control("lamp.hums")
class TestLamp:
    pytestmark = pytest.mark.claim("class")

    async def test_two(self):
        pass

    class TestInner:
        @pytest.mark.claim("a", "module")
        @pytest.mark.proof("b.first", "a.second", "b.third")
        def test_three(self):
            pass

class Other:
    def test_not_collected(self):
        pass
"""


def test_marks_of_module_class_and_function() -> None:
    assert marked_tests_in(SOURCE, "tests/behaviour/lamp/test_a.py") == [
        MarkedTest("tests/behaviour/lamp/test_a.py::test_one", ["module", "function"], ["lamp.shines"]),
        MarkedTest("tests/behaviour/lamp/test_a.py::TestLamp::test_two", ["module", "class"], ["lamp.hums"]),
        MarkedTest(
            "tests/behaviour/lamp/test_a.py::TestLamp::TestInner::test_three",
            ["module", "class", "a", "b"],
            ["lamp.hums"],
            ["b.first", "a.second", "b.third"],
        ),
    ]


@pytest.mark.parametrize(
    "mark", ["pytest.mark.claim(NAME)", "pytest.mark.claim()", "pytest.mark.control", "pytest.mark.proof(PART)"]
)
def test_a_mark_that_must_be_run_to_be_known(mark: str) -> None:
    with pytest.raises(UnreadableMark, match="line 2"):
        list(marked_tests_in(f"import pytest\n@{mark}\ndef test_a():\n    pass\n", "test_a.py"))
