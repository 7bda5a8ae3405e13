# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a change that a role is about to make would shut out the account that this run came in by, and the ways out.

One function a kind of change. A role says what it is going to do, before its first change; here nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.ringfence.callcenter.plugins.module_utils import login_state, ways_in
from ansible_collections.ringfence.callcenter.plugins.module_utils.login_account import Login
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _accounts
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host

_BY_PASSWORD = ("sudo", "su", "doas", "pkexec")


@dataclass(frozen=True)
class Situation:
    """Who came in, to what host, and when it is. accounts: the administration's accounts on record."""

    host: Host
    login: Login
    now: float
    sshd_ports: Sequence[int] = ()
    accounts: Sequence[Mapping[str, Any]] = ()

    @property
    def today(self) -> int:
        """Days since 1970, as /etc/shadow counts them."""
        return int(self.now // 86400)

    def on_record(self, name: str) -> Mapping[str, Any] | None:
        """The record of an account."""
        return next((record for record in self.accounts if str(record.get("name")) == name), None)

    def is_exempt(self, name: str) -> bool:
        """Whether an account is on record, and the record in force."""
        record = self.on_record(name)
        if record is None:
            return False
        return record.get("expires") is None or str(record["expires"]) >= login_state.date(self.today)

    @property
    def naming(self) -> list[str]:
        """How to put the account on record, nothing for one that is on it."""
        name = self.login.account
        record = self.on_record(name)
        if record is None:
            return [
                f"name {name} with reason, owner and expires in administration.accounts of the site model "
                "(ringfence_administration_accounts without one)"
            ]
        if self.is_exempt(name):
            return []
        return [f"renew the record of {name} in administration.accounts, which expired on {record['expires']}"]


@dataclass
class Outcome:
    """objections: sentences, each with its ways out. warnings: what could shut the account later."""

    objections: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def object(self, reason: str, *ways: str) -> None:
        """One more objection."""
        self.objections.append(f"{reason}. Ways out: {'; or '.join(ways)}")


def age_passwords(now: Situation, change: Mapping[str, Any], outcome: Outcome) -> None:
    """Passwords get a longest age."""
    name, most = now.login.account, int(change["maximum_days"])
    ages = login_state.ages(now.host, name)
    if ages is None or ages.changed is None or most < 1 or name in change["exempt"]:
        return
    day = login_state.date(ages.changed)
    left = ages.changed + most - now.today
    ways = (f"change the password of {name} on the host", *now.naming, f"list {name} in {change['setting']}")
    if left <= 0:
        age = now.today - ages.changed
        when = "today" if left == 0 else "at once, and ssh would refuse even its key"
        outcome.object(
            f"the password of {name} was last changed on {day}, {age} days ago, and may get {most} days old: it would "
            f"expire {when}",
            *ways,
        )
    elif left <= int(change["warning_days"]):
        outcome.warnings.append(
            f"the password of {name}, by which this run came in, was last changed on {day} and expires in {left} days. "
            f"Ways out: {'; or '.join(ways)}"
        )


def lock_accounts(now: Situation, change: Mapping[str, Any], outcome: Outcome) -> None:
    """Accounts are locked after wrong passwords."""
    name, login = now.login.account, now.login
    if name in change["exempt"] or (login.uid == 0 and not change["root"]):
        return
    seconds = int(change["lock_minutes"]) * 60
    lock = login_state.Lock(
        str(change["folder"]), int(change["attempts"]), int(change["count_minutes"]) * 60, seconds, bool(change["root"])
    )
    ways = (*now.naming, f"list {name} in {change['setting']}")
    if login_state.is_locked(now.host, name, login.uid, lock, now.now):
        outcome.object(
            f"{name} has had {lock.attempts} wrong passwords or more and would be locked at once",
            f"forget them on the host with `faillock --user {name} --reset`",
            *ways,
        )
    elif set(login.way) & set(_BY_PASSWORD):
        outcome.warnings.append(
            f"this run came in as {name} ({login.said}): {lock.attempts} wrong become passwords lock {name} for "
            f"{change['lock_minutes']} minutes. Ways out: {'; or '.join(ways)}"
        )


def set_group(now: Situation, change: Mapping[str, Any], outcome: Outcome) -> None:
    """A group gets exactly these members."""
    name, group, members = now.login.account, str(change["name"]), [str(member) for member in change["members"]]
    if name in members or name not in ways_in.members_of(now.host, group):
        return
    listed = _accounts.accounts(now.host)
    with_group = ways_in.administrators(now.host, listed)
    without = ways_in.administrators(now.host, listed, without=(name, group))
    if name in with_group and name not in without:
        outcome.object(
            f"{name} becomes root by being in the group {group}, and would not be in it any more",
            f"list {name} in {change['setting']}",
            f"give {name} the right to sudo in another way",
        )


def open_ports(now: Situation, change: Mapping[str, Any], outcome: Outcome) -> None:
    """A packet filter lets connections in to these ports only, and keeps out others."""
    ranges = [(int(low), int(high or low)) for low, _dash, high in (port.partition("-") for port in change["ports"])]
    said = ", ".join(change["ports"]) or "none"
    way = f"name the port in administration.ports of the site model, or as ssh_port of the host ({change['setting']})"

    def is_open(port: int) -> bool:
        return any(low <= port <= high for low, high in ranges)

    if now.login.server_port and not is_open(now.login.server_port):
        outcome.object(
            f"the rules let nobody in to port {now.login.server_port}, by which this run came in: they let in {said}",
            way,
        )
    closed = [port for port in now.sshd_ports if not is_open(port) and port != now.login.server_port]
    if closed:
        outcome.warnings.append(
            f"sshd listens on {', '.join(map(str, closed))} and no rule lets anybody in there: {change['setting']} and "
            f"the other rules let in {said}. Ways out: {way}; or let sshd listen on those alone"
        )


def ban_ports(now: Situation, change: Mapping[str, Any], outcome: Outcome) -> None:
    """Source addresses are banned from these ports; none: from all."""
    ports = [str(port) for port in change["ports"]]
    open_still = [port for port in now.sshd_ports if str(port) not in ports]
    if ports and "ssh" not in ports and open_still:
        outcome.object(
            f"sshd listens on {', '.join(map(str, now.sshd_ports))} and {change['setting']} has {', '.join(ports)} "
            f"only: a ban would leave {', '.join(map(str, open_still))} open",
            "name the port in administration.ports of the site model, or as ssh_port of the host",
            f"leave {change['setting']} at [ssh], which stands for whatever sshd listens on",
        )


KINDS: dict[str, Callable[[Situation, Mapping[str, Any], Outcome], None]] = {
    "age_passwords": age_passwords,
    "lock_accounts": lock_accounts,
    "set_group": set_group,
    "open_ports": open_ports,
    "ban_ports": ban_ports,
}


def look(now: Situation, would: Mapping[str, Mapping[str, Any] | None]) -> Outcome:
    """What speaks against all these changes together."""
    outcome = Outcome()
    for kind, change in would.items():
        if change is not None:
            KINDS[kind](now, change, outcome)
    return outcome


def refusal(login: Login, hostname: str, outcome: Outcome) -> str:
    """The objections as one text."""
    head = f"{hostname}: nothing was changed. This run came in as {login.account} ({login.said})"
    if len(outcome.objections) == 1:
        return f"{head}, and {outcome.objections[0]}."
    return f"{head}, and:\n" + "\n".join(f"- {text}." for text in outcome.objections)
