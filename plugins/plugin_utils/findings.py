# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings on the controller: what a host answered is judged here before it becomes evidence.

A host's record, the content of ``hosts/NAME.json`` in a bundle, is
``{schema, host, observed, reason, attributes, look, state, findings}``; docs/evidence.md describes each key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.masking import clean
from ansible_collections.ringfence.callcenter.plugins.module_utils.probe_session import SCHEMA as ANSWER_SCHEMA
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES, finding
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import redaction
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import PreparedCheck
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.ledger.shapes import misfit

SCHEMA = 1
#: What a host may answer; ``excepted`` is for the controller to say.
_FROM_HOST = frozenset(STATUSES) - {"excepted"}
_LOOK_KEYS = ("hostname", "os", "kernel", "python", "root", "container", "account")
#: The shapes of what a host tells besides its findings.
_STATE: Mapping[str, Any] = {
    "accounts": [
        {
            "name": str,
            "uid": int,
            "shell": str,
            "groups": [str],
            "password": str,
            "changed": (str, None),
            "maximum_days": (int, None),
            "expires": (str, None),
        }
    ],
    "ruleset": [str],
}
_RANK = {status: rank for rank, status in enumerate(STATUSES)}


class AnswerError(Exception):
    """The host's answer is not what the probes say."""


def worst(statuses: Iterable[str]) -> str | None:
    """The status that deserves a reader's attention most, None of none."""
    return min(statuses, key=lambda status: _RANK.get(status, 1), default=None)


def count(findings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings have each status; every status is there."""
    seen = Counter(str(one["status"]) for one in findings)
    return {status: seen.get(status, 0) for status in STATUSES}


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _believable(answer: Mapping[str, Any]) -> bool:
    """Whether one answered finding has the shape of one."""
    observed = answer.get("observed")
    return (
        answer.get("status") in _FROM_HOST
        and (observed is None or isinstance(observed, Mapping))
        and all(_is_text(answer.get(key)) for key in ("source", "reason", "observed_at"))
        and (answer.get("status") not in ("pass", "fail") or (observed is not None and bool(answer.get("observed_at"))))
    )


def merge(prepared: Sequence[PreparedCheck], answered: Iterable[Any]) -> list[dict[str, Any]]:
    """The findings of all checks of a host, in their order: each from the controller or from the host's answer.

    What a check is and expects is taken from the controller; one without a believable answer is an ``error``.
    """
    by_check = {str(one.get("check")): one for one in answered if isinstance(one, Mapping)}
    merged = []
    for item in prepared:
        if item.finding is not None:
            merged.append(item.finding)
            continue
        answer = by_check.get(item.check["id"])
        if answer is None:
            merged.append(clean(finding(item.check, "error", reason="the host's answer has no finding of this check")))
        elif not _believable(answer):
            merged.append(clean(finding(item.check, "error", reason="the host's answer to this check is not valid")))
        else:
            keys = {key: answer.get(key) for key in ("observed", "source", "reason", "observed_at")}
            merged.append(clean(finding(item.check, str(answer["status"]), **keys)))
    return merged


def without_answer(prepared: Iterable[PreparedCheck], status: str, reason: str) -> list[dict[str, Any]]:
    """The findings of all checks of a host that gave no answer."""
    return [item.finding or clean(finding(item.check, status, reason=reason)) for item in prepared]


def check_answer(answer: Any) -> Mapping[str, Any]:
    """A host's answer when it has the shape of one; AnswerError says what is wrong."""
    if not isinstance(answer, Mapping):
        raise AnswerError("the answer is not a JSON object")
    if answer.get("schema") != ANSWER_SCHEMA:
        raise AnswerError(f"the answer's schema is {answer.get('schema')!r}, {ANSWER_SCHEMA} is expected")
    if not isinstance(answer.get("findings"), list):
        raise AnswerError("the answer has no list of findings")
    for key in ("started", "finished"):
        if isinstance(answer.get(key), bool) or not isinstance(answer.get(key), (int, float)):
            raise AnswerError(f"the answer has no time {key}")
    return answer


def _known(value: Any, shape: Any) -> Any:
    """The keys of a mapping that its shape names, whatever else a host told."""
    return {key: value[key] for key in shape} if isinstance(shape, Mapping) else value


def state(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The accounts and the ruleset that a host told, card numbers masked; None when it told none.

    What has not the shape of one is not kept, and ``problems`` says so.
    """
    told = answer.get("state")
    if not isinstance(told, Mapping):
        return None
    problems = told.get("problems")
    made: dict[str, Any] = {"problems": dict(clean(problems)) if isinstance(problems, Mapping) else {}}
    for name, shape in _STATE.items():
        value = told.get(name)
        wrong = None if value is None else misfit(value, shape, name)
        made[name] = None if wrong or value is None else redaction.mask([_known(one, shape[0]) for one in value])
        if wrong:
            made["problems"][name] = f"the host's answer is not valid: {wrong}"
    return made


def look(answer: Mapping[str, Any], sent: float, received: float) -> dict[str, Any]:
    """Who looked, and how far the host's clock is from the controller's.

    sent, received: the controller's clock around the round trip, in seconds. ``clock_offset_seconds`` is host minus
    controller, right to within ``clock_uncertainty_seconds``.
    """
    started, finished = float(answer["started"]), float(answer["finished"])
    slack = max((received - sent) - max(finished - started, 0.0), 0.0)
    return {
        **{key: clean(answer.get(key)) for key in _LOOK_KEYS},
        "seconds": round(max(finished - started, 0.0), 3),
        "clock_offset_seconds": round((started + finished) / 2 - (sent + received) / 2, 3),
        "clock_uncertainty_seconds": round(slack / 2, 3),
    }


def record(
    host: str,
    *,
    attributes: Mapping[str, Any],
    findings: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """A host's record; ``seen`` is the result of ``look``, None when the host was not observed. state: likewise."""
    return {
        "schema": SCHEMA,
        "host": host,
        "observed": seen is not None,
        "reason": clean(reason),
        "attributes": clean(dict(attributes)),
        "look": None if seen is None else dict(seen),
        "state": None if state is None else dict(state),
        "findings": list(findings),
    }


def check_record(data: Any, host: str) -> dict[str, Any]:
    """A record read back from a file when it is one of this host; ValueError otherwise."""
    if not isinstance(data, dict) or data.get("schema") != SCHEMA or data.get("host") != host:
        raise ValueError(f"this is no record of {host}")
    if not isinstance(data.get("observed"), bool) or not isinstance(data.get("findings"), list):
        raise ValueError("observed or findings is missing")
    for one in data["findings"]:
        if not isinstance(one, dict) or one.get("status") not in STATUSES or not isinstance(one.get("check"), str):
            raise ValueError("a finding is not valid")
    return data
