# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a record has the shape that a report reads, so that a record of anybody can be looked at.

A shape is a type, a tuple of shapes any of which will do (None stands for null), a list with the shape of every item,
or a mapping with the shapes of the keys that must be there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def misfit(value: Any, shape: Any, where: str = "it") -> str:
    """Why a value has not a shape, in words; empty when it has."""
    if isinstance(shape, tuple):
        reasons = [misfit(value, one, where) for one in shape]
        return "" if "" in reasons else reasons[0]
    kind: type = type(shape) if isinstance(shape, (list, dict)) or shape is None else shape
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return f"{where} is no {kind.__name__}"
    if isinstance(shape, list) and isinstance(value, list):
        return _first(misfit(one, shape[0], f"{where}[{at}]") for at, one in enumerate(value))
    if isinstance(shape, dict) and isinstance(value, dict):
        return _first(_misfit_key(value, key, wanted, where) for key, wanted in shape.items())
    return ""


def _misfit_key(value: dict[str, Any], key: str, wanted: Any, where: str) -> str:
    """The same of one key of a mapping."""
    path = key if where == "it" else f"{where}.{key}"
    return misfit(value[key], wanted, path) if key in value else f"{path} is not there"


def _first(reasons: Iterable[str]) -> str:
    return next((reason for reason in reasons if reason), "")
