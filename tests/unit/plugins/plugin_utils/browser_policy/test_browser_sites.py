# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Allowed sites: what is accepted, what is refused and what each browser's pattern covers."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.browser_policy.sites import (
    MOST,
    Site,
    SiteError,
    chromium_filter,
    firefox_pattern,
    parse_site,
    parse_sites,
)

LABELS = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
ADDRESSES = st.one_of(st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(lambda address: f"[{address}]"))
PATHS = st.one_of(st.just(""), st.from_regex(r"(/[A-Za-z0-9_-]{1,6}){1,3}/?", fullmatch=True))
PORTS = st.one_of(st.none(), st.integers(1, 65535))
SCHEMES = st.sampled_from(["", "http", "https"])


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str, str, int | None, str]:
    """A site in its parts: scheme, *. or nothing, host, port and path."""
    host = draw(st.one_of(NAMES, ADDRESSES))
    named = not host.startswith("[") and not host[-1].isdigit()
    return draw(SCHEMES), draw(st.sampled_from(["", "*."])) if named else "", host, draw(PORTS), draw(PATHS)


def text(scheme: str, below: str, host: str, port: int | None, path: str) -> str:
    """The parts as people write them."""
    return (f"{scheme}://" if scheme else "") + below + host + (f":{port}" if port else "") + path


def chromium_covers(pattern: str, scheme: str, host: str, port: int, path: str) -> bool:
    """Whether a filter covers an address, as Chromium's documentation of the format says."""
    found = re.fullmatch(r"(?:(https?)://)?(\.?)(\[[^\]]+\]|[^:/]+)(?::(\d+))?(/.*)?", pattern)
    assert found, pattern
    wanted_scheme, dot, name, wanted_port, prefix = found.groups()
    is_address = re.fullmatch(r"\[.*\]|[0-9.]+", name)
    same = host == name or (not dot and not is_address and host.endswith("." + name))
    return (
        wanted_scheme in (None, scheme) and same and wanted_port in (None, str(port)) and path.startswith(prefix or "")
    )


def firefox_covers(pattern: str, scheme: str, host: str, path: str) -> bool:
    """Whether a match pattern covers an address, as the documentation of match patterns says."""
    found = re.fullmatch(r"(\*|https?)://(\*\.)?([^/]+)(/.*)", pattern)
    assert found, pattern
    wanted_scheme, below, name, glob = found.groups()
    same = host == name or (below is not None and host.endswith("." + name))
    parts = [re.escape(part) for part in glob.split("*")]
    return wanted_scheme in ("*", scheme) and same and re.fullmatch(".*".join(parts), path) is not None


@given(written())
def test_a_site_and_its_plain_form_are_the_same(parts: tuple[str, str, str, int | None, str]) -> None:
    site = parse_site(text(*parts))
    assert parse_site(str(site)) == site
    assert (site.scheme, site.below, site.port) == (parts[0], bool(parts[1]), parts[3])
    assert parse_site(text(*parts).upper().removesuffix(parts[4].upper()) + parts[4]) == site


OPENED = st.tuples(SCHEMES.filter(bool), PORTS, PATHS)


@given(written(), OPENED, LABELS, st.sampled_from(["same", "below", "beside", "other"]))
def test_both_patterns_cover_what_the_site_means(
    parts: tuple[str, str, str, int | None, str], opening: tuple[str, int | None, str], label: str, kind: str
) -> None:
    scheme, port, path = opening
    site = parse_site(text(*parts))
    name = site.shown_host
    host = {"same": name, "below": f"{label}.{name}", "beside": f"{label}{name}", "other": "other.invalid"}[kind]
    if site.is_address and kind != "same":
        host = "other.invalid"
    opened = parts[4] + path or "/"
    there = port or site.port or {"http": 80, "https": 443}[scheme]
    meant_host = host == name or (site.below and host.endswith("." + name))
    meant = meant_host and site.scheme in ("", scheme) and opened.startswith(site.path)
    assert chromium_covers(chromium_filter(site), scheme, host, there, opened) == (meant and site.port in (None, there))
    assert firefox_covers(firefox_pattern(site), scheme, host, opened) == meant


@given(st.ip_addresses(v=6), PORTS)
def test_one_ipv6_address_has_one_form(address: ipaddress.IPv6Address, port: int | None) -> None:
    short, long = parse_site(f"[{address}]"), parse_site(f"[{address.exploded.upper()}]")
    assert short == long == Site(host=str(address))
    assert firefox_pattern(short) == f"*://[{address}]/*"
    assert chromium_filter(short) == f"[{address}]"


