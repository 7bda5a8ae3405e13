# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a store, and how one is opened. Needs SQLAlchemy on the controller."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import MissingLibrary, library

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData, Table

SQLITE = "sqlite"
FILE = "evidence.sqlite"
SCHEMA = 1
_DRIVERS = {"postgresql": "postgresql+psycopg"}


class StoreError(Exception):
    """A store that cannot be opened, read or written, in one sentence."""


def sqlalchemy() -> Any:
    """SQLAlchemy; StoreError where it is not installed."""
    try:
        return library("sqlalchemy", "SQLAlchemy")
    except MissingLibrary as problem:
        raise StoreError(f"an evidence store cannot be had: {problem}") from problem


def _driver() -> None:
    """See that there is a way to PostgreSQL; StoreError where its package is not installed."""
    try:
        library("psycopg", "psycopg", "libpq, in Debian libpq5")
    except MissingLibrary as problem:
        raise StoreError(f"a store in PostgreSQL cannot be had: {problem}") from problem


def url_of(store: str, evidence: str) -> str:
    """The address of a store: as given, or for ``sqlite`` the file in the evidence folder; StoreError when it is none.

    A password does not belong into it: libpq reads PGPASSFILE and PGPASSWORD by itself.
    """
    sa = sqlalchemy()
    if store == SQLITE:
        return f"sqlite:///{os.path.join(os.path.abspath(evidence), FILE)}"
    try:
        read = sa.make_url(store)
    except sa.exc.ArgumentError as problem:
        raise StoreError(_expected("this is no URL")) from problem
    if read.password is not None:
        raise StoreError("the store's URL has a password in it: leave it to PGPASSFILE or PGPASSWORD")
    if read.drivername not in ("sqlite", "postgresql", "postgresql+psycopg"):
        raise StoreError(_expected(f"{read.drivername} is not supported"))
    if read.drivername == "sqlite" and not read.database:
        raise StoreError(_expected("the URL names no file"))
    if read.drivername != "sqlite":
        _driver()
    return str(read.set(drivername=_DRIVERS.get(read.drivername, read.drivername)).render_as_string())


def _expected(problem: str) -> str:
    return f"{problem}; valid stores: sqlite, sqlite:///FILE, postgresql://USER@HOST/DATABASE"


def tables() -> tuple[MetaData, dict[str, Table]]:
    """The tables by name."""
    sa = sqlalchemy()
    meta = sa.MetaData()
    text, whole = sa.String, sa.Integer

    def column(name: str, kind: Any, *, needed: bool = True, key: bool = False, index: bool = False) -> Any:
        return sa.Column(name, kind, nullable=not needed, primary_key=key, index=index)

    def of_run() -> Any:
        return sa.Column("run", text, sa.ForeignKey("runs.run", ondelete="CASCADE"), primary_key=True)

    made = {
        "about": sa.Table("about", meta, column("schema", whole, key=True)),
        "runs": sa.Table(
            "runs",
            meta,
            column("run", text, key=True),
            column("site", text, index=True),
            column("title", text),
            column("started_at", text),
            column("finished_at", text),
            column("manifest_sha256", text),
            column("sequence", whole),
            column("version", text),
            column("hosts", whole),
            column("observed", whole),
        ),
        "findings": sa.Table(
            "findings",
            meta,
            of_run(),
            column("host", text, key=True),
            column("check", text, key=True),
            column("control", text, index=True),
            column("role", text),
            column("aspect", text),
            column("status", text, index=True),
            column("reason", sa.Text, needed=False),
            column("observed_at", text, needed=False),
        ),
        "verdicts": sa.Table(
            "verdicts",
            meta,
            of_run(),
            column("kind", text, key=True),
            column("id", text, key=True),
            column("evidence", text),
        ),
    }
    return meta, made


def open_engine(url: str) -> Engine:
    """A connection to a store whose tables are there; StoreError when it cannot be had."""
    sa = sqlalchemy()
    if url.startswith("sqlite:"):
        _private(sa.make_url(url).database or "")
    engine: Engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA foreign_keys=ON"))
    meta, made = tables()
    try:
        meta.create_all(engine)
        with engine.begin() as connection:
            found = connection.execute(sa.select(made["about"].c.schema)).scalar()
            if found is None:
                connection.execute(made["about"].insert().values(schema=SCHEMA))
    except sa.exc.SQLAlchemyError as problem:
        raise StoreError(f"the store cannot be opened: {first_line(problem)}") from problem
    if found not in (None, SCHEMA):
        raise StoreError(f"the store was written by another version: its schema is {found}, {SCHEMA} is expected")
    return engine


def _private(path: str) -> None:
    """Make a file for SQLite that only its owner and group may read, as all evidence."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o640))
    except OSError as problem:
        raise StoreError(f"the store {path} cannot be opened: {problem.strerror}") from problem


def first_line(problem: Exception) -> str:
    """What a database said, without the statement and its values."""
    return str(getattr(problem, "orig", None) or problem).strip().splitlines()[0]
