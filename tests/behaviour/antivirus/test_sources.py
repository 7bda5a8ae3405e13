# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site without internet: definitions from its own server through a proxy, from a mirror; and servers that are not it.

The server and the proxy run on the peer. ClamAV's official databases cannot be had in a test: what is seen is that the
mirror and nobody else is asked for them, and that it cannot foist others on the host.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.behaviour.antivirus.conftest import QUARANTINE, RECORDS
from tests.support.lab import REPOSITORY
from tests.support.malware import EICAR, write

if TYPE_CHECKING:
    from tests.behaviour.antivirus.conftest import Machine
    from tests.support.lab import Completed

SCAN = "ringfence-antivirus-scan.service"
PASSWORD = "one-for-updates"  # of a proxy that lives as long as this test
CA = "/usr/local/share/ca-certificates/rf-site-ca.crt"
PROXIED = {
    "antivirus_custom_databases": ["https://definitions.example:8443/site.cud"],
    "antivirus_proxy": "http://proxy.example:3128",
    "antivirus_proxy_username": "updates",
    "antivirus_proxy_password": PASSWORD,
}
MIRRORED = {
    "antivirus_official_databases": True,
    "antivirus_custom_databases": [],
    "antivirus_mirror": "https://mirror.example:8443",
}
# Every packet that leaves the host and opens something: for the mirror, for a resolver, for anybody else.
WATCH = """\
table inet rf_watch {{
  counter mirror {{ }}
  counter names {{ }}
  counter others {{ }}
  chain output {{
    type filter hook output priority 0; policy accept;
    tcp sport 22 return
    ip daddr {peer} tcp dport 8443 counter name mirror return
    meta l4proto {{ tcp, udp }} th dport 53 counter name names return
    oif lo return
    ct direction original ct state new counter name others
  }}
}}
"""


class Source:
    """The server, the proxy and the host that is to use them."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.lab = machine, machine.lab
        self.host = self.lab.peer(machine.name)
        self.address = self.lab.address(self.host)

    def run(self, command: str, stdin: str = "") -> str:
        """Run a shell line on the peer, which must work; its output."""
        done = self.lab.run(self.host, command, stdin=stdin, timeout=120)
        assert done.rc == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, certificate: str) -> None:
        """Have the server come back with this certificate."""
        place = f"cp {certificate}.pem served.pem; cp {certificate}.key served.key"
        start = "systemd-run --quiet --collect --unit=rf-source python3 /srv/rf-source/server.py"
        self.run(f"cd /srv/rf-source; {place}; systemctl stop rf-source 2>/dev/null; {start}")
        assert self.machine.wait(lambda: self.lab.run(self.host, "nc -z localhost 8443").rc == 0)

    def converge(self, variables: dict[str, object]) -> Completed:
        """Run the scenario's converge on this host alone, with other variables."""
        playbook = str(REPOSITORY / "molecule/antivirus/converge.yml")
        return self.lab.playbook(
            playbook, "--diff", "--limit", self.machine.name, "-e", json.dumps(variables), inventory=self.lab.inventory
        )


@pytest.fixture(scope="module")
def source(machine: Machine) -> Iterator[Source]:
    """A server of definitions and a proxy on the peer; the host trusts the site's CA as Debian's hosts do."""
    it = Source(machine)
    script = (Path(__file__).parent / "source.sh").read_text(encoding="utf-8")
    it.run(f"mkdir -p /srv/rf-source; umask 077; echo {PASSWORD} > /srv/rf-source/password")
    it.run(f"sh -s {it.address}", stdin=script)
    it.serve("right")
    machine.run("cp -p /etc/hosts /var/tmp/rf-hosts; rm -f /srv/files/*")
    machine.run(f"cat > {CA} <<'PEM'\n{it.run('cat /srv/rf-source/site-ca.pem')}PEM\nupdate-ca-certificates 2>&1")
    # The host is not told where definitions.example is: there is no way to it but the proxy.
    machine.run(f"echo '{it.address} proxy.example mirror.example' >> /etc/hosts")
    assert machine.wait(lambda: machine.attempt("nc -z proxy.example 3128").rc == 0)
    yield it
    machine.run(f"cat /var/tmp/rf-hosts > /etc/hosts; rm {CA}; update-ca-certificates --fresh 2>&1")
    it.run("systemctl stop rf-source rf-proxy; rm -rf /srv/rf-source; cat /var/tmp/rf-hosts > /etc/hosts")
    done = it.converge({})
    assert done.rc == 0, done.stdout[-4000:]
    machine.run("rm -f /var/lib/clamav/site.cud")


