# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Makefile calls its tools as they want to be called."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from tools import claims

REPOSITORY = Path(__file__).resolve().parents[3]


def test_claims_can_be_asked_for_without_further_words() -> None:
    planned = subprocess.run(["make", "-n", "claims"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    # Within another make it tells of folders too.
    (line,) = (line for line in planned.stdout.splitlines() if "tools.claims" in line)
    words = shlex.split(line)
    assert claims.main(words[words.index("tools.claims") + 1 :]) == 0
