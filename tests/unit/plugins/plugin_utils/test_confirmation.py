# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof on a new connection: confirmed at once, after a while, or never."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.ringfence.callcenter.plugins.action import firewall_ruleset
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import confirmation

ARGUMENTS = {"group": "netadmin", "confirm_timeout": 30}
CUT = AnsibleConnectionFailure("Connection timed out")


class Clock:
    """Time that passes when somebody sleeps or a connection times out."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Connection:
    """Remembers how often it was left."""

    transport = "ssh"

    def __init__(self) -> None:
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1


class Action(firewall_ruleset.ActionModule):  # type: ignore[misc]  # ansible-core ships no types
    """The plugin with a host that answers from a list."""

    def __init__(self, clock: Clock, *answers: Any) -> None:
        self._connection = Connection()
        self.clock = clock
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def _host(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        del task_vars
        self.asked.append(arguments)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            self.clock.now += 10
            raise answer
        found: dict[str, Any] = answer
        return found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The plugin's time."""
    found = Clock()
    monkeypatch.setattr(confirmation, "time", found)
    return found


def test_confirmed_over_a_new_connection(clock: Clock) -> None:
    """The old connection is left before the confirmation is sent."""
    action = Action(clock, {"changed": True})
    assert action._prove("token", ARGUMENTS, {}) == {"proven_by": "a new ssh connection"}
    assert action._connection.resets == 1
    assert action.asked == [{**ARGUMENTS, "phase": "confirm", "confirmation": "token"}]


def test_a_lost_packet_is_no_failure(clock: Clock) -> None:
    """It tries again while there is time, on a new connection each time."""
    action = Action(clock, CUT, {"changed": True})
    assert "proven_by" in action._prove("token", ARGUMENTS, {})
    assert action._connection.resets == 2


def test_cut_off_waits_for_the_host_and_says_why(clock: Clock) -> None:
    """The host is asked again after its rollback; nothing counts as changed."""
    action = Action(clock, CUT, CUT, CUT, CUT, {"pending": False})
    found = action._prove("token", ARGUMENTS, {})
    assert (found["failed"], found["changed"], found["rolled_back"]) == (True, False, True)
    assert "Connection timed out" in found["msg"]
    assert clock.now > 30
    assert action.asked[-1]["phase"] == "status"


def test_a_host_that_was_faster(clock: Clock) -> None:
    """A connection that gets through only after the rollback proves nothing."""
    action = Action(clock, CUT, {"failed": True, "rolled_back": True, "msg": "not in time"}, {"pending": False})
    found = action._prove("token", ARGUMENTS, {})
    assert found["failed"]
    assert "Connection timed out" in found["msg"]


def test_another_failure_is_told_as_it_is(clock: Clock) -> None:
    """The message of the host, at once."""
    action = Action(clock, {"failed": True, "msg": "no space left"})
    assert action._prove("token", ARGUMENTS, {}) == {"failed": True, "msg": "no space left"}


def test_a_host_that_does_not_come_back_is_unreachable(clock: Clock) -> None:
    """Never a result that looks like a rollback."""
    with pytest.raises(AnsibleConnectionFailure):
        Action(clock, CUT)._prove("token", ARGUMENTS, {})
