# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cases are broken, looked at and repaired together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

#: How many cases of one role are broken in one round.
PER_ROLE = 3
LOGIN_STACKS = "login_stacks"


def rounds(listed: Iterable[Mapping[str, Any]], *, alone: bool = False) -> list[list[dict[str, Any]]]:
    """The cases of each round.

    No two cases of a round break the same control, and no role has more than PER_ROLE there. What else a case cannot
    bear beside it, its key ``alone`` says: ``role`` another case of its role, ``login_stacks`` one of any role that has
    cases in the login stacks, ``true`` any. alone: every case has a round to itself.
    """
    cases = [dict(case) for case in listed]
    login_roles = {case["role"] for case in cases if case.get("alone") == LOGIN_STACKS}
    planned: list[list[dict[str, Any]]] = []
    of_control = Counter(case["control"] for case in cases)
    # Those that bear least come first: the others fill the room beside them. Then those of the controls with most
    # cases, each of which needs a round of its own.
    bears_least = {LOGIN_STACKS: 0, True: 1, "role": 2}
    for case in sorted(cases, key=lambda one: (bears_least.get(one.get("alone", ""), 3), -of_control[one["control"]])):
        for chosen in planned:
            if not alone and _fits(case, chosen, login_roles):
                chosen.append(case)
                break
        else:
            planned.append([case])
    return planned


def _fits(case: dict[str, Any], chosen: list[dict[str, Any]], login_roles: set[str]) -> bool:
    """Whether a case may join those of a round."""
    both = [case, *chosen]
    own = [one for one in both if one["role"] == case["role"]]
    login = [one for one in both if one["role"] in login_roles]
    return (
        not any(one.get("alone") is True for one in both)
        and len({one["control"] for one in both}) == len(both)
        and len(own) <= (1 if any(one.get("alone") == "role" for one in own) else PER_ROLE)
        and (len(login) <= 1 or not any(one.get("alone") == LOGIN_STACKS for one in login))
    )
