# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of the web filter: squid.conf and unbound's files as they are written, and answers of real sockets."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    file_texts,
    proxy_answers,
    squid_lists,
    squid_settings,
    unbound_access,
    unbound_views,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Completed,
    Host,
    NotApplicable,
    NotObservable,
)

SQUID = """\
# a comment
acl CONNECT method CONNECT
acl ports_https port 443
acl from_acme src 10.1.10.0/24 fd01:10::/64
acl is_acme note client acme
acl sites_acme dstdomain -n crm.example
acl sites_acme dstdomain -n .portal.example
acl host_acme_1 dstdomain -n crm.example
acl sni_acme_1 ssl::server_name --client-requested crm.example
acl sni_acme_2 ssl::server_name --client-requested other.example
http_access deny CONNECT !ports_https
http_access allow is_acme sites_acme
http_access deny all
ssl_bump peek at_hello
ssl_bump splice is_acme host_acme_1 sni_acme_1
ssl_bump terminate all
access_log stdio:/var/log/squid/access.log ringfence
access_log syslog:daemon.info ringfence
"""
VIEWS = """\
server:
    access-control: 10.1.10.0/24 allow
view:
    name: acme
    local-zone: "." always_nxdomain
    local-zone: "crm.example." transparent  # listed
view:
    name: globex
    local-zone: "." transparent
forward-zone:
    name: "."
"""


def host_with(tmp_path: Path, **files: str) -> Host:
    """A host with files in its root folder."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Host(root=str(tmp_path))


class Told(Host):
    """A host whose commands say what a test tells them to."""

    def __init__(self, *answers: Completed) -> None:
        super().__init__()
        self.answers = list(answers)

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del argv, stdin, needs_root
        return self.answers.pop(0)


def test_lists_of_squid(tmp_path: Path) -> None:
    """Every list and rule, in a form that does not depend on how often a list is named."""
    seen = squid_lists.observe(host_with(tmp_path, conf=SQUID), {"path": "/conf"}).value
    assert seen == {
        "sources": ["acme 10.1.10.0/24", "acme fd01:10::/64"],
        "sites": ["acme .portal.example", "acme crm.example"],
        "ports": ["https 443"],
        "access": ["allow is_acme sites_acme", "deny all"],
        "connect": ["deny CONNECT !ports_https"],
        "splices": ["acme crm.example"],
        "others": ["peek at_hello", "terminate all"],
        "includes": [],
    }


@pytest.mark.parametrize(
    "line",
    [
        "ssl_bump splice all",
        "ssl_bump splice is_acme host_acme_1",
        "ssl_bump splice is_acme host_acme_1 sni_acme_2",
        "ssl_bump splice host_acme_1 sni_acme_1 sni_acme_1",
    ],
)
def test_a_looser_splice_shows(tmp_path: Path, line: str) -> None:
    """A line that does not ask for client, CONNECT and handshake alike is given as it stands."""
    text = SQUID.replace("ssl_bump splice is_acme host_acme_1 sni_acme_1", line)
    seen = squid_lists.observe(host_with(tmp_path, conf=text), {"path": "/conf"}).value
    assert seen["splices"] == [line.split(" ", 1)[1]]


def test_includes_show_and_a_missing_file_is_no_observation(tmp_path: Path) -> None:
    """What squid would read besides may say anything."""
    host = host_with(tmp_path, conf=SQUID + "include /etc/squid/conf.d/*.conf\n")
    assert squid_lists.observe(host, {"path": "/conf"}).value["includes"] == ["/etc/squid/conf.d/*.conf"]
    for probe, more in ((squid_lists, {}), (squid_settings, {"keys": []})):
        with pytest.raises(NotObservable, match="there is no /none"):
            probe.observe(host, {"path": "/none", **more})


def test_settings_of_squid(tmp_path: Path) -> None:
    """Each line of a directive, in order; none for one that is not there."""
    host = host_with(tmp_path, conf=SQUID)
    seen = squid_settings.observe(host, {"path": "/conf", "keys": ["access_log", "strip_query_terms"]}).value
    assert seen["access_log"] == ["stdio:/var/log/squid/access.log ringfence", "syslog:daemon.info ringfence"]
    assert seen["strip_query_terms"] == []


def test_views_as_written(tmp_path: Path) -> None:
    """A forward zone is no view, and an open root shows."""
    seen = unbound_views.observe(host_with(tmp_path, conf=VIEWS), {"views": ["acme", "globex"], "path": "/conf"})
    assert seen.value == {
        "open": ["acme crm.example. transparent"],
        "rest": ["acme always_nxdomain", "globex transparent"],
    }


def test_views_as_they_run() -> None:
    """Zones that are closed anyway, which every view has, are left out."""
    said = ". always_nxdomain\n10.in-addr.arpa. static\nlocalhost. redirect\ncrm.example. transparent\n"
    seen = unbound_views.observe(Told(Completed(0, said, "")), {"views": ["acme"]})
    assert seen.value == {"open": ["acme crm.example. transparent"], "rest": ["acme always_nxdomain"]}


def test_views_of_a_resolver_that_is_not_there() -> None:
    """A stopped resolver has a check of its own; any other trouble is no observation."""
    with pytest.raises(NotApplicable):
        unbound_views.observe(Told(Completed(1, "", "error: connect (/run/unbound.ctl)")), {"views": ["acme"]})
    with pytest.raises(NotObservable):
        unbound_views.observe(Told(Completed(0, "error no such view", "")), {"views": ["acme"]})


def test_who_may_ask() -> None:
    """Refusals are left out, unusual words are kept, networks are written alike."""
    access = "10.1.10.0/24 allow\nfd01:10:0::/64 allow_snoop\n0.0.0.0/0 refuse\n::0/0 deny\n"
    seen = unbound_access.observe(Told(Completed(0, access, ""), Completed(0, "10.1.10.0/24 acme\n", "")), {})
    assert seen.value == {"allowed": ["10.1.10.0/24", "fd01:10::/64 allow_snoop"], "views": ["10.1.10.0/24 acme"]}
    with pytest.raises(NotObservable):
        unbound_access.observe(Told(Completed(1, "", "fatal error")), {})


def test_texts_that_are_missing(tmp_path: Path) -> None:
    """All of a file that is not there."""
    host = host_with(tmp_path, page="ask it@example")
    wanted = {"/page": ["it@example", "Acme"], "/gone": ["x"]}
    assert file_texts.observe(host, {"files": wanted}).value == {"missing": ["/gone: x", "/page: Acme"]}


def test_what_a_proxy_says() -> None:
    """The status and the page, asked in the name of the first workstation of a subnet."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _peer = server.accept()
            with line:
                heard.append(line.recv(4096).decode())
                line.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\nask it@example")

        thread = threading.Thread(target=serve)
        thread.start()
        port = server.getsockname()[1]
        request = "GET http://not-listed.invalid/"
        seen = proxy_answers.observe(Host(), {"port": port, "source": "10.1.10.0/24", "requests": [request]})
        thread.join()
    assert seen.value == {"statuses": {request: "403"}, "page": "ask it@example"}
    assert "X-Forwarded-For: 10.1.10.1\r\n" in heard[0]
    with pytest.raises(NotApplicable):
        proxy_answers.observe(Host(), {"port": port, "source": "10.1.10.7", "requests": [request]})
