# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remedies for services: databases that answer what a test says, a Redis of our own."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import (
    database_accounts,
    mariadb_accounts,
    originals,
    postgresql_accounts,
    redis_password,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.database_accounts import (
    Change,
    Remedies,
    ServiceError,
    Store,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _listeners, _services, _verifiers
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

PASSWORD = "a-long-one-of-its-own"


class Fake(Host):
    """A host whose commands answer what a test says, by their last word."""

    def __init__(self, root: Path, answers: Mapping[str, str]) -> None:
        super().__init__(root=str(root))
        self.answers = answers

    def has(self, command: str) -> bool:
        return command == "mariadb"

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        assert needs_root
        assert not stdin
        if argv[-1] not in self.answers:
            return Completed(1, "", "it is down")
        return Completed(0, self.answers[argv[-1]], "")


def look(*accounts: tuple[str, str, int]) -> _services.Look:
    found = [_services.Account(place, name, "P", way) for place, name, way in accounts]
    return _services.Look(accounts=found)


def told(default: str = "", **accounts: str) -> Remedies:
    rows = {name: {"remedy": one, "password": PASSWORD if one == "set" else ""} for name, one in accounts.items()}
    return Remedies.of({"remedy": default, "accounts": rows})


# -- PostgreSQL -----------------------------------------------------------------------------------------------------


def postgresql(root: Path, *, follows: str = "f") -> Fake:
    state = "postgres\tt\tmd5aa\napp\tt\tmd5bb\nold\tt\tmd5cc\n"
    return Fake(root, {postgresql_accounts._STATE: state, postgresql_accounts._SESSION: f"postgres\t{follows}\n"})


def test_a_verifier_of_postgresql_is_of_its_password() -> None:
    verifier = postgresql_accounts.verifier(PASSWORD)
    assert _verifiers.postgresql_matches(PASSWORD, "app", verifier)
    assert not _verifiers.postgresql_matches("another", "app", verifier)
    assert postgresql_accounts.verifier(PASSWORD) != verifier


def test_roles_get_their_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, left = postgresql_accounts.plan(
        postgresql(tmp_path),
        look(("5432", "app", 0), ("5432", "old", 0), ("5432", "postgres", 0)),
        told("lock", app="set", old="expire"),
        [],
    )
    assert left == []
    fed: list[str] = []
    monkeypatch.setattr(postgresql_accounts, "feed", lambda _argv, script, _what: fed.append(script))
    postgresql_accounts.apply(changes)
    lines = fed[0].splitlines()
    begin = lines.index("begin;")
    assert lines[begin + 1].startswith('alter role "app" password \'SCRAM-SHA-256$4096:')
    assert lines[begin + 2 :] == ['alter role "old" nologin;', 'alter role "postgres" password null;', "commit;"]
    assert PASSWORD not in fed[0]


def test_names_that_are_not_plain_are_quoted() -> None:
    before, after = {"login": True, "verifier": "x"}, {"login": False, "verifier": "it's"}
    assert postgresql_accounts._statement('a"; drop', before, after) == (
        "alter role \"a\"\"; drop\" nologin password 'it''s';\n"
    )


def test_roles_without_a_remedy_are_named(tmp_path: Path) -> None:
    changes, left = postgresql_accounts.plan(postgresql(tmp_path), look(("5432", "app", 0)), told(), [])
    assert (changes, left) == ([], ["postgresql 5432: app (P): a well-known login opens it; give it a password"])


def test_a_server_that_follows_another_is_closed_there(tmp_path: Path) -> None:
    host = postgresql(tmp_path, follows="t")
    changes, left = postgresql_accounts.plan(host, look(("5432", "app", 0)), told("lock"), [])
    assert (changes, left) == ([], ["postgresql 5432: app (P): this server follows another one; close it there"])


def test_the_administrator_of_postgresql_is_not_closed(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="no way in"):
        postgresql_accounts.plan(postgresql(tmp_path), look(("5432", "postgres", 0)), told("expire"), [])


@pytest.mark.parametrize("password", ["short", "known-by-everybody", "with-ümlaut-in-it", "app"])
def test_a_password_that_is_none_is_refused(password: str) -> None:
    with pytest.raises(ServiceError) as problem:
        database_accounts.check_password("mysql: app@%", password, ["known-by-everybody", "app"])
    assert password not in str(problem.value).replace("app@%", "")


# -- MariaDB --------------------------------------------------------------------------------------------------------

_OPEN = {"plugin": "mysql_native_password", "authentication_string": ""}
_HASH = "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4"


def mariadb(root: Path, *rows: tuple[str, str, dict[str, Any]]) -> Fake:
    text = "".join(f"{user}\t{where}\t{json.dumps(rights)}\n" for user, where, rights in rows)
    return Fake(root, {_services.MYSQL_ACCOUNTS: text, "select current_user()": "root@localhost\n"})


def statements(monkeypatch: pytest.MonkeyPatch, host: Host, changes: list[Change]) -> list[str]:
    fed: list[str] = []
    monkeypatch.setattr(mariadb_accounts, "feed", lambda _argv, script, _what: fed.append(script))
    mariadb_accounts.apply(host, changes)
    assert PASSWORD not in fed[0]
    return fed[0].splitlines()[2:]


def test_accounts_get_their_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"plugin": "mysql_native_password", "authentication_string": _HASH, "auth_or": [{"plugin": "pam"}, {}]}
    host = mariadb(tmp_path, ("app", "%", _OPEN), ("old", "%", _OPEN), ("ann", "10.0.0.1", both), ("o'x", "%", _OPEN))
    found = look(("%", "app", 0), ("%", "old", 0), ("10.0.0.1", "ann", 1), ("%", "o'x", 0))
    changes, left = mariadb_accounts.plan(host, found, told("lock", app="set", old="expire"), [])
    assert left == []
    assert statements(monkeypatch, host, changes) == [
        f"alter user 'app'@'%' identified via mysql_native_password using '{mariadb_accounts.verifier(PASSWORD)}'"
        " account unlock;",
        "alter user 'old'@'%' identified via mysql_native_password using '' account lock;",
        "alter user 'ann'@'10.0.0.1' identified via pam account unlock;",
        "alter user 'o\\'x'@'%' identified via mysql_native_password using 'invalid' account unlock;",
    ]


