# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Can this machine run the lab? What it lacks or refuses is said in one sentence with the way out, before any work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import engine, images, packages, paths
from .run import LabError, attempt, is_root, which

DISK_NEEDED = 4 * 1000**3
PYTHON_NEEDED = (3, 11)
ALWAYS = "`make audit-local` audits this very machine, read-only, with nothing but python3"


@dataclass(frozen=True)
class Facts:
    """What is known of this machine.

    :param os_id: ID of os-release; ``os_version`` its VERSION_ID; ``os_title`` its PRETTY_NAME.
    :param privilege: ``root``, ``sudo``, ``password`` (sudo asks for one and nobody is there to type it) or ``none``.
    :param disk_free: bytes where podman keeps its images.
    :param missing: Debian packages that are to be installed.
    :param network: whether apt's mirrors answer; True too when nothing has to be fetched.
    """

    os_id: str
    os_version: str
    os_title: str
    privilege: str
    disk_free: int
    missing: tuple[str, ...]
    network: bool
    python: tuple[int, int]


def problem(facts: Facts) -> str:
    """Return the one sentence that says why the lab can't run here and what to do, '' when it can."""
    wanted, found = (".".join(map(str, version)) for version in (PYTHON_NEEDED, facts.python))
    needed, free = f"{DISK_NEEDED / 1e9:.0f} GB", f"{facts.disk_free / 1e9:.1f} GB"
    fetched = ", ".join(facts.missing) or "the packages of the host images"
    refusals = (
        (
            facts.os_id != "debian" or facts.os_version not in ("12", "13"),
            f"The lab runs on Debian 12 and 13, and this is {facts.os_title or 'another system'}: run it in a virtual "
            "machine with Debian",
        ),
        (
            facts.python < PYTHON_NEEDED,
            f"The lab needs Python {wanted} and python3 is {found}: put Debian's /usr/bin first in PATH",
        ),
        (
            facts.privilege == "none",
            "The lab needs root for its containers, and sudo is not there or refuses: run it as root",
        ),
        (
            facts.privilege == "password",
            "The lab needs root for its containers, and sudo asks for a password where no terminal is: let sudo do "
            "without one, or run it as root",
        ),
        (
            facts.disk_free < DISK_NEEDED,
            f"The lab needs {needed} of disk below /var/lib/containers, and {free} are free: make room there",
        ),
        (
            not facts.network,
            f"The package mirrors of this machine's apt do not answer, and {fetched} must come from there: check the "
            "network and /etc/apt",
        ),
    )
    return next((f"{sentence}; {ALWAYS}." for refused, sentence in refusals if refused), "")


def gather(*, tests: bool = False) -> Facts:
    """Look at this machine. The network is tried only when something has to be fetched."""
    release = _os_release(Path("/etc/os-release"))
    missing = tuple(packages.missing(tests=tests))
    supported = release.get("ID") == "debian"
    privilege = _privilege()
    network = True
    if supported and privilege in ("root", "sudo") and (missing or _images_missing()):
        network = packages.reachable()
    return Facts(
        os_id=release.get("ID", ""),
        os_version=release.get("VERSION_ID", ""),
        os_title=release.get("PRETTY_NAME", ""),
        privilege=privilege,
        disk_free=shutil.disk_usage(_existing(Path("/var/lib/containers/storage"))).free,
        missing=missing,
        network=network,
        python=(sys.version_info[0], sys.version_info[1]),
    )


def check(*, tests: bool = False) -> Facts:
    """Refuse a machine that can't run the lab.

    :param tests: whether it is to run the tests as well, which need more packages.
    :raises LabError: with status 3. Containers are tried as well where podman is there already.
    """
    facts = gather(tests=tests)
    sentence = problem(facts)
    if not sentence and not _writable():
        sentence = (
            f"{paths.CACHE} cannot be written, it may belong to another user: `sudo chown` it or run as that user."
        )
    if sentence:
        raise LabError(sentence, status=3)
    if "podman" not in facts.missing and "runc" not in facts.missing:
        engine.find()
    return facts


def _os_release(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    return {key: value.strip("\"'") for key, value in re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE)}


def _privilege() -> str:
    if is_root():
        return "root"
    if which("sudo") is None:
        return "none"
    if attempt(["sudo", "-n", "true"]).returncode == 0:
        return "sudo"
    if sys.stdin.isatty() and subprocess.run(["sudo", "-v"], check=False).returncode == 0:
        return "sudo"
    return "none" if sys.stdin.isatty() else "password"


def _images_missing() -> bool:
    """Tell whether a host image has yet to be built; asked only where podman is there."""
    if which("podman") is None:
        return True
    names = [images.reference(name) for name in images.RELEASES]
    return any(attempt(["podman", "image", "exists", name], root=True).returncode for name in names)


def _existing(path: Path) -> Path:
    # os.path: pathlib raises where another user's folder may not be searched.
    while not os.path.exists(path):
        path = path.parent
    return path


def _writable() -> bool:
    return os.access(_existing(paths.CACHE), os.W_OK)
