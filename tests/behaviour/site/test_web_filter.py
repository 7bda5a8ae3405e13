# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workstations and the web: the listed site loads through the gateway's proxy, and every way round it is closed.

The host ``outside`` is the internet: web sites, a name server, DNS over TLS and HTTPS, and something on QUIC's port.
Each way round is tried three times: as the site is, on a workstation that somebody has taken over, and with the gateway
open too. Then all of them lead outside, or the test would prove nothing.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import REPOSITORY

from .conftest import OUTSIDE, Intent, Sink, attempt, without_firewall

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Try

pytestmark = [pytest.mark.claim("sites-allowed-only"), pytest.mark.control("web_filter.proxy_allow_list")]

PROGRAM = (REPOSITORY / "tests/behaviour/web_filter/outside.py").read_text(encoding="utf-8")
CA = "/run/ringfence-web.pem"
FOLDER = "/run/ringfence-web"
#: The internet: the last number of each site's addresses. A name server is on all of them.
SITES = {"claims.acme.example": 10, "booking.globex.example": 20, "social.example": 30}
V4, V6 = "198.51.100.", "2001:db8:62::"
FORBIDDEN, FORBIDDEN6 = f"{V4}{SITES['social.example']}", f"{V6}{SITES['social.example']}"
CURL = f"curl -s -f -m 4 -o /dev/null --cacert {CA}"

#: Ways round the filter: what ends with 0 when the way is open.
WAYS = {
    "http": f"{CURL} --resolve social.example:80:{FORBIDDEN} http://social.example/",
    "https": f"{CURL} --resolve social.example:443:{FORBIDDEN} https://social.example/",
    "https over IPv6": f"{CURL} --resolve social.example:443:[{FORBIDDEN6}] https://social.example/",
    "http by address": f"{CURL} http://{FORBIDDEN}/",
    "http by IPv6 address": f"{CURL} http://[{FORBIDDEN6}]/",
    "another port": f"{CURL} -k https://{FORBIDDEN}:8443/",
    "the listed site past the proxy": f"{CURL} -k https://{V4}{SITES['claims.acme.example']}/",
    "DNS elsewhere": f"dig +tries=1 +time=2 @{FORBIDDEN} social.example | grep -q NOERROR",
    "DNS elsewhere over TCP": f"dig +tcp +tries=1 +time=2 @{FORBIDDEN} social.example | grep -q NOERROR",
    "DNS elsewhere over IPv6": f"dig +tries=1 +time=2 @{FORBIDDEN6} social.example | grep -q NOERROR",
    "DNS over TLS": f"timeout 3 openssl s_client -connect {FORBIDDEN}:853 </dev/null 2>&1 | grep -q BEGIN.CERTIFICATE",
    "DNS over HTTPS": f"printf 'abcdefghijkl\\000\\000\\001\\000\\001' | {CURL} -k --data-binary @- https://{FORBIDDEN}/dns-query",
    "QUIC": f"echo hello | timeout 3 nc -u -w 1 {FORBIDDEN} 443 | grep -q quic",
    "QUIC over IPv6": f"echo hello | timeout 3 nc -u -w 1 {FORBIDDEN6} 443 | grep -q quic",
    "ping": f"ping -c 1 -W 1 {FORBIDDEN}",
}


def open_ways(lab: Lab, name: str) -> set[str]:
    """The ways round the filter that are open to a host."""
    # Fewer than the ten sessions that sshd takes on one connection.
    with ThreadPoolExecutor(max_workers=8) as workers:
        ends = workers.map(lambda command: lab.run(name, command).rc, WAYS.values())
        return {way for way, end in zip(WAYS, ends) if end == 0}


@pytest.fixture(scope="module")
def stations(lab: Lab, intent: Intent) -> dict[str, dict[str, str]]:
    """A workstation of each release: its ``name``, its ``proxy``, the site ``listed`` for its client and another's."""
    found = {}
    for name, entry in intent.hosts.items():
        client = next((one for one in intent.model["clients"].values() if one["segment"] == entry["segment"]), None)
        if client is not None:
            (gateway,) = (host for host in intent.hosts.values() if "gateway" in host["kind"])
            found[lab.release(name)] = {
                "name": name,
                "proxy": gateway["interfaces"][entry["segment"]][0],
                "listed": client["sites_allowed"][0],
                "other": next(site for site in SITES if site != client["sites_allowed"][0]),
            }
    assert set(found) == {"debian12", "debian13"}
    return found


