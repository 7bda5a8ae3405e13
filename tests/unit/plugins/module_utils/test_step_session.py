# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps run as on a host: by a bare isolated Python from standard input, with the modules as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import host_program, step_session
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload, steps

PATH = "ringfence.callcenter.generated_path"


def run(*given: dict[str, Any], check_mode: bool = False) -> list[dict[str, Any]]:
    """What the host answers to steps."""
    told = [step.told() for step in steps.parse(list(given))]
    packed = host_payload.pack(host_payload.steps_job(told, "mark", check_mode=check_mode, diff=True))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-"],
        input=host_payload.script(packed).decode(),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = host_payload.extract(done.stdout, "mark")["steps"]
    return found


def made(name: str, path: Path, *command: str, **more: Any) -> dict[str, Any]:
    return {"name": name, PATH: {"path": str(path), "argv": list(command or ["touch", str(path)])}, **more}


def names(found: list[dict[str, Any]]) -> list[str]:
    return [one["name"] for one in found]


def test_steps_run_in_order_and_tell_what_they_did(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    found = run(made("a", a), made("b", b, "cp", str(a), str(b)))
    assert [one["result"]["changed"] for one in found] == [True, True]
    assert b.exists()
    assert [one["result"]["changed"] for one in run(made("a", a), made("b", b))] == [False, False]


def test_mappings_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {"name": "a", "ringfence.callcenter.kernel_settings": {"settings": {"b": 1, "a": 2}}}
    told = [step.told() for step in steps.parse([wanted])]
    job = host_program.unpack(host_payload.pack(host_payload.steps_job(told, "m", check_mode=True, diff=False)))
    seen: list[Any] = []
    monkeypatch.setattr(step_session, "_run", lambda step, **_how: seen.extend(step["arguments"]["settings"]) or {})
    step_session.work(job)
    assert seen == ["b", "a"]


def test_check_mode_changes_nothing(tmp_path: Path) -> None:
    found = run(made("a", tmp_path / "a"), check_mode=True)
    assert found[0]["result"]["changed"] is True
    assert found[0]["result"]["diff"]["after"].endswith("made\n")
    assert not (tmp_path / "a").exists()


def test_a_step_may_only_look(tmp_path: Path) -> None:
    found = run(made("a", tmp_path / "a", check_mode=True))
    assert found[0]["result"]["changed"] is False
    assert not (tmp_path / "a").exists()


def test_the_first_failure_ends_it_but_for_what_always_runs(tmp_path: Path) -> None:
    found = run(made("a", tmp_path / "a", "false"), made("b", tmp_path / "b"), made("c", tmp_path / "c", always=True))
    assert names(found) == ["a", "c"]
    assert found[0]["result"]["failed"] is True
    assert "is not there after false ended with 1" in found[0]["result"]["msg"]
    assert not (tmp_path / "b").exists()
    assert (tmp_path / "c").exists()


def test_a_fault_of_a_module_fails_its_step_with_the_place(tmp_path: Path) -> None:
    found = run(made("a", tmp_path / "a", "no-such-program"), made("b", tmp_path / "b"))
    assert names(found) == ["a"]
    assert "No such file or directory" in found[0]["result"]["msg"]
    found = run(made("a", tmp_path / "a\0b", "true"))
    assert found[0]["result"]["msg"].startswith("ValueError: ")
    assert "generated_path.py" in found[0]["result"]["exception"]


def test_a_step_without_its_path_is_left_out(tmp_path: Path) -> None:
    assert names(run(made("a", tmp_path / "a", needs_path=str(tmp_path / "none")), made("b", tmp_path / "b"))) == ["b"]


@pytest.mark.parametrize(("check_mode", "ran"), [(True, ["p"]), (False, ["p", "a"])])
def test_in_check_mode_a_step_waits_for_packages_that_would_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check_mode: bool, ran: list[str]
) -> None:
    packages = {"name": "p", "ringfence.callcenter.packages": {"names": ["nftables"]}}
    told = [step.told() for step in steps.parse([packages, made("a", tmp_path / "a", needs_packages=["nftables"])])]
    monkeypatch.setattr(step_session, "_run", lambda *_step, **_how: {"changed": True, "missing": ["nftables"]})
    assert names(step_session.work({"steps": told, "check_mode": check_mode, "diff": False})["steps"]) == ran


def test_every_module_that_can_be_a_step_travels_with_all_it_needs() -> None:
    folder = Path(host_payload.MODULE_UTILS).parent / "modules"
    for name in sorted(path.stem for path in folder.glob("*.py") if steps.runs_alone(path.stem)):
        for path, text in host_payload.steps_job([{"module": name}], "m", check_mode=True, diff=True)[
            "sources"
        ].items():
            assert "ansible_collections" not in text, f"{path} for {name}"
            assert "ansible.module_utils" not in text, f"{path} for {name}"


def test_it_stays_clear_of_slow_imports(tmp_path: Path) -> None:
    told = [step.told() for step in steps.parse([made("a", tmp_path / "a")])]
    program = host_payload.script(host_payload.pack(host_payload.steps_job(told, "m", check_mode=True, diff=False)))
    text = program.decode() + "import sys, json\nprint(json.dumps(sorted(sys.modules)))\n"
    done = subprocess.run([sys.executable, "-I", "-S", "-"], input=text, capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout.strip().splitlines()[-1]))
    assert loaded.isdisjoint({"asyncio", "urllib.request", "http.client", "ssl", "ansible", "yaml"})


def test_an_empty_file_may_count_as_none(tmp_path: Path) -> None:
    empty = tmp_path / "a"
    empty.touch()
    filled = {"path": str(empty), "argv": ["sh", "-c", f"echo x > {empty}"], "filled": True}
    assert [one["result"]["changed"] for one in run(made("a", empty))] == [False]
    (found,) = run({"name": "a", PATH: filled}, check_mode=True)
    assert found["result"]["diff"]["before"] == f"{empty}: empty\n"
    assert [one["result"]["changed"] for one in run({"name": "a", PATH: filled})] == [True]
    assert [one["result"]["changed"] for one in run({"name": "a", PATH: filled})] == [False]
    empty.write_text("")
    (failed,) = run({"name": "a", PATH: {**filled, "argv": ["true"]}})
    assert "is not there after true ended with 0" in failed["result"]["msg"]
    # A command that only looks whether there is a file makes it anew.
    empty.write_text("")
    once = ["sh", "-c", f"test -e {empty} || echo x > {empty}"]
    assert [one["result"]["changed"] for one in run({"name": "a", PATH: {**filled, "argv": once}})] == [True]


@pytest.mark.parametrize("umask", ["000", "002", "077"])
def test_whoever_became_root_what_is_made_has_the_same_modes(tmp_path: Path, umask: str) -> None:
    packed = host_payload.pack(
        host_payload.steps_job(
            [step.told() for step in steps.parse([made("a", tmp_path / "a", "mkdir", str(tmp_path / "a"))])],
            "mark",
            check_mode=False,
            diff=False,
        )
    )
    subprocess.run(
        ["sh", "-c", f"umask {umask}; exec {sys.executable} -I -S -"],
        input=host_payload.script(packed),
        capture_output=True,
        check=True,
    )
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
