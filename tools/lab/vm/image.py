# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual machine's image: kernel, initial file system and disk, built from Debian packages and kept by content."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import access, images, paths, sources
from ..run import LabError, as_root, attempt, run, run_logged
from . import recipe

FOLDER = paths.CACHE / "vm-images"
_COMPLETE = "complete"


@dataclass(frozen=True)
class Image:
    """One image in its folder, which also holds the key that may log in and the states saved from it."""

    folder: Path

    @property
    def release(self) -> str:
        """The Debian release in it."""
        return self.folder.name.partition("-")[0]

    @property
    def disk(self) -> Path:
        """The root file system."""
        return self.folder / "root.img"

    @property
    def kernel(self) -> Path:
        """The kernel, started by QEMU itself."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """The initial file system that finds the disk."""
        return self.folder / "initrd"

    @property
    def key(self) -> Path:
        """The private key that may log in; the public one is beside it."""
        return self.folder / access.KEY

    def host_keys(self) -> list[str]:
        """The keys by which the guest is known, without their comments."""
        lines = (self.folder / "host_keys").read_text(encoding="ascii").splitlines()
        return [" ".join(line.split()[:2]) for line in lines]

    @property
    def complete(self) -> bool:
        """Whether its build came to its end."""
        return (self.folder / _COMPLETE).exists()


def plan_build(release: str, lines: Sequence[str], options: Sequence[str]) -> tuple[list[str], str]:
    """Return the command that makes the guest's file system in the folder TARGET, and the hash of the recipe.

    :param lines: apt source lines, first the release itself.
    :param options: apt options as `images.apt_options` returns them.
    """
    command = images.mmdebstrap(
        lines,
        options,
        include=recipe.PACKAGES,
        hooks=[f"--essential-hook={recipe.PREPARE}", f"--customize-hook={recipe.customize(release)}"],
        suite=images.RELEASES[release],
        target="TARGET",
    )
    digest = hashlib.sha256(json.dumps([recipe.PACK, *command]).encode()).hexdigest()[:16]
    return command, digest


def find(release: str) -> tuple[Image, list[str]]:
    """Return where the image of a release lies, or will lie, and the command that makes its file system.

    :raises LabError: when there is no such release, or this machine's apt knows no Debian mirror.
    """
    if release not in images.RELEASES:
        raise LabError(f"No such release: {release} (there are {', '.join(images.RELEASES)}).", status=2)
    lines = sources.debian_lines(sources.machine_sources(), images.RELEASES[release], sources.host_release())
    if not lines:
        raise LabError("None of this machine's apt sources is Debian's own, so no guest can be built.", status=3)
    command, digest = plan_build(release, lines, images.apt_options(attempt(["apt-config", "dump"]).stdout))
    return Image(FOLDER / f"{release}-{digest}"), command


def ensure(release: str, *, rebuild: bool = False, log: Path | None = None) -> tuple[Image, str]:
    """Make the image when it is missing or its recipe changed; returns it and ``built`` or ``cached``.

    :raises LabError: when it can't be made.
    """
    image, command = find(release)
    if image.complete and not rebuild:
        return image, "cached"
    log_path = (log or paths.CACHE / "images").with_suffix(f".{release}-vm.log")
    log_path.parent.mkdir(parents=True, exist_ok=True)
    log_path.unlink(missing_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob(f"{release}-*"):
        shutil.rmtree(old)
    image.folder.mkdir()
    comment = f"ringfence-lab-{release}-vm"
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(image.key)]
    run(argv, "The guest's ssh key could not be made.")
    public = image.key.with_suffix(".pub").read_text(encoding="ascii").strip()
    sentence = f"The virtual machine's image of {release} could not be built"
    # Not in the cache: root owns what is in there, and only the packed disk is to stay.
    with tempfile.TemporaryDirectory(prefix="ringfence-vm-") as scratch:
        target = f"{scratch}/root"
        try:
            argv = [target if word == "TARGET" else word for word in command]
            run_logged(as_root(argv), log_path, sentence)
            run_logged(as_root(["sh", "-c", recipe.PACK, "sh", target, str(image.folder), public]), log_path, sentence)
        finally:
            attempt(["rm", "-rf", target], root=True)
    image.key.chmod(0o600)
    (image.folder / _COMPLETE).touch()
    return image, "built"


def remove() -> int:
    """Remove all images and the states saved from them; returns how many there were."""
    found = [path for path in FOLDER.glob("*") if path.is_dir()]
    shutil.rmtree(FOLDER, ignore_errors=True)
    return len(found)
