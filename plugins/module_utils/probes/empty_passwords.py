# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``empty_passwords``: local accounts that no password protects.

Observes ``accounts_without_password``: those whose field in /etc/shadow, or in /etc/passwd itself, is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _accounts
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look at every account; there are no parameters."""
    del params
    empty = [account.name for account in _accounts.accounts(host) if account.has_empty_password]
    return Observation({"accounts_without_password": sorted(empty)}, f"{_accounts.USERS} {_accounts.SHADOW}")
