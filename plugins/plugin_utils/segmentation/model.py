# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a segmentation test rests on of a site model, as hashes, by which an audit tells what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_variables import SiteVariables

#: What people write about a thing decides nothing of it.
_WORDS = frozenset({"title", "reason", "owner", "change", "mitigation", "review_by", "contact", "notes"})


def _bare(value: Any) -> Any:
    """A value without what is only said about it."""
    if isinstance(value, Mapping):
        return {key: _bare(item) for key, item in value.items() if key not in _WORDS}
    if isinstance(value, (list, tuple)):
        return [_bare(item) for item in value]
    return value


def hashes(site: SiteVariables) -> dict[str, str]:
    """The hash of each part: ``segments``, ``flows``, ``hosts`` and ``administration``."""
    hosts = {
        name: {key: host.get(key) for key in ("kinds", "segment", "interfaces")} for name, host in site.hosts.items()
    }
    parts = {
        "segments": site.segments,
        "flows": site.flows,
        "hosts": hosts,
        "administration": site.administration,
    }
    return {name: canonical.sha256(canonical.dumps(_bare(value))) for name, value in parts.items()}


def changed(then: Any, now: Mapping[str, str] | None) -> list[str] | None:
    """The parts that are not what they were; None when that cannot be told."""
    if not isinstance(then, Mapping) or not then or now is None:
        return None
    return [name for name, value in now.items() if then.get(name) != value]


def changed_in_any(then: Any, now: Mapping[str, Mapping[str, str]]) -> list[str] | None:
    """The same of several sites at once: the parts that are not what they were in any of them.

    Nothing has changed where there was no site model and is none; None where no model was kept and there is one now.
    """
    if not isinstance(then, Mapping):
        return None if now else []
    if set(then) != set(now):
        return ["sites"]
    parts = {part: None for site, hashes_ in now.items() for part in changed(then[site], hashes_) or []}
    return list(parts)


def of_sites(sites: Iterable[SiteVariables]) -> dict[str, dict[str, str]]:
    """The hashes of every site by its name."""
    return {site.name: hashes(site) for site in sites}