@given(st.text(max_size=30))
def test_no_text_gives_a_pattern_that_says_more_than_a_site(anything: str) -> None:
    try:
        site = parse_site(anything)
    except SiteError:
        return
    for pattern in (chromium_filter(site), firefox_pattern(site)):
        assert pattern.isascii()
        assert pattern.isprintable()
        assert pattern not in ("*", "<all_urls>", "*://*/*")
        assert "**" not in pattern
    assert "*" not in chromium_filter(site)


@pytest.mark.parametrize(
    ("site", "chromium", "firefox"),
    [
        ("crm.example.com", ".crm.example.com", "*://crm.example.com/*"),
        ("*.example.com", "example.com", "*://*.example.com/*"),
        ("HTTPS://Crm.Example.com/", "https://.crm.example.com", "https://crm.example.com/*"),
        ("crm.example.com:8443/Desk", ".crm.example.com:8443/Desk", "*://crm.example.com/Desk*"),
        ("http://10.1.2.3", "http://10.1.2.3", "http://10.1.2.3/*"),
        ("[FD60:0::7]:8443", "[fd60::7]:8443", "*://[fd60::7]/*"),
        ("*.bücher.example", "xn--bcher-kva.example", "*://*.xn--bcher-kva.example/*"),
        ("intranet", ".intranet", "*://intranet/*"),
        ("a.example/%7Eme", ".a.example/%7Eme", "*://a.example/%7Eme*"),
    ],
)
def test_forms(site: str, chromium: str, firefox: str) -> None:
    assert (chromium_filter(parse_site(site)), firefox_pattern(parse_site(site))) == (chromium, firefox)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ("", "no text"),
        (None, "no text"),
        (7, "no text"),
        ("*", "has a *"),
        ("*.", "no host"),
        ("*.*.example.com", "has a *"),
        ("a.*.example.com", "has a *"),
        ("*example.com", "has a *"),
        ("ftp://example.com", "scheme ftp"),
        ("file:///etc/passwd", "scheme file"),
        ("javascript://x", "scheme javascript"),
        ("chrome://settings", "scheme chrome"),
        ("https://", "no host"),
        (".example.com", "no host name"),
        ("example.com.", "no host name"),
        ("-x.example", "no host name"),
        ("a" * 64 + ".example", "no host name"),
        ("user@example.com", "does not belong"),
        ("exam ple.com", "does not belong"),
        ("example.com\n", "does not belong"),
        ("example.com?x=1", "does not belong"),
        ("example.com/a?x=1", "path"),
        ("example.com/a#b", "path"),
        ("example.com/a*b", "path"),
        ("example.com/../b", ". or .."),
        ("example.com/%2e%2E/b", ". or .."),
        ("example.com/%zz", "path"),
        ("example.com:0", "port"),
        ("example.com:65536", "port"),
        ("example.com:", "port"),
        ("10.1.2", "IPv4"),
        ("10.1.2.256", "IPv4"),
        ("2130706433", "IPv4"),
        ("0x7f000001", "IPv4"),
        ("*.10.1.2.3", "below"),
        ("[fd60::7", "does not belong"),
        ("[fd60::g]", "IPv6"),
        ("[fe80::1%eth0]", "IPv6"),
        ("*.[fd60::7]", "does not belong"),
        ("fd60::7", "does not belong"),
        ("straße.example", "xn--"),
        ("a\u2024b.example", "xn--"),
    ],
)
def test_refusals_say_why(wrong: object, word: str) -> None:
    with pytest.raises(SiteError) as refused:
        parse_site(wrong)
    assert word in str(refused.value)


def test_every_wrong_entry_is_named_with_its_place_and_what_is_valid() -> None:
    sites, errors = parse_sites(["ok.example", "ftp://x", "OK.example", "*"], "browser_policy_sites_allowed")
    assert [site.host for site in sites] == ["ok.example"]
    assert [error.partition(" ")[0] for error in errors] == [
        "browser_policy_sites_allowed[1]",
        "browser_policy_sites_allowed[3]",
    ]
    assert all("valid is a host name (crm.example.com)" in error for error in errors)
    assert parse_sites("ok.example", "v")[1]
    assert "1000 at most" in parse_sites([f"h{number}.example" for number in range(MOST + 1)], "v")[1][0]
