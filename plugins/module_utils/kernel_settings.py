# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets what the kernel works by now, all settings in one call; what it works by after a boot is a file's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

FOLDER = "/proc/sys"


@dataclass(frozen=True)
class Plan:
    """Path below /proc/sys -> value: as it is and as it shall be, of those that differ; and what is not there."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    missing: tuple[str, ...]


def plan(host: Host, settings: Mapping[str, str]) -> Plan:
    """What there is to do; nothing in a container, where the settings are those of its host.

    A setting that is not there belongs to an interface that is not there, or to a kernel that has no such thing.
    """
    before, after, missing = {}, {}, []
    for path, wanted in {} if host.in_container else sorted(settings.items()):
        text = host.read(f"{FOLDER}/{path}")
        if text is None:
            missing.append(path)
        elif " ".join(text.split()) != wanted:
            before[path], after[path] = " ".join(text.split()), wanted
    return Plan(before, after, tuple(missing))


def apply(host: Host, planned: Plan) -> None:
    """Set them. Raises OSError with the path of the one that the kernel refuses."""
    for path, value in planned.after.items():
        name = host.at(f"{FOLDER}/{path}")
        try:
            with open(name, "w", encoding="ascii") as stream:
                stream.write(f"{value}\n")
        except OSError as problem:
            raise OSError(problem.errno, problem.strerror, name) from problem
