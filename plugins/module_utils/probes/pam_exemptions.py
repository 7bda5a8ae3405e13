# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``pam_exemptions``: for whom lines of a module are skipped at a login.

Parameters: ``services`` (names below /etc/pam.d; one without a file of its own gets ``other``), ``module`` (such as
pam_faillock). Looks at every line that jumps over lines of this module. Observes ``exempt`` (sorted names of accounts
that such a pam_succeed_if lists) and ``skipped_otherwise`` (jumps whose condition is another one, as
``SERVICE: LINE``). Lines behind a module that checks a password are reached by jumps of that, which do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import _pam
from .base import Host, Observation

_PASSWORD = ("pam_unix", "pam_sss", "pam_ldap", "pam_krb5", "pam_winbind", "pam_userdb", "pam_deny", "pam_permit")


def _jumps(stack: Sequence[_pam.Entry], module: str) -> Iterator[_pam.Entry]:
    """The lines that may jump over a line of the module, those that check passwords left out."""
    for index, entry in enumerate(stack):
        if entry.name in _PASSWORD:
            continue
        reach = max((int(action) for action in entry.actions.values() if action.isdigit()), default=0)
        if any(skipped.name == module for skipped in stack[index + 1 : index + 1 + reach]):
            yield entry


def _listed(entry: _pam.Entry) -> list[str] | None:
    """The accounts that a condition names; None when it asks something else."""
    words = [word for word in entry.args if not word.startswith("quiet")]
    if entry.name != "pam_succeed_if" or words[:2] != ["user", "in"] or len(words) != 3:
        return None
    jumps = {answer for answer, action in entry.actions.items() if action.isdigit()}
    return words[2].split(":") if jumps == {"success"} else None


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Look through the stacks of ``services``."""
    services = [str(name) for name in params["services"]]
    exempt: set[str] = set()
    otherwise = []
    for service in services:
        stack = _pam.entries(host, service if _pam.path_of(host, service) else "other", "auth")
        for entry in _jumps(stack, str(params["module"])):
            names = _listed(entry)
            if names is None:
                otherwise.append(f"{service}: {entry.text}")
            else:
                exempt |= set(names)
    return Observation(
        {"exempt": sorted(exempt), "skipped_otherwise": otherwise},
        " ".join(_pam.path_of(host, service) or f"{_pam.FOLDERS[0]}/other" for service in services),
    )
