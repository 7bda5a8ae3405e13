# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real PostgreSQL, MariaDB and Redis with well-known passwords, which open them until the role comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Doors

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

#: What the role sets; none of them may be seen anywhere.
GIVEN = {"pg": "set-for-postgres-4711", "maria": "set-for-mariadb-4711", "redis": "set-for-redis-4711"}
REMEDIES: dict[str, Any] = {
    "postgresql": {
        "remedy": "lock",
        "accounts": {"rf_set": {"remedy": "set", "password": GIVEN["pg"]}, "rf_gone": {"remedy": "expire"}},
    },
    "mysql": {
        "remedy": "lock",
        "accounts": {"rf_set@%": {"remedy": "set", "password": GIVEN["maria"]}, "rf_gone": {"remedy": "expire"}},
    },
    "redis": {"remedy": "set", "password": GIVEN["redis"]},
}
_PG = """\
create role rf_set login password 'rf_set';
create role rf_lock login superuser password 'rf_lock';
create role rf_gone login password 'rf_gone';
create role rf_good login password 'nobody-knows-this-one';
alter role postgres password 'postgres';
set password_encryption = md5;
create role rf_old login password 'rf_old';
"""
_MARIA = """\
create user 'rf_set'@'%' identified by 'rf_set';
create user 'rf_lock'@'%' identified by 'rf_lock';
create user 'rf_gone'@'%' identified by 'rf_gone';
create user 'rf_empty'@'%' identified by '';
create user 'rf_good'@'%' identified by 'nobody-knows-this-one';
alter user 'root'@'localhost' identified via mysql_native_password using '';
"""
_CLEAN = """\
drop user 'rf_set'@'%', 'rf_lock'@'%', 'rf_gone'@'%', 'rf_empty'@'%', 'rf_good'@'%';
alter user 'root'@'localhost' identified via mysql_native_password using 'invalid' or unix_socket;
"""
_PG_ROLES = ("rf_set", "rf_lock", "rf_gone", "rf_old", "rf_good")
#: The sandbox of Redis' unit needs a user namespace, which a container may not make.
_SANDBOX = "/run/systemd/system/redis-server.service.d/rf.conf"
_REDIS = "/etc/redis/redis.conf"
_SERVICES = "postgresql mariadb redis-server"


#: Lets the controller of the lab come to the servers over the network, and puts that back.
_HBA = "/etc/postgresql/*/main/pg_hba.conf"
_OUTSIDE = f"""
cp -p {_HBA} /run/rf-hba && echo 'host all all samenet scram-sha-256' >> {_HBA}
echo "listen_addresses = '*'" > $(echo /etc/postgresql/*/main/conf.d)/rf.conf
printf '[mysqld]\\nbind-address = 0.0.0.0\\n' > /etc/mysql/mariadb.conf.d/99-rf.cnf
systemctl restart 'postgresql@*' mariadb
"""
_INSIDE = f"mv /run/rf-hba {_HBA}; rm /etc/postgresql/*/main/conf.d/rf.conf /etc/mysql/mariadb.conf.d/99-rf.cnf"


@dataclass
class Databases:
    """The servers of the host under test, and who knocks at them, each time on a new connection."""

    doors: Doors

    def _lets_in(self, command: str, password: str = "", wanted: str = "1") -> bool:
        done = self.doors.lab.run(self.doors.name, f"read -r secret; {command}", stdin=f"{password}\n")
        return done.rc == 0 and done.stdout.split() == [wanted]

    def postgresql(self, role: str, password: str) -> bool:
        """Whether a password opens a role over TCP."""
        client = f"psql -XAtw -h 127.0.0.1 -U {role} -d postgres -c 'select 1'"
        return self._lets_in(f'PGPASSWORD="$secret" {client}', password)

    def peer(self, role: str) -> bool:
        """Whether the administrator of the system still comes in as a role over the local socket."""
        return self._lets_in(f"runuser -u {role} -- psql -XAt -d postgres -c 'select 1'")

    def mariadb(self, user: str, password: str) -> bool:
        """Whether a password opens an account over TCP."""
        return self._lets_in(f'MYSQL_PWD="$secret" mariadb -NB -h 127.0.0.1 -u {user} -e "select 1"', password)

    def mariadb_as(self, person: str) -> bool:
        """Whether somebody of the system becomes MariaDB's root over the local socket without a password."""
        return self._lets_in(f"runuser -u {person} -- mariadb -NB -u root -e 'select 1'")

    def redis(self, password: str) -> bool:
        """Whether a password opens Redis, '' for none."""
        return self._lets_in('REDISCLI_AUTH="$secret" redis-cli --no-auth-warning ping', password, "PONG")

    def all(self) -> dict[str, bool]:
        """Every login that a vendor's manual tells, and whether it opens."""
        found = {f"postgresql {role}": self.postgresql(role, role) for role in ("rf_set", "rf_lock", "rf_gone")}
        found |= {f"mysql {user}": self.mariadb(user, user) for user in ("rf_set", "rf_lock", "rf_gone")}
        found |= {
            "postgresql postgres": self.postgresql("postgres", "postgres"),
            "mysql rf_empty": self.mariadb("rf_empty", ""),
        }
        return found | {"mysql root": self.mariadb_as("nobody"), "redis": self.redis("")}


