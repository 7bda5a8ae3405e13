# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients: built from well-shaped data, what they name looked up, and what Ansible gets of them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from typing import Any

from .model import BusinessHours, Client, Database, Host, Recordings, Retention, Segment
from .problems import Path, Problems, did_you_mean, listed
from .segments import unknown_segment


def build_clients(data: Mapping[str, Any], segments: Mapping[str, Segment], problems: Problems) -> dict[str, Client]:
    """The clients. A client has a segment of class client to itself."""
    clients: dict[str, Client] = {}
    taken: dict[str, str] = {}
    for name, record in data.items():
        path: Path = ("clients", name)
        hours = _business_hours(record.get("business_hours"), (*path, "business_hours"), problems)
        retention = _retention(record.get("retention"), (*path, "retention"), problems)
        recordings = _recordings(record.get("recordings"), (*path, "recordings"), problems)
        segment = record.get("segment")
        if segment is None:
            continue
        if segment not in segments:
            problems.add((*path, "segment"), unknown_segment(segment, segments))
            continue
        trust_class = segments[segment].trust_class
        if trust_class not in ("client", ""):
            message = f"segment {segment} has class {trust_class}; a client's segment has class client"
            problems.add((*path, "segment"), message)
        if segment in taken:
            message = f"segment {segment} is that of client {taken[segment]} already; clients share none"
            problems.add((*path, "segment"), message)
        taken.setdefault(segment, name)
        clients[name] = Client(
            name=name,
            title=record.get("title", name),
            segment=segment,
            sites_allowed=tuple(record.get("sites_allowed", ())),
            database=_database(name, record.get("database")),
            recordings=recordings,
            retention=retention,
            business_hours=hours,
        )
    return clients


def check_hosts_of_clients(data: Mapping[str, Any], hosts: Mapping[str, Any], written: Any, problems: Problems) -> None:
    """Refuse databases and recordings on hosts that are not there or of another kind, and two on one place.

    ``hosts`` are those that are right, ``written`` the names of all: one that is refused itself is not called unknown.
    """
    for key, kind, place in (("database", "database", "name"), ("recordings", "recorder", "path")):
        taken: dict[tuple[str, str], str] = {}
        for name, record in data.items():
            about = record.get(key, {})
            host = about.get("host")
            path: Path = ("clients", name, key)
            if host is None:
                continue
            if host not in hosts:
                if host not in written:
                    fitting = [one.name for one in hosts.values() if kind in one.kinds]
                    message = f"{host!r} is no host of this site. {listed(fitting)}{did_you_mean(host, fitting)}"
                    problems.add((*path, "host"), message)
                continue
            if kind not in hosts[host].kinds:
                problems.add((*path, "host"), f"{host} is no host of kind {kind}")
            where = about.get(place, _database_name(name) if key == "database" else "")
            if where and taken.setdefault((host, where), name) != name:
                message = f"{where} on {host} is that of client {taken[host, where]} already; clients share none"
                problems.add((*path, place), message)


def _database_name(client: str) -> str:
    return client.replace("-", "_")


def _database(client: str, record: Mapping[str, Any] | None) -> Database | None:
    if record is None or "host" not in record:
        return None
    return Database(record["host"], record.get("name", _database_name(client)))


def _recordings(record: Mapping[str, Any] | None, path: Path, problems: Problems) -> Recordings | None:
    if record is None:
        return None
    if "host" not in record and "store" not in record and not problems.noted(path):
        problems.add(path, "says of no place where they are: host (of kind recorder) or store (in words)")
    if "path" in record and "host" not in record and not problems.noted((*path, "host")):
        problems.add((*path, "path"), "is a folder of no host; say which (key host)", at_key=True)
    return Recordings(record.get("host"), record.get("path"), record.get("store"), record.get("retention", 0))


def _retention(record: Mapping[str, Any] | None, path: Path, problems: Problems) -> Retention | None:
    if record is None:
        return None
    if "data" not in record and "backups" not in record and not problems.noted(path):
        problems.add(path, "says of nothing how long it is kept: data or backups, in days")
    return Retention(record.get("data"), record.get("backups"), record.get("reason", ""))


def _business_hours(record: Mapping[str, Any] | None, path: Path, problems: Problems) -> BusinessHours | None:
    if record is None:
        return None
    start, end, timezone = record.get("from", ""), record.get("to", ""), record.get("timezone", "")
    if start and start == end:
        problems.add((*path, "to"), "is the same as from; the whole day is from '00:00' to '24:00'")
    if timezone and not _is_timezone(timezone):
        known = zoneinfo.available_timezones()
        problems.add((*path, "timezone"), f"there is no time zone {timezone!r}.{did_you_mean(timezone, known)}")
    return BusinessHours(tuple(record.get("days", ())), start, end, timezone)


def _is_timezone(name: str) -> bool:
    """Whether a time zone exists; whatever looks like one does on a machine that has no list of them."""
    try:
        zoneinfo.ZoneInfo(name)
    except (OSError, ValueError):
        return False
    except zoneinfo.ZoneInfoNotFoundError:
        return not zoneinfo.available_timezones()
    return True


def about_client(client: Client) -> dict[str, Any]:
    """The value of ringfence_client, which all hosts of a client's segment share."""
    database, recordings, retention, hours = (
        client.database,
        client.recordings,
        client.retention,
        client.business_hours,
    )
    return {
        "name": client.name,
        "title": client.title,
        "segment": client.segment,
        "sites_allowed": list(client.sites_allowed),
        "database": database and {"host": database.host, "name": database.name},
        "recordings": recordings
        and {
            "host": recordings.host,
            "path": recordings.path,
            "store": recordings.store,
            "retention": recordings.retention,
        },
        "retention": retention and {"data": retention.data, "backups": retention.backups, "reason": retention.reason},
        "business_hours": hours
        and {"days": list(hours.days), "from": hours.start, "to": hours.end, "timezone": hours.timezone},
    }


def held_by(host: Host, clients: Mapping[str, Client], segments: Mapping[str, Segment]) -> dict[str, Any]:
    """What hosts that hold clients' data are told of it: ringfence_databases, ringfence_recordings."""
    told: dict[str, Any] = {}
    if "database" in host.kinds:
        told["ringfence_databases"] = [
            {
                "client": client.name,
                "name": client.database.name,
                "sources": [str(network) for network in segments[client.segment].networks],
                "retention": client.retention and client.retention.data,
            }
            for client in clients.values()
            if client.database is not None and client.database.host == host.name
        ]
    if "recorder" in host.kinds:
        told["ringfence_recordings"] = [
            {"client": client.name, "path": client.recordings.path, "retention": client.recordings.retention}
            for client in clients.values()
            if client.recordings is not None and client.recordings.host == host.name
        ]
    return told
