# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Debian packages come from: the mirrors that this machine's own apt uses, for either release."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

CODENAMES = ("bookworm", "trixie")
_POCKETS = ("", "-updates", "-security")
_MOVING = ("stable", "oldstable")


@dataclass(frozen=True)
class Source:
    """One entry of apt's sources: a mirror and one suite of it."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""


def parse_deb822(text: str) -> list[Source]:
    """Return the entries of a file NAME.sources; disabled stanzas and source packages are left out."""
    found = []
    for stanza in re.split(r"\n\s*\n", "\n".join(line for line in text.splitlines() if not line.startswith("#"))):
        fields: dict[str, str] = {}
        key = ""
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t") and key:
                fields[key] += " " + line.strip()
            elif ":" in line:
                key, value = line.split(":", 1)
                key = key.strip().lower()
                fields[key] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        found += [
            Source(uri, suite, tuple(fields.get("components", "").split()), fields.get("signed-by", ""))
            for uri in fields.get("uris", "").split()
            for suite in fields.get("suites", "").split()
        ]
    return found


def parse_one_line(text: str) -> list[Source]:
    """Return the entries of a file NAME.list."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if match:
            options, uri, suite, components = match.groups()
            signed = re.search(r"signed-by=(\S+)", options or "")
            found.append(Source(uri, suite, tuple(components.split()), signed.group(1) if signed else ""))
    return found


def debian_lines(sources: Iterable[Source], release: str, host_release: str) -> list[str]:
    """Return apt source lines for a release of Debian from the mirrors of this machine.

    :param release: the codename wanted.
    :param host_release: this machine's codename, what its suites called stable or oldstable stand for.
    :returns: one line per mirror and pocket, sorted with the release itself first; [] when no source is Debian's.
    """
    lines: dict[str, None] = {}
    for source in sources:
        pocket = _debian_pocket(source, host_release)
        if pocket is not None:
            lines[f"deb {source.uri.rstrip('/')} {release}{pocket} main"] = None
    return sorted(lines, key=lambda line: (line.split()[2] != release, line.split()[2], line))


def _debian_pocket(source: Source, host_release: str) -> str | None:
    """Return '', '-updates' or '-security' for a source of Debian itself, None for any other."""
    if "main" not in source.components:
        return None
    # Other vendors name their suites after Debian's too; their keyring gives them away.
    if source.signed_by and "debian-archive" not in source.signed_by:
        return None
    for name in (*CODENAMES, host_release, *_MOVING):
        for pocket in _POCKETS:
            if source.suite == name + pocket:
                return pocket
    return None


def machine_sources(apt: Path = Path("/etc/apt")) -> list[Source]:
    """Read all of apt's sources; a list of mirrors (mirror+file:) is replaced by the first mirror in it."""
    found: list[Source] = []
    folder = apt / "sources.list.d"
    files = [apt / "sources.list", *(sorted(folder.iterdir()) if folder.is_dir() else [])]
    for path in files:
        if path.suffix == ".sources":
            found += parse_deb822(path.read_text(encoding="utf-8", errors="replace"))
        elif path.suffix == ".list" and path.is_file():
            found += parse_one_line(path.read_text(encoding="utf-8", errors="replace"))
    return [_resolved(source) for source in found]


def _resolved(source: Source) -> Source:
    prefix = "mirror+file:"
    if not source.uri.startswith(prefix):
        return source
    try:
        lines = Path(source.uri[len(prefix) :]).read_text(encoding="utf-8").splitlines()
    except OSError:
        return source
    mirrors = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return Source(mirrors[0], source.suite, source.components, source.signed_by) if mirrors else source


def host_release(os_release: Path = Path("/etc/os-release")) -> str:
    """Return this machine's codename, '' when it has none."""
    try:
        match = re.search(r"^VERSION_CODENAME=[\"']?([a-z]+)", os_release.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1) if match else ""
