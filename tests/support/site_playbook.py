# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook of the collection over a site.yml, as a person runs it, with this checkout as the only collection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def run(folder: Path, playbook: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the collection over the folder's site.yml."""
    link = folder / "collections" / "ansible_collections" / "ringfence" / "callcenter"
    if not link.exists():
        link.parent.mkdir(parents=True)
        link.symlink_to(REPOSITORY)
    own = {
        **{key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
        "ANSIBLE_INVENTORY_ENABLED": "ringfence.callcenter.site",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_HOME": str(folder / "home"),
        **environment,
    }
    command = [Path(sys.executable).with_name("ansible-playbook"), f"ringfence.callcenter.{playbook}", "-i", "site.yml"]
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=own, capture_output=True, text=True, check=False, timeout=300
    )
