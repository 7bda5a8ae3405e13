# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services asked for well-known logins: verifiers as databases keep them, protocols against sockets of our own."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _listeners,
    _services,
    _snmp,
    _verifiers,
    default_service_logins,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import (
    Completed,
    Host,
    NotApplicable,
    NotObservable,
)

#: What PostgreSQL keeps for the role app with the password "pencil" (the salt and the example of RFC 7677).
SCRAM = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
    ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


@pytest.mark.parametrize(("password", "found"), [("pencil", True), ("pencils", False), ("", False)])
def test_scram(password: str, *, found: bool) -> None:
    assert _verifiers.postgresql_matches(password, "user", SCRAM) is found


def test_md5() -> None:
    verifier = "md5" + hashlib.md5(b"secret" + b"app", usedforsecurity=False).hexdigest()
    assert _verifiers.postgresql_matches("secret", "app", verifier)
    assert not _verifiers.postgresql_matches("secret", "other", verifier)


@pytest.mark.parametrize("verifier", ["", "SCRAM-SHA-512$1:a$b:c", "plain", "SCRAM-SHA-256$x:!$!:!"])
def test_an_unknown_verifier_of_postgresql(verifier: str) -> None:
    with pytest.raises(_verifiers.UnknownVerifier):
        _verifiers.postgresql_matches("x", "app", verifier)


@pytest.mark.parametrize(
    ("password", "verifier", "found"),
    [
        ("mypass", "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4", True),  # the example of MySQL's manual
        ("mypasS", "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4", False),
        ("", "", True),
        ("x", "", False),
        ("invalid", "invalid", False),
        ("", "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4", False),
    ],
)
def test_mysql(password: str, verifier: str, *, found: bool) -> None:
    assert _verifiers.mysql_matches(password, "mysql_native_password", verifier) is found


def test_a_plugin_of_mysql_that_is_not_computed_here() -> None:
    with pytest.raises(_verifiers.UnknownVerifier):
        _verifiers.mysql_matches("x", "ed25519", "abc")


class Fake(Host):
    """A host whose commands answer what a test says, by their last word, and which runs these processes."""

    def __init__(self, root: Path, answers: Mapping[str, Completed] | None = None, runs: tuple[str, ...] = ()) -> None:
        super().__init__(root=str(root))
        self.answers = answers or {}
        for number, name in enumerate(runs, 100):
            folder = root / "proc" / str(number)
            folder.mkdir(parents=True)
            (folder / "comm").write_text(f"{name}\n", encoding="utf-8")

    @property
    def is_root(self) -> bool:
        return True

    def has(self, command: str) -> bool:
        return command == "mariadb"

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        assert needs_root
        assert not stdin
        return self.answers.get(argv[-1], Completed(0, "", ""))


def native(verifier: str) -> dict[str, Any]:
    return {"plugin": "mysql_native_password", "authentication_string": verifier}


def test_mariadb(tmp_path: Path) -> None:
    """As Debian's server has it, with accounts that people made."""
    rows = [
        ("mariadb.sys", "localhost", native("") | {"account_locked": True}),
        ("root", "localhost", native("invalid") | {"auth_or": [{}, {"plugin": "unix_socket"}]}),
        ("root", "%", native("*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4")),
        ("open", "%", native("")),
        ("curve", "%", {"plugin": "ed25519", "authentication_string": "abc"}),
        ("readers", "", {"is_role": True}),
    ]
    text = "".join(f"{user}\t{where}\t{json.dumps(rights)}\n" for user, where, rights in rows)
    host = Fake(tmp_path, {"select user, host, priv from mysql.global_priv": Completed(0, text, "")}, ("mariadbd",))
    look = _services.mysql(host, [{"account": "root", "password": "mypass", "product": "P"}])
    assert look.opened == ["mysql: root (P) as root@%", "mysql: open (no password) as open@%"]
    assert look.unknown == ["mysql: curve@%"]


def test_postgresql(tmp_path: Path) -> None:
    (tmp_path / "run/postgresql").mkdir(parents=True)
    (tmp_path / "run/postgresql/.s.PGSQL.5432").touch()
    (tmp_path / "run/postgresql/.s.PGSQL.5432.lock").touch()
    answers = {
        _services._ROLES: Completed(0, f"user\t{SCRAM}\nold\tplain\n", ""),
        _services._TRUST: Completed(0, "97\t\n", ""),
    }
    look = _services.postgresql(Fake(tmp_path, answers), [{"account": "user", "password": "pencil", "product": "P"}])
    assert look.opened == [
        "postgresql 5432: everybody (pg_hba.conf line 97 asks for no password)",
        "postgresql 5432: user (P)",
    ]
    assert look.unknown == ["postgresql 5432: old"]


def test_a_database_that_does_not_answer_is_not_asked(tmp_path: Path) -> None:
    text = {"select user, host, priv from mysql.global_priv": Completed(1, "", "x\nERROR 2002: no socket\n")}
    seen = default_service_logins.observe(Fake(tmp_path, text, ("mariadbd",)), {"catalogue": {}}).value
    assert seen["not_asked"] == ["mysql: mysql cannot be asked: ERROR 2002: no socket"]


def test_no_service_at_all(tmp_path: Path) -> None:
    with pytest.raises(NotApplicable):
        default_service_logins.observe(Fake(tmp_path), {"catalogue": {"entries": []}})


