# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's commands as a person runs them, with this checkout as the only collection and no ansible.cfg."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "inventories" / "demo" / "site.yml"


class Ansible:
    """Runs ansible's commands in an empty home, with this collection and no configuration."""

    def __init__(self, home: Path) -> None:
        collections = home / "collections" / "ansible_collections" / "ringfence"
        collections.mkdir(parents=True)
        (collections / "callcenter").symlink_to(REPOSITORY)
        self.home = home

    def run(self, command: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        binaries = Path(sys.executable).parent
        return subprocess.run(
            [str(binaries / command), *arguments],
            cwd=self.home,
            env={
                "HOME": str(self.home),
                "PATH": f"{binaries}:{os.environ.get('PATH', '/usr/bin:/bin')}",
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(self.home / "collections"),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def write(self, name: str, text: str) -> str:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    def list(self, *arguments: str, **environment: str) -> dict[str, Any]:
        done = self.run("ansible-inventory", "--list", *arguments, **environment)
        assert done.returncode == 0, done.stderr
        listing: dict[str, Any] = json.loads(done.stdout)
        return listing