def test_a_verifier_of_mariadb_is_of_its_password() -> None:
    assert _verifiers.mysql_matches(PASSWORD, "mysql_native_password", mariadb_accounts.verifier(PASSWORD))


@pytest.mark.parametrize(
    ("remedy", "ways"),
    [
        ("lock", "unix_socket"),
        ("set", f"unix_socket or mysql_native_password using '{mariadb_accounts.verifier(PASSWORD)}'"),
    ],
)
def test_root_of_the_system_keeps_a_way_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remedy: str, ways: str
) -> None:
    host = mariadb(tmp_path, ("root", "localhost", _OPEN))
    changes, _left = mariadb_accounts.plan(host, look(("localhost", "root", 0)), told("lock", root=remedy), [])
    assert statements(monkeypatch, host, changes) == [
        f"alter user 'root'@'localhost' identified via {ways} account unlock;"
    ]


def test_the_administrator_of_mariadb_is_not_closed(tmp_path: Path) -> None:
    host = mariadb(tmp_path, ("root", "localhost", _OPEN))
    with pytest.raises(ServiceError, match="no way in"):
        mariadb_accounts.plan(host, look(("localhost", "root", 0)), told("expire"), [])


def test_accounts_of_mariadb_without_a_remedy_are_named(tmp_path: Path) -> None:
    host = mariadb(tmp_path, ("app", "%", _OPEN))
    assert mariadb_accounts.plan(host, look(("%", "app", 0)), told(), [])[1] == [
        "mysql: app@% (P): a well-known login opens it; give it a password"
    ]
    assert mariadb_accounts.plan(host, look(), told(), []) == ([], [])


# -- what is kept ---------------------------------------------------------------------------------------------------


def change(before: str, after: str) -> Change:
    key = ("postgresql", "5432", "app")
    return Change(key, "", "", "", {"login": True, "verifier": before}, {"login": True, "verifier": after})


def test_the_first_original_is_kept_and_put_back_only_when_nobody_changed_it(tmp_path: Path) -> None:
    Store(str(tmp_path)).remember([change("md5bb", "one")])
    Store(str(tmp_path)).remember([change("one", "two")])
    store = Store(str(tmp_path))
    assert (tmp_path / database_accounts.STORE.lstrip("/")).stat().st_mode & 0o777 == 0o600
    entries = store.of("postgresql")
    assert entries["5432", "app"]["before"]["verifier"] == "md5bb"
    for now, back in (("two", ["md5bb"]), ("theirs", [])):
        host = Fake(tmp_path, {postgresql_accounts._STATE: f"app\tt\t{now}\n"})
        assert [one.after["verifier"] for one in postgresql_accounts.restored(host, entries)] == back
    store.forget("mysql")
    assert Store(str(tmp_path)).entries
    store.forget("postgresql")
    assert not (tmp_path / "var/lib/ringfence").exists()