# -- protocols ------------------------------------------------------------------------------------------------------


@contextmanager
def agent(community: str) -> Iterator[int]:
    """A socket that answers an SNMP request as an agent does, and to nothing but its community."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind(("127.0.0.1", 0))
        channel.settimeout(5)

        def serve() -> None:
            while True:
                try:
                    data, peer = channel.recvfrom(2048)
                except OSError:
                    return
                if data[7 : 7 + data[6]] == community.encode():
                    at = 7 + data[6]
                    channel.sendto(data[:at] + b"\xa2" + data[at + 1 :], peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield channel.getsockname()[1]


def test_snmp_over_the_wire() -> None:
    with agent("public") as port:
        assert _snmp.answered("127.0.0.1", port, ["private", "public"], seconds=0.5) == ["public"]


def test_communities_in_the_agents_files(tmp_path: Path) -> None:
    folder = tmp_path / "etc/snmp/snmpd.conf.d"
    folder.mkdir(parents=True)
    (tmp_path / "etc/snmp/snmpd.conf").write_text(
        "# rocommunity no\nrocommunity public default -V systemonly\nrwcommunity6 private\n"
        "com2sec -Cn ctx reader default one\ncom2sec reader default two # x\n"
        "includeDir /etc/snmp/snmpd.conf.d\nsysName x\n",
        encoding="utf-8",
    )
    (folder / "a.conf").write_text("rocommunity three\n", encoding="utf-8")
    (folder / "b.txt").write_text("rocommunity four\n", encoding="utf-8")
    found = _snmp.configured(Host(root=str(tmp_path)))
    assert [(one, number) for one, _path, number in found] == [
        ("public", 2),
        ("private", 3),
        ("one", 4),
        ("two", 5),
        ("three", 1),
    ]


@contextmanager
def redis(answers: Mapping[str, str]) -> Iterator[socket.socket]:
    """A connection to something that answers each command of Redis by its last word."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        while data := theirs.recv(2048):
            word = data.decode().split("\r\n")[-2]
            theirs.sendall((answers.get(word, "-WRONGPASS no") + "\r\n").encode())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with ours:
        yield ours
    thread.join(2)
    theirs.close()


def logins(*passwords: str) -> list[dict[str, str]]:
    return [{"account": "default", "password": one, "product": "Redis"} for one in passwords]


def test_redis_without_a_password() -> None:
    with redis({"PING": "+PONG"}) as channel:
        assert _services.redis_open(channel, logins("a")) == ["no password is asked for"]


def test_redis_with_a_well_known_password() -> None:
    with redis({"PING": "-NOAUTH", "foobared": "+OK"}) as channel:
        assert _services.redis_open(channel, logins("", "a", "foobared")) == ["default (Redis)"]


def test_redis_that_is_closed() -> None:
    with redis({"PING": "-NOAUTH"}) as channel:
        assert _services.redis_open(channel, logins("a", "b")) == []


# -- who listens ----------------------------------------------------------------------------------------------------

UDP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1: 0100007F:00A1 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 111 2 0 0
 2: 00000000:1F90 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 222 2 0 0
"""
UDP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
 1: 00000000000000000000000000000000:00A1 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 333 2 0 0
"""


def test_listeners_by_the_sockets_of_their_process(tmp_path: Path) -> None:
    host = Fake(tmp_path, runs=("snmpd", "other"))
    process = tmp_path / "proc/100"
    (process / "net").mkdir()
    (process / "net/udp").write_text(UDP, encoding="utf-8")
    (process / "net/udp6").write_text(UDP6, encoding="utf-8")
    (process / "fd").mkdir()
    for number, inode in ((3, 222), (4, 333)):
        os.symlink(f"socket:[{inode}]", process / "fd" / str(number))
    found = [one.text for one in _listeners.listeners(host, "snmpd", "udp", 161)]
    assert found == ["127.0.0.1:8080", "[::1]:161"]


def test_listeners_by_their_usual_port_where_sockets_may_not_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Fake(tmp_path, runs=("snmpd",))
    (tmp_path / "proc/100/net").mkdir()
    (tmp_path / "proc/100/net/udp").write_text(UDP, encoding="utf-8")
    monkeypatch.setattr(_listeners, "_sockets", lambda _host, _pid: None)
    assert [one.text for one in _listeners.listeners(host, "snmpd", "udp", 161)] == ["127.0.0.1:161"]


def test_a_process_in_another_network_is_not_ours(tmp_path: Path) -> None:
    host = Fake(tmp_path, runs=("snmpd",))
    for name, network in (("self", "net:[1]"), ("100", "net:[2]")):
        (tmp_path / "proc" / name / "ns").mkdir(parents=True)
        os.symlink(network, tmp_path / "proc" / name / "ns/net")
    assert _listeners.processes(host, "snmpd") == []


def test_an_agent_that_is_gone_is_not_observed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [_listeners.Listener("127.0.0.1", 161)]
    monkeypatch.setattr(_listeners, "listeners", lambda *_args: places)

    def refuse(*_args: Any, **_more: Any) -> list[str]:
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(_snmp, "answered", refuse)
    with pytest.raises(NotObservable, match=r"snmpd at 127\.0\.0\.1:161: Connection refused"):
        _services.snmp(Fake(tmp_path), logins("public"))
