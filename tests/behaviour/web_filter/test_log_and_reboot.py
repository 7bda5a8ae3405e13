# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request is logged, allowed or not, and the filter is there again after a reboot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import ACME, GLOBEX, Gateway, make_world

if TYPE_CHECKING:
    from tests.support.lab import Lab

pytestmark = pytest.mark.usefixtures("release")


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("web_filter.request_log")
def test_who_asked_when_for_what(gateway: Gateway) -> None:
    """Allowed and refused, http and https, in the file and in the journal; nothing behind a question mark."""
    gateway.fetch(ACME, "http://claims.acme.example/looked-up?card=4111111111111111")
    gateway.fetch(ACME, "http://social.example/refused?card=4111111111111111")
    gateway.fetch(GLOBEX, "https://booking.globex.example/")
    gateway.fetch(GLOBEX, "https://social.example/")
    journal = gateway.lab.run(gateway.name, "journalctl --no-pager -t squid -t '(squid-1)' -n 40").stdout
    head = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ client="
    for text in ("\n".join(gateway.log()), journal):
        assert re.search(head + r"acme from=10\.69\.11\.2 method=GET url=http://claims\.acme\.example/looked-up", text)
        assert re.search(
            head + r"acme from=10\.69\.11\.2 method=GET url=http://social\.example/refused\S* .*_DENIED\S*/403", text
        )
        assert re.search(
            head + r"globex from=10\.69\.12\.2 method=CONNECT url=booking\.globex\.example:443 .*_TUNNEL/200", text
        )
        assert re.search(
            head + r"globex from=10\.69\.12\.2 method=CONNECT url=social\.example:443 .*_DENIED\S*/403", text
        )
        assert "4111" not in text


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("web_filter.request_log")
def test_the_log_is_rotated(gateway: Gateway) -> None:
    """The old file is kept and squid writes on into a new one."""
    gateway.fetch(ACME, "http://claims.acme.example/before")
    assert gateway.lab.run(gateway.name, "logrotate -f /etc/logrotate.d/squid").rc == 0
    gateway.fetch(ACME, "http://claims.acme.example/after")
    assert not any("/before" in line for line in gateway.log())
    assert any("/after" in line for line in gateway.log())
    assert gateway.lab.run(gateway.name, "cat /var/log/squid/access.log-*").stdout.count("/before ") == 1
    gateway.lab.run(gateway.name, "rm -f /var/log/squid/*.log-*")


@pytest.mark.claim("sites-allowed-only")
@pytest.mark.control("web_filter.proxy_running")
@pytest.mark.control("web_filter.resolver_running")
def test_a_reboot_changes_nothing(lab: Lab, gateway: Gateway) -> None:
    """After a boot the first request gets through or is refused as before."""
    lab.restart(gateway.name)
    make_world(lab, gateway.name)
    assert gateway.fetch(ACME, "https://claims.acme.example/").status == 200
    assert gateway.fetch(ACME, "https://social.example/").proxy == 403
    assert gateway.dig(ACME, "claims.acme.example") == "NOERROR 198.51.100.10"
    assert gateway.dig(ACME, "social.example") == "NXDOMAIN"