@pytest.fixture(scope="module")
def databases(lab: Lab, name: str) -> Iterator[Databases]:
    """Servers as somebody set them up in a hurry, before the role comes."""
    doors = Doors(lab, name)
    doors.run(f"mkdir -p $(dirname {_SANDBOX}) && printf '[Service]\\nPrivateUsers=no\\n' > {_SANDBOX}")
    doors.run(f"cp -p {_REDIS} /run/rf-redis && systemctl daemon-reload && systemctl start {_SERVICES}")
    doors.run("runuser -u postgres -- psql -Xq", stdin=_PG)
    doors.run("mariadb", stdin=_MARIA)
    doors.run(_OUTSIDE)
    yield Databases(doors)
    roles = "".join(f"drop role {role};\n" for role in _PG_ROLES)
    doors.run("runuser -u postgres -- psql -Xq", stdin=f"alter role postgres password null;\n{roles}")
    doors.run(_INSIDE)
    doors.run("mariadb", stdin=_CLEAN)
    doors.run(f"systemctl stop {_SERVICES}; mv /run/rf-redis {_REDIS}; rm -r $(dirname {_SANDBOX})")
    doors.run("systemctl daemon-reload")
    assert doors.converge().rc == 0


@dataclass
class Run:
    """What was open before, what the audit said, how the role ran, told to close the last way in, then the remedies."""

    before: dict[str, bool]
    from_outside: Completed
    opened: list[str]
    refused: Completed
    refused_left: dict[str, bool]
    done: Completed
    audit_output: str


def look(databases: Databases, folder: Path) -> Completed:
    """Run default_logins of the controller against the servers."""
    task = {
        "name": "Try them",
        "ringfence.callcenter.default_logins": {
            "services": [{"service": name, "port": port} for name, port in (("postgresql", 5432), ("mysql", 3306))],
            "kinds": ["database"],
            "known": [
                {"product": "Ours", "service": name, "account": "rf_set", "password": "rf_set"}
                for name in ("postgresql", "mysql")
            ],
            "tries": 3,
            "pause": 0.2,
        },
    }
    name = databases.doors.name
    play = [{"name": "Look for default logins", "hosts": name, "gather_facts": False, "tasks": [task]}]
    path = folder / "look.yml"
    path.write_text(json.dumps(play), encoding="utf-8")
    return databases.doors.lab.playbook(str(path), "-vvv", inventory=databases.doors.lab.inventory)


def told(services: dict[str, Any]) -> list[str]:
    """Arguments that tell the role what to do; from a standard input or a file in real life."""
    return ["-e", json.dumps({"default_passwords_services": services})]