@pytest.fixture(scope="module", autouse=True)
def internet(lab: Lab, stations: dict[str, dict[str, str]]) -> Iterator[None]:
    """Web sites and name servers outside; the workstations trust their certificates."""
    addresses = [f"{net}{number}" for number in SITES.values() for net in (V4, V6)] + [*lab.addresses(OUTSIDE)]
    names = {name: [f"{V4}{number}", f"{V6}{number}"] for name, number in SITES.items()}
    alternatives = ",".join(f"DNS:{name}" for name in SITES)
    more = "; ".join(f"ip addr replace {a}/{64 if ':' in a else 24} dev eth0" for a in addresses[: 2 * len(SITES)])
    words = [
        f"{FOLDER}/outside.py",
        f"{FOLDER}/pem",
        f"{FOLDER}/key",
        json.dumps(names),
        json.dumps(addresses),
        f"{FOLDER}/dns",
    ]
    start = (
        f"set -e; mkdir -p {FOLDER}; cat > {FOLDER}/outside.py; {more};"
        " openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=sites"
        f" -addext subjectAltName={alternatives} -keyout {FOLDER}/key -out {FOLDER}/pem 2>/dev/null;"
        f" systemd-run -q --unit ringfence-web python3 {' '.join(shlex.quote(word) for word in words)};"
        f" for i in $(seq 50); do nc -z 127.0.0.1 853 && break; sleep 0.1; done; cat {FOLDER}/pem"
    )
    started = lab.run(OUTSIDE, start, stdin=PROGRAM)
    assert started.rc == 0, started.stderr
    for station in stations.values():
        assert lab.run(station["name"], f"cat > {CA}", stdin=started.stdout).rc == 0
    yield
    gone = "; ".join(f"ip addr del {a}/{64 if ':' in a else 24} dev eth0" for a in addresses[: 2 * len(SITES)])
    lab.run(OUTSIDE, f"systemctl stop ringfence-web; rm -rf {FOLDER}; {gone}")
    for station in stations.values():
        lab.run(station["name"], f"rm -f {CA}")


@pytest.mark.proof("sites-allowed-only.no-curl")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_the_listed_site_loads_and_no_other(lab: Lab, stations: dict[str, dict[str, str]], release: str) -> None:
    """Through the proxy of the gateway, http and https; another client's site and a site of nobody are refused."""
    station = stations[release]
    say = "-o /dev/null -w '%{http_code} %{http_connect}'"
    curl = f"curl -s -m 8 --cacert {CA} -x http://{station['proxy']}:3128 {say}"
    for scheme, good, bad in (("http", "200 000", "403 000"), ("https", "200 200", "000 403")):
        assert lab.run(station["name"], f"{curl} {scheme}://{station['listed']}/").stdout == good
        for site in (station["other"], "social.example"):
            assert lab.run(station["name"], f"{curl} {scheme}://{site}/").stdout == bad
    assert lab.run(station["name"], f"{curl} -k https://{FORBIDDEN}/").stdout == "000 403"


@pytest.mark.control("web_filter.dns_allow_list")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_the_listed_name_resolves_and_no_other(lab: Lab, stations: dict[str, dict[str, str]], release: str) -> None:
    """At the gateway's resolver, over UDP and TCP."""
    station = stations[release]
    for way in ("", "+tcp"):
        dig = f"dig {way} +tries=1 +time=5 @{station['proxy']}"
        assert lab.run(station["name"], f"{dig} +short {station['listed']}").stdout.strip().startswith(V4)
        for site in (station["other"], "social.example", "use-application-dns.net"):
            assert "NXDOMAIN" in lab.run(station["name"], f"{dig} {site}").stdout


@pytest.mark.proof(
    "sites-allowed-only.no-curl",
    "sites-allowed-only.no-direct-ip",
    "sites-allowed-only.no-other-dns",
    "sites-allowed-only.no-ipv6",
)
@pytest.mark.control("firewall.default_deny_forward")
@pytest.mark.control("firewall.default_deny_outbound")
@pytest.mark.control("web_filter.proxy_connect_limited")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_no_way_leads_round_the_filter(lab: Lab, stations: dict[str, dict[str, str]], release: str) -> None:
    """Not as the site is, nor with the workstation's own firewall gone; without the gateway's every way is open."""
    name = stations[release]["name"]
    (gateway,) = (host for host in lab.hosts if lab.hosts[host].get("forwarding"))
    mine = set(lab.addresses(name))
    with Sink(lab, OUTSIDE).open() as seen:
        assert open_ways(lab, name) == set()
        with without_firewall(lab, name):
            assert open_ways(lab, name) == set()
    assert [packet for packet in seen if packet["source"] in mine] == []
    with without_firewall(lab, name, gateway):
        assert open_ways(lab, name) == set(WAYS)


@pytest.mark.control("firewall.default_deny_inbound")
@pytest.mark.control("web_filter.dns_no_open_recursion")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_the_filter_is_for_workstations_only(lab: Lab, intent: Intent, release: str) -> None:
    """No server and nobody outside gets to the proxy or the resolver, at whichever address of the gateway."""
    (gateway,) = (host for host in lab.hosts if lab.hosts[host].get("forwarding"))
    clients = {client["segment"] for client in intent.model["clients"].values()}
    others = [name for name, entry in intent.hosts.items() if entry["segment"] not in clients and name != gateway]
    others = [name for name in [*others, OUTSIDE] if lab.release(name) == release]
    assert others
    tries: list[Try] = [("tcp", address, port) for address in lab.addresses(gateway) for port in (3128, 3129, 53)]
    tries += [("udp", address, 53) for address in lab.addresses(gateway)]
    for name in others:
        assert set(attempt(lab, name, tries).values()) <= {"silent", "unreachable"}, name
