# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a list of checks on this host and returns their findings.

A check is a dict: ``id``, ``control``, ``role``, ``aspect``, ``probe`` (a file of this package), ``with`` (its
parameters) and ``expect``. A finding carries the check's ids with ``status``, ``expected``, ``observed``,
``source``, ``observed_at`` (UTC, ISO 8601) and ``reason`` (null when it passed).
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from . import expect
from .base import Host, NotApplicable, NotObservable

#: In the order of a reader's attention.
STATUSES = ("fail", "error", "not_observed", "excepted", "pass", "not_applicable")


def utc_now() -> str:
    """The time now, UTC, to the second, as ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def finding(
    check: Mapping[str, Any],
    status: str,
    *,
    observed: Mapping[str, Any] | None = None,
    source: str | None = None,
    reason: str | None = None,
    observed_at: str | None = None,
) -> dict[str, Any]:
    """A check's outcome as one flat JSON object."""
    return {
        "check": check["id"],
        "control": check["control"],
        "role": check["role"],
        "aspect": check["aspect"],
        "status": status,
        "expected": dict(check.get("expect") or {}),
        "observed": None if observed is None else dict(observed),
        "source": source,
        "observed_at": observed_at or utc_now(),
        "reason": reason,
    }


def run_check(host: Host, check: Mapping[str, Any]) -> dict[str, Any]:
    """The finding of one check; whatever goes wrong in a probe is an ``error`` finding, never an exception."""
    name = str(check["probe"])
    try:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ValueError(f"{name!r} is no name of a probe")
        probe = importlib.import_module(f"{__package__}.{name}")
        seen = probe.observe(host, dict(check.get("with") or {}))
    except NotApplicable as outcome:
        return finding(check, "not_applicable", reason=str(outcome))
    except NotObservable as outcome:
        return finding(check, "not_observed", reason=str(outcome))
    except Exception as problem:  # pylint: disable=broad-except  # one broken probe must not hide the other findings
        return finding(check, "error", reason=f"{type(problem).__name__}: {problem}")
    wrong = expect.mismatches(seen.value, check.get("expect") or {})
    reason = "not as expected: " + ", ".join(wrong) if wrong else None
    return finding(check, "fail" if wrong else "pass", observed=seen.value, source=seen.source, reason=reason)


def run(checks: Iterable[Mapping[str, Any]], host: Host | None = None) -> list[dict[str, Any]]:
    """The findings of all checks, in their order, over one cached view of the host."""
    this = host or Host()
    return [run_check(this, check) for check in checks]
