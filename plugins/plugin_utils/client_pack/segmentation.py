# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The segmentation test as a client may see it: its own segment against everything else, folded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.judge import (
    AS_INTENDED,
    NOT_TESTED,
    VERDICTS,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.segmentation.site import INTERNET

from .rules import OTHERS, WITHHELD
from .withhold import Names, Withholder

_WHERE = "the segmentation test"


class Places:
    """What a segment is called: its own name, its class when all use it, or one name for all of other clients."""

    def __init__(self, own: frozenset[str], classes: Mapping[str, str]) -> None:
        self.own = own
        self._classes = classes

    def of(self, segment: str) -> str:
        """The name of a segment."""
        if segment in self.own or segment == INTERNET:
            return segment
        trust_class = self._classes.get(segment, "client")
        return OTHERS if trust_class == "client" else f"class {trust_class}"


def part(
    sealed: Mapping[str, Any] | None,
    site: Mapping[str, str],
    *,
    sites: Collection[str],
    places: Places,
    names: Names,
    withholder: Withholder,
) -> dict[str, Any]:
    """The content of segmentation.json. The record that it was read from has a hash by which guesses could be tried.

    sites: those that work for the client; a test of another one is not told.
    """
    nothing = {"path": None, "sha256": None, "test": None, "problem": None, "changed": None}
    test = (sealed or {}).get("test")
    if not isinstance(test, Mapping) or test.get("site") not in sites:
        return nothing
    return {
        "path": withholder.value((sealed or {})["path"], _WHERE),
        "sha256": WITHHELD,
        "test": _test(test, site, places, names, withholder),
        "problem": None,
        "changed": (sealed or {}).get("changed"),
    }


def _test(
    test: Mapping[str, Any], site: Mapping[str, str], places: Places, names: Names, withholder: Withholder
) -> dict[str, Any]:
    cells = _cells(test["matrix"], places)
    findings = [
        _finding(one, places, names, withholder)
        for one in test["findings"]
        if places.own & set(one["pair"]) and OTHERS not in map(places.of, one["pair"])
    ]
    control = test["negative_control"]
    bad = any(cell["verdict"] in test["fail_on"] or any(cell["counts"][v] for v in test["fail_on"]) for cell in cells)
    tries = {name: sum(cell["counts"][name] for cell in cells) for name in VERDICTS}
    pairs = {name: sum(cell["verdict"] == name for cell in cells) for name in VERDICTS}
    scope = test["scope"]
    watched, targets = (sorted(names.among(scope[key])) for key in ("watched", "targets"))
    return {
        **{key: test[key] for key in ("schema", "activity", "run", "started_at", "finished_at", "due", "fail_on")},
        "site": site["name"],
        "title": site["title"],
        "outcome": "fail" if bad or not control["seen"] else "pass",
        "summary": {
            "tries": sum(tries.values()),
            "needed": sum(cell["needed"] for cell in cells),
            "tries_by_verdict": tries,
            "pairs": len(cells),
            "pairs_by_verdict": pairs,
            "negative_control_seen": control["seen"],
        },
        "scope": {
            "tcp_ports": scope["tcp_ports"],
            "udp_ports": scope["udp_ports"],
            "from": [
                withholder.value({**seat, "host": names.of(str(seat["host"])) or WITHHELD}, _WHERE)
                for seat in scope["from"]
                if seat["segment"] in places.own
            ],
            "targets": targets,
            "hosts": len({*watched, *targets}),
            "flows_not_tried": [],
            "watched": watched,
        },
        "negative_control": {
            "seen": control["seen"],
            "gateway": names.of(str(control.get("gateway"))),
            "from": names.of(str(control.get("from"))),
            "to": names.of(str(control.get("to"))),
            "port": control.get("port"),
            "tries": [],
            "note": "",
        },
        "matrix": cells,
        "findings": findings,
    }


def _cells(matrix: list[Mapping[str, Any]], places: Places) -> list[dict[str, Any]]:
    """The pairs that the client's own segment is in; of several that are folded into one, the worst verdict.

    How often other clients' hosts were tried would tell how many there are.
    """
    folded: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in matrix:
        if not places.own & {cell["from"], cell["to"]}:
            continue
        ends = (places.of(cell["from"]), places.of(cell["to"]))
        made = folded.setdefault(
            ends,
            {
                "from": ends[0],
                "to": ends[1],
                "verdict": AS_INTENDED,
                "tries": 0,
                "needed": 0,
                "counts": dict.fromkeys(VERDICTS, 0),
                "note": "how many tries is withheld" if OTHERS in ends else "",
            },
        )
        verdict = cell["verdict"] if cell["verdict"] in VERDICTS else NOT_TESTED
        made["verdict"] = min(made["verdict"], verdict, key=VERDICTS.index)
        if OTHERS not in ends:
            made["tries"] += cell["tries"]
            made["needed"] += cell["needed"]
            made["counts"] = {name: made["counts"][name] + cell["counts"][name] for name in VERDICTS}
    return list(folded.values())


def _finding(one: Mapping[str, Any], places: Places, names: Names, withholder: Withholder) -> dict[str, Any]:
    """A try between the client's own segment and one that all use."""
    told = {**one, "pair": [places.of(place) for place in one["pair"]]}
    for end, place in zip(("from", "to"), one["pair"]):
        if place not in places.own and place != INTERNET:
            told[f"{end}_address"] = WITHHELD
        if told[end] is not None:
            told[end] = names.of(str(told[end])) or told[end]
    made: dict[str, Any] = names.told(withholder.value(told, _WHERE))
    return made
