# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change that may lock administrators out, with a host whose timer undoes what no new connection has confirmed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection import ConnectionBase

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import confirmation

#: Seconds within which a change has to be confirmed.
TIMEOUT = 30
ARGUMENTS = {"group": "netadmin", "confirm_timeout": TIMEOUT}
TOKEN = "4f1d"
#: Seconds until a connection that nobody answers is given up.
PATIENCE = 10.0


class Host:
    """A host and its clock. Connections that are open go on, new ones need rules that let them in, as nftables does it.

    ``events`` is what happened, in order; ``lost`` says whether an answer to a phase gets lost on its way back.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.rules = "old"
        self.timer: float | None = None
        self.confirmed = False
        self.answers_again = 0.0
        self.slow = 0.0
        self.full = False
        self.stuck = False
        self.events: list[str] = []
        self.lost: Callable[[str], bool] = lambda phase: False

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds
        self._tick()

    def _tick(self) -> None:
        if self.timer is not None and self.now >= self.timer and not self.stuck:
            self.rules, self.timer = "old", None
            self.events.append("restored")

    def connect(self) -> None:
        """Let a new connection in, or have it time out."""
        self._tick()
        if self.rules == "closed" or self.now < self.answers_again:
            self.sleep(PATIENCE)
            raise AnsibleConnectionFailure("Failed to connect:\r\n  Connection timed out\n")
        self.sleep(self.slow)

    def apply(self, rules: str) -> dict[str, Any]:
        """Put other rules into force for as long as the timer lets them."""
        self.rules, self.timer = rules, self.now + TIMEOUT
        self.events.append("applied")
        return {"changed": True, "pending": True, "rolled_back": False, "confirmation": TOKEN}

    def answer(self, phase: str, token: str) -> dict[str, Any]:
        """What the host's half says to a phase."""
        self._tick()
        if phase == "status":
            self.events.append("looked at")
            return {"changed": False, "pending": self.timer is not None}
        assert (phase, token) == ("confirm", TOKEN)
        if self.full:
            return {"failed": True, "rolled_back": False, "msg": "/run: No space left on device"}
        if not self.confirmed:
            if self.timer is None:
                return {"failed": True, "rolled_back": True, "msg": "the host has restored its rules before"}
            self.confirmed, self.timer = True, None
            self.events += ["confirmed", "timer stopped"]
        return {"changed": True, "pending": False}


class Connection:
    """A connection that stays until it is left."""

    transport = "ssh"

    def __init__(self, host: Host) -> None:
        self.host = host
        self.is_open = True

    def reset(self) -> None:
        self.is_open = False
        self.host.events.append("left")


class Loopback(Connection):
    """What never leaves the machine cannot be begun anew."""

    transport = "local"
    reset = ConnectionBase.reset


