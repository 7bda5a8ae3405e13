# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy: each client's workstations open that client's sites and nothing else, however they ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import ACME, GLOBEX, SITES

if TYPE_CHECKING:
    from .conftest import Gateway

pytestmark = [pytest.mark.claim("sites-allowed-only"), pytest.mark.usefixtures("release")]

HANDSHAKE = (
    "openssl s_client -proxy 10.69.11.1:3128 -connect {to}:443 {sni} -verify_return_error"
    " -CAfile /run/ringfence-world/ca.pem -quiet -ign_eof"
)
ASK = "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n"


@pytest.mark.control("web_filter.proxy_allow_list")
@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("client", "site"),
    [
        (ACME, "claims.acme.example"),
        (ACME, "portal.example"),
        (ACME, "a.portal.example"),
        (GLOBEX, "booking.globex.example"),
    ],
)
def test_listed_sites_load(gateway: Gateway, client: str, site: str, scheme: str, family: int) -> None:
    """The site itself answers with its own certificate; the proxy is there on IPv4 and IPv6."""
    seen = gateway.fetch(client, f"{scheme}://{site}/page", proxy=gateway.proxy(client, family))
    assert (seen.status, seen.body) == (200, f"site {site} path /page")


@pytest.mark.proof("sites-allowed-only.no-curl")
@pytest.mark.control("web_filter.proxy_allow_list")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("client", "site"),
    [
        (ACME, "social.example"),
        (ACME, "booking.globex.example"),
        (GLOBEX, "claims.acme.example"),
        (GLOBEX, "social.example"),
        (ACME, "deeper.claims.acme.example"),
        (ACME, "notportal.example"),
    ],
)
def test_all_others_are_blocked(gateway: Gateway, client: str, site: str, scheme: str) -> None:
    """Sites of nobody, of another client, and names that only look like listed ones; without the filter they load."""
    seen = gateway.fetch(client, f"{scheme}://{site}/")
    assert (seen.status, seen.proxy) == ((403, 0) if scheme == "http" else (0, 403))
    known = next((name for name in SITES if site == name or site.endswith("." + name)), None)
    if known:
        assert gateway.direct(client, f"{scheme}://{site}/", SITES[known][0]).status == 200


@pytest.mark.control("web_filter.proxy_allow_list")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_is_no_client_opens_nothing(gateway: Gateway, scheme: str) -> None:
    """An address in no client's subnet is refused what every client may open."""
    proxy = gateway.proxy("inside")
    for site in ("claims.acme.example", "booking.globex.example"):
        seen = gateway.fetch("inside", f"{scheme}://{site}/", proxy=proxy)
        assert 403 in (seen.status, seen.proxy)


@pytest.mark.control("web_filter.proxy_allow_list")
@pytest.mark.parametrize("header", ["X-Forwarded-For: 10.69.12.2", "Forwarded: for=10.69.12.2", "Via: 1.1 web-filter"])
def test_a_header_makes_nobody_another_client(gateway: Gateway, header: str) -> None:
    """Only the connection's own address tells whose workstation it is."""
    assert gateway.fetch(ACME, "http://booking.globex.example/", "-H", header).status == 403
    seen = gateway.fetch(ACME, "https://booking.globex.example/", "--proxy-header", header)
    assert seen.proxy == 403


@pytest.mark.proof("sites-allowed-only.no-direct-ip")
@pytest.mark.control("web_filter.proxy_connect_limited")
@pytest.mark.parametrize("address", ["198.51.100.10", "[2001:db8:69::10]", "198.51.100.30", "3325256714"])
def test_no_site_by_its_address(gateway: Gateway, address: str) -> None:
    """Not even a listed one, with or without its name in the Host header; without the filter the address answers."""
    assert gateway.fetch(ACME, f"https://{address}/", "-k").proxy == 403
    named = ("-H", "Host: claims.acme.example")
    assert gateway.fetch(ACME, f"http://{address}/", *named).status == 403
    assert gateway.fetch(ACME, f"http://{address}/", *named, filtered=False).status == 200


@pytest.mark.control("web_filter.proxy_connect_limited")
@pytest.mark.parametrize("port", [22, 25, 53, 80, 853, 8443])
def test_connect_to_the_ports_of_https_only(gateway: Gateway, port: int) -> None:
    """A listed site is no way to its other ports, such as DNS over TLS."""
    assert gateway.fetch(ACME, f"https://claims.acme.example:{port}/").proxy == 403


