# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes: small checkers that the schema is put together from.

Every shape has ``check(value, path, problems)``. It returns the value in its normal form, or INVALID after noting what
is wrong, so that one bad value never hides the next.
"""

from __future__ import annotations

import datetime
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .problems import Path, Problems, did_you_mean, listed


class _Invalid:
    """What a shape returns for a value it has refused."""

    def __repr__(self) -> str:
        return "INVALID"


INVALID = _Invalid()


class Shape(Protocol):
    """Anything that can check a value."""

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        """The normal form of ``value``, or INVALID with the reason in ``problems``."""


def described(value: Any) -> str:
    """A value as a message shows it, short and by its YAML name."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    kinds = (("the number", (int, float)), ("the date", (datetime.date,)))
    return next((f"{name} {value}" for name, types in kinds if isinstance(value, types)), repr(value))


def _quotes(value: Any) -> str:
    """What helps where YAML reads a number, a truth or a date and a text is needed: 10.20 is the number 10.2."""
    return ": put it in quotes" if isinstance(value, (bool, int, float, datetime.date)) else ""


TEMPLATE = re.compile(r"\{\{|\{%|\{#")


@dataclass(frozen=True)
class Text:
    """Text that is not empty, of one line and of a pattern when one is given. ``numbers`` takes 4711 as '4711'."""

    expects: str = "text"
    pattern: re.Pattern[str] | None = None
    numbers: bool = False

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if self.numbers and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            problems.add(path, f"expected {self.expects}, found {described(value)}{_quotes(value)}")
            return INVALID
        if any(ord(character) < 32 or ord(character) == 127 for character in value.strip()):
            problems.add(path, f"expected {self.expects} on one line, found {described(value)}")
            return INVALID
        if self.pattern is not None and self.pattern.fullmatch(value) is None:
            problems.add(path, f"expected {self.expects}, found {described(value)}")
            return INVALID
        if TEMPLATE.search(value):
            # What is derived goes to Ansible as text that may be rendered, and this shall come out as it was written.
            problems.add(path, f"{described(value)} looks like a template; templates work under vars only")
            return INVALID
        return value.strip()


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    choices: tuple[str, ...]

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, str) and value in self.choices:
            return value
        hint = did_you_mean(value, self.choices) if isinstance(value, str) else ""
        problems.add(path, f"{described(value)} is not valid here. {listed(self.choices)}{hint}")
        return INVALID


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most:
            return value
        problems.add(path, f"expected a whole number from {self.least} to {self.most}, found {described(value)}")
        return INVALID


@dataclass(frozen=True)
class Date:
    """A day as YYYY-MM-DD; stays text."""

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            try:
                return datetime.date.fromisoformat(value).isoformat()
            except ValueError:
                pass
        problems.add(path, f"expected a date such as 2027-06-30, found {described(value)}")
        return INVALID


PORT_PATTERN = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
TIME_PATTERN = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True)
class Port:
    """A port (443) or a range of ports ('10000-20000')."""

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, bool):
            found = PORT_PATTERN.fullmatch(str(value)) if isinstance(value, (int, str)) else None
            if found is not None:
                first, last = int(found[1]), int(found[2] or found[1])
                if 1 <= first <= last <= 65535:
                    return first if first == last else f"{first}-{last}"
        problems.add(
            path, f"expected a port from 1 to 65535 or a range such as '10000-20000', found {described(value)}"
        )
        return INVALID


@dataclass(frozen=True)
class Time:
    """A time of day as HH:MM; stays text. ``midnight`` takes 24:00, the end of the day."""

    midnight: bool = False

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, str) and (TIME_PATTERN.fullmatch(value) or (self.midnight and value == "24:00")):
            return value
        problems.add(path, f"expected a time of day such as '08:30', found {described(value)}")
        return INVALID