@pytest.fixture(scope="module")
def run(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Every door is tried, the host is audited, and the role runs."""
    doors = databases.doors
    before = databases.all()
    folder = tmp_path_factory.mktemp("audit")
    from_outside = look(databases, folder)
    _red, output = doors.audit(folder)
    observed = {one["control"]: one["observed"] for one in doors.findings(folder)}
    closing = {"accounts": {"postgres": {"remedy": "expire"}, "root": {"remedy": "expire"}}}
    refused = doors.converge(*told({"postgresql": closing, "mysql": closing}))
    refused_left = databases.all()
    variables = tmp_path_factory.mktemp("vars") / "vars.json"
    variables.write_text(json.dumps({"default_passwords_services": REMEDIES}), encoding="utf-8")
    done = doors.converge("-vvvv", "--diff", "-e", f"@{variables}")
    assert done.rc == 0, done.stdout[-4000:]
    opened = observed["default_passwords.local_services"]["opened"]
    return Run(before, from_outside, opened, refused, refused_left, done, output)


@pytest.mark.proof("no-default-passwords.planted-found")
@pytest.mark.control("default_passwords.local_services")
def test_every_well_known_login_worked_and_was_found(run: Run) -> None:
    assert run.before == dict.fromkeys(run.before, True)
    said = "\n".join(run.opened)
    for role in ("rf_set", "rf_lock", "rf_gone", "rf_old", "postgres"):
        assert f": {role} (" in said
    for user in ("rf_set@%", "rf_lock@%", "rf_gone@%", "rf_empty@%", "root@localhost"):
        assert f" as {user}" in said
    assert "redis 127.0.0.1:6379: no password is asked for" in said
    assert "rf_good" not in said


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_no_server_is_left_without_a_way_in(run: Run) -> None:
    assert run.refused.rc != 0
    assert run.refused.stdout.count("would leave no way in") >= 2
    assert run.refused_left == run.before


@pytest.mark.proof("no-default-passwords.services-fail")
@pytest.mark.control("default_passwords.local_services")
def test_no_well_known_login_opens_anything(run: Run, databases: Databases) -> None:
    assert databases.all() == dict.fromkeys(run.before, False)


@pytest.mark.proof("no-default-passwords.services-fail", "no-default-passwords.planted-found")
def test_the_controller_sees_from_outside_what_opens_and_what_does_not(
    run: Run, databases: Databases, tmp_path: Path
) -> None:
    assert run.from_outside.rc != 0
    for one in ("postgresql 5432: rf_set (Ours)", "postgresql 5432: postgres (", "mysql 3306: rf_set (Ours)"):
        assert one in run.from_outside.stdout
    done = look(databases, tmp_path)
    assert done.rc == 0, done.stdout
    assert '"unanswered": []' in done.stdout


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_who_has_business_there_still_comes_in(run: Run, databases: Databases) -> None:
    """By the passwords that were set, by one that nobody knows, and the system's administrator by the local socket."""
    assert databases.postgresql("rf_set", GIVEN["pg"])
    assert databases.postgresql("rf_good", "nobody-knows-this-one")
    assert databases.peer("postgres")
    assert databases.mariadb("rf_set", GIVEN["maria"])
    assert databases.mariadb("rf_good", "nobody-knows-this-one")
    assert databases.mariadb_as("root")
    assert databases.redis(GIVEN["redis"])


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_redis_keeps_its_password_over_a_restart(run: Run, databases: Databases) -> None:
    databases.doors.run("systemctl restart redis-server")
    assert not databases.redis("")
    assert databases.redis(GIVEN["redis"])


@pytest.mark.proof("no-default-passwords.never-printed")
@pytest.mark.control("default_passwords.local_services")
def test_no_password_and_no_verifier_is_printed_or_logged(run: Run, databases: Databases) -> None:
    said = run.done.stdout + run.done.stderr + run.audit_output
    assert [secret for secret in (*GIVEN.values(), "SCRAM-SHA-256$") if secret in said] == []
    places = "/var/log /var/tmp /tmp /root /var/lib/ringfence /var/lib/postgresql/.psql_history"
    for secret in GIVEN.values():
        done = databases.doors.lab.run(
            databases.doors.name, f"grep -rlaF -f - {places}; journalctl -q --no-pager -g '{secret}'", stdin=secret
        )
        assert done.stdout.strip() == "", secret


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_a_second_run_changes_nothing(run: Run, databases: Databases) -> None:
    done = databases.doors.converge(*told(REMEDIES))
    assert "changed=0" in done.stdout


@pytest.mark.claim("no-default-passwords")
@pytest.mark.control("default_passwords.local_services")
def test_absent_gives_back_what_nobody_changed_since(run: Run, databases: Databases) -> None:
    databases.doors.run("runuser -u postgres -- psql -Xq", stdin="alter role rf_lock password 'somebody-chose-this';\n")
    assert databases.doors.converge("-e", "default_passwords_state=absent").rc == 0
    assert databases.all() == run.before | {"postgresql rf_lock": False}
    assert databases.postgresql("rf_lock", "somebody-chose-this")
    assert databases.doors.lab.run(databases.doors.name, "ls /var/lib/ringfence/default_passwords").stdout == ""
