# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version and which commit of the collection looked."""

from __future__ import annotations

import json
import os
import platform
import pwd
import re
import subprocess
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import COLLECTION_ROOT

NAME = "ringfence.callcenter"


def version(root: str = COLLECTION_ROOT) -> str:
    """The collection's version: from MANIFEST.json when installed, from galaxy.yml in a checkout, else ``unknown``."""
    try:
        with open(os.path.join(root, "MANIFEST.json"), encoding="utf-8") as stream:
            return str(json.load(stream)["collection_info"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        with open(os.path.join(root, "galaxy.yml"), encoding="utf-8") as stream:
            found = re.search(r"^version:\s*[\"']?([^\s\"'#]+)", stream.read(), re.MULTILINE)
    except OSError:
        return "unknown"
    return found.group(1) if found else "unknown"


def _git(root: str, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", root, *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def commit(root: str = COLLECTION_ROOT) -> dict[str, Any] | None:
    """The checkout's ``id`` and whether it is ``modified``; None where the collection is no git checkout."""
    if not os.path.exists(os.path.join(root, ".git")):
        return None
    head = _git(root, "rev-parse", "--verify", "HEAD")
    if head is None:
        return None
    status = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"id": head.strip(), "modified": None if status is None else bool(status.strip())}


def collection(root: str = COLLECTION_ROOT) -> dict[str, Any]:
    """The collection as run.json states it: ``name``, ``version``, ``commit``."""
    return {"name": NAME, "version": version(root), "commit": commit(root)}


def controller() -> dict[str, Any]:
    """Who runs this, and on which machine: ``host``, ``user``, and ``sudo_user`` (by whom sudo was called, or null)."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return {"host": platform.node(), "user": user, "sudo_user": os.environ.get("SUDO_USER") or None}
