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
from typing import TYPE_CHECKING, Any

import pytest

from tests.behaviour.antivirus.conftest import QUARANTINE, RECORDS, Machine
from tests.support.lab import REPOSITORY
from tests.support.malware import EICAR, write

# One server and one proxy serve all hosts.
pytestmark = pytest.mark.together

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

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


class Site:
    """The server and the proxy, and the hosts that are to use them."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.machines = [Machine(lab, name) for name in lab.hosts if name.startswith("antivirus-")]
        self.host = lab.peer(self.machines[0].name)
        self.address = lab.address(self.host)
        #: What was seen of each host while its definitions were to come from the mirror.
        self.mirrored: dict[str, dict[str, Any]] = {}

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
        assert self.machines[0].wait(lambda: self.lab.run(self.host, "nc -z localhost 8443").rc == 0)

    def converge(self, variables: dict[str, object]) -> Completed:
        """Run the scenario's converge with other variables."""
        playbook = str(REPOSITORY / "molecule/antivirus/converge.yml")
        return self.lab.playbook(playbook, "--diff", "-e", json.dumps(variables), inventory=self.lab.inventory)

    def begin(self) -> None:
        """Have the server and the proxy; the hosts trust the site's CA as Debian's hosts do."""
        script = (Path(__file__).parent / "source.sh").read_text(encoding="utf-8")
        self.run(f"mkdir -p /srv/rf-source; umask 077; echo {PASSWORD} > /srv/rf-source/password")
        self.run(f"sh -s {self.address}", stdin=script)
        self.serve("right")
        authority = self.run("cat /srv/rf-source/site-ca.pem")
        for machine in self.machines:
            machine.run(f"cp -p /etc/hosts /var/tmp/rf-hosts; echo '{authority}' > {CA}; update-ca-certificates 2>&1")
            # The hosts are not told where definitions.example is: there is no way to it but the proxy.
            machine.run(f"echo '{self.address} proxy.example mirror.example' >> /etc/hosts")

    def watch_the_mirror(self) -> None:
        """Converge the hosts to the mirror and watch whom they speak to meanwhile."""
        since = {}
        for machine in self.machines:
            watch = WATCH.format(peer=self.address)
            assert self.lab.run(machine.name, "nft -f -", stdin=watch).rc == 0
            since[machine.name] = machine.now()
        done = self.converge(MIRRORED)
        asked = self.run("cat /srv/rf-source/asked.log").splitlines()
        for machine in self.machines:
            counters = json.loads(
                machine.run("nft -j list counters table inet rf_watch; nft delete table inet rf_watch")
            )
            listed = (item["counter"] for item in counters["nftables"] if "counter" in item)
            self.mirrored[machine.name] = {
                "rc": done.rc,
                "output": done.stdout,
                "packets": {counter["name"]: counter["packets"] for counter in listed},
                "asked": [line for line in asked if line.startswith(self.lab.address(machine.name) + " ")],
                "log": machine.log(since[machine.name], "_COMM=freshclam"),
                "taken": machine.attempt("ls /var/lib/clamav/*.cvd").stdout,
            }

    def end(self) -> None:
        """Leave hosts and peer as they were."""
        for machine in self.machines:
            machine.run(f"cat /var/tmp/rf-hosts > /etc/hosts; rm -f {CA}; update-ca-certificates --fresh 2>&1")
        self.run("systemctl stop rf-source rf-proxy; rm -rf /srv/rf-source; cat /var/tmp/rf-hosts > /etc/hosts")
        done = self.converge({})
        assert done.rc == 0, done.stdout[-4000:]
        for machine in self.machines:
            machine.run("rm -f /var/lib/clamav/site.cud")


