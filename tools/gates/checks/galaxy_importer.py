# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""galaxy-importer: what Ansible Galaxy itself checks of an uploaded version.

Of what it would run besides, ansible-test is the gate sanity's and ansible-lint, here stricter, that of its name: the
importer gives up on it after three minutes, which a busy machine needs.
"""

from __future__ import annotations

import re
import sys

from tools.gates.base import Gate, run
from tools.gates.build import BuildFailed, build
from tools.repository import Repository

_COMPLAINT = re.compile(r"(WARNING|ERROR|CRITICAL)\b")

#: It warns of an empty ignore file too; that there is one, and that it is empty, is what gate sanity asks for.
_EMPTY = re.compile(r"WARNING: Ignore files skip ansible-test sanity tests, found \S+ with 0 statement\(s\)$")


def complaints(output: str) -> list[str]:
    """The importer's output when it says anything above information; it ends with status 0 even then."""
    lines = [line for line in output.splitlines() if not _EMPTY.match(line) and not line.startswith("Loading ")]
    return ["\n".join(lines)] if any(map(_COMPLAINT.match, lines)) else []


def check(repository: Repository) -> list[str]:
    """What the importer complains of."""
    try:
        tarball = build(repository, repository.cache / "importer")
    except BuildFailed as problem:
        return [str(problem)]
    done = run(
        [sys.executable, "-m", "galaxy_importer.main", tarball.name],
        folder=tarball.parent,
        environment={
            "GALAXY_IMPORTER_RUN_ANSIBLE_TEST": "false",
            "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false",
            "GALAXY_IMPORTER_CHECK_CHANGELOG": "true",
        },
    )
    if done.status != 0 or "Importer processing completed successfully" not in done.output:
        return complaints(done.output) or [done.output]
    return complaints(done.output)


GATE = Gate("galaxy-importer", check, seconds=60, remembered=True)
