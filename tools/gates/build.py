# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection the way a user does."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.gates.base import run
from tools.repository import Repository


class BuildFailed(Exception):
    """``ansible-galaxy collection build`` failed; its output is the text."""


def build(repository: Repository, target: Path) -> Path:
    """Build the checkout, as it lies there, into the emptied folder ``target``; returns the tarball."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    done = run(["ansible-galaxy", "collection", "build", "--output-path", str(target)], folder=repository.root)
    tarballs = sorted(target.glob("*.tar.gz"))
    if done.status != 0 or len(tarballs) != 1:
        raise BuildFailed(done.output)
    return tarballs[0]
