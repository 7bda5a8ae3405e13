# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sites of an inventory, read back from the variables that the inventory plugin ``site`` has given its hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .checks import plain

NO_SITE = (
    "This inventory has no site model: no group site_NAME whose hosts have ringfence_site and ringfence_segments. "
    "Give a site.yml with -i."
)


@dataclass(frozen=True)
class SiteVariables:
    """What one site's group and hosts have. ``hosts`` maps names to ringfence_host."""

    name: str
    about: dict[str, Any]
    segments: dict[str, Any]
    flows: list[dict[str, Any]]
    hosts: dict[str, dict[str, Any]]
    administration: dict[str, Any] | None = None
    switches: dict[str, Any] = field(default_factory=dict)


def sites_of(groups: Mapping[str, Iterable[str]], hostvars: Mapping[str, Mapping[str, Any]]) -> list[SiteVariables]:
    """Every site of an inventory, in the order of their names. ``groups`` and ``hostvars`` are Ansible's."""
    found = []
    for group in sorted(groups):
        members = list(groups[group]) if group.startswith("site_") else []
        first = hostvars[members[0]] if members else {}
        if "ringfence_site" not in first or "ringfence_segments" not in first:
            continue
        about = plain(first["ringfence_site"])
        found.append(
            SiteVariables(
                name=str(about["name"]),
                about=about,
                segments=plain(first["ringfence_segments"]),
                flows=plain(first.get("ringfence_flows", [])),
                hosts={
                    host: plain(hostvars[host]["ringfence_host"])
                    for host in members
                    if "ringfence_host" in hostvars[host]
                },
                administration=plain(first.get("ringfence_administration")),
                switches=plain(first.get("ringfence_switches", {})),
            )
        )
    return found
