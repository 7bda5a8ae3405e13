# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workstations and the web: the listed site loads through the gateway's proxy, and every way round it is closed.

The host ``outside`` is the internet: web sites, a name server, DNS over TLS and HTTPS, and something on QUIC's port.
Each way round is tried three times by somebody without rights: as the site is, on a workstation that somebody has taken
over, and with the gateway open too. Then all of them lead outside, or the test would prove nothing.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import REPOSITORY

from .conftest import OUTSIDE, Intent, Sink, attempt, without_firewall
from .ways_out import CA, FORBIDDEN, ROUND, SITES, THROUGH, V4, V6

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

    from .conftest import Try

pytestmark = [pytest.mark.claim("sites-allowed-only"), pytest.mark.control("web_filter.proxy_allow_list")]

PROGRAM = (REPOSITORY / "tests/behaviour/web_filter/outside.py").read_text(encoding="utf-8")
FOLDER = "/run/ringfence-web"


def tried(lab: Lab, station: dict[str, str], ways: dict[str, str]) -> dict[str, Completed]:
    """How commands of somebody without rights on a workstation ended."""

    def as_nobody(command: str) -> Completed:
        words = re.sub(r"\{(\w+)\}", lambda match: station[match[1]], command)
        # In a container of Debian 13 nobody but root may ping.
        who = "" if command.startswith("ping") else "runuser -u nobody -- "
        return lab.run(station["name"], f"{who}sh -c {shlex.quote(words)}")

    # Fewer than the ten sessions that sshd takes on one connection.
    with ThreadPoolExecutor(max_workers=8) as workers:
        return dict(zip(ways, workers.map(as_nobody, ways.values())))


def open_ways(lab: Lab, station: dict[str, str]) -> set[str]:
    """The ways round the filter that are open to a workstation."""
    return {way for way, done in tried(lab, station, ROUND).items() if done.rc == 0}


@pytest.fixture(scope="module")
def stations(lab: Lab, intent: Intent) -> dict[str, dict[str, str]]:
    """A workstation of each release: ``name``, ``proxy``, the site ``listed`` for its client and the ``other``'s.

    ``neighbour`` is an address of the other client's workstations, ``neighbours_proxy`` the proxy that these have.
    """
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
    for mine, theirs in (("debian12", "debian13"), ("debian13", "debian12")):
        other = found[theirs]
        found[mine] |= {"neighbour": lab.address(other["name"]), "neighbours_proxy": other["proxy"]}
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
    station = stations[release]
    name = station["name"]
    (gateway,) = (host for host in lab.hosts if lab.hosts[host].get("forwarding"))
    mine = set(lab.addresses(name))
    with Sink(lab, OUTSIDE).open() as seen:
        assert open_ways(lab, station) == set()
        with without_firewall(lab, name):
            assert open_ways(lab, station) == set()
    assert [packet for packet in seen if packet["source"] in mine] == []
    with without_firewall(lab, name, gateway):
        assert open_ways(lab, station) == set(ROUND)


@pytest.mark.proof("sites-allowed-only.no-curl", "sites-allowed-only.no-direct-ip")
@pytest.mark.control("web_filter.proxy_connect_limited")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_no_way_leads_through_the_filter(lab: Lab, stations: dict[str, dict[str, str]], release: str) -> None:
    """By names, addresses, headers, requests in requests and tunnels: no site but the listed one is ever asked."""
    station = stations[release]
    closed = [site for site in SITES if site != station["listed"]]
    with Sink(lab, OUTSIDE).open() as seen:
        said = {way: done.stdout for way, done in tried(lab, station, THROUGH).items()}
    assert {way for way, text in said.items() if any(f"site {site}" in text for site in closed)} == set()
    asked = {packet["target"] for packet in seen if packet["protocol"] == 6 and packet["port"] != 53}
    assert asked & {f"{net}{SITES[site]}" for site in closed for net in (V4, V6)} == set()
    # What came along with a way out is given, so the proxy did look at them.
    for way in ("Host header", "second request"):
        assert f"site {station['listed']} path /" in said[way], said[way]


@pytest.mark.control("web_filter.dns_allow_list")
@pytest.mark.parametrize("release", ["debian12", "debian13"])
def test_no_name_carries_anything_out(lab: Lab, stations: dict[str, dict[str, str]], release: str) -> None:
    """What is asked in names of nobody's does not leave the gateway, whatever kind of record is asked for."""
    station = stations[release]
    secret = f"s3cret-{release}.social.example"
    for kind in ("A", "AAAA", "TXT", "NULL", "CNAME", "MX", "ANY"):
        done = lab.run(station["name"], f"dig +tries=1 +time=5 @{station['proxy']} {secret} {kind}")
        assert "NXDOMAIN" in done.stdout, kind
    assert lab.run(OUTSIDE, f"cat {FOLDER}/dns | grep -c s3cret-{release}").stdout.strip() == "0"


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
