# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sealed bundle read back, the only way in for exports and stores: what it says is taken from its files alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, chain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import check_record
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_findings import SITE

_MOST_SHOWN = 5


@dataclass(frozen=True)
class SealedBundle:
    """The parts of a bundle, shaped as docs/evidence.md says of its files; ``manifest_sha256`` stands for them all.

    The last of ``records`` is the site's own, with the findings that no host can be asked for.
    """

    path: str
    manifest_sha256: str
    run: Mapping[str, Any]
    controls: Sequence[Mapping[str, Any]]
    requirements: Sequence[Mapping[str, Any]]
    claims: Sequence[Mapping[str, Any]]
    records: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """The run's id."""
        return str(self.run["run"])

    @property
    def hosts(self) -> list[Mapping[str, Any]]:
        """The records without the site's own."""
        return [record for record in self.records if record["host"] != SITE]

    @property
    def control_by_id(self) -> dict[str, Mapping[str, Any]]:
        """The controls by their ids."""
        return {str(control["id"]): control for control in self.controls}

    def findings(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Every finding with the record of its host, in the order of the hosts and of their checks."""
        for record in self.records:
            for one in record["findings"]:
                yield record, one


def read(path: str) -> SealedBundle:
    """Read a bundle by its folder, ``latest`` included; BundleError when it is not whole or was changed."""
    folder = os.path.realpath(path)
    if not os.path.isfile(os.path.join(folder, chain.MANIFEST)):
        raise bundle.BundleError(f"{path} is no sealed evidence bundle: it has no {chain.MANIFEST}")
    wrong = chain.verify(folder)
    if wrong:
        more = f" and {len(wrong) - _MOST_SHOWN} more" if len(wrong) > _MOST_SHOWN else ""
        raise bundle.BundleError(f"the bundle {path} is not as it was sealed: {'; '.join(wrong[:_MOST_SHOWN])}{more}")
    try:
        parts = {
            part: canonical.read(os.path.join(folder, f"{part}.json"))
            for part in ("run", "controls", "requirements", "claims")
        }
        records = [*_records(folder), check_record(canonical.read(os.path.join(folder, "site.json")), SITE)]
        with open(os.path.join(folder, chain.MANIFEST), "rb") as stream:
            digest = canonical.sha256(stream.read())
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise bundle.BundleError(f"the bundle {path} cannot be read: {problem}") from problem
    return SealedBundle(path=folder, manifest_sha256=digest, records=records, **parts)


def _records(folder: str) -> Iterator[dict[str, Any]]:
    """The hosts' records, sorted by name."""
    hosts = os.path.join(folder, bundle.HOSTS)
    data = [canonical.read(os.path.join(hosts, name)) for name in os.listdir(hosts)]
    for one in sorted(data, key=lambda one: str(one["host"])):
        yield check_record(one, str(one["host"]))
