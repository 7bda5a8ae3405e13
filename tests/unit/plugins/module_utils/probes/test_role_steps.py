# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the next run of a role would change is told by thing and by line, and nothing that it would not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import dpkg_status, step_session
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import role_steps
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import host_payload, steps

STEP = {"name": "Keep", "module": "managed_files", "ignores": [], "packages": [], "arguments": {}}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host that is looked at by root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return Host()


def seen(host: Host, monkeypatch: pytest.MonkeyPatch, *ignores: str, **result: Any) -> dict[str, Any]:
    """What is observed of one step that gives this result in check mode."""
    asked: list[dict[str, Any]] = []

    def work(job: dict[str, Any]) -> dict[str, Any]:
        asked.append(job)
        return {"steps": [{"name": "Keep", "result": result}]}

    monkeypatch.setattr(step_session, "work", work)
    found = role_steps.observe(host, {"steps": [{**STEP, "ignores": list(ignores)}]})
    assert (asked[0]["check_mode"], asked[0]["diff"]) == (True, True)
    return found.value


def change(before: str, after: str, header: str = "/etc/x") -> dict[str, Any]:
    """A result that would change a file."""
    return {"changed": True, "diff": [{"before": before, "after": after, "before_header": header}]}


def test_nothing_to_change(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen(host, monkeypatch, changed=False) == {"differs": []}
    # A module may give what it looked at in any case.
    same = {"before": "a\n", "after": "a\n"}
    assert seen(host, monkeypatch, changed=False, diff=same) == {"differs": []}


def test_the_file_and_its_lines_are_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    found = seen(host, monkeypatch, **change("a\nx\nc\n", "a\nb\nc\n"))
    assert found == {"differs": ["Keep: /etc/x"], "difference": ["- x", "+ b"]}


@pytest.mark.parametrize("before", ["a\r\n", "a", "a\n\n", "a\x0b", " a\n"])
def test_every_byte_counts(host: Host, monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    assert seen(host, monkeypatch, **change(before, "a\n"))["differs"] == ["Keep: /etc/x"]


def test_lines_that_may_differ(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = change("a\nexempt 10.0.0.1\n", "a\n")
    assert seen(host, monkeypatch, "exempt .*", **ours) == {"differs": []}
    # Whole lines, and only those.
    assert seen(host, monkeypatch, "exempt", **ours)["differs"] == ["Keep: /etc/x"]
    both = seen(host, monkeypatch, "exempt .*", **change("a\nexempt 10.0.0.1\nx\n", "a\n"))
    assert both["difference"] == ["- x"]


def test_what_cannot_be_kept(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    found = seen(host, monkeypatch, failed=True, changed=False, msg="/etc/x is wanted as a file but is a folder")
    assert found == {"differs": ["Keep: cannot be kept: /etc/x is wanted as a file but is a folder"]}


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"reason": "a file is newer than the daemon"}, "Keep: a file is newer than the daemon"),
        ({"commands": [["systemctl", "daemon-reload"]], "diff": []}, "Keep: owed: systemctl daemon-reload"),
        ({}, "Keep: differs"),
    ],
)
def test_a_change_without_lines(host: Host, monkeypatch: pytest.MonkeyPatch, result: dict[str, Any], text: str) -> None:
    assert seen(host, monkeypatch, changed=True, **result) == {"differs": [text]}


def test_a_long_difference_is_cut(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    found = seen(host, monkeypatch, **change("".join(f"{number}{'x' * 300}\n" for number in range(100)), ""))
    assert len(found["difference"]) == role_steps.LINES + 1
    assert max(map(len, found["difference"])) == role_steps.LONGEST
    assert found["difference"][-1] == "and 60 lines more"


def test_packages_are_looked_up_and_nobody_is_asked(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs one that is missing is not looked at."""
    status = dpkg_status.Status.of([dpkg_status.Package("sudo", "install", "installed")])
    monkeypatch.setattr(dpkg_status, "read", lambda: status)
    monkeypatch.setattr(step_session, "work", lambda _job: pytest.fail("it was run"))
    install = {**STEP, "name": "Install", "module": "packages", "arguments": {"names": ["sudo", "squid"]}}
    found = role_steps.observe(host, {"steps": [install, {**STEP, "packages": ["squid"]}]})
    assert found.value == {"differs": ["Install: squid is not installed"]}


def test_a_step_that_waits_for_ever_ends(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And those after it are looked at."""
    monkeypatch.setattr(role_steps, "SECONDS", 1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    step_module = step_session.AnsibleModule

    class Module:
        @staticmethod
        def main() -> None:
            with pipe.open(encoding="utf-8") as stream:
                stream.read()

    monkeypatch.setattr(step_session.importlib, "import_module", lambda _name: Module)
    monkeypatch.setattr(step_module, "arguments", {})
    waits = {**STEP, "check_mode": False, "always": True, "path": ""}
    found = role_steps.observe(host, {"steps": [waits, {**waits, "name": "Next"}]})
    told = "cannot be kept: TimeoutError: it gave no answer in 1 s"
    assert found.value == {"differs": [f"Keep: {told}", f"Next: {told}"]}


def test_only_root_can_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotObservable, match="needs root"):
        role_steps.observe(Host(), {"steps": []})


def test_the_real_modules_look_and_touch_nothing(host: Host, tmp_path: Path) -> None:
    """By the step's own module, in this process."""
    wanted = {"path": str(tmp_path / "made"), "argv": ["touch", str(tmp_path / "made")]}
    (step,) = steps.parse([{"name": "Keep", "ringfence.callcenter.generated_path": wanted}])
    told = {**step.told(), "ignores": []}
    job = host_payload.audit_job([{"probe": "role_steps", "with": {"steps": [told]}}])
    assert {"modules/generated_path.py", "step_session.py", "probes/role_steps.py"} <= set(job["sources"])
    assert "step_session.py" in host_payload.probe_sources(["role_steps"])
    assert not (tmp_path / "made").exists()
