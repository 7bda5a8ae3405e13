# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever names somebody else is found however it is written, and nothing else is."""

from __future__ import annotations

import hashlib
import ipaddress

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.matcher import Matcher

OTHERS = {
    "blue-sky": "client blue-sky",
    "Smith, Jones & Co.": "its title",
    "shop.sky.example": "a web site",
    "bnp": "client bnp",
    "ace": "client ace",
    "it": "client it",
    "mail": "client mail",
    "acme": "client acme",
    "acme-travel": "client acme-travel",
    "Łódź": "client lodz",
    "1234": "a user",
}
OWN = ("acme-insurance", "insurance")
NETWORKS = {ipaddress.ip_network("10.60.20.0/24"): "a subnet", ipaddress.ip_network("fd60:0:0:20::/64"): "a subnet"}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    own = [ipaddress.ip_network("10.60.20.128/25")]
    return Matcher(OTHERS, OWN, NETWORKS, own, public="What mail there is, and that it comes.")


@pytest.mark.parametrize(
    "text",
    [
        "ws-blue-sky-1",
        "BLUE_SKY",
        "BlueSky",
        "blue sky",
        "x/blue.sky/y",
        "contract with Smith, Jones & Co. of May",
        "smith jones co",
        "https://shop.sky.example/login",
        "of bnp.",
        "ws-bnp1",
        "an ace here",
        "client_it",
        "segment mail",
        "client-mail",
        "acme",
        "acme travel",
        "acme-travel and acme-insurance",
        "acme-insurance of acme",
        "łódź",
        "ŁÓDŹ",
        "10.60.20.1",
        "http://10.60.20.11:80/",
        "ip-10-60-20-11",
        "11.20.60.10.in-addr.arpa",
        "::ffff:10.60.20.11",
        "fd60::20:0:0:0:5",
        "FD60:0:0:20::5",
        "[fd60:0:0:20::5]:443",
        hashlib.sha256(b"blue-sky").hexdigest(),
        hashlib.md5(b"BNP").hexdigest(),  # noqa: S324  # no secret is kept by it
        hashlib.sha1(b"it").hexdigest(),  # noqa: S324  # likewise
    ],
)
def test_it_is_found(matcher: Matcher, text: str) -> None:
    assert matcher.found(text)
    assert matcher.found(f"before it, {text} and after it")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a blue sea and the sky",
        "subnpart",
        "place",
        "it comes by mail",
        "acme-insurance",
        "ACME Insurance",
        "10.60.10.1",
        "10.60.20.129",
        "10.60.200.1",
        "110.60.20.1",
        "fd60:0:0:10::5",
        "21:41:00 2026-11-21",
        "port 1234",
        "aaacebbb" * 8,
        "SHA256:ace+" + "a" * 39,
        "-----BEGIN SSH SIGNATURE-----\nAAA/ace/AAA\n-----END SSH SIGNATURE-----",
        hashlib.sha256(b"blue").hexdigest(),
        "blue\nsky",
    ],
)
def test_nothing_else_is(matcher: Matcher, text: str) -> None:
    assert matcher.found(text) == []


def test_a_hit_says_what_and_whose(matcher: Matcher) -> None:
    assert matcher.found("for Blue Sky at 10.60.20.7") == [
        "'blue-sky' (client blue-sky)",
        "10.60.20.7 (a subnet)",
    ]


def test_everyday_and_short_words_are_told(matcher: Matcher) -> None:
    assert [word.text for word in matcher.weak] == ["1234", "it", "mail"]


def test_a_word_that_both_have_is_nobodys() -> None:
    both = Matcher({"Shop.example": "a web site", "blue": "client blue"}, ["shop.example"])
    assert both.found("shop.example") == []
    assert both.found("blue at shop.example") == ["'blue' (client blue)"]


def test_a_long_own_word_does_not_hide_what_goes_on_after_it() -> None:
    both = Matcher({"big-travel": "client big-travel"}, ["acme-big"])
    assert both.found("acme-big-travel") == ["'big-travel' (client big-travel)"]


@pytest.mark.parametrize(
    ("text", "own"),
    [("acme-insurance", True), ("for Acme Insurance and Acme Travel", True), ("blue-sky", False), ("nobody", False)],
)
def test_whether_the_client_is_named(matcher: Matcher, text: str, own: bool) -> None:
    assert matcher.names_own(text) is own


def test_an_own_name_within_anothers_is_not_the_clients() -> None:
    pair = Matcher({"sun-two": "client sun-two"}, ["sun"])
    assert not pair.names_own("Agents of Sun Two")
    assert pair.names_own("Agents of Sun Two and of Sun")
