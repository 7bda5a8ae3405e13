# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine is asked, told and given: refusals, kernel settings, packages, images, progress."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tools.lab import __main__ as command
from tools.lab import demo, engine, hosts, images, kernel, packages, paths, preflight, progress, ready, run, state, venv
from tools.lab.run import LabError

GOOD = preflight.Facts("debian", "12", "Debian 12", "root", 10 * 10**9, (), True, (3, 11))


def test_a_good_machine_has_no_problem() -> None:
    assert preflight.problem(GOOD) == ""


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            replace(GOOD, os_id="ubuntu", os_version="24.04", os_title="Ubuntu 24.04"),
            ["Debian 12 and 13", "Ubuntu 24.04"],
        ),
        (replace(GOOD, os_version="11", os_title="Debian 11"), ["Debian 11"]),
        (replace(GOOD, os_id="", os_title=""), ["another system"]),
        (replace(GOOD, python=(3, 9)), ["Python 3.11", "3.9"]),
        (replace(GOOD, privilege="none"), ["root", "sudo"]),
        (replace(GOOD, privilege="password"), ["sudo", "password"]),
        (replace(GOOD, disk_free=10**9), ["4 GB", "1.0 GB", "make room"]),
        (replace(GOOD, network=False, missing=("podman", "runc")), ["podman, runc", "network"]),
        (replace(GOOD, network=False), ["host images", "network"]),
    ],
)
def test_refusals_are_one_sentence_with_the_way_out(facts: preflight.Facts, words: list[str]) -> None:
    sentence = preflight.problem(facts)
    for word in [*words, "`make audit-local`"]:
        assert word in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_a_refusal_ends_with_status_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(preflight, "gather", lambda **_options: replace(GOOD, os_id="fedora", os_title="Fedora"))
    assert command.main(["preflight"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("The lab runs on Debian 12 and 13, and this is Fedora")
    assert "Traceback" not in said.err


def test_a_failed_command_ends_in_a_sentence_and_its_last_lines() -> None:
    with pytest.raises(run.LabError) as failed:
        run.run(["sh", "-c", "seq 50; exit 7"], "Counting failed.")
    lines = str(failed.value).splitlines()
    assert lines[0].startswith("Counting failed. (sh")
    assert "exit status 7" in lines[0]
    assert lines[-1].strip() == "50"
    assert len(lines) == 1 + run.LAST_LINES


def test_a_missing_or_endless_command_is_told_too() -> None:
    assert run.attempt(["no-such-program-here"]).returncode == 127
    done = run.attempt(["sh", "-c", "echo begun; exec sleep 9"], timeout=0.3)
    assert done.returncode == 124
    assert "begun" in done.stdout


def test_sudo_only_for_others_than_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.os, "geteuid", lambda: 0)
    assert run.as_root(["podman", "ps"]) == ["podman", "ps"]
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    command_line = run.as_root(["podman", "ps"])
    assert command_line[0] == "sudo"
    assert "https_proxy" in command_line[1]
    assert command_line[-2:] == ["podman", "ps"]


def test_kernel_settings_are_only_raised_and_only_ours_put_back() -> None:
    needed = {"a": 1024, "b": 1, "c": 5}
    assert kernel.to_raise(needed, {"a": 128, "b": 1}) == {"a": 1024}
    assert kernel.to_raise(needed, {"a": 4096, "b": 1, "c": 9}) == {}
    assert kernel.to_restore({"a": 128, "b": 0}, {"a": 1024, "b": 7}, needed) == {"a": 128}


def test_the_first_value_of_a_kernel_setting_is_the_one_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "fs.inotify.max_user_instances"
    values = {name: 128}
    monkeypatch.setattr(paths, "STATE", tmp_path / "state.json")
    monkeypatch.setattr(kernel, "_current", lambda _names: dict(values))
    monkeypatch.setattr(kernel, "_set", values.update)
    assert kernel.ensure() == [name]
    values[name] = 500  # somebody lowered it meanwhile
    assert kernel.ensure() == [name]
    assert kernel.restore() == [name]
    assert values[name] == 128
    assert state.load()["kernel"] == {}
    assert kernel.restore() == []


def test_the_digest_of_an_image_covers_sources_and_options() -> None:
    one = images.plan_build("debian12", ["deb http://m.example/debian bookworm main"], [])
    assert one.command[0] == "mmdebstrap"
    assert "bookworm" in one.command
    other_mirror = images.plan_build("debian12", ["deb http://n.example/debian bookworm main"], [])
    proxied = images.plan_build("debian12", ["deb http://m.example/debian bookworm main"], ['Acquire::http::Proxy "x"'])
    assert len({one.digest, other_mirror.digest, proxied.digest}) == 3


def test_a_flavour_has_other_packages_by_the_same_recipe() -> None:
    lines = ["deb http://m.example/debian trixie main"]
    plain, browsers = (images.plan_build(name, lines, []) for name in ("debian13", "debian13-browsers"))

    def included(build: images.Build) -> set[str]:
        option = next(word for word in build.command if word.startswith("--include="))
        return set(option.removeprefix("--include=").split(","))

    assert included(browsers) - included(plain) == set(images.recipe.FLAVOURS["browsers"])
    assert included(plain) - included(browsers) == set(images.recipe.ROLES)
    assert "trixie" in browsers.command
    assert plain.digest != browsers.digest
    desktops = images.plan_build("debian13-desktops", lines, [])
    assert set(images.recipe.ONLY_HERE["debian13-desktops"]) <= included(desktops)
    older = images.plan_build("debian12-desktops", ["deb http://m.example/debian bookworm main"], [])
    assert set(images.recipe.ONLY_HERE["debian13-desktops"]) & included(older) == set()
    assert images.release("debian13-browsers") == images.release("debian13") == "debian13"


def test_flavours_are_built_for_the_tests_and_not_for_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    host = {"interfaces": [{"network": "n", "addresses": ["10.9.1.1"]}]}
    hosts_listed = [host | {"name": "a", "image": "debian12-browsers"}]
    lab = {"name": "t", "networks": [{"name": "n", "subnets": ["10.9.1.0/24"]}], "hosts": hosts_listed}
    (tmp_path / "lab.json").write_text(json.dumps(lab))
    monkeypatch.setattr(ready, "TESTS", tmp_path / "lab.json")
    assert ready.wanted_images(tests=False) == ["debian12", "debian13"]
    wanted = {"debian12", "debian13", "debian12-browsers", *ready.NEW_SITE}
    assert set(ready.wanted_images(tests=True)) == wanted


def test_one_roles_tests_have_the_images_of_its_own_hosts_only() -> None:
    plain = {"debian12", "debian13"}
    assert set(ready.wanted_images(tests=True, role="firewall")) == plain
    browsers = {"debian12-browsers", "debian13-browsers"}
    assert set(ready.wanted_images(tests=True, role="browser_policy")) == plain | browsers
    with pytest.raises(LabError, match="There is no scenario fierwall"):
        ready.wanted_images(tests=True, role="fierwall")


def test_an_unknown_image_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["images", "debian12-games"]) == 2
    assert "debian12, debian13, debian12-browsers, debian13-browsers" in capsys.readouterr().err


