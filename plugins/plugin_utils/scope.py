# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scope by class: which hosts and segments each class of the site model has, and what was found on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import count


def by_class(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """``classes``: ``class``, ``hosts``, ``segments``, ``kinds``, ``clients`` and ``counts`` of each; ``unclassified``.

    A site without a site model has neither: there are no classes to belong to.
    """
    rows = list(records)
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for record in rows:
        name = record["attributes"].get("class")
        if name:
            grouped.setdefault(str(name), []).append(record)
    unclassified = [str(record["host"]) for record in rows if not record["attributes"].get("class")]
    return {
        "classes": [_row(name, grouped[name]) for name in sorted(grouped)],
        "unclassified": unclassified if grouped else [],
    }


def _row(name: str, records: list[Mapping[str, Any]]) -> dict[str, Any]:
    def all_of(key: str) -> list[str]:
        values = [record["attributes"].get(key) or [] for record in records]
        return sorted({str(one) for value in values for one in (value if isinstance(value, list) else [value])})

    return {
        "class": name,
        "hosts": [str(record["host"]) for record in records],
        "segments": all_of("segment"),
        "kinds": all_of("kinds"),
        "clients": all_of("client"),
        "counts": count(one for record in records for one in record["findings"]),
    }
