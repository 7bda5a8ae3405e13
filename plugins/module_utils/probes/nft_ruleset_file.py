# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``nft_ruleset_file``: which rules a ruleset file holds, as a digest.

Parameters: ``path``. Observes ``exists`` and ``rules_sha256``: of the text with every base chain's policy and every
review date blanked, so that a changed one shows where those are looked at and nowhere else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from ._nft_records import without_review_dates
from .base import Host, Observation

_POLICY = re.compile(r"\bpolicy\s+[a-z]+\s*;")


def rules_sha256(text: str) -> str:
    """The digest of a ruleset's text but for its policies and review dates."""
    return hashlib.sha256(_POLICY.sub("policy;", without_review_dates(text)).encode()).hexdigest()


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read the file."""
    path = str(params["path"])
    text = host.read(path)
    if text is None:
        return Observation({"exists": False}, path)
    return Observation({"exists": True, "rules_sha256": rules_sha256(text)}, path)