@pytest.fixture(scope="module")
def proxied(source: Source) -> Source:
    """The host converged to the site's own server, through the proxy."""
    source.machine.run("rm -f /var/lib/clamav/*.cud")
    done = source.converge(PROXIED)
    assert done.rc == 0, done.stdout[-6000:]
    assert PASSWORD not in done.stdout + done.stderr
    return source


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.definitions_fresh")
def test_definitions_come_from_the_sites_own_server_through_a_proxy(proxied: Source, tmp_path: Path) -> None:
    """freshclam tells the proxy who it is, trusts the site's CA, and what it fetched finds a virus."""
    machine = proxied.machine
    assert machine.attempt("getent hosts definitions.example").rc != 0
    machine.run(write("/srv/files/virus.com", EICAR) + "; rm /var/lib/clamav/site.cud")
    machine.run(f"systemctl start {SCAN}")
    assert machine.exists("/var/lib/clamav/site.cud")
    assert not machine.exists("/srv/files/virus.com")
    machine.run(f"rm {QUARANTINE}/*")
    # Who was asked for what, as the two say themselves.
    asked = proxied.run("cat /run/squid/rf-access.log")
    assert "CONNECT definitions.example:8443 updates" in asked
    assert f'{proxied.address} "GET /site.cud' in proxied.run("cat /srv/rf-source/asked.log")
    assert machine.red(tmp_path, PROXIED) == {}


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.daily_scan")
def test_from_a_server_with_a_wrong_certificate_comes_nothing(proxied: Source) -> None:
    """A CA that the host does not trust: the update fails and there is no scan. With the right one both are."""
    machine = proxied.machine
    machine.run(write("/srv/files/virus.com", EICAR) + "; touch -d @0 /var/lib/clamav/site.cud")
    proxied.serve("unknown-ca")
    since, answered = machine.now(), proxied.run("cat /srv/rf-source/asked.log")
    try:
        assert machine.attempt(f"systemctl start {SCAN}").rc != 0
    finally:
        proxied.serve("right")
    assert "exit-code" in machine.run(f"cat {RECORDS}/update.result")
    assert machine.run("stat -c %Y /var/lib/clamav/site.cud").strip() == "0"
    assert machine.exists("/srv/files/virus.com")
    assert proxied.run("cat /srv/rf-source/asked.log") == answered
    assert "certificate" in machine.log(since, "_COMM=freshclam").lower()
    machine.run(f"systemctl start {SCAN}")
    assert not machine.exists("/srv/files/virus.com")
    machine.run(f"rm {QUARANTINE}/*")


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.parametrize("certificate", ["other-name", "expired"])
def test_a_certificate_must_be_of_that_server_and_of_today(proxied: Source, certificate: str) -> None:
    """freshclam with the role's configuration, told to try once only."""
    machine = proxied.machine
    machine.run("umask 077; sed 's/^MaxAttempts.*/MaxAttempts 1/' /etc/clamav/freshclam.conf > /run/rf-freshclam.conf")
    try_once = "freshclam --config-file=/run/rf-freshclam.conf --update-db=custom 2>&1"
    proxied.serve(certificate)
    machine.run("touch -d @0 /var/lib/clamav/site.cud")
    try:
        failed = machine.attempt(try_once)
    finally:
        proxied.serve("right")
    assert failed.rc != 0
    assert "certificate" in failed.stdout.lower()
    assert machine.run("stat -c %Y /var/lib/clamav/site.cud").strip() == "0"
    machine.run(f"{try_once}; rm /run/rf-freshclam.conf")
    assert machine.run("stat -c %Y /var/lib/clamav/site.cud").strip() != "0"


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
def test_a_mirror_is_asked_and_nobody_else(source: Source) -> None:
    """freshclam asks the mirror for the official databases, no other host and no resolver, and takes none unsigned."""
    machine = source.machine
    source.run("rm -f /srv/rf-source/asked.log")
    watch = WATCH.format(peer=source.address)
    assert source.lab.run(machine.name, "nft -f -", stdin=watch).rc == 0
    since = machine.now()
    try:
        done = source.converge(MIRRORED)
        counters = machine.run("nft -j list counters table inet rf_watch")
    finally:
        machine.run("nft delete table inet rf_watch")
    # The run fails, and says why: what the mirror has is not ClamAV's.
    assert done.rc != 0
    assert "An update was needed" in done.stdout
    listed = (item["counter"] for item in json.loads(counters)["nftables"] if "counter" in item)
    packets = {counter["name"]: counter["packets"] for counter in listed}
    assert packets.pop("mirror") > 0
    assert packets == {"names": 0, "others": 0}
    asked = source.run("cat /srv/rf-source/asked.log")
    assert f'{source.lab.address(machine.name)} "GET /' in asked
    assert ".cvd" in asked
    assert not machine.exists("/var/lib/clamav/daily.cvd")
    assert "mirror.example" in machine.log(since, "_COMM=freshclam")
