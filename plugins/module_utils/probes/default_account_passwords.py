# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``default_account_passwords``: local accounts that a password everybody can look up opens.

Parameters: ``catalogue`` (``entries``: [{product, account, password}], ``common``: [password]) and ``seconds``, the
longest it may hash. Each account is tried with the passwords of its own name, its name, and the common ones.

Observes ``accounts_with_default_password`` (``ACCOUNT (PRODUCT)``, never the password), ``unknown_hashes`` (accounts
whose hash this host's libcrypt cannot make), ``accounts_checked`` and ``hashes_made``. When the time is up and nothing
was found it was not observed: what was not tried does not pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _accounts, _crypt
from .base import Host, NotObservable, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Try the passwords of ``catalogue``."""
    known = _accounts.VendorAccounts.of(params["catalogue"])
    seconds = float(params.get("seconds", 60))
    hashes = _accounts.with_hash(_accounts.accounts(host))
    candidates = {name: known.candidates(name) for name in hashes}
    tried = _crypt.try_passwords(hashes, candidates, seconds=seconds) if hashes else _crypt.GuessResult()
    if tried.left and not tried.hits:
        raise NotObservable(
            f"{len(tried.left)} of {len(hashes)} accounts could not be tried in {seconds:g} s: give it more time"
        )
    return Observation(
        {
            "accounts_with_default_password": [
                f"{name} ({known.product(name, password)})" for name, password in sorted(tried.hits.items())
            ],
            "unknown_hashes": sorted(tried.unhashable),
            "accounts_checked": len(hashes) - len(tried.left),
            "hashes_made": tried.hashed,
        },
        _accounts.SHADOW,
    )
