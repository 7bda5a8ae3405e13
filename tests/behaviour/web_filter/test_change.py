# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A changed list takes effect at once, ends what it does not list any more, and nothing else."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.lab import REPOSITORY

from .conftest import ACME, GLOBEX, SETTINGS

if TYPE_CHECKING:
    from tests.support.lab import Lab

    from .conftest import Gateway

pytestmark = [pytest.mark.claim("sites-allowed-only"), pytest.mark.usefixtures("release")]

CONVERGE = str(REPOSITORY / "molecule" / "web_filter" / "converge.yml")
#: Long answers that are being loaded: a name, the client, the URL.
LOADS = {
    "removed": (ACME, "https://claims.acme.example/long"),
    "removed-http": (ACME, "http://claims.acme.example/long"),
    "kept": (ACME, "https://a.portal.example/long"),
    "others": (GLOBEX, "https://booking.globex.example/long"),
}


def converge(lab: Lab, name: str, *args: str) -> None:
    """Run the role on one host."""
    done = lab.playbook(CONVERGE, "--limit", name, *args, inventory=lab.inventory)
    assert done.rc == 0, done.stdout[-4000:]


@pytest.fixture(scope="module")
def loads(gateway: Gateway) -> Iterator[Gateway]:
    """Connections that were open when the list was changed: of the site removed, of one that stays, of another client.

    The change takes claims.acme.example from acme's list and puts social.example on it.
    """
    for load, (client, url) in LOADS.items():
        curl = f"curl -sN --cacert /run/ringfence-world/ca.pem -x {gateway.proxy(client)} -o /run/load-{load} {url}"
        line = f"systemd-run -q --unit load-{load} -p RemainAfterExit=no ip netns exec {client} {curl}"
        assert gateway.lab.run(gateway.name, f"rm -f /run/load-{load}; {line}").rc == 0
    time.sleep(1)
    assert running(gateway) == set(LOADS)
    clients = copy.deepcopy(SETTINGS["web_filter_clients"])
    clients[0]["sites_allowed"] = ["social.example", *clients[0]["sites_allowed"][1:]]
    try:
        converge(gateway.lab, gateway.name, "-e", json.dumps({"web_filter_clients": clients}))
        yield gateway
    finally:
        gateway.lab.run(gateway.name, f"systemctl stop {' '.join(f'load-{load}' for load in LOADS)}; rm -f /run/load-*")
        converge(gateway.lab, gateway.name)


def running(gateway: Gateway) -> set[str]:
    """The loads that are getting more."""
    look = "cd /run; stat -c '%n %s' load-*"
    seen = gateway.lab.run(gateway.name, f"{look}; echo; sleep 1.5; {look}").stdout
    before, after = (dict(line.split() for line in part.splitlines()) for part in seen.split("\n\n"))
    return {name[len("load-") :] for name in after if after[name] != before.get(name)}


@pytest.mark.control("web_filter.proxy_allow_list")
def test_the_new_list_is_in_force(loads: Gateway) -> None:
    """Nobody has logged out: the next request meets the new list, in the proxy and in the resolver."""
    assert loads.fetch(ACME, "https://claims.acme.example/").proxy == 403
    assert loads.fetch(ACME, "http://claims.acme.example/").status == 403
    assert loads.fetch(ACME, "https://social.example/").status == 200
    assert loads.dig(ACME, "claims.acme.example") == "NXDOMAIN"
    assert loads.dig(ACME, "social.example") == "NOERROR 198.51.100.30"
    assert loads.fetch(GLOBEX, "https://social.example/").proxy == 403


@pytest.mark.control("web_filter.removed_sites_end")
def test_open_connections_to_a_removed_site_end(loads: Gateway) -> None:
    """After web_filter_cut_seconds, and those to sites that are still listed go on, the same client's too."""
    time.sleep(SETTINGS["web_filter_cut_seconds"])
    for _second in range(20):
        if running(loads) == {"kept", "others"}:
            break
        time.sleep(1)
    assert running(loads) == {"kept", "others"}
    said = loads.lab.run(loads.name, "journalctl --no-pager -u ringfence-web-filter-cut").stdout
    assert "ended the connection of 10.69.11.2 to claims.acme.example: not listed" in said
    assert "could not end" not in said


@pytest.mark.control("web_filter.proxy_running")
def test_a_configuration_that_is_wrong_is_not_read(loads: Gateway) -> None:
    """A reload of one fails, and the proxy goes on with what it had."""
    spoil = "cp -p /etc/squid/squid.conf /run/kept.conf; echo 'acl broken nonsense' >> /etc/squid/squid.conf"
    try:
        done = loads.lab.run(loads.name, f"{spoil}; systemctl reload squid.service")
        assert done.rc != 0
        assert loads.fetch(ACME, "https://social.example/").status == 200
    finally:
        loads.lab.run(loads.name, "cp -p /run/kept.conf /etc/squid/squid.conf; rm /run/kept.conf")
