# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab of virtual machines, without any: images by content, QEMU's command line, what the tests read."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.lab import __main__ as command
from tools.lab import access, images, paths
from tools.lab.run import LabError
from tools.lab.vm import guest, image, machine, recipe

LINES = ["deb http://mirror.example trixie main"]


def _image(folder: Path, release: str) -> image.Image:
    """An image whose build came to its end."""
    found = image.Image(folder / f"{release}-0123456789abcdef")
    found.folder.mkdir()
    keys = f"ssh-ed25519 AAAA{release} root@gw\necdsa-sha2-nistp256 BBBB root@gw\n"
    (found.folder / "host_keys").write_text(keys)
    found.key.write_text(f"private of {release}\n")
    found.key.with_suffix(".pub").write_text("ssh-ed25519 CCCC\n")
    (found.folder / "complete").touch()
    return found


@pytest.fixture
def made(tmp_path: Path) -> image.Image:
    """The image of one release."""
    return _image(tmp_path, "debian13")


@pytest.fixture
def older(tmp_path: Path) -> image.Image:
    """The image of the other release."""
    return _image(tmp_path, "debian12")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of our own."""
    monkeypatch.setattr(paths, "CACHE", tmp_path / "lab")
    return tmp_path / "lab"


@pytest.fixture
def lab(cache: Path, older: image.Image, made: image.Image) -> guest.VirtualLab:
    """A lab whose files are written and whose guests do not run."""
    del cache
    found = guest.VirtualLab("lamp")
    found._make({older: "tcg", made: "tcg"})
    return found


def test_the_recipe_decides_about_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    one, digest = image.plan_build("debian13", LINES, [])
    assert one[0] == "mmdebstrap"
    assert one[-3:] == ["trixie", "TARGET", *LINES]
    assert image.plan_build("debian13", LINES, []) == (one, digest)
    assert image.plan_build("debian12", LINES, [])[1] != digest
    monkeypatch.setattr(recipe, "PACK", recipe.PACK + "true\n")
    assert image.plan_build("debian13", LINES, [])[1] != digest


def test_guests_of_one_lab_differ_in_their_names_and_addresses() -> None:
    hooks = {release: "".join(image.plan_build(release, LINES, [])[0]) for release in command.vm.RELEASES}
    for release, number in (("debian12", "12"), ("debian13", "13")):
        assert f'echo gw-{number} > "$1"/etc/hostname\n' in hooks[release]
        assert f"127.0.1.1 gw-{number}\\n" in hooks[release]
        assert f"Address=10.63.99.{number}/24\nAddress=fd63:0:0:99::{number}/64\n" in hooks[release]
    assert recipe.host("debian12") == "gw-12"
    assert recipe.addresses("debian12") == ("10.63.99.12", "fd63:0:0:99::12")


def test_an_image_for_a_container_is_what_it_was() -> None:
    build = images.plan_build("debian12", LINES, ['Acquire::Retries "3"'])
    assert build.command[:5] == (
        "mmdebstrap",
        "--variant=minbase",
        "--mode=root",
        "--quiet",
        '--aptopt=Acquire::Retries "3"',
    )
    assert build.command[-3:] == ("bookworm", "-", *LINES)


def test_unknown_releases_are_named() -> None:
    with pytest.raises(LabError, match=r"debian11 \(there are debian12, debian13\)") as refused:
        image.find("debian11")
    assert refused.value.status == 2


def test_a_state_is_loaded_by_the_same_machine_only(made: image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    name = machine.state_name(made, "tcg")
    assert machine.state_name(made, "tcg") == name
    assert machine.state_name(made, "kvm") != name
    monkeypatch.setattr(machine, "_KERNEL", machine._KERNEL + " debug")
    assert machine.state_name(made, "tcg") != name


def test_the_door_leads_to_the_guest_and_the_guest_nowhere(made: image.Image) -> None:
    argv = machine._wires(4022, made.release)
    user = next(word for word in argv if word.startswith("user,"))
    assert "hostfwd=tcp:127.0.0.1:4022-10.63.99.13:22" in user
    assert "restrict=on" in user
    assert len([word for word in argv if word.startswith("virtio-net-pci")]) == 3
    assert str(made.kernel) in machine.hardware(made, "tcg")


def test_kvm_is_tried_once(made: image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []
    monkeypatch.setattr(machine, "which", lambda _program: "/usr/bin/qemu")
    monkeypatch.setattr(machine, "_kvm_works", lambda probed: bool(tried.append(probed)))
    assert machine.accelerator(made) == "tcg"
    assert machine.accelerator(made) == "tcg"
    assert tried == [made]


def test_no_qemu_is_said_with_the_way_out(made: image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "which", lambda _program: None)
    with pytest.raises(LabError, match="install qemu-system-x86") as refused:
        machine.accelerator(made)
    assert refused.value.status == 3


def test_a_kernel_that_hangs_under_kvm_is_not_waited_for(
    made: image.Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "qemu"
    monkeypatch.setattr(machine, "PROGRAM", str(program))
    monkeypatch.setattr(machine, "PROBE_SECONDS", 1.0)
    monkeypatch.setattr(machine.os, "access", lambda *_args: True)
    for script, works in (
        ("exec sleep 60", False),
        ("echo 'Linux version'", False),
        ("echo 'Kernel panic - not syncing'", True),
    ):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        assert machine._kvm_works(made) is works


@pytest.mark.parametrize("number", ["12", "13"])
def test_the_files_say_how_each_guest_is_reached(lab: guest.VirtualLab, number: str) -> None:
    name, addresses = f"gw-{number}", f"10.63.99.{number} fd63:0:0:99::{number}"
    config = (lab.folder / "ssh_config").read_text()
    told = json.loads((lab.folder / "vm.json").read_text())
    block = config.split(f"Host {name} {addresses}\n")[1].split("Host ")[0]
    key = lab.folder / name / access.KEY
    assert f'HostName 127.0.0.1\n  Port {told[name]["port"]}\n  IdentityFile "{key}"\n' in block
    assert key.read_text() == f"private of debian{number}\n"
    assert len({one["port"] for one in told.values()}) == 2
    known = (lab.folder / "known_hosts").read_text()
    assert f"{name},{addresses.replace(' ', ',')} ssh-ed25519 AAAAdebian{number}\n" in known
    spec = json.loads((lab.folder / "spec.json").read_text())
    assert (name, f"debian{number}") in [(host["name"], host["image"]) for host in spec["hosts"]]
    assert len({guest.disk for guest in lab._machines().values()}) == 2


def test_container_labs_are_reached_as_before(lab: guest.VirtualLab) -> None:
    spec = guest.specification("lamp", ["debian13"])
    assert "127.0.0.1" not in access.ssh_config(spec, lab.folder, lab.folder / "cm")


def test_down_removes_all_of_it(lab: guest.VirtualLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert [found.name for found in guest.labs()] == ["lamp"]
    assert lab.states() == {"gw-12": "exited", "gw-13": "exited"}
    assert command.main(["down", "--lab", "lamp"]) == 0
    assert capsys.readouterr().out == "lab lamp: removed\n"
    assert not lab.folder.exists()
    assert guest.labs() == []


def test_only_its_own_host_is_restarted(lab: guest.VirtualLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["restart", "--lab", lab.name, "db1"]) == 1
    assert "has no host db1 (it has: gw-12, gw-13)" in capsys.readouterr().err


def test_up_wants_an_image(cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    missing = image.Image(cache / "vm-images" / "debian13-none")
    monkeypatch.setattr(guest.vm_image, "find", lambda _release: (missing, []))
    assert command.main(["vm", "up", "--lab", "lamp"]) == 1
    assert "run `python3 -m tools.lab vm image` first" in capsys.readouterr().err


def test_up_starts_what_is_asked_for_and_does_not_run(
    lab: guest.VirtualLab, older: image.Image, made: image.Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    images, begun = {"debian12": older, "debian13": made}, []
    saved = tmp_path / "saved.qcow2"
    saved.write_text("a booted guest")
    monkeypatch.setattr(guest.vm_image, "find", lambda release: (images[release], []))
    monkeypatch.setattr(machine, "accelerator", lambda _image: "tcg")
    monkeypatch.setattr(guest, "saved_state", lambda *_args: saved)
    monkeypatch.setattr(machine.Machine, "start", lambda one, saved: begun.append((one.disk.read_text(), saved)))
    monkeypatch.setattr(machine.Machine, "running", lambda one: one.disk.exists())
    monkeypatch.setattr(machine.Machine, "stop", lambda one: one.disk.unlink(missing_ok=True))
    done = subprocess.CompletedProcess[str]([], 0, "running\nsome-boot\n")
    monkeypatch.setattr(guest, "attempt", lambda *_args, **_told: done)
    assert lab.up(["debian12", "debian13"])
    assert begun == [("a booted guest", True)] * 2
    assert not lab.up(["debian12", "debian13"])
    assert lab.up(["debian13"])
    assert lab.states() == {"gw-13": "running"}
    assert len(begun) == 3


def test_images_of_all_releases_are_made_at_the_same_time(
    older: image.Image, made: image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(2, timeout=10)
    states = []

    def ensure(release: str, **_told: Any) -> tuple[image.Image, str]:
        meeting.wait()
        return (older, "built") if release == "debian12" else (made, "cached")

    monkeypatch.setattr(image, "ensure", ensure)
    monkeypatch.setattr(machine, "accelerator", lambda _image: "tcg")
    monkeypatch.setattr(guest, "saved_state", lambda one, *_args: states.append(one))
    assert command.vm.ready(command.vm.RELEASES) == {"debian12": "built", "debian13": "cached"}
    assert sorted(one.release for one in states) == ["debian12", "debian13"]


def test_an_image_that_cannot_be_made_is_an_error_beside_one_that_can(
    made: image.Image, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ensure(release: str, **_told: Any) -> tuple[image.Image, str]:
        if release == "debian12":
            raise LabError("The mirror is gone.")
        return made, "built"

    monkeypatch.setattr(image, "ensure", ensure)
    monkeypatch.setattr(machine, "accelerator", lambda _image: "tcg")
    monkeypatch.setattr(guest, "saved_state", lambda *_args: None)
    assert command.main(["vm", "image"]) == 1
    assert capsys.readouterr().err == "The mirror is gone.\n"
    assert command.main(["vm", "image", "--release", "debian13", "--release", "debian13"]) == 0
    assert capsys.readouterr().out == "virtual machine debian13 built\n"


def test_another_process_of_that_number_is_not_the_guest(lab: guest.VirtualLab) -> None:
    (lab.folder / "gw-13" / "pid").write_text(f"{os.getpid()}\n")
    assert lab.states()["gw-13"] == "exited"


def _answering(path: Path, answers: list[dict[str, Any]]) -> Callable[[], list[Any]]:
    """What stands for QEMU: greets, then gives these answers; returns a function that waits for its end."""
    heard: list[Any] = []
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen(1)

    def serve() -> None:
        line, _peer = server.accept()
        with line, server, line.makefile("rw", encoding="utf-8") as talk:
            talk.write('{"QMP": {}}\n{"event": "RESUME"}\n')
            talk.flush()
            for answer in answers:
                heard.append(json.loads(talk.readline()))
                talk.write(json.dumps(answer) + "\n")
                talk.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def end() -> list[Any]:
        thread.join(10)
        return heard

    return end


def test_what_qemu_refuses_is_an_error(made: image.Image, tmp_path: Path) -> None:
    one = machine.Machine(made, "tcg", tmp_path, tmp_path / "qmp", 4022)
    with pytest.raises(LabError, match="takes no commands"):
        one.save()
    heard = _answering(one.socket, [{"return": {}}, {"return": "Error: no disk\r\n"}])
    with pytest.raises(LabError, match="could not save"):
        one.save()
    assert [item["execute"] for item in heard()] == ["qmp_capabilities", "human-monitor-command"]
    one.socket.unlink()
    _answering(one.socket, [{"return": {}}, {"error": {"desc": "no"}}])
    with pytest.raises(LabError, match="QEMU refused stop"):
        one.command("stop")