@dataclass(frozen=True)
class Items:
    """A list without repetitions. With ``one_alone`` a single value stands for a list of one."""

    item: Shape
    one_alone: bool = False
    may_be_empty: bool = False

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, list):
            if self.one_alone and value is not None and not isinstance(value, Mapping):
                checked = self.item.check(value, path, problems)
                return INVALID if checked is INVALID else [checked]
            problems.add(path, f"expected a list, found {described(value)}")
            return INVALID
        if not value and not self.may_be_empty:
            problems.add(path, "expected a list of at least one entry, found an empty one")
            return INVALID
        good, seen, valid = [], set(), True
        for position, entry in enumerate(value):
            checked = self.item.check(entry, (*path, position), problems)
            if checked is INVALID:
                valid = False
            elif isinstance(checked, (str, int)) and checked in seen:
                problems.add((*path, position), f"{described(checked)} is in this list twice")
                valid = False
            else:
                good.append(checked)
                if isinstance(checked, (str, int)):
                    seen.add(checked)
        return good if valid else INVALID


@dataclass(frozen=True)
class Table:
    """Names, each with a value of one shape. Entries that are wrong are left out of the result."""

    name: Text
    value: Shape
    may_be_empty: bool = False

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.add(path, f"expected a mapping of {self.name.expects}, found {described(value)}")
            return INVALID
        if not value and not self.may_be_empty:
            problems.add(path, f"expected at least one {self.name.expects}, found an empty mapping")
        good = {}
        for name, entry in value.items():
            if not isinstance(name, str):
                problems.add(path, f"the name {name!r} is no text: write it in quotes, as '{name}'")
                continue
            if self.name.pattern is not None and self.name.pattern.fullmatch(name) is None:
                problems.add((*path, name), f"{name!r} is no {self.name.expects}", at_key=True)
            checked = self.value.check(entry, (*path, name), problems)
            if checked is not INVALID:
                good[name] = checked
        return good


@dataclass(frozen=True)
class Field:
    """A key of a record."""

    shape: Shape
    required: bool = False


@dataclass(frozen=True)
class Record:
    """A mapping with known keys. Keys that are missing or wrong are left out of the result."""

    fields: Mapping[str, Field]

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.add(path, f"expected a mapping with the keys {', '.join(self.fields)}; found {described(value)}")
            return INVALID
        good = {}
        for name, entry in value.items():
            field = self.fields.get(name) if isinstance(name, str) else None
            if field is None:
                hint = did_you_mean(str(name), self.fields)
                problems.add((*path, str(name)), f"unknown key. {listed(self.fields)}{hint}", at_key=True)
                continue
            checked = field.shape.check(entry, (*path, name), problems)
            if checked is not INVALID:
                good[name] = checked
        for name, field in self.fields.items():
            if field.required and name not in value:
                problems.add((*path, name), f"this key is missing{_expectation(field.shape)}")
        return good


def _expectation(shape: Shape) -> str:
    """What a missing key should have held, for its message."""
    if isinstance(shape, Items):
        return _expectation(shape.item)
    if isinstance(shape, Choice):
        return f". {listed(shape.choices)}"
    if isinstance(shape, Record):
        return f"; it holds {', '.join(shape.fields)}"
    return f"; expected {shape.expects}" if isinstance(shape, Text) else ""


@dataclass(frozen=True)
class Rows:
    """A list of records. The result keeps each one's position: [(0, {...}), (2, {...})]."""

    record: Record

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, list):
            problems.add(path, f"expected a list, found {described(value)}")
            return INVALID
        checked = [(at, self.record.check(entry, (*path, at), problems)) for at, entry in enumerate(value)]
        return [(at, record) for at, record in checked if record is not INVALID]


# Names the model derives itself: a variable of the same name would silently take the place of a derived one.
DERIVED_VARIABLE = re.compile(
    r"ringfence_(site|segments|flows|host|clients?|web_proxy|published|remediation_hosts|contacts|databases|recordings"
    r"|administration(?:_accounts)?|switches)|firewall_(flow_rules|administration_ports)"
    r"|web_filter_(clients|port|resolvers)|client_vlans_(interfaces|trunk)"
)


@dataclass(frozen=True)
class Variables:
    """Ansible variables, passed on as they are."""

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.add(path, f"expected a mapping of variables, found {described(value)}")
            return INVALID
        for name in value:
            if not isinstance(name, str) or not name.isidentifier() or not name.isascii() or keyword.iskeyword(name):
                problems.add((*path, str(name)), "is no name of an Ansible variable", at_key=True)
            elif DERIVED_VARIABLE.fullmatch(name):
                problems.add((*path, name), "is derived from the model and can't be set here", at_key=True)
        return dict(value)
