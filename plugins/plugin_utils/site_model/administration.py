# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Administration: from where and by which accounts people and automation come in, and on which ports sshd listens."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from .addresses import SubnetIndex, read_address, whole
from .flows import EndpointReader
from .model import Account, Administration, Endpoint, Host, Site
from .problems import Path, Problems
from .schema import INTERNET

DEFAULT_PORTS = (22,)
# The names that Ansible's ssh connection has for the port.
_PORT_VARIABLES = ("ansible_port", "ansible_ssh_port")


def build_administration(
    record: Mapping[str, Any], endpoints: EndpointReader, index: SubnetIndex, problems: Problems
) -> Administration | None:
    """Where administrators come from; None when that can't be said."""
    path: Path = ("administration",)
    sources = endpoints.read(record.get("sources", ()), (*path, "sources"), inside=True)
    for position, text in enumerate(record.get("sources", ())):
        if text == INTERNET:
            problems.add((*path, "sources", position), "administration from the whole internet is refused")
    local = []
    for position, text in enumerate(record.get("local_sources", ())):
        where = (*path, "local_sources", position)
        address = read_address(text, where, problems)
        if address is None:
            continue
        segment = index.segment_of(address)
        if segment is None:
            problems.add(where, f"{address} lies in no segment; addresses outside the site go to sources")
        else:
            local.append(Endpoint("address", str(address), frozenset((segment,)), (whole(address),)))
    accounts = _accounts(record.get("accounts", ()), problems)
    if record and "review_by" not in record and not problems.noted((*path, "review_by")):
        problems.warn(path, "has no review_by: nobody is reminded to look at the firewall rules that it gives")
    if sources is None:
        return None
    return Administration(
        sources,
        tuple(local),
        record.get("reason", ""),
        record.get("owner", ""),
        ports=tuple(record.get("ports", DEFAULT_PORTS)),
        ports_said="ports" in record,
        accounts=accounts,
        review_by=record.get("review_by"),
    )


def _accounts(records: Any, problems: Problems) -> tuple[Account, ...]:
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    found: dict[str, Account] = {}
    for position, record in enumerate(records):
        path: Path = ("administration", "accounts", position)
        name, expires = record.get("name"), record.get("expires")
        if name is None:
            continue
        if name in found:
            problems.add((*path, "name"), f"{name} is in this list twice")
        if expires is not None and expires < today:
            message = f"account {name} expired here on {expires} and is like any other since: renew it or take it out"
            problems.warn((*path, "expires"), message)
        found.setdefault(name, Account(name, record.get("reason", ""), record.get("owner", ""), expires))
    return tuple(found.values())


def check_ports(
    record: Mapping[str, Any], variables: Mapping[str, Any], hosts: Mapping[str, Host], problems: Problems
) -> None:
    """Refuse a port for Ansible that the rest of the model closes."""
    ports = tuple(record.get("ports", DEFAULT_PORTS))
    key = "administration.ports" if "ports" in record else "administration.ports (22 unless said otherwise)"
    _check_port(("vars",), variables, ports, f"{key} has {_shown(ports)}", problems)
    for host in hosts.values():
        own = ports if host.ssh_port is None else (host.ssh_port,)
        says = f"{key} has {_shown(ports)}" if host.ssh_port is None else f"ssh_port is {host.ssh_port}"
        _check_port(("hosts", host.name, "vars"), host.variables, own, says, problems)


def _check_port(
    path: Path, variables: Mapping[str, Any], ports: tuple[int, ...], says: str, problems: Problems
) -> None:
    for name in _PORT_VARIABLES:
        text = str(variables.get(name, ""))
        if text.isdecimal() and int(text) not in ports:
            where = "ssh_port of the host" if path[0] == "hosts" else "administration.ports"
            problems.add(
                (*path, name),
                f"Ansible would come to port {text}, and {says}: the firewall closes {text}. Say it in {where}; where "
                "a router on the way translates the port, set it in group_vars or host_vars",
            )


def _shown(ports: tuple[int, ...]) -> str:
    return ", ".join(str(port) for port in ports)


def about_administration(site: Site) -> dict[str, Any]:
    """The value of ringfence_administration."""
    about = site.administration
    return {
        "sources": [endpoint.name for endpoint in about.sources],
        "ports": list(about.ports),
        "reason": about.reason,
        "owner": about.owner,
        "review_by": about.review_by,
    }


def variables_of_site(site: Site) -> dict[str, Any]:
    """The variables of all hosts that follow from the administration.

    They are the group's, so that group_vars and host_vars win. The port that Ansible comes to is in it only where the
    model says it: whoever has it in an ssh_config keeps it.
    """
    about = site.administration
    found: dict[str, Any] = {
        "ringfence_administration": about_administration(site),
        "ringfence_administration_accounts": [
            {"name": one.name, "reason": one.reason, "owner": one.owner, "expires": one.expires}
            for one in about.accounts
        ],
        **_variables(about.ports),
    }
    if not about.ports_said:
        del found["ansible_port"]
    return found


def variables_of(site: Site, host: Host) -> dict[str, Any]:
    """The same of one host, where its sshd listens elsewhere; what the model's vars say of all hosts stays."""
    if host.ssh_port is None:
        return {}
    return {name: value for name, value in _variables((host.ssh_port,)).items() if name not in site.variables}


def _variables(ports: tuple[int, ...]) -> dict[str, Any]:
    return {
        "ansible_port": ports[0],
        "firewall_administration_ports": list(ports),
        "login_delay_ban_ports": list(ports),
    }
