# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An allowed site as people write it, and the pattern each browser wants for it.

    crm.example.com                 this host, over http and https, on any port
    *.example.com                   example.com and every name below it
    https://crm.example.com         over https only
    crm.example.com:8443            this port only (Firefox's patterns know no ports: any port there)
    https://crm.example.com/desk    addresses whose path begins with /desk
    10.1.2.3   [fd60::7]:8443       an address
    bücher.example                  written as xn--bcher-kva.example

Chromium's format is its "URL blocklist filter format": a bare host covers the names below it too, a dot in front takes
them out. Firefox wants WebExtension match patterns, where only *. covers the names below.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

VALID = (
    "a host name (crm.example.com), *. and a domain (*.example.com) or an address (10.1.2.3, [fd60::7]), optionally "
    "with http:// or https:// in front and :PORT and /PATH behind"
)
# Both browsers ignore what comes after this many entries.
MOST = 1000

_SHAPE = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?"
    r"(?P<host>\[[^\]]*\]|[^/:\[\]?#@]*)"
    r"(?::(?P<port>[0-9]*))?"
    r"(?P<path>/.*)?"
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# What RFC 3986 lets stand in a path, without the signs that mean more than themselves to one of the browsers.
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()+,;=:@/-]|%[0-9A-Fa-f]{2})*")


class SiteError(ValueError):
    """A text that is no site; says why."""


@dataclass(frozen=True)
class Site:
    """An allowed site.

    host: lower case, ASCII; an IPv6 address without its brackets, in its shortest form. scheme: http, https or '' for
    both. port: None for any. path: what the path begins with, '' for all.
    """

    host: str
    below: bool = False
    scheme: str = ""
    port: int | None = None
    path: str = ""

    @property
    def shown_host(self) -> str:
        """The host as it stands in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        """The site as people write it, in its one plain form."""
        scheme = f"{self.scheme}://" if self.scheme else ""
        port = f":{self.port}" if self.port else ""
        return f"{scheme}{'*.' if self.below else ''}{self.shown_host}{port}{self.path}"


def parse_site(text: object) -> Site:
    """The site that a text names. Raises SiteError."""
    if not isinstance(text, str) or not text:
        raise SiteError("is no text")
    found = _SHAPE.fullmatch(text)
    if found is None or any(sign.isspace() or not sign.isprintable() for sign in text):
        raise SiteError("has a sign that does not belong there")
    scheme = (found["scheme"] or "").lower()
    if scheme not in ("", "http", "https"):
        raise SiteError(f"has the scheme {scheme}")
    host = found["host"]
    below = host.startswith("*.")
    host = _host(host[2:] if below else host)
    site = Site(host, below, scheme, _port(found["port"]), _path(found["path"]))
    if below and site.is_address:
        raise SiteError("has *. in front of an address, and there are no names below one")
    return site


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            address = ipaddress.IPv6Address(text[1:-1])
        except ValueError as error:
            raise SiteError(f"has {text}, which is no IPv6 address") from error
        if address.scope_id:
            raise SiteError("has an IPv6 address with a zone")
        return str(address)
    if not text:
        raise SiteError("names no host")
    if "*" in text:
        raise SiteError("has a * that is not the *. in front of a domain")
    name = _ascii(text)
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise SiteError(f"has {text}, which is no host name")
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        # Browsers read such a host as an IPv4 address, in forms that nobody means.
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError as error:
            raise SiteError(f"has {text}, which is no IPv4 address") from error
    return name


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        name = text.encode("idna").decode("ascii").lower()
        spelt = name.encode("ascii").decode("idna")
    except UnicodeError as error:
        raise SiteError(f"has {text}, which cannot be written as an international domain name") from error
    if (
        spelt.encode("idna").decode("ascii").lower() != name
        or "ß" in text
        or "ς" in text
        or name.count(".") != text.count(".")
    ):
        # IDNA 2003 and what browsers use differ for these: another domain would be allowed.
        raise SiteError(f"has {text}, which software reads in different ways: write its xn-- form")
    return name


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not text or len(text) > 5 or not 1 <= int(text) <= 65535:
        raise SiteError(f"has the port {text or 'nothing'}, ports are 1 to 65535")
    return int(text)


def _path(text: str | None) -> str:
    if text is None or text == "/":
        return ""
    if not _PATH.fullmatch(text):
        raise SiteError("has a path with a sign that does not belong there (no *, ?, # or blanks; others as %XX)")
    if any(part in (".", "..") for part in text.replace("%2e", ".").replace("%2E", ".").split("/")):
        raise SiteError("has a path with . or .. in it")
    return text


def parse_sites(texts: object, variable: str) -> tuple[list[Site], list[str]]:
    """The sites of a list, each once, and one sentence for every entry that is none."""
    if not isinstance(texts, (list, tuple)):
        return [], [f"{variable} is no list; each entry is {VALID}"]
    sites: dict[Site, None] = {}
    errors = []
    for number, text in enumerate(texts):
        try:
            sites[parse_site(text)] = None
        except SiteError as error:
            errors.append(f"{variable}[{number}] {text!r} {error}; valid is {VALID}")
    if len(sites) > MOST:
        errors.append(f"{variable} has {len(sites)} sites, and browsers read {MOST} at most")
    return list(sites), errors


def chromium_filter(site: Site) -> str:
    """A site in the filter format of Chromium, Chrome and Edge."""
    scheme = f"{site.scheme}://" if site.scheme else ""
    # Without the dot the names below are allowed as well; an address has none.
    dot = "" if site.below or site.is_address else "."
    port = f":{site.port}" if site.port else ""
    return f"{scheme}{dot}{site.shown_host}{port}{site.path}"


def firefox_pattern(site: Site) -> str:
    """A site as a match pattern of Firefox. There is no port in it: a pattern with one matches nothing."""
    below = "*." if site.below else ""
    return f"{site.scheme or '*'}://{below}{site.shown_host}{site.path}{'*' if site.path else '/*'}"
