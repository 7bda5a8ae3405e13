# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of vendor defaults, a site's own additions, and the selections of both that go to a host.

The catalogue holds public facts. What a site adds is its secret: it goes into a selection, and a selection goes to the
host on a standard input and into nothing that is kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.catalog import CATALOG_DIRECTORY

FILE = os.path.join(CATALOG_DIRECTORY, "vendor_defaults.yml")

KINDS = (
    "access_point",
    "bmc",
    "camera",
    "database",
    "firewall",
    "message_broker",
    "monitoring",
    "operating_system",
    "pbx",
    "phone",
    "power",
    "printer",
    "storage",
    "switch",
    "web_application",
)

#: How a login is made. ``login`` stands for an account of the operating system, whatever door it comes through.
SERVICES = (
    "ami",
    "amqp",
    "esl",
    "http_basic",
    "http_form",
    "ipmi",
    "login",
    "mongodb",
    "mysql",
    "postgresql",
    "redis",
    "snmp",
    "ssh",
    "telnet",
)

#: The services whose logins are accounts of a host's operating system when the host has an account of that name.
ACCOUNT_SERVICES = ("login", "ssh", "telnet")
#: The services that a host is asked for.
HOST_SERVICES = ("mysql", "postgresql", "redis", "snmp")

_KEYS = {"id", "product", "kind", "logins", "source"}
#: The day on which the source was seen to tell the login.
_OPTIONAL_KEYS = {"checked"}
_LOGIN_KEYS = {"service", "port", "account", "password", "pattern"}
_OWN_KEYS = {"product", "service", "account", "password"}


class VendorDefaultsError(Exception):
    """What is wrong with a catalogue or with additions, every error, one a line. Never tells a password."""


@dataclass(frozen=True)
class Login:
    """One login that a product comes with. password: '' is an empty one. port: None where the service has none."""

    product: str
    kind: str
    service: str
    account: str
    password: str
    port: int | None = None

    def as_entry(self) -> dict[str, str]:
        """What the host gets."""
        return {"product": self.product, "service": self.service, "account": self.account, "password": self.password}


def _login(row: Any, product: Mapping[str, Any], where: str, errors: list[str]) -> Login | None:
    """One login of the catalogue; None when it has only a pattern, which nobody can try."""
    if not isinstance(row, Mapping) or set(row) - _LOGIN_KEYS or "service" not in row:
        errors.append(f"{where}: a login is a mapping of {', '.join(sorted(_LOGIN_KEYS))}, and needs service")
        return None
    if row["service"] not in SERVICES:
        errors.append(f"{where}: service {row['service']!r} is none of {', '.join(SERVICES)}")
    if ("password" in row) == ("pattern" in row):
        errors.append(f"{where}: needs either password or pattern")
    if not isinstance(row.get("password", ""), str) or not isinstance(row.get("account", ""), str):
        errors.append(f"{where}: account and password are texts; put numbers in quotes")
    if "pattern" in row:
        return None
    port = row.get("port")
    if port is not None and not (isinstance(port, int) and 0 < port < 65536):
        errors.append(f"{where}: port is a number from 1 to 65535")
    return Login(
        product=str(product["product"]),
        kind=str(product["kind"]),
        service=str(row["service"]),
        account=str(row.get("account", "")),
        password=str(row.get("password", "")),
        port=port,
    )


def parse(rows: Any) -> list[Login]:
    """The logins of the catalogue's rows; VendorDefaultsError names all that is wrong."""
    errors: list[str] = []
    logins: list[Login] = []
    if not isinstance(rows, list):
        raise VendorDefaultsError("vendor_defaults: a list is expected")
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        where = f"vendor_defaults {row.get('id', number) if isinstance(row, Mapping) else number}"
        if not isinstance(row, Mapping) or set(row) - _OPTIONAL_KEYS != _KEYS or not all(row.values()):
            errors.append(
                f"{where}: needs exactly {', '.join(sorted(_KEYS))}, and may have {', '.join(sorted(_OPTIONAL_KEYS))}"
            )
            continue
        if "checked" in row and not _iso_date(row["checked"]):
            errors.append(f"{where}: checked is a date such as '2026-11-21', in quotes")
        if row["id"] in seen:
            errors.append(f"{where}: the id is there twice")
        seen.add(row["id"])
        if row["kind"] not in KINDS:
            errors.append(f"{where}: kind {row['kind']!r} is none of {', '.join(KINDS)}")
        for place, item in enumerate(row["logins"], 1):
            login = _login(item, row, f"{where} login {place}", errors)
            logins += [login] if login else []
    if errors:
        raise VendorDefaultsError("\n".join(errors))
    return logins


def parse_own(rows: Any, name: str) -> list[Login]:
    """A site's own additions: [{product, account, password, service (login unless told)}]."""
    errors: list[str] = []
    if not isinstance(rows, Sequence) or isinstance(rows, (str, bytes)):
        raise VendorDefaultsError(f"{name}: a list is expected")
    logins = []
    for number, row in enumerate(rows, 1):
        where = f"{name}[{number - 1}]"
        if not isinstance(row, Mapping):
            errors.append(f"{where}: a mapping is expected")
            continue
        errors += [
            f"{where}: unknown key {key!r}; valid: {', '.join(sorted(_OWN_KEYS))}" for key in set(row) - _OWN_KEYS
        ]
        errors += [f"{where}: {key} is missing or no text" for key in ("product", "password") if not _text(row, key)]
        service = str(row.get("service", "login"))
        if service not in SERVICES:
            errors.append(f"{where}: service {service!r} is none of {', '.join(SERVICES)}")
        logins.append(
            Login(str(row.get("product")), "own", service, str(row.get("account", "")), str(row.get("password")))
        )
    if errors:
        raise VendorDefaultsError("\n".join(errors))
    return logins


def _iso_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _text(row: Mapping[str, Any], key: str) -> bool:
    return isinstance(row.get(key), str)


def load(path: str = FILE) -> list[Login]:
    """The logins of the catalogue file."""
    import yaml  # noqa: PLC0415  # selections of additions alone must work without PyYAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with open(path, encoding="utf-8") as stream:
        data = yaml.load(stream, Loader=loader)  # noqa: S506  # a safe loader in C or in Python
    return parse((data or {}).get("vendor_defaults"))


def common_passwords(logins: Iterable[Login], count: int) -> list[str]:
    """The passwords that most products come with, the most frequent first; equal ones in the order of the alphabet."""
    products = {(login.password, login.product) for login in logins if login.password}
    ranked = Counter(password for password, _product in products)
    return [password for password, _count in sorted(ranked.items(), key=lambda pair: (-pair[1], pair[0]))[:count]]


def select(logins: Sequence[Login], services: Iterable[str], common: int = 0) -> dict[str, Any]:
    """What a host needs to look for these services: ``entries`` [{product, account, password}], ``common`` [password].

    An entry that is there twice, for two products, keeps the first one's name.
    """
    wanted = set(services)
    entries: dict[tuple[str, str, str], dict[str, str]] = {}
    for login in logins:
        if login.service in wanted:
            entries.setdefault((_family(login.service), login.account, login.password), login.as_entry())
    return {"entries": list(entries.values()), "common": common_passwords(logins, common)}


def _family(service: str) -> str:
    """Services whose logins are the same thing to a host that looks for them."""
    return ACCOUNT_SERVICES[0] if service in ACCOUNT_SERVICES else service