def test_what_somebody_made_of_it_since_becomes_the_original(tmp_path: Path) -> None:
    Store(str(tmp_path)).remember([change("md5bb", "one")])
    Store(str(tmp_path)).remember([change("theirs", "two")])
    assert Store(str(tmp_path)).of("postgresql")["5432", "app"]["before"]["verifier"] == "theirs"


def test_a_server_that_is_down_cannot_be_put_back(tmp_path: Path) -> None:
    with pytest.raises(NotObservable):
        postgresql_accounts.restored(Fake(tmp_path, {}), {("5432", "app"): {"before": {}, "after": {}}})


def test_a_client_that_fails_does_not_repeat_the_statement() -> None:
    script = "echo \"ERROR 1064 near 'secret-verifier'\" >&2; exit 1"
    with pytest.raises(ServiceError, match=r"refused the change: ERROR 1064 near$"):
        database_accounts.feed(["sh", "-s"], script, "mysql")


# -- Redis ----------------------------------------------------------------------------------------------------------


class Server(socketserver.ThreadingTCPServer):
    """The part of Redis that the remedy speaks with."""

    allow_reuse_address = True
    daemon_threads = True
    password = ""
    config = ""


class Client(socketserver.StreamRequestHandler):
    """One connection."""

    server: Server

    def handle(self) -> None:
        """Answer commands until the other end has enough."""
        let_in = not self.server.password
        while head := self.rfile.readline():
            words = []
            for _word in range(int(head[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size + 2)[:-2].decode())
            answer = "-NOAUTH"
            if words[0] == "AUTH":
                let_in = words[2] == self.server.password
                answer = "+OK" if let_in else "-WRONGPASS"
            elif let_in and words[0] == "INFO":
                text = f"# Server\r\nconfig_file:{self.server.config}\r\nend:1\r\n"
                answer = f"${len(text)}\r\n{text}"
            elif let_in and words[:3] == ["CONFIG", "SET", "requirepass"]:
                self.server.password = words[3]
                answer = "+OK"
            elif let_in:
                answer = "+PONG"
            self.wfile.write(f"{answer}\r\n".encode())


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Redis whose configuration lies in the root of the test."""
    server = Server(("127.0.0.1", 0), Client)
    server.config = "/redis.conf"
    place = _listeners.Listener("127.0.0.1", server.server_address[1])
    monkeypatch.setattr(_listeners, "listeners", lambda *_args: [place])
    monkeypatch.setattr(
        redis_password, "Store", lambda managed_by: originals.Store(managed_by, root=str(tmp_path / "kept"))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


KNOWN = [{"account": "", "password": "foobared", "product": "Redis"}]


@pytest.mark.parametrize("password", ["", "foobared"])
def test_redis_gets_a_password_in_its_file_and_while_it_runs(tmp_path: Path, redis: Server, password: str) -> None:
    redis.password = password
    path = tmp_path / "redis.conf"
    path.write_text(f"port 6379\nrequirepass {password or '# none'}\n# end", encoding="utf-8")
    path.chmod(0o644)
    host = Host(root=str(tmp_path))
    changes = redis_password.plan(host, KNOWN, PASSWORD)
    assert [one.product for one in changes] == ["Redis" if password else "no password is asked for"]
    redis_password.apply(host, changes, PASSWORD, "managed_by")
    assert path.read_text(encoding="utf-8") == f"port 6379\n# end\nrequirepass {PASSWORD}\n"
    assert path.stat().st_mode & 0o007 == 0
    assert redis.password == PASSWORD
    assert redis_password.plan(host, KNOWN, PASSWORD) == []


def test_a_redis_with_accounts_of_its_own_is_left_alone(tmp_path: Path, redis: Server) -> None:
    (tmp_path / "redis.conf").write_text("aclfile /etc/redis/users.acl\n", encoding="utf-8")
    with pytest.raises(ServiceError, match="lists its accounts"):
        redis_password.plan(Host(root=str(tmp_path)), KNOWN, PASSWORD)
    redis.config = ""
    with pytest.raises(ServiceError, match="without a configuration file"):
        redis_password.plan(Host(root=str(tmp_path)), KNOWN, PASSWORD)


@pytest.mark.parametrize("password", ["short", "with a space in it", 'with"quote"in-it', "foobared"])
def test_a_password_that_redis_conf_cannot_hold_is_refused(tmp_path: Path, password: str) -> None:
    with pytest.raises(ServiceError, match="12 characters or more"):
        redis_password.plan(Host(root=str(tmp_path)), KNOWN, password)
