# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One command runs all cases of a round and tells how each ended."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.negative_control.breaking import argv, told


def run(**commands: str) -> dict[str, dict[str, object]]:
    """What the command tells of these cases, run on this machine."""
    cases = [{"id": name.replace("_", "-"), "command": command} for name, command in commands.items()]
    done = subprocess.run(argv(cases), capture_output=True, text=True, timeout=30, check=True)
    return told(done.stdout)


def test_every_case_is_run_and_told(tmp_path: Path) -> None:
    """Also after one that failed, by its first command that does; what it prints is kept for those alone that fail."""
    found = run(
        first=f"echo said; echo 'a  word' > {tmp_path}/first",
        second=f"echo no such\\\\tthing >&2; false; touch {tmp_path}/second",
        third=f"cat; touch {tmp_path}/third",
    )
    assert {name: one["rc"] for name, one in found.items()} == {"first": 0, "second": 1, "third": 0}
    assert found["first"]["stderr"] == ""
    assert str(found["second"]["stderr"]).startswith("no such")
    assert (tmp_path / "first").read_text(encoding="utf-8") == "a  word\n"
    assert not (tmp_path / "second").exists()
    assert (tmp_path / "third").exists()


def test_quotes_lines_and_long_words(tmp_path: Path) -> None:
    """A command is taken as it is written; what one says is one line, and cut."""
    found = run(
        many=f"echo 'it'\"'\"'s \"$HOME\" ' > {tmp_path}/quoted\nfor i in 1 2 3; do\n  echo line $i >&2\ndone\nexit 7",
        long="head -c 5000 /dev/zero | tr '\\0' x >&2; exit 3",
    )
    assert (tmp_path / "quoted").read_text(encoding="utf-8") == 'it\'s "$HOME" \n'
    assert found["many"] == {"rc": 7, "stderr": "line 1 line 2 line 3"}
    assert found["long"] == {"rc": 3, "stderr": "x" * 400}


def test_what_goes_on_in_the_background_keeps_nobody_waiting() -> None:
    """A daemon that a case starts keeps what it inherited."""
    began = time.monotonic()
    assert run(daemon="sleep 20 &")["daemon"]["rc"] == 0
    assert time.monotonic() - began < 15


def test_lines_of_others_tell_nothing() -> None:
    """Such as a banner of a host."""
    assert told("Welcome\nid\tx\ty\na\t0\t\nb\t1\tc\td") == {
        "a": {"rc": 0, "stderr": ""},
        "b": {"rc": 1, "stderr": "c\td"},
    }
