# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``nft_verbs``: whether the table of a ruleset file stays in force whatever is asked of nftables.service.

Parameters: ``family``, ``table``, ``path``. Observes ``lost_by`` (the verbs start, reload and stop after which it does
not, each with the reason) and ``reload_needed`` (systemd holds other commands than the unit's files by now).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _nft_verbs
from .base import Host, Observation


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Try the unit's commands out."""
    family, table, path = (str(params[key]) for key in ("family", "table", "path"))
    shown = host.run("systemctl", "show", "--property=NeedDaemonReload", "--", _nft_verbs.UNIT).stdout
    lost = _nft_verbs.lost_by(host, family, table, path)
    value = {"lost_by": lost, "reload_needed": "NeedDaemonReload=yes" in shown}
    return Observation(value, f"commands of {_nft_verbs.UNIT}, tried out in a network namespace")
