# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings, requirements, claims and hosts as rows: what CSV files and a workbook have in common, and the CSV files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import csv_text
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

Row = list[Any]


def _data(value: Any) -> str:
    """An expectation or an observation as one line of JSON."""
    return "" if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _list(values: Any) -> str:
    return " ".join(str(value) for value in values or ())


def tables(sealed: SealedBundle) -> dict[str, list[Row]]:
    """The tables by name; the first row of each holds the names of its columns."""
    return {
        "findings": _findings(sealed),
        "requirements": _judged(sealed.requirements, ("id", "title", "periodicity", "technical")),
        "claims": _judged(sealed.claims, ("id", "says", "kind")),
        "hosts": _hosts(sealed),
        "accounts": _accounts(sealed),
    }


def _findings(sealed: SealedBundle) -> list[Row]:
    rows: list[Row] = [
        [
            *("run", "site", "host", "kinds", "segment", "class", "role", "control", "title", "check", "aspect"),
            *("status", "reason", "expected", "observed", "source", "observed_at", "requirements", "claims"),
        ]
    ]
    known = sealed.control_by_id
    for record, one in sealed.findings():
        about: Mapping[str, Any] = record["attributes"]
        control: Mapping[str, Any] = known.get(str(one["control"]), {})
        rows.append(
            [
                *(sealed.name, sealed.run["site"]["name"], record["host"], _list(about.get("kinds"))),
                *(about.get("segment") or "", about.get("class") or "", one["role"], one["control"]),
                *(control.get("title", ""), one["check"], one["aspect"], one["status"], one.get("reason") or ""),
                *(_data(one.get("expected")), _data(one.get("observed")), one.get("source") or ""),
                *(one.get("observed_at") or "", _list(control.get("pci_dss")), _list(control.get("claims"))),
            ]
        )
    return rows


def _judged(entries: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[Row]:
    rows: list[Row] = [[*columns, "evidence", "note", "controls", "findings"]]
    for entry in entries:
        cells = [entry.get(column, "") for column in columns]
        rows.append([*cells, entry["evidence"], entry["note"], _list(entry["controls"]), sum(entry["counts"].values())])
    return rows


def _hosts(sealed: SealedBundle) -> list[Row]:
    heads = (
        "host",
        "observed",
        "reason",
        "kinds",
        "segment",
        "class",
        "client",
        "os",
        "findings",
        "came_in_as",
        "from",
    )
    rows: list[Row] = [list(heads)]
    for record in sealed.hosts:
        about = record["attributes"]
        cells = [about.get(key) or "" for key in ("segment", "class", "client", "os")]
        observed = "yes" if record["observed"] else "no"
        rows.append(
            [
                *(record["host"], observed, record["reason"] or "", _list(about.get("kinds"))),
                *cells,
                len(record["findings"]),
                *_came_in(record),
            ]
        )
    return rows


def _came_in(record: Mapping[str, Any]) -> Row:
    """By which account the audit came in, and from which address; bundles of earlier versions do not know."""
    account = (record["look"] or {}).get("account") or {}
    return [account.get("user") or "", account.get("source") or ""]


_OF_ACCOUNT = ("name", "uid", "shell", "groups", "password", "changed", "maximum_days", "expires")


def _accounts(sealed: SealedBundle) -> list[Row]:
    """The accounts of every host, with nothing of a password but its state and age."""
    rows: list[Row] = [["host", *_OF_ACCOUNT]]
    for record in sealed.hosts:
        for one in (record.get("state") or {}).get("accounts") or ():
            cells = [_list(one[key]) if key == "groups" else one[key] for key in _OF_ACCOUNT]
            rows.append([record["host"], *("" if cell is None else cell for cell in cells)])
    return rows


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """One CSV file a table, as RFC 4180 has them, in UTF-8."""
    return {
        f"{name}.csv": csv_text.text(rows).encode("utf-8", errors="backslashreplace")
        for name, rows in tables(sealed).items()
    }
