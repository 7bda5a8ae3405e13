# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sealed bundle read back, the only way in for exports and stores: what it says is taken from its files alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, chain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import check_record
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_findings import SITE

_MOST_SHOWN = 5
_ALWAYS = (
    "run",
    "controls",
    "requirements",
    "claims",
    "exceptions",
    "attestations",
    "ledger",
    "scope",
    "sample",
    "delta",
)
#: What an audit knows of other tests; bundles that were sealed before it did lack the file.
_LATER = ("segmentation", "rule_review", "negative_control")
_PICTURES, _PICTURE = "diagrams", ".svg"


@dataclass(frozen=True)
class SealedBundle:
    """The parts of a bundle, shaped as docs/evidence.md says of its files; ``manifest_sha256`` stands for them all.

    The last of ``records`` is the site's own, with the findings that no host can be asked for. ``segmentation``,
    ``rule_review`` and ``negative_control`` are None where the bundle has no such file. ``pictures`` holds SVG by name.
    """

    path: str
    manifest_sha256: str
    run: Mapping[str, Any]
    controls: Sequence[Mapping[str, Any]]
    requirements: Sequence[Mapping[str, Any]]
    claims: Sequence[Mapping[str, Any]]
    records: Sequence[Mapping[str, Any]]
    exceptions: Sequence[Mapping[str, Any]]
    attestations: Sequence[Mapping[str, Any]]
    ledger: Mapping[str, Any]
    scope: Mapping[str, Any]
    sample: Mapping[str, Any]
    delta: Mapping[str, Any]
    manifest: Mapping[str, Any]
    segmentation: Mapping[str, Any] | None = None
    rule_review: Mapping[str, Any] | None = None
    negative_control: Mapping[str, Any] | None = None
    pictures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def name(self) -> str:
        """The run's id."""
        return str(self.run["run"])

    @property
    def hosts(self) -> list[Mapping[str, Any]]:
        """The records without the site's own."""
        return [record for record in self.records if record["host"] != SITE]

    @property
    def site(self) -> Mapping[str, Any]:
        """The site's own record."""
        return self.records[-1]

    @property
    def signer(self) -> str | None:
        """The fingerprint of the key that signed the manifest, None when none did."""
        signer = self.manifest["signer"]
        return None if signer is None else str(signer["key"])

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
        with open(os.path.join(folder, chain.MANIFEST), "rb") as stream:
            content = stream.read()
        manifest = json.loads(content)
        there = [str(one["path"]) for one in manifest["files"]]
        wanted = [*_ALWAYS, *(part for part in _LATER if f"{part}.json" in there)]
        parts = {part: canonical.read(os.path.join(folder, f"{part}.json")) for part in wanted}
        records = [*_records(folder), check_record(canonical.read(os.path.join(folder, "site.json")), SITE)]
        pictures = dict(_pictures(folder, there))
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise bundle.BundleError(f"the bundle {path} cannot be read: {problem}") from problem
    return SealedBundle(
        path=folder,
        manifest_sha256=canonical.sha256(content),
        manifest=manifest,
        records=records,
        pictures=pictures,
        **parts,
    )


def _records(folder: str) -> Iterator[dict[str, Any]]:
    """The hosts' records, sorted by name."""
    hosts = os.path.join(folder, bundle.HOSTS)
    data = [canonical.read(os.path.join(hosts, name)) for name in os.listdir(hosts)]
    for one in sorted(data, key=lambda one: str(one["host"])):
        yield check_record(one, str(one["host"]))


def _pictures(folder: str, there: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The SVG of every picture by its name."""
    for path in sorted(there):
        place, name = os.path.split(path)
        if place == _PICTURES and name.endswith(_PICTURE):
            with open(os.path.join(folder, path), encoding="utf-8") as stream:
                yield name.removesuffix(_PICTURE), stream.read()
