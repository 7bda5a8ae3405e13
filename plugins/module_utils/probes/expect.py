# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations: what an observed value must be for a check to pass.

An expectation maps keys of the observation to a plain JSON value (equality) or to one matcher:
``{min: N}``, ``{max: N}`` (both together: a range), ``{in: [...]}``, ``{contains: [...]}`` (the observed
list or text holds all of them), ``{contains_none: [...]}``, ``{subset_of: [...]}``, ``{matches: REGEX}`` (the whole
text), ``{each_min: {KEY: N}}`` (the observed mapping has at least N for each key).

A site may be stricter than it was asked to be: a bound is one-sided where one direction is stricter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _at_least(seen: Any, bound: Any) -> bool:
    number, limit = _number(seen), _number(bound)
    return number is not None and limit is not None and number >= limit


def _at_most(seen: Any, bound: Any) -> bool:
    number, limit = _number(seen), _number(bound)
    return number is not None and limit is not None and number <= limit


def _each_at_least(seen: Any, bounds: Any) -> bool:
    return isinstance(seen, Mapping) and all(_at_least(seen.get(key), bound) for key, bound in bounds.items())


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "min": _at_least,
    "max": _at_most,
    "in": lambda seen, wanted: seen in wanted,
    "contains": lambda seen, wanted: isinstance(seen, (list, str)) and all(item in seen for item in wanted),
    "contains_none": lambda seen, wanted: isinstance(seen, (list, str)) and not any(item in seen for item in wanted),
    "subset_of": lambda seen, wanted: isinstance(seen, list) and all(item in wanted for item in seen),
    "each_min": _each_at_least,
    "matches": lambda seen, wanted: isinstance(seen, str) and re.fullmatch(wanted, seen) is not None,
}


def is_matcher(wanted: Any) -> bool:
    """Whether an expected value is a matcher and not a plain value."""
    return isinstance(wanted, Mapping) and bool(wanted) and set(wanted) <= set(MATCHERS)


def holds(seen: Any, wanted: Any) -> bool:
    """Whether one observed value satisfies one expected value."""
    if is_matcher(wanted):
        return all(MATCHERS[name](seen, bound) for name, bound in wanted.items())
    return bool(seen == wanted) and isinstance(seen, bool) == isinstance(wanted, bool)


def mismatches(value: Mapping[str, Any], expect: Mapping[str, Any]) -> list[str]:
    """The keys of an expectation that the observed value does not satisfy; an unseen key never satisfies."""
    return [key for key, wanted in expect.items() if key not in value or not holds(value[key], wanted)]
