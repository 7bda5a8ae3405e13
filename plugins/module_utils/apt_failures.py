# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why apt could not fetch something, in sentences that say what this host lacks: a flow, a proxy, a key, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_FAILED = re.compile(r"^(?:[WE]|Err): ?Failed to fetch (?P<uri>\S+)\s+(?P<reason>.+)$", re.MULTILINE)
_SIGNATURE = re.compile(r"GPG error: (?P<uri>\S+) [^:\n]*: (?P<reason>.+)$", re.MULTILINE)
_REPOSITORY = re.compile(r"^[WE]: The repository '(?P<uri>\S+) [^'\n]*' (?P<reason>.+)$", re.MULTILINE)
_RELEASE = re.compile(r"^[WE]: Release file for (?P<uri>\S+) (?P<reason>is .+)$", re.MULTILINE)
_SECRET = re.compile(r"(//)[^/@\s']+@")

#: What follows the address of a source: of one with suites, and of one that is a folder.
_INSIDE = re.compile(r"/(?:dists|pool)/.*|(?:/\.)?/(?:InRelease|Release(?:\.gpg)?|Packages[^/]*|[^/]+\.deb)$")

_PORTS = {"http": 80, "https": 443, "ftp": 21, "tor+http": 80, "tor+https": 443}
#: Sources that are folders of the host itself.
LOCAL_SCHEMES = frozenset({"file", "copy", "cdrom"})

# What a reason of apt is about, the first that fits.
_KINDS = (
    ("names", re.compile(r"resolv|No address associated", re.IGNORECASE)),
    (
        "way",
        re.compile(
            r"refused|timed out|timeout|unreachable|no route to host|could not connect|cannot initiate"
            r"|connection (failed|reset|closed)|operation not permitted|network is down",
            re.IGNORECASE,
        ),
    ),
    ("proxy", re.compile(r"\b407\b|proxy", re.IGNORECASE)),
    ("clock", re.compile(r"not valid yet", re.IGNORECASE)),
    ("old", re.compile(r"is expired", re.IGNORECASE)),
    ("certificate", re.compile(r"certificate|handshake|\bSSL\b|\bTLS\b", re.IGNORECASE)),
    ("key", re.compile(r"signature|NO_PUBKEY|not signed|GPG|public key|no key|sqv", re.IGNORECASE)),
    ("gone", re.compile(r"\b404\b|not found|does not have a Release file", re.IGNORECASE)),
)


@dataclass(frozen=True)
class Failure:
    """One thing that apt could not fetch and its own words about it."""

    uri: str
    reason: str

    @property
    def kind(self) -> str:
        """What it is about, ``other`` when that is not known."""
        return next((kind for kind, pattern in _KINDS if pattern.search(self.reason)), "other")

    @property
    def source(self) -> str:
        """The address of the source, as the host's list of sources has it."""
        return _INSIDE.sub("", self.uri).rstrip("/")

    @property
    def package(self) -> str:
        """The package, empty for a list of packages."""
        name = self.uri.rpartition("/")[2]
        return unquote(name).split("_", 1)[0] if name.endswith(".deb") else ""


def without_secrets(text: str) -> str:
    """The text without the user and password of addresses."""
    return _SECRET.sub(r"\1", text)


def failures(text: str) -> list[Failure]:
    """What apt-get could not fetch, from its messages, each once."""
    found: list[Failure] = []
    for pattern in (_FAILED, _SIGNATURE, _RELEASE, _REPOSITORY):
        for match in pattern.finditer(text):
            reason = re.sub(r"\s+", " ", without_secrets(match["reason"])).strip().rstrip(".")
            one = Failure(without_secrets(match["uri"]), reason)
            # That a repository is not signed follows from what was said about its file before.
            if one not in found and not (pattern is _REPOSITORY and one.source in {seen.source for seen in found}):
                found.append(one)
    return found


def endpoint(uri: str) -> tuple[str, int] | None:
    """Host and port of an address; None for a folder of the host itself."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.scheme in LOCAL_SCHEMES:
        return None
    return parts.hostname, port or _PORTS.get(parts.scheme, 80)


def proxy_of(uri: str, settings: Mapping[str, str], environment: Mapping[str, str]) -> tuple[str, str] | None:
    """The proxy that apt takes for an address and where it is set; None when it asks the source itself."""
    scheme = urlsplit(uri).scheme.rpartition("+")[2]
    target = endpoint(uri)
    names = [f"Acquire::{scheme}::Proxy::{target[0] if target else ''}", f"Acquire::{scheme}::Proxy"]
    if scheme == "https":
        names.append("Acquire::http::Proxy")
    lower = {name.lower(): value for name, value in settings.items()}
    for name in names:
        value = lower.get(name.lower(), "")
        if value:
            return None if value == "DIRECT" else (value, name)
    value = environment.get(f"{scheme}_proxy", "")
    return (value, f"the environment variable {scheme}_proxy") if value else None


def _remedy(failure: Failure, proxy: tuple[str, str] | None) -> str:
    target = endpoint(proxy[0] if proxy else failure.uri)
    host, port = target or ("", 0)
    where = f"{host}:{port}"
    sayings: dict[str, str] = {
        "names": f"this host needs a name server that knows {host} and a flow to it (port 53)",
        "way": f"this host needs a flow to {where} (protocol tcp)",
        "proxy": f"the proxy {where} has to let this host through",
        "clock": "the clock of this host is behind: it needs a time server",
        "old": "the source is outdated: it needs a mirror that is kept up",
        "certificate": f"this host has to trust the certificate of {where}",
        "key": "the key that signs this source has to be named by its Signed-By",
        "gone": "the lists of the host or the mirror are outdated, or the address or suite is misspelt",
    }
    saying = sayings.get(failure.kind, "")
    if failure.kind in ("names", "way") and proxy is None:
        scheme = urlsplit(failure.uri).scheme
        saying += f", or a proxy (Acquire::{scheme}::Proxy)"
    return saying


def sentences(
    found: Sequence[Failure], proxy: Callable[[str], tuple[str, str] | None], wanted: Sequence[str]
) -> list[str]:
    """One sentence for each server and reason: what could not be fetched, apt's reason, and what this host lacks."""
    groups: dict[tuple[object, str], list[Failure]] = {}
    for one in found:
        remedy = _remedy(one, proxy(one.uri))
        # The reason names the address that was tried last, which may be another one each time.
        groups.setdefault((endpoint(one.uri) or one.source, remedy or one.reason), []).append(one)
    said = []
    for ones in groups.values():
        first = ones[0]
        what = ", ".join(sorted({one.package for one in ones if one.package}))
        what = what or f"The package lists (for {', '.join(wanted)})"
        sources = ", ".join(dict.fromkeys(one.source for one in ones))
        way, target = proxy(first.uri), endpoint(first.uri)
        at = f"{target[0]}:{target[1]}, " if target else ""
        through = f"by the proxy {without_secrets(way[0])}, set in {way[1]}" if way else "no proxy is set"
        remedy = _remedy(first, way)
        said.append(f"{what} could not be fetched from {sources} ({at}{through}): {first.reason}.")
        if remedy:
            said[-1] += f" So {remedy}."
    return said
