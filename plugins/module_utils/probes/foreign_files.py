# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has a say beside the files of a role: files of others in the folders and units that it rests on.

Parameters: ``folders``, mappings of ``path`` and ``names`` (a shell pattern); ``units``, names of units of systemd;
``accepted``, mappings of ``path`` and ``reason``: what the site has looked at and lets be; ``reloads``, mappings of
``units`` and ``paths``: files after whose change these units are started or reloaded; ``packages``, what the role rests
on besides the packages of these units; ``managed_by``, the role.

Observes ``foreign``, the files in these folders, the unit files and drop-ins of these units and the files with their
environment, that no role keeps, no package brought as they are and nobody accepted; ``reload_needed``, the units of
which systemd holds something else than their files say; ``outdated``, each ``UNIT: PATH``: units that run since before
a file of theirs was last touched, be it put back as it was, so that nobody can tell what they work by;
``open_folders``, those on the way to the role's files in which others than an account of the system may put another
file in the place of one; and ``altered``, programs and libraries of the packages, and libraries that these depend on,
that are gone or not as they were delivered, and what the loader takes in their place; but for what is accepted.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import _packaged, _programs, _stores
from .base import Host, NotObservable, Observation

_PROPERTIES = "Id,FragmentPath,DropInPaths,EnvironmentFiles,NeedDaemonReload,LoadState,ActiveState,StateChangeTimestamp"
#: What scripts of packages write, and so no package owns, by the text that they write.
_SCRIPTED = {
    "/etc/systemd/system/clamav-daemon.service.d/extend.conf": (
        "[Service]\nExecStartPre=-/bin/mkdir -p /run/clamav\nExecStartPre=/bin/chown clamav /run/clamav\n"
    ),
}
#: The first number of an account of a person.
_PEOPLE = 1000
#: Drop-ins that systemd's own generators write at every boot are none of anybody.
_GENERATED = ("/run/systemd/generator/", "/run/systemd/generator.early/", "/run/systemd/generator.late/")


def observe(host: Host, parameters: Mapping[str, Any]) -> Observation:
    """Look into the folders and ask systemd of the units."""
    if not host.is_root:
        raise NotObservable("seeing what others have a say in needs root")
    accepted = _accepted(parameters.get("accepted") or [])
    found: dict[str, str] = {}
    for folder in parameters.get("folders") or []:
        for name in host.listdir(folder["path"]):
            path = os.path.join(folder["path"], name)
            if fnmatch.fnmatchcase(name, folder["names"]) and not os.path.isdir(host.at(path)):
                found[path] = path
    units = sorted(set(parameters.get("units") or []))
    reloads = parameters.get("reloads") or []
    shown = _shown(host, sorted({*units, *(unit for one in reloads for unit in one["units"])}))
    for unit, seen in shown.items():
        for path in _files_of(host, seen):
            found.setdefault(path, f"{path} ({unit})")
    kept = _stores.kept(host)
    others = [path for path in found if path not in kept | accepted and not _scripted(host, path)]
    foreign = sorted(set(others) - _packaged.delivered(host, others))
    stale = sorted(unit for unit, seen in shown.items() if seen.get("NeedDaemonReload") == "yes")
    sources = [str(folder["path"]) for folder in parameters.get("folders") or []]
    programs = _programs.altered(host, {*(parameters.get("packages") or []), *_owners(host, shown)})
    source = ", ".join([*sources, *([f"systemctl show {' '.join(units)}"] if units else [])])
    value = {
        "foreign": [found[path] for path in foreign],
        "reload_needed": stale,
        "outdated": sorted({text for one in reloads for text in _outdated(host, one, shown)}),
        "open_folders": _open_folders(host, str(parameters.get("managed_by") or "")),
        "altered": [path for path in programs if path not in accepted],
    }
    return Observation(value, source)


def _owners(host: Host, shown: Mapping[str, Mapping[str, str]]) -> set[str]:
    """The packages that brought units."""
    files = {path for seen in shown.values() for path in seen.get("FragmentPath", "").split()}
    return set(_packaged.owners(host, files).values())


def _accepted(entries: Any) -> set[str]:
    """The paths that a site accepts; ValueError names what is wrong with its list."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise ValueError("ringfence_accepted_files must be a list of mappings of path and reason")
    for number, one in enumerate(entries, 1):
        texts = [one.get(key) for key in ("path", "reason")] if isinstance(one, Mapping) else [None]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise ValueError(f"ringfence_accepted_files, entry {number}: needs a path and a reason, not {one!r}")
    return {str(one["path"]) for one in entries}


def _scripted(host: Host, path: str) -> bool:
    """Whether a package's script wrote a file as it is."""
    return path in _SCRIPTED and host.read(path) == _SCRIPTED[path]


def _shown(host: Host, units: Sequence[str]) -> dict[str, dict[str, str]]:
    """What systemd holds of units that there are, by name."""
    if not units:
        return {}
    done = host.run("systemctl", "show", "--timestamp=unix", f"--property={_PROPERTIES}", "--", *units)
    if done.rc != 0:
        raise NotObservable(f"systemctl show: {done.stderr.strip() or done.rc}")
    found = {}
    for part in done.stdout.split("\n\n"):
        lines = [line.split("=", 1) for line in part.splitlines() if "=" in line]
        seen = {key: value for key, value in lines if key != "EnvironmentFiles"}
        seen["EnvironmentFiles"] = " ".join(value.split(" (")[0] for key, value in lines if key == "EnvironmentFiles")
        if seen.get("LoadState") not in (None, "not-found"):
            found[seen["Id"]] = seen
    return found


def _files_of(host: Host, seen: Mapping[str, str]) -> list[str]:
    """The files that a unit is made of, but for those made anew at every boot, and those with its environment."""
    files = [*seen.get("FragmentPath", "").split(), *seen.get("DropInPaths", "").split()]
    environment = [path for path in seen["EnvironmentFiles"].split() if _says(host, path)]
    return [path for path in [*files, *environment] if not path.startswith(_GENERATED)]


def _outdated(host: Host, reload: Mapping[str, Sequence[str]], shown: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The units that run, and were neither started nor reloaded since the inode of a file was last changed."""
    for unit in reload["units"]:
        seen = shown.get(unit, {})
        since = re.fullmatch(r"@(\d+)", seen.get("StateChangeTimestamp", ""))
        if seen.get("ActiveState") != "active" or not since:
            continue
        for path in reload["paths"]:
            with contextlib.suppress(OSError):
                if int(os.stat(host.at(path)).st_ctime) > int(since[1]):
                    yield f"{unit}: {path}"


def _open_folders(host: Host, managed_by: str) -> list[str]:
    """The folders above the files of a role that a group or everybody may write to, or that belong to a person."""
    above = {parent for path in (_stores.kept(host, managed_by) if managed_by else ()) for parent in _parents(path)}
    found = []
    for folder in sorted(above):
        with contextlib.suppress(OSError):
            info = os.stat(host.at(folder))
            # In a folder with the sticky bit nobody can take away what belongs to another.
            if info.st_uid >= _PEOPLE or (info.st_mode & 0o022 and not info.st_mode & stat.S_ISVTX):
                found.append(folder)
    return found


def _parents(path: str) -> list[str]:
    parts = path.split("/")[1:-1]
    return ["/" + "/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _says(host: Host, path: str) -> bool:
    """Whether a file with environment holds any line that is no comment."""
    lines = (host.read(path) or "").splitlines()
    return any(line.strip() and line.lstrip()[0] not in "#;" for line in lines)
