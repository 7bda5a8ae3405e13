# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout as the tools see it: the files git knows or would know, read by their relative path."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]

#: What a walk leaves out where there is no git to ask.
_NOT_OURS = {".git", ".venv", ".cache", ".ansible", ".mypy_cache", ".ruff_cache", ".pytest_cache", "__pycache__"}

#: Never remembered from one run to the next when this is "true", as it is on a build server.
_FRESH = "CI"


class Repository:
    """A folder with our files. Every name is relative to it, with ``/``."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root

    @cached_property
    def names(self) -> list[str]:
        """All files that are or would be under version control, sorted; ignored ones are not among them."""
        if (self.root / ".git").exists():
            done = subprocess.run(
                ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
                cwd=self.root,
                check=True,
                capture_output=True,
                text=True,
            )
            found = {name for name in done.stdout.split("\0") if name}
        else:
            found = set()
            for folder, folders, files in os.walk(self.root):
                folders[:] = [name for name in folders if name not in _NOT_OURS]
                found |= {(Path(folder) / name).relative_to(self.root).as_posix() for name in files}
        # A file that was deleted but is still in the index is gone for us.
        return sorted(name for name in found if (self.root / name).is_file())

    def files(self, *patterns: str) -> list[str]:
        """The files that match one of the shell patterns; ``*`` matches across folders."""
        return [name for name in self.names if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]

    def text(self, name: str) -> str:
        """A file's text."""
        return (self.root / name).read_text(encoding="utf-8")

    def load(self, name: str) -> Any:
        """The data of a YAML file; a yaml.YAMLError or OSError passes through."""
        return yaml.safe_load(self.text(name))

    @property
    def roles(self) -> list[str]:
        """The roles of the collection, by name."""
        return sorted({name.split("/")[1] for name in self.files("roles/*/*")})

    @property
    def cache(self) -> Path:
        """Where tools keep what they can make again."""
        return self.root / ".cache"

    @property
    def remembers(self) -> bool:
        """Whether the outcome of an earlier run may be used."""
        return os.environ.get(_FRESH, "").lower() != "true"

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every file's name, mode and content, and of the Python that looks at them."""
        digest = hashlib.sha256(sys.version.encode())
        for name in self.names:
            path = self.root / name
            digest.update(f"\0{name}\0{path.stat().st_mode}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def copy_to(self, target: Path) -> Path:
        """A fresh copy of all files in ``target``, which is emptied first."""
        shutil.rmtree(target, ignore_errors=True)
        for name in self.names:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / name, path)
        return target
