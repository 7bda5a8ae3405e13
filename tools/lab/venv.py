# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual environment .venv with the pinned Python packages, and the link by which Ansible finds this checkout."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from . import packages, paths
from .run import LabError, run_logged

COLLECTION = Path("collections/ansible_collections/ringfence/callcenter")
STAMP = "requirements.sha256"


def digest(requirements: bytes, python: tuple[int, int]) -> str:
    """Return the hash of what is to be installed: a Python of another version takes other lines."""
    return hashlib.sha256(b"%d.%d\n%s" % (*python, requirements)).hexdigest()


def ensure(log: Path) -> bool:
    """Make .venv or bring it up to requirements.txt; returns whether anything was installed.

    :raises LabError: when pip can't, with its last lines.
    """
    requirements = (paths.ROOT / "requirements.txt").read_bytes()
    stamp = paths.VENV / STAMP
    installed = False
    wanted = digest(requirements, sys.version_info[:2])
    if not stamp.exists() or stamp.read_text(encoding="ascii").strip() != wanted:
        _install(log)
        stamp.write_text(wanted + "\n", encoding="ascii")
        installed = True
    _link(paths.VENV / COLLECTION)
    return installed


def _install(log: Path) -> None:
    python = paths.VENV / "bin" / "python"
    major, minor = sys.version_info[:2]
    # Another Python's, of before an upgrade of the machine, has its packages in a folder of its own.
    if not (python.exists() and (paths.VENV / "lib" / f"python{major}.{minor}").is_dir()):
        if importlib.util.find_spec("ensurepip") is None:
            packages.install(["python3-venv"])
        argv = [sys.executable, "-m", "venv", "--clear", str(paths.VENV)]
        run_logged(argv, log, "The virtual environment .venv could not be made.")
    argv = [
        str(python),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "-r",
        str(paths.ROOT / "requirements.txt"),
    ]
    try:
        run_logged(argv, log, "pip could not install the Python packages of requirements.txt")
    except LabError as error:
        sentence = f"{error.sentence}; check the network and pip's index, or use `make audit-local`, which needs none."
        raise LabError(sentence, error.output, status=3) from error


def _link(link: Path) -> None:
    """Let .venv/collections lead to this checkout, as Ansible wants a collection to lie."""
    target = os.path.relpath(paths.ROOT, link.parent)
    if link.is_symlink() and os.readlink(link) in (target, str(paths.ROOT)):
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() or link.is_file():
        link.unlink()
    elif link.is_dir():
        shutil.rmtree(link)
    link.symlink_to(target)