@pytest.mark.control("web_filter.proxy_connect_limited")
@pytest.mark.parametrize(
    ("to", "sni"),
    [
        ("claims.acme.example", "social.example"),
        ("claims.acme.example", "a.portal.example"),
        ("social.example", "claims.acme.example"),
        ("198.51.100.30", "claims.acme.example"),
    ],
)
def test_the_handshake_names_what_connect_did(gateway: Gateway, to: str, sni: str) -> None:
    """Another name in the handshake than in CONNECT gets no answer, were both of them listed."""
    ask = ASK.format(host=sni)
    good = gateway.at(
        ACME, HANDSHAKE.format(to="claims.acme.example", sni="-servername claims.acme.example"), stdin=ask
    )
    assert f"site {sni} path /" in good.stdout
    before = len([line for line in gateway.log() if "tls=splice" in line])
    mixed = gateway.at(ACME, HANDSHAKE.format(to=to, sni=f"-servername {sni}"), stdin=ask)
    assert "site " not in mixed.stdout
    assert len([line for line in gateway.log() if "tls=splice" in line]) == before


@pytest.mark.control("web_filter.proxy_connect_limited")
def test_a_handshake_without_a_name_goes_to_the_listed_site(gateway: Gateway) -> None:
    """Old programs send none: they get to the site that CONNECT named, at the address that the proxy looked up."""
    seen = gateway.at(ACME, HANDSHAKE.format(to="claims.acme.example", sni="-noservername"), stdin=ASK.format(host="x"))
    assert "site x path /" in seen.stdout
    assert "to=198.51.100.10 " in "".join(gateway.log()[-3:]) or "to=2001:db8:69::10 " in "".join(gateway.log()[-3:])


@pytest.mark.control("web_filter.proxy_connect_limited")
def test_a_tunnel_carries_tls_only(gateway: Gateway) -> None:
    """ssh or anything else over CONNECT ends at the proxy."""
    talk = (
        "import socket; s = socket.create_connection(('10.69.11.1', 3128), 5);"
        " s.sendall(b'CONNECT claims.acme.example:443 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); print(s.recv(99));"
        " s.sendall(b'SSH-2.0-example and more of it\\r\\n' * 9); print(s.recv(99))"
    )
    said = gateway.at(ACME, f'python3 -c "{talk}"').stdout.splitlines()
    assert said[0].startswith("b'HTTP/1.1 200")
    assert said[1] == "b''"


@pytest.mark.control("web_filter.proxy_allow_list")
def test_the_host_header_is_the_address_lines(gateway: Gateway) -> None:
    """A forbidden name in the Host header of a request for a listed site is not passed on."""
    seen = gateway.fetch(ACME, "http://claims.acme.example/", "-H", "Host: social.example")
    assert seen.body == "site claims.acme.example path /"


@pytest.mark.control("web_filter.proxy_allow_list")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_listed_name_leads_inside(gateway: Gateway, scheme: str) -> None:
    """A listed name that resolves to a private address is refused, but in the networks that are listed as well."""
    seen = gateway.fetch(ACME, f"{scheme}://inside.example/")
    assert 403 in (seen.status, seen.proxy)
    assert gateway.direct(ACME, f"{scheme}://inside.example/", "10.69.13.20").status == 200
    assert gateway.fetch(ACME, f"{scheme}://crm.inside.example/").status == 200


@pytest.mark.control("web_filter.blocked_page")
def test_a_blocked_page_says_whom_to_ask(gateway: Gateway) -> None:
    """The client's title, the site and the contact, for http as a page and for https as the answer to CONNECT."""
    seen = gateway.fetch(ACME, "http://social.example/?q=secret")
    for part in ("it-desk@callcenter.example", "Acme Insurance &amp; Sons", "<strong>social.example</strong>"):
        assert part in seen.body
    assert "secret" not in seen.body
    talk = "printf 'CONNECT social.example:443 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' | nc -w 2 10.69.11.1 3128"
    said = gateway.at(ACME, talk).stdout
    assert said.startswith("HTTP/1.1 403")
    assert "it-desk@callcenter.example" in said
    other = gateway.fetch(GLOBEX, "http://social.example/").body
    assert "Globex Travel" in other
    assert "Acme" not in other


@pytest.mark.control("web_filter.proxy_running")
def test_the_cache_manager_is_for_the_host_itself(gateway: Gateway) -> None:
    """What is going on in the proxy is nothing for workstations."""
    talk = "printf 'GET /squid-internal-mgr/active_requests HTTP/1.0\\r\\n\\r\\n' | nc -w 2 10.69.11.1 3128"
    assert " 403 " in gateway.at(ACME, talk).stdout.splitlines()[0]
