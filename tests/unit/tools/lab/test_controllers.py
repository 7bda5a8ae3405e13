# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ansible-core a controller of each release runs, how its packages come and how it is started."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tools.lab import controllers, engine, paths

PINS = (
    'ansible==1.0\nansible-core==2.19.14 ; python_version < "3.12"\nansible-core==2.21.5 ; python_version >= "3.12"\n'
)


@pytest.mark.parametrize(
    ("python", "core"), [((3, 11), "2.19.14"), ((3, 12), "2.21.5"), ((3, 13), "2.21.5")], ids=["11", "12", "13"]
)
def test_a_python_has_the_version_that_pip_would_take_for_it(python: tuple[int, int], core: str) -> None:
    assert controllers.pinned(PINS, python) == core
    assert controllers.pinned("ansible-core==2.19.9\n", python) == "2.19.9"


@pytest.mark.parametrize("wrong", ["ansible==1.0\n", f"{PINS}ansible-core==2.19.9\n"])
def test_none_and_two_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        controllers.pinned(wrong, (3, 13))


def test_the_oldest_is_what_the_collection_promises() -> None:
    assert controllers.promised('---\nrequires_ansible: ">=2.19.0"\n') == "2.19.0"
    runtime = (paths.ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8")
    assert {one.core for one in controllers.every()} >= {controllers.promised(runtime)}
    assert {one.release for one in controllers.every()} == set(controllers.PYTHONS)


def test_packages_are_fetched_for_the_other_python_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controllers, "FOLDER", tmp_path)
    asked: list[list[str]] = []

    def download(argv: list[str], _log: Path, _sentence: str) -> None:
        asked.append(argv)
        wheels = Path(next(word for word in argv if word.startswith("--dest=")).removeprefix("--dest="))
        wheels.mkdir()
        with zipfile.ZipFile(wheels / "ansible_core.whl", "w") as archive:
            archive.writestr("ansible/__main__.py", "")

    monkeypatch.setattr(controllers, "run_logged", download)
    assert controllers.ensure(tmp_path / "log") is True
    assert len(asked) == len(controllers.every())
    for argv, controller in zip(asked, controllers.every()):
        assert "--python-version={}.{}".format(*controller.python) in argv
        assert argv[-1] == f"ansible-core=={controller.core}"
        assert (controller.folder / "ansible" / "__main__.py").is_file()
    assert controllers.ensure(tmp_path / "log") is False
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(one.folder.name for one in controllers.every())


def test_it_may_write_nowhere_but_where_it_is_told() -> None:
    one = controllers.Controller("debian13", "2.21.5")
    argv = one.argv(engine.Engine(()), ["playbook"], environment={"A": "b"}, writable=Path("/srv/here"))
    volumes = [word for word in argv if word.startswith("--volume=")]
    assert volumes == [f"--volume={paths.ROOT}:{paths.ROOT}:ro", "--volume=/srv/here:/srv/here"]
    assert "--env=A=b" in argv
    assert argv[-5:] == ["localhost/ringfence-host:debian13", "python3", "-m", "ansible", "playbook"]
