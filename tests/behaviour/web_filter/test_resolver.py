# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resolver: a client's workstations learn the addresses of that client's sites, others learn nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import ACME, GLOBEX, NETWORKS, OTHER_RESOLVER

if TYPE_CHECKING:
    from .conftest import Gateway

pytestmark = [pytest.mark.claim("sites-allowed-only"), pytest.mark.usefixtures("release")]


@pytest.mark.control("web_filter.dns_allow_list")
@pytest.mark.parametrize("way", ["", "+tcp"])
@pytest.mark.parametrize("family", [0, 1])
def test_listed_names_resolve(gateway: Gateway, way: str, family: int) -> None:
    """Over UDP and TCP, IPv4 and IPv6; both kinds of address."""
    server = NETWORKS[ACME][0][family]
    assert gateway.dig(ACME, "claims.acme.example", way, server=server) == "NOERROR 198.51.100.10"
    assert gateway.dig(ACME, "a.portal.example", "AAAA", way, server=server) == "NOERROR 2001:db8:69::11"
    assert gateway.dig(GLOBEX, "booking.globex.example", way) == "NOERROR 198.51.100.20"


@pytest.mark.control("web_filter.dns_allow_list")
@pytest.mark.parametrize("kind", ["A", "TXT", "ANY"])
@pytest.mark.parametrize(
    ("client", "site"), [(ACME, "social.example"), (ACME, "booking.globex.example"), (GLOBEX, "claims.acme.example")]
)
def test_all_others_do_not_exist(gateway: Gateway, client: str, site: str, kind: str) -> None:
    """Nor does the question leave the gateway, were it a message in itself; another resolver would answer."""
    secret = f"c0ffee{kind.lower()}{client}.{site}"
    assert gateway.dig(client, secret, kind) == "NXDOMAIN"
    assert secret not in gateway.asked_outside()
    assert gateway.dig(client, secret, kind, server=OTHER_RESOLVER).startswith("NOERROR")
    assert secret in gateway.asked_outside()


@pytest.mark.control("web_filter.dns_allow_list")
def test_browsers_are_told_not_to_use_dns_over_https(gateway: Gateway) -> None:
    """The name by which Firefox asks does not exist here, though it does outside."""
    assert gateway.dig(ACME, "use-application-dns.net") == "NXDOMAIN"
    assert gateway.dig(ACME, "use-application-dns.net", server=OTHER_RESOLVER) == "NOERROR 198.51.100.30"


@pytest.mark.control("web_filter.dns_no_open_recursion")
@pytest.mark.parametrize("network", ["inside", "outside"])
@pytest.mark.parametrize("family", [0, 1])
def test_nobody_else_gets_an_answer(gateway: Gateway, network: str, family: int) -> None:
    """Neither a server of the site nor somebody outside, not even to a listed name."""
    server = NETWORKS[network][0][family]
    for name in ("claims.acme.example", "social.example", "."):
        assert gateway.dig(network, name, server=server).split()[0] == "REFUSED"
