# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real passwords at a real PostgreSQL: a wrong one takes its time, a right one does not, and others' libraries stay."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.lab import REPOSITORY, Completed, Lab

RIGHT, WRONG = "Right-pass-4711", "wrong"

#: Tries passwords, all at the same time; prints for each the exit status of the client and how long it took. Without
#: sslmode=disable the client would knock twice.
_DRIVER = """\
import json, os, subprocess, sys, threading, time
passwords = json.load(sys.stdin)
found = [None] * len(passwords)
def knock(index, password):
    began = time.monotonic()
    argv = ["psql", "-XAtwc", "select 'ENTERED'", "host=127.0.0.1 user=rf_agent dbname=postgres sslmode=disable"]
    done = subprocess.run(argv, env={**os.environ, "PGPASSWORD": password}, capture_output=True, text=True)
    found[index] = {"entered": "ENTERED" in done.stdout, "seconds": time.monotonic() - began, "said": done.stderr}
threads = [threading.Thread(target=knock, args=one) for one in enumerate(passwords)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
json.dump(found, sys.stdout)
"""
_CONF = "$(echo /etc/postgresql/*/main/conf.d)"


@dataclass
class Database:
    """The PostgreSQL of the host under test."""

    lab: Lab
    name: str

    def run(self, command: str) -> str:
        """Run a shell line on the host under test; its output."""
        done = self.lab.run(self.name, command)
        assert done.rc == 0, f"{command}: {done.stdout} {done.stderr}"
        return done.stdout.strip()

    def ask(self, statement: str) -> str:
        """What the server answers its administrator."""
        return self.run(f"cd / && runuser -u postgres -- psql -XAtq -c {shlex.quote(statement)}")

    def knock(self, *passwords: str) -> list[dict[str, Any]]:
        """Try passwords over TCP, at the same time."""
        done = self.lab.run(self.name, f"python3 -c {shlex.quote(_DRIVER)}", stdin=json.dumps(passwords), timeout=120)
        assert done.rc == 0, done.stderr
        return list(json.loads(done.stdout))

    def converge(self, **told: Any) -> Completed:
        """Run the role on this host, with other variables than those of the scenario."""
        playbook = str(REPOSITORY / "molecule/login_delay/converge.yml")
        return self.lab.playbook(playbook, "-e", json.dumps(told), "--limit", self.name, inventory=self.lab.inventory)

    def started(self) -> str:
        """When the server was started."""
        return self.ask("select pg_postmaster_start_time()")


@pytest.fixture(scope="module")
def database(lab: Lab, name: str) -> Iterator[Database]:
    """The server with a role that has a password, and in the end as the role leaves it."""
    one = Database(lab, name)
    one.ask(f"create role rf_agent login password '{RIGHT}'")
    yield one
    one.run(f"rm -f {_CONF}/10-rf.conf")
    one.ask("alter system reset shared_preload_libraries")
    done = one.converge()
    one.ask("drop role rf_agent")
    assert done.rc == 0, done.stdout


@pytest.mark.proof("login-delay.database")
@pytest.mark.control("login_delay.pause_in_databases")
def test_a_wrong_password_waits_and_a_right_one_does_not(database: Database, settings: dict[str, Any]) -> None:
    asked = settings["login_delay_database_seconds"]
    wrong, right = database.knock(*[WRONG] * 3), database.knock(*[RIGHT] * 3)
    assert [one["entered"] for one in wrong] == [False] * 3, wrong
    assert "password authentication failed" in wrong[0]["said"]
    assert min(one["seconds"] for one in wrong) >= asked, wrong
    assert [one["entered"] for one in right] == [True] * 3, right
    assert min(one["seconds"] for one in right) < asked, right


@pytest.mark.control("login_delay.pause_in_databases")
def test_libraries_of_others_stay_and_no_restart_is_made_without_need(database: Database) -> None:
    """Somebody names a library in a file that is read earlier; the pause becomes another one at the same time."""
    database.run(f"echo \"shared_preload_libraries = 'auto_explain'\" > {_CONF}/10-rf.conf")
    before = database.started()
    done = database.converge(login_delay_database_seconds=6)
    assert done.rc == 0, done.stdout
    assert database.started() == before
    assert min(one["seconds"] for one in database.knock(WRONG, WRONG)) >= 6
    database.run("systemctl restart 'postgresql@*'")
    loaded = database.ask("show shared_preload_libraries").replace(" ", "").split(",")
    assert loaded == ["auto_explain", "auth_delay"]
    assert min(one["seconds"] for one in database.knock(WRONG, WRONG)) >= 6


@pytest.mark.control("login_delay.pause_in_databases")
def test_what_would_win_over_the_file_is_refused_before_anything_is_touched(database: Database) -> None:
    database.ask("alter system set shared_preload_libraries = 'auto_explain'")
    done = database.converge(login_delay_database_seconds=5, login_delay_attempts=4)
    assert done.rc != 0
    assert "postgresql.auto.conf sets shared_preload_libraries" in done.stdout, done.stdout
    assert "milliseconds = 5000" not in database.run(f"cat {_CONF}/*")
    assert "deny = 4" not in database.run("cat /etc/security/ringfence-faillock.conf")
    database.ask("alter system reset shared_preload_libraries")


@pytest.mark.control("login_delay.pause_in_databases")
def test_off_means_off_and_a_restart_that_is_not_allowed_is_owed(database: Database, settings: dict[str, Any]) -> None:
    asked = settings["login_delay_database_seconds"]
    done = database.converge(login_delay_database_seconds=0)
    assert done.rc == 0, done.stdout
    assert database.run(f"ls {_CONF}") in ("", "10-rf.conf")
    assert "auth_delay" not in database.ask("show shared_preload_libraries")
    assert min(one["seconds"] for one in database.knock(*[WRONG] * 3)) < asked
    before = database.started()
    done = database.converge(login_delay_database_restart=False)
    assert done.rc == 0, done.stdout
    assert "has to be restarted before it waits" in done.stdout + done.stderr
    assert database.started() == before
    assert "auth_delay" not in database.ask("show shared_preload_libraries")
