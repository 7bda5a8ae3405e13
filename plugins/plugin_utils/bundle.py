# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence bundle of one audit: a folder that is whole, or that is not there.

While an audit runs its folder is called ``RUN.partial`` and each host's record is written into it as it comes. Sealing
adds the rest, the manifest and the hashes, and renames the folder to ``RUN``. docs/evidence.md describes every file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, chain, population, signing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Contents, Material, assemble
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.findings import check_record
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.reports import html

SCHEMA = 1
HOSTS = "hosts"
RUN = "run.json"
REPORT = "report.html"
PICTURES = "diagrams"
#: A folder of an audit that died is swept away by a later one after this many seconds.
STALE_AFTER = 24 * 3600


class BundleError(Exception):
    """The bundle cannot be opened or sealed."""


@dataclass(frozen=True)
class SealedFolder:
    """A whole bundle: its folder, its report, the hash of its manifest, and what it holds."""

    path: str
    report: str
    manifest_sha256: str
    contents: Contents

    @property
    def run(self) -> Mapping[str, Any]:
        """What run.json says."""
        found: Mapping[str, Any] = self.contents.parts["run"]
        return found

    @property
    def judged(self) -> list[Mapping[str, Any]]:
        """The records of the hosts with exceptions applied, and the site's own when it has findings."""
        return [*self.contents.records, *([self.contents.site] if self.contents.site["findings"] else [])]


def utc(seconds: float | None = None) -> str:
    """A time as ISO 8601 in UTC to the second, now if none is given."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def run_id(seconds: float | None = None) -> str:
    """A name for a run that sorts by its start and that no other run has."""
    return f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(seconds))}-{secrets.token_hex(3)}"


def _age(path: str) -> float:
    """Seconds since anything was written into a folder or its hosts folder."""
    times = [os.stat(one).st_mtime for one in (path, os.path.join(path, HOSTS)) if os.path.isdir(one)]
    return time.time() - max(times, default=time.time())


def sweep(directory: str) -> list[str]:
    """Remove what audits that died more than a day ago left behind; the names of what went."""
    gone = []
    for name in sorted(os.listdir(directory)):
        path = os.path.join(directory, name)
        if name.endswith(chain.PARTIAL) and os.path.isdir(path) and _age(path) > STALE_AFTER:
            shutil.rmtree(path, ignore_errors=True)
            gone.append(name)
    return gone


def open_run(directory: str, site: Mapping[str, Any]) -> str:
    """Begin a bundle in an evidence folder, which is made where there is none; the path of its partial folder."""
    try:
        os.makedirs(directory, mode=canonical.DIRECTORY_MODE, exist_ok=True)
        sweep(directory)
        while True:
            name = run_id()
            path = os.path.join(directory, name + chain.PARTIAL)
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, canonical.DIRECTORY_MODE)
                break
        os.mkdir(os.path.join(path, HOSTS), canonical.DIRECTORY_MODE)
        header = {"schema": SCHEMA, "run": name, "site": dict(site), "started_at": utc()}
        canonical.write(os.path.join(path, RUN), canonical.dumps(header))
    except OSError as problem:
        raise BundleError(f"no evidence bundle can be begun in {directory}: {problem.strerror}") from problem
    return path


def write_record(partial: str, record: Mapping[str, Any]) -> str:
    """Add one host's record; the path of its file. BundleError when the disk refuses."""
    path = os.path.join(partial, HOSTS, population.file_name(str(record["host"])))
    try:
        canonical.write(path, canonical.dumps(record))
    except OSError as problem:
        raise BundleError(f"the record of {record['host']} cannot be written: {problem}") from problem
    return path


def read_record(partial: str, host: str) -> dict[str, Any] | None:
    """One host's record, None when there is none; ValueError when its file is broken or cannot be read."""
    try:
        return check_record(canonical.read(os.path.join(partial, HOSTS, population.file_name(host))), host)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise ValueError(f"its file cannot be read: {problem.strerror}") from problem


@contextlib.contextmanager
def _sealing(directory: str) -> Iterator[None]:
    """One at a time: the chain has one end."""
    with open(os.path.join(directory, ".lock"), "w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _point_latest(directory: str, name: str) -> None:
    """Let ``latest`` name the bundle, in one step."""
    draft = os.path.join(directory, f".{chain.LATEST}.{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(draft)
    os.symlink(name, draft)
    os.replace(draft, os.path.join(directory, chain.LATEST))


def seal(partial: str, material: Material) -> SealedFolder:
    """Complete a bundle and give it its final name.

    BundleError when the folder is none that ``open_run`` made or the disk refuses; then no bundle appears.
    """
    directory, begun = os.path.split(os.path.abspath(partial))
    name = begun.removesuffix(chain.PARTIAL)
    try:
        header = canonical.read(os.path.join(partial, RUN))
        if name == begun or header.get("run") != name:
            raise BundleError(f"{partial} is no bundle that was begun here")
        with _sealing(directory):
            previous = chain.newest(directory)
            contents = assemble(material, header, utc(), directory, None if previous is None else previous["run"])
            write_files(partial, contents)
            digest = chain.write_manifest(partial, name, previous, material.signing_key)
            for folder in (HOSTS, *([PICTURES] if contents.pictures else [])):
                canonical.sync_directory(os.path.join(partial, folder))
            canonical.sync_directory(partial)
            final = os.path.join(directory, name)
            os.rename(partial, final)
            _point_latest(directory, name)
            canonical.sync_directory(directory)
    except FileNotFoundError as problem:
        raise BundleError(f"{partial} is no bundle that was begun here: {problem.filename} is missing") from problem
    except (OSError, ValueError, signing.SigningError) as problem:
        raise BundleError(f"the evidence bundle {partial} cannot be sealed: {problem}") from problem
    return SealedFolder(path=final, report=os.path.join(final, REPORT), manifest_sha256=digest, contents=contents)


def write_files(partial: str, contents: Contents) -> None:
    """Write every file of a bundle but those of the manifest."""
    _complete(partial, contents.records)
    _drop_strays(partial, contents.records)
    for part, value in contents.parts.items():
        canonical.write(os.path.join(partial, f"{part}.json"), canonical.dumps(value))
    if contents.pictures:
        os.makedirs(os.path.join(partial, PICTURES), mode=canonical.DIRECTORY_MODE, exist_ok=True)
    for name, picture in contents.pictures.items():
        data = picture.encode("utf-8", errors="backslashreplace")
        canonical.write(os.path.join(partial, PICTURES, f"{name}.svg"), data)
    page = html.render(contents)
    chain.write_verifier(partial)
    canonical.write(os.path.join(partial, REPORT), page.encode("utf-8", errors="backslashreplace"))


def _complete(partial: str, records: Sequence[Mapping[str, Any]]) -> None:
    """Write the records that are not there yet as they should be."""
    for record in records:
        path = os.path.join(partial, HOSTS, population.file_name(str(record["host"])))
        there = b""
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as stream:
            there = stream.read()
        if there != canonical.dumps(record):
            write_record(partial, record)


def _drop_strays(partial: str, records: Sequence[Mapping[str, Any]]) -> None:
    """Remove what writers that were killed left in the hosts folder, so that the bundle holds records only."""
    kept = {population.file_name(str(record["host"])) for record in records}
    for name in os.listdir(os.path.join(partial, HOSTS)):
        if name not in kept:
            os.unlink(os.path.join(partial, HOSTS, name))
