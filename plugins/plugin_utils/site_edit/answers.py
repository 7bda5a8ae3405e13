# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers that the playbooks which write site models take with ``-e``: which there are, and what each must be.

They are looked at as they were given, before Ansible renders or converts anything and before a file is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import schema
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.problems import Path, Problem, Problems
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.shapes import (
    INVALID,
    TEMPLATE,
    Field,
    Items,
    Record,
    Rows,
    Shape,
    Text,
    Whole,
    described,
)

# What YAML reads as a truth or as nothing.
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
# The segments and hosts that the template of a new site has.
NAMES_OF_A_NEW_SITE = frozenset({"management", "servers", "card-data", "gw1", "admin1", "db1", "infra1", "log1"})
_TRUTHS = ("true", "false", "yes", "no", "on", "off", "1", "0", "y", "n", "t", "f")


@dataclass(frozen=True)
class Commas:
    """A list of texts, or one text with commas between them. ``numbers`` takes 22 as '22'."""

    item: Text
    at_most: int | None = None
    may_be_empty: bool = False
    numbers: bool = False

    @property
    def expects(self) -> str:
        return f"{self.item.expects}, or several with commas between them"

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if self.numbers and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str):
            value = [part for part in map(str.strip, value.split(",")) if part]
        elif not isinstance(value, list):
            return self.item.check(value, path, problems)
        if self.numbers:
            value = [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in value]
        if self.at_most is not None and len(value) > self.at_most:
            problems.add(path, f"expected at most {self.at_most}, found {len(value)}")
            return INVALID
        return Items(self.item, may_be_empty=self.may_be_empty).check(value, path, problems)


@dataclass(frozen=True)
class NewClients:
    """The clients of a new site: names that nothing else there has, and that YAML takes for names."""

    names: Commas
    taken: frozenset[str]

    @property
    def expects(self) -> str:
        return self.names.expects

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        checked = self.names.check(value, path, problems)
        groups = {name.replace("-", "_"): name for name in self.taken}
        for name in checked if checked is not INVALID else ():
            if name in self.taken or name in _WORDS:
                problems.add(path, f"{name} has a meaning of its own in a new site; choose another name")
                continue
            twin = groups.setdefault(name.replace("-", "_"), name)
            if twin != name:
                problems.add(path, f"{name} and {twin} would be the same group (- becomes _ there); choose another")
        return checked


@dataclass(frozen=True)
class MappingShape:
    """A mapping. ``example`` shows one."""

    record: Record
    example: str

    @property
    def expects(self) -> str:
        return f"a mapping with the keys {', '.join(self.record.fields)}, such as {self.example}"

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, Mapping):
            problems.add(path, f"expected {self.expects}; found {described(value)}")
            return INVALID
        return self.record.check(value, path, problems)


@dataclass(frozen=True)
class NumberOrDigits:
    """A whole number, also as text."""

    number: Whole

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII):
            value = int(value)
        return self.number.check(value, path, problems)


@dataclass(frozen=True)
class Truth:
    """True or false, in the words that Ansible takes for them."""

    expects: str = "true or false"

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, bool) or (isinstance(value, (str, int)) and str(value).lower() in _TRUTHS):
            return value
        problems.add(path, f"expected {self.expects}, found {described(value)}")
        return INVALID


_OF_TEN = r"10[.](?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_PREFIX4 = re.compile(rf"{_OF_TEN}|172[.](?:1[6-9]|2[0-9]|3[01])|192[.]168", re.ASCII)
_PREFIX6 = re.compile(r"(?:fd[0-9a-f]{2}(?::[0-9a-f]{1,4}){2})?", re.ASCII)
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_FILE = Text("the path of a file")
_CLIENT = Text("the name of a client")
_SEGMENT = Record(
    {
        "name": Field(schema.NAME),
        "title": Field(Text()),
        "vlan": Field(NumberOrDigits(Whole(1, 4094))),
        "subnets": Field(Commas(schema.SUBNET)),
        "gateway": Field(Text("the name of a host of kind gateway")),
    }
)