class Action(confirmation.ConfirmedAction):
    """The controller's half, whose modules run on that host."""

    transaction = "example_transaction"
    cut = "No new connection gets in"
    restored = "its old rules"
    question = "Is the controller's address right?"

    def __init__(self, host: Host, connection: Any = None) -> None:
        self.host = host
        self._connection = connection or Connection(host)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        raise NotImplementedError

    def _one(self, module: str, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        assert (module, variables) == (self.transaction, {"site": "demo"})
        assert {key: arguments[key] for key in ARGUMENTS} == ARGUMENTS
        if not self._connection.is_open:
            self.host.connect()
            self._connection.is_open = True
        answer = self.host.answer(arguments["phase"], arguments.get("confirmation", ""))
        if self.host.lost(arguments["phase"]):
            self._connection.is_open = False
            raise AnsibleConnectionFailure("Connection reset by peer")
        return answer

    def finish(self, applied: dict[str, Any]) -> dict[str, Any]:
        """The result of the task whose change was applied."""
        return self._finish(applied, ARGUMENTS, {"site": "demo"})


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host whose clock is the controller's."""
    made = Host()
    monkeypatch.setattr(confirmation, "time", made)
    return made


def test_what_lets_a_new_connection_in_stays(host: Host) -> None:
    """The timer is stopped by the confirmation, and nothing stops it before."""
    result = Action(host).finish(host.apply("new"))
    assert result == {"changed": True, "pending": False, "rolled_back": False, "proven_by": "a new ssh connection"}
    assert host.events == ["applied", "left", "confirmed", "timer stopped"]
    host.sleep(3600)
    assert host.rules == "new"


def test_the_connection_that_is_open_already_proves_nothing(host: Host) -> None:
    """It goes on below rules that let no new one in; the host's own timer undoes them, and nobody stops it."""
    result = Action(host).finish(host.apply("closed"))
    assert (host.rules, host.confirmed) == ("old", False)
    assert "timer stopped" not in host.events
    assert host.events[-3:] == ["restored", "left", "looked at"]
    assert host.now > TIMEOUT
    assert result == {
        "failed": True,
        "changed": False,
        "pending": False,
        "rolled_back": True,
        "msg": "No new connection gets in (Failed to connect: Connection timed out). The host restored its old rules by"
        " itself after 30 s; nothing became permanent. Is the controller's address right?",
    }


def test_a_host_that_answers_late_but_in_time_is_confirmed(host: Host) -> None:
    host.answers_again = 15.0
    result = Action(host).finish(host.apply("new"))
    assert result["proven_by"] == "a new ssh connection"
    assert host.events == ["applied", "left", "left", "left", "confirmed", "timer stopped"]


def test_a_host_that_answers_after_its_timer_has_undone_the_change(host: Host) -> None:
    """What is said is why nobody got in, not only that it was too late."""
    host.answers_again, host.slow = 20.0, 9.0
    result = Action(host).finish(host.apply("new"))
    assert (result["failed"], result["rolled_back"], host.rules) == (True, True, "old")
    assert host.events[:5] == ["applied", "left", "left", "left", "restored"]
    assert "(Failed to connect: Connection timed out)" in result["msg"]


def test_a_timer_that_is_faster_than_the_first_try_is_told_in_the_hosts_words(host: Host) -> None:
    applied = host.apply("new")
    host.timer = 0.0
    result = Action(host).finish(applied)
    assert (result["failed"], result["changed"], host.rules) == (True, False, "old")
    assert "(the host has restored its rules before)" in result["msg"]
    assert host.now > TIMEOUT


def test_a_confirmation_whose_answer_got_lost_is_asked_again(host: Host) -> None:
    losses = iter([True])
    host.lost = lambda phase: next(losses, False)
    result = Action(host).finish(host.apply("new"))
    assert result["proven_by"] == "a new ssh connection"
    assert host.events.count("timer stopped") == 1
    assert host.rules == "new"


def test_an_error_at_the_confirmation_is_told_and_leaves_the_timer_alone(host: Host) -> None:
    """The task ends at once with the host's words and claims no rollback; the host undoes the change later."""
    host.full = True
    result = Action(host).finish(host.apply("new"))
    assert (result["failed"], result["msg"]) == (True, "/run: No space left on device")
    assert result["rolled_back"] is False
    assert host.now == 0.0
    assert host.timer is not None
    host.sleep(3600)
    assert host.rules == "old"


def test_a_host_that_cannot_be_reached_after_its_timer_either_is_unreachable(host: Host) -> None:
    """Nothing is said about its rules, for nobody has seen them."""
    host.answers_again = 3600.0
    with pytest.raises(AnsibleConnectionFailure, match="timed out"):
        Action(host).finish(host.apply("closed"))
    assert 60 < host.now < 90


def test_a_look_at_the_host_is_tried_again(host: Host) -> None:
    losses = iter([True])
    host.lost = lambda phase: phase == "status" and next(losses, False)
    assert Action(host).finish(host.apply("closed"))["rolled_back"] is True
    assert host.events.count("looked at") == 2


def test_a_host_whose_timer_never_ends_does_not_hold_the_run_up(host: Host) -> None:
    host.apply("new")
    host.stuck = True
    Action(host)._wait_for_return(ARGUMENTS, {"site": "demo"})
    assert host.events.count("looked at") > 20
    assert 30 < host.now < 35


@pytest.mark.parametrize(
    "applied", [{"changed": False, "pending": False}, {"failed": True, "msg": "no", "confirmation": TOKEN}]
)
def test_where_nothing_was_applied_nobody_is_asked(host: Host, applied: dict[str, Any]) -> None:
    told = {key: value for key, value in applied.items() if key != "confirmation"}
    assert Action(host).finish(dict(applied)) == told
    assert host.events == []


def test_a_connection_that_does_not_pass_the_firewall_says_that_it_proves_nothing(host: Host) -> None:
    result = Action(host, Loopback(host)).finish(host.apply("new"))
    assert result["proven_by"] == "nothing: local does not pass the firewall"
    assert host.confirmed


def test_the_connection_is_named_without_its_collection(host: Host) -> None:
    connection = Connection(host)
    connection.transport = "ansible.netcommon.libssh"
    assert Action(host, connection).finish(host.apply("new"))["proven_by"] == "a new libssh connection"