def test_only_what_mirrors_depend_on_is_taken_from_apt() -> None:
    dump = 'Acquire::http::Proxy "http://p.example:3142";\nAcquire::Check-Date "false";\nDPkg::Post-Invoke:: "rm";\n'
    assert images.apt_options(dump) == ['Acquire::http::Proxy "http://p.example:3142"', 'Acquire::Check-Date "false"']


def test_the_users_own_image_takes_the_place_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RINGFENCE_IMAGE_DEBIAN13", raising=False)
    assert images.reference("debian13") == "localhost/ringfence-host:debian13"
    monkeypatch.setenv("RINGFENCE_IMAGE_DEBIAN13", "mine:1")
    assert images.reference("debian13") == "mine:1"
    assert images.reference("debian13-browsers") == "localhost/ringfence-host:debian13-browsers"
    monkeypatch.setenv("RINGFENCE_IMAGE_DEBIAN13_BROWSERS", "mine:2")
    assert images.reference("debian13-browsers") == "mine:2"


def test_libraries_from_ldd() -> None:
    listed = "\tlinux-vdso.so.1 (0x7ffe)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x7f)\n\t/lib64/ld-linux.so.2 (0x7f)\n"
    assert engine.libraries(listed) == ["/lib/x/libc.so.6", "/lib64/ld-linux.so.2"]


def test_requirements_are_installed_again_only_when_they_or_python_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    done: list[list[str]] = []
    monkeypatch.setattr(venv, "run_logged", lambda argv, _log, _sentence: done.append(argv))

    def installs(requirements: str) -> list[str]:
        (tmp_path / "requirements.txt").write_text(requirements)
        done.clear()
        assert venv.ensure(tmp_path / "log") is bool(done)
        return ["venv" if "--clear" in argv else "pip" for argv in done]

    assert installs("ansible==1\n") == ["venv", "pip"]
    (tmp_path / ".venv" / "bin" / "python").touch()
    python = tmp_path / ".venv" / "lib" / "python{}.{}".format(*sys.version_info)
    python.mkdir(parents=True)
    assert installs("ansible==1\n") == []
    assert installs("ansible==2\n") == ["pip"]
    python.rename(python.with_name("python3.5"))
    stamp = tmp_path / ".venv" / venv.STAMP
    stamp.write_text(venv.digest(b"ansible==2\n", (3, 5)))
    assert installs("ansible==2\n") == ["venv", "pip"]


def test_progress_lines_are_numbered_and_timed() -> None:
    out = io.StringIO()
    steps = progress.Steps(2, out)
    with steps.step("first") as step:
        step.note = "cached"
    with pytest.raises(run.LabError), steps.step("second"):
        raise run.LabError("no")
    first, second = out.getvalue().splitlines()
    assert first.startswith("[1/2] first … ")
    assert first.endswith("s  (cached)")
    assert second.startswith("[2/2] second … failed after ")


def test_tasks_side_by_side_all_end_before_a_failure_is_told() -> None:
    done = []

    def fails() -> None:
        raise run.LabError("first")

    with pytest.raises(run.LabError, match="first"):
        progress.side_by_side(fails, lambda: done.append(1))
    assert done == [1]


def test_the_recap_of_a_playbook_is_counted() -> None:
    recap = (
        "PLAY RECAP ****\n"
        "db1    : ok=9    changed=2    unreachable=0    failed=0    skipped=1\n"
        "gw1    : ok=9    changed=0    unreachable=0    failed=0    skipped=1\n"
    )
    assert demo.changed(recap) == {"db1": 2, "gw1": 0}


def test_settling_script_is_shell() -> None:
    run.run(["sh", "-n"], "The script has an error.", stdin=hosts._SETTLE)


def test_the_demo_has_what_draws_its_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "which", lambda program: None if program == "dot" else f"/usr/bin/{program}")
    assert "graphviz" in packages.missing()
