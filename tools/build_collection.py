# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection's tarball: ``make build``.

It needs ansible-galaxy and nothing else of the tools for development: that of .venv where that is, else that of the
machine, else ansible-core alone in .cache/build, of the version that requirements.txt pins.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
ALONE = REPOSITORY / ".cache" / "build"


def pinned(requirements: str) -> list[str]:
    """The lines of requirements.txt that pin ansible-core: pip takes the one that is for its Python."""
    found = re.findall(r"^ansible-core==.*", requirements, re.M)
    if not found:
        raise SystemExit("requirements.txt does not pin ansible-core.")
    return found


def galaxy() -> str:
    """The path of ansible-galaxy, which is installed when there is none."""
    for place in (REPOSITORY / ".venv", ALONE):
        program = place / "bin" / "ansible-galaxy"
        if program.exists():
            return str(program)
    found = shutil.which("ansible-galaxy")
    if found:
        return found
    wanted = pinned((REPOSITORY / "requirements.txt").read_text(encoding="utf-8"))
    print(f"installs ansible-core into {ALONE.relative_to(REPOSITORY)}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(ALONE)], check=True)
    pip = [str(ALONE / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True)
    return str(ALONE / "bin" / "ansible-galaxy")


def main() -> int:
    """Build, with what there is."""
    try:
        return subprocess.run([galaxy(), "collection", "build", "--force"], cwd=REPOSITORY, check=False).returncode
    except subprocess.CalledProcessError as error:
        print(f"No ansible-galaxy here, and it could not be installed: {' '.join(error.cmd)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
