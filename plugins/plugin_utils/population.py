# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts a site has, and what is known about each without asking it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import file_names
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.checks import host_kinds

_MODEL_KEYS = ("segment", "class", "client", "os", "addresses")


def attributes(variables: Mapping[str, Any], groups: Iterable[str]) -> dict[str, Any]:
    """A host's place in the site: ``kinds``, ``groups``, ``address``, and what the site model says of it."""
    names = sorted(name for name in groups if name not in ("all", "ungrouped"))
    model = variables.get("ringfence_host")
    known = {key: model[key] for key in _MODEL_KEYS if model.get(key)} if isinstance(model, Mapping) else {}
    address = variables.get("ansible_host")
    return {
        "kinds": list(host_kinds(variables, names)),
        "groups": names,
        **({"address": str(address)} if address else {}),
        **known,
    }


def site(variables: Mapping[str, Any], fallback: str) -> dict[str, str]:
    """The site's ``name`` and ``title``: from the site model, or the fallback as both."""
    model = variables.get("ringfence_site")
    if isinstance(model, Mapping) and model.get("name"):
        return {"name": str(model["name"]), "title": str(model.get("title") or model["name"])}
    return {"name": fallback, "title": fallback}


def file_name(host: str) -> str:
    """A file's name for a host's name that cannot leave its folder and that two hosts never share."""
    return f"{file_names.escaped(host)}.json"


def summary(records: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The hosts of the inventory against the hosts observed, the others by name and reason."""
    rows = list(records)
    missing = [{"host": row["host"], "reason": row["reason"]} for row in rows if not row["observed"]]
    return {"hosts": len(rows), "observed": len(rows) - len(missing), "not_observed": missing}