@pytest.fixture(scope="module")
def site(lab: Lab) -> Iterator[Site]:
    """All hosts have been converged to the mirror, and then to the site's own server through the proxy."""
    it = Site(lab)
    try:
        it.begin()
        it.watch_the_mirror()
        for machine in it.machines:
            machine.run("rm -f /var/lib/clamav/*.cud")
        done = it.converge(PROXIED)
        assert done.rc == 0, done.stdout[-6000:]
        assert PASSWORD not in done.stdout + done.stderr
        yield it
    finally:
        it.end()


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.definitions_fresh")
def test_definitions_come_from_the_sites_own_server_through_a_proxy(
    site: Site, machine: Machine, tmp_path: Path
) -> None:
    """freshclam tells the proxy who it is, trusts the site's CA, and what it fetched finds a virus."""
    assert machine.attempt("getent hosts definitions.example").rc != 0
    machine.run(write("/srv/files/virus.com", EICAR) + "; rm /var/lib/clamav/site.cud")
    machine.run(f"systemctl start {SCAN}")
    assert machine.exists("/var/lib/clamav/site.cud")
    assert not machine.exists("/srv/files/virus.com")
    machine.run(f"rm {QUARANTINE}/*")
    # Who was asked for what, as the two say themselves.
    asked = site.run("cat /run/squid/rf-access.log")
    assert "CONNECT definitions.example:8443 updates" in asked
    assert f'{site.address} "GET /site.cud' in site.run("cat /srv/rf-source/asked.log")
    assert machine.red(tmp_path, PROXIED) == {}


@pytest.mark.proof("workstation-antivirus.scan-after-update")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.control("antivirus.daily_scan")
def test_from_a_server_with_a_wrong_certificate_comes_nothing(site: Site, machine: Machine) -> None:
    """A CA that the host does not trust: the update fails and there is no scan. With the right one both are."""
    machine.run(write("/srv/files/virus.com", EICAR) + "; touch -d @0 /var/lib/clamav/site.cud")
    site.serve("unknown-ca")
    since, answered = machine.now(), site.run("cat /srv/rf-source/asked.log")
    try:
        assert machine.attempt(f"systemctl start {SCAN}").rc != 0
    finally:
        site.serve("right")
    assert "exit-code" in machine.run(f"cat {RECORDS}/update.result")
    assert machine.run("stat -c %Y /var/lib/clamav/site.cud").strip() == "0"
    assert machine.exists("/srv/files/virus.com")
    assert site.run("cat /srv/rf-source/asked.log") == answered
    assert "certificate" in machine.log(since, "_COMM=freshclam").lower()
    machine.run(f"systemctl start {SCAN}")
    assert not machine.exists("/srv/files/virus.com")
    machine.run(f"rm {QUARANTINE}/*")


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
@pytest.mark.parametrize("certificate", ["other-name", "expired"])
def test_a_certificate_must_be_of_that_server_and_of_today(site: Site, machine: Machine, certificate: str) -> None:
    """freshclam with the role's configuration, told to try once only."""
    machine.run("umask 077; sed 's/^MaxAttempts.*/MaxAttempts 1/' /etc/clamav/freshclam.conf > /run/rf-freshclam.conf")
    try_once = "freshclam --config-file=/run/rf-freshclam.conf --update-db=custom 2>&1"
    site.serve(certificate)
    machine.run("touch -d @0 /var/lib/clamav/site.cud")
    try:
        failed = machine.attempt(try_once)
    finally:
        site.serve("right")
    assert failed.rc != 0
    assert "certificate" in failed.stdout.lower()
    assert machine.run("stat -c %Y /var/lib/clamav/site.cud").strip() == "0"
    machine.run(f"{try_once}; rm /run/rf-freshclam.conf")
    assert machine.run("stat -c %Y /var/lib/clamav/site.cud").strip() != "0"


@pytest.mark.claim("workstation-antivirus")
@pytest.mark.control("antivirus.daily_update")
def test_a_mirror_is_asked_and_nobody_else(site: Site, name: str) -> None:
    """freshclam asks the mirror for the official databases, no other host and no resolver, and takes none unsigned."""
    seen = site.mirrored[name]
    assert seen["packets"].pop("mirror") > 0
    assert seen["packets"] == {"names": 0, "others": 0}
    assert any(".cvd" in line for line in seen["asked"]), seen["asked"]
    assert "mirror.example" in seen["log"]
    # The mirror serves databases that nobody of ClamAV's signed: they are not taken, and the run fails and says why.
    assert seen["taken"] == ""
    assert seen["rc"] != 0
    assert "An update was needed" in seen["output"]