@dataclass(frozen=True)
class _Flows:
    expects: str = f"a list of flows, each with the keys {', '.join(schema.FLOW.fields)}"

    def check(self, value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, list):
            problems.add(path, f"expected {self.expects}, best in a file (-e @FILE); found {described(value)}")
            return INVALID
        return Rows(schema.FLOW).check(value, path, problems)


ANSWERS: Mapping[str, Mapping[str, Shape]] = {
    "new_site": {
        "folder": Text("the path of a folder"),
        "site": schema.NAME,
        "title": Text(),
        "domain": Text("a name such as callcenter.example", re.compile(r"[a-z0-9-]+(?:[.][a-z0-9-]+)+", re.ASCII)),
        "prefix4": Text("two numbers of private space such as '10.20'", _PREFIX4),
        "prefix6": Text("groups such as fd12:3456:789a", _PREFIX6),
        "account": schema.ACCOUNT_NAME,
        "ssh_ports": Commas(Text("a port such as 22", re.compile(_PORT, re.ASCII)), numbers=True),
        "clients": NewClients(Commas(schema.NAME, at_most=99), schema.RESERVED | NAMES_OF_A_NEW_SITE),
    },
    "onboard_client": {
        "client": schema.NAME,
        "title": Text(),
        "like": _CLIENT,
        "segment": MappingShape(_SEGMENT, '-e \'{"segment": {"name": "floor-3", "vlan": 20}}\''),
        "sites_allowed": Commas(schema.DOMAIN, may_be_empty=True),
        "database": MappingShape(schema.DATABASE, '-e \'{"database": {"host": "db1"}}\''),
        "recordings": MappingShape(schema.RECORDINGS, '-e \'{"recordings": {"store": "Archive", "retention": 90}}\''),
        "retention": MappingShape(schema.RETENTION, '-e \'{"retention": {"data": 365, "reason": "Contract"}}\''),
        "business_hours": MappingShape(
            schema.BUSINESS_HOURS,
            '-e \'{"business_hours": {"days": ["mon"], "from": "08:00", "to": "20:00", "timezone": "Europe/Lisbon"}}\'',
        ),
        "flows": _Flows(),
        "site_file": _FILE,
    },
    "offboard_client": {
        "client": _CLIENT,
        "remove_hosts": Truth(),
        "certificate_directory": Text("the path of a folder"),
        "by": Text("who lets the client go"),
        "site_file": _FILE,
    },
}
#: The answers that are mappings.
MAPPINGS = frozenset(
    key for answers in ANSWERS.values() for key, shape in answers.items() if isinstance(shape, MappingShape)
)
# For which nothing means: choose.
_MAY_BE_EMPTY = frozenset({"prefix6"})


def wrong_answers(playbook: str, given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the answers given to a playbook, in the order of the table."""
    problems = Problems()
    for key, shape in ANSWERS[playbook].items():
        if key not in given:
            continue
        value = given[key]
        if value is None or (isinstance(value, str) and not value.strip()):
            if key not in _MAY_BE_EMPTY:
                problems.add((key,), f"empty; expected {getattr(shape, 'expects', 'a value')}")
        elif not _with_templates(value, (key,), problems):
            shape.check(value, (key,), problems)
    return problems.found


def _with_templates(value: Any, path: Path, problems: Problems) -> bool:
    """Whether there are templates in a value, each of which is noted."""
    if isinstance(value, (Mapping, list)):
        entries = value.items() if isinstance(value, Mapping) else enumerate(value)
        found = [
            _with_templates(entry, (*path, at if isinstance(at, int) else str(at)), problems) for at, entry in entries
        ]
        return any(found)
    if isinstance(value, str) and TEMPLATE.search(value):
        problems.add(path, f"{described(value)} looks like a template, and answers are taken as they are written")
        return True
    return False
