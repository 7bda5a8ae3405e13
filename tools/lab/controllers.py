# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers other than this machine: the host image of a release, whose Python runs an ansible-core of any version.

This machine's pip fetches the wheels for that Python, by its own configuration; the container needs neither pip nor an
index. It shares this machine's network, so it reaches the hosts of every lab.
"""

from __future__ import annotations

import platform
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import images, paths
from .engine import Engine, limits
from .run import run_logged

FOLDER = paths.CACHE / "controllers"
PYTHONS = {"debian12": (3, 11), "debian13": (3, 13)}
#: How long one run may take, also on a busy machine.
SECONDS = 900
_PIN = re.compile(r'^ansible-core==([\w.]+)(?: ; python_version (<|>=) "3\.(\d+)")?$', re.MULTILINE)
_PROMISE = re.compile(r'^requires_ansible: ">=([\w.]+)"$', re.MULTILINE)
# What the C library of either release takes.
_PLATFORMS = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")


@dataclass(frozen=True)
class Controller:
    """A release of Debian and a version of ansible-core."""

    release: str
    core: str

    @property
    def python(self) -> tuple[int, int]:
        """The version of its Python."""
        return PYTHONS[self.release]

    @property
    def folder(self) -> Path:
        """Where its packages are."""
        return FOLDER / f"{self.release}-{self.core}-{platform.machine()}"

    def argv(
        self, engine: Engine, command: Sequence[str], *, environment: Mapping[str, str], writable: Path
    ) -> list[str]:
        """Return the command line that runs one of Ansible's: ("playbook", …).

        :param writable: a folder that it may write to; it sees the checkout besides.
        """
        told = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        return engine.argv(
            "run",
            "--rm",
            "--network=host",
            # Podman ends it: whoever kills podman's command line leaves the container running.
            f"--timeout={SECONDS}",
            *limits(),
            f"--volume={paths.ROOT}:{paths.ROOT}:ro",
            f"--volume={writable}:{writable}",
            f"--workdir={paths.ROOT}",
            *(f"--env={name}={value}" for name, value in sorted(told.items())),
            images.reference(self.release),
            *("python3", "-m", "ansible", *command),
        )


def pinned(requirements: str, python: tuple[int, int]) -> str:
    """Return the version of ansible-core that requirements.txt pins for a Python.

    :raises ValueError: when it pins none, or several.
    """
    (found,) = (core for core, sign, minor in _PIN.findall(requirements) if _fits(python[1], sign, int(minor or 0)))
    return str(found)


def _fits(minor: int, sign: str, limit: int) -> bool:
    """Tell whether a line with this marker is for a Python 3.``minor``; one without any is for all."""
    return {"": True, "<": minor < limit, ">=": minor >= limit}[sign]


def promised(runtime: str) -> str:
    """Return the oldest ansible-core that meta/runtime.yml promises.

    :raises ValueError: when it promises none.
    """
    (found,) = _PROMISE.findall(runtime)
    return str(found)


def every() -> list[Controller]:
    """Return each release with the oldest ansible-core that is promised and with the newest that is pinned for it."""
    requirements = (paths.ROOT / "requirements.txt").read_text(encoding="utf-8")
    oldest = promised((paths.ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    found = [
        Controller(release, core)
        for release, python in PYTHONS.items()
        for core in (oldest, pinned(requirements, python))
    ]
    return list(dict.fromkeys(found))


def ensure(log: Path) -> bool:
    """Fetch the packages of those that have none; returns whether anything was fetched. Needs .venv.

    :raises LabError: when pip can't, with its last lines.
    """
    missing = [controller for controller in every() if not controller.folder.exists()]
    for controller in missing:
        _fetch(controller, log)
    return bool(missing)


def _fetch(controller: Controller, log: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".fetch-", dir=FOLDER))
    try:
        argv = [str(paths.VENV / "bin" / "python"), "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
        argv += ["--only-binary=:all:", "--implementation=cp", "--python-version={}.{}".format(*controller.python)]
        argv += [f"--platform={name}_{platform.machine()}" for name in _PLATFORMS]
        sentence = f"pip could not fetch ansible-core {controller.core} for the Python of {controller.release}"
        run_logged([*argv, f"--dest={made / 'wheels'}", f"ansible-core=={controller.core}"], log, sentence)
        for wheel in (made / "wheels").glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(made / "packages")
        (made / "packages").rename(controller.folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
