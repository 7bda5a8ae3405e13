# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the hosts of each kind, which anybody can draw again from the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.verify_bundle import by_kind, draw

_KEYS = {"size": "a whole number from 1", "seed": "a text that the auditor chooses"}


class SampleError(Exception):
    """``audit_sample`` is refused; the text has every reason."""


def check(asked: Any) -> dict[str, Any] | None:
    """What was asked for, None when nothing was; SampleError tells all that is wrong with it."""
    if asked is None:
        return None
    if not isinstance(asked, Mapping):
        raise SampleError(f"audit_sample: expected a mapping with {' and '.join(_KEYS)}, found {asked!r}")
    problems = [f"audit_sample.{key}: unknown key. Valid: {', '.join(_KEYS)}." for key in asked if key not in _KEYS]
    size, seed = asked.get("size"), asked.get("seed")
    if isinstance(size, str) and size.isascii() and size.isdigit():
        size = int(size)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        problems.append(f"audit_sample.size: expected {_KEYS['size']}, found {asked.get('size')!r}")
    if seed is None or isinstance(seed, (bool, list, Mapping)) or not str(seed).strip():
        problems.append(f"audit_sample.seed: expected {_KEYS['seed']}, found {seed!r}")
    if problems:
        raise SampleError("\n".join(problems))
    return {"size": size, "seed": str(seed)}


def sample(asked: Mapping[str, Any] | None, records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``seed``, ``size`` and ``kinds``: of each kind how many hosts there are and which were drawn."""
    if asked is None:
        return {"seed": None, "size": 0, "kinds": []}
    return {"seed": asked["seed"], "size": asked["size"], "kinds": draw(by_kind(records), asked["size"], asked["seed"])}
