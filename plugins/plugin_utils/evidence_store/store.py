# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts bundles into a store and asks it about many of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.runner import STATUSES
from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, canonical, chain, sealed_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.schema import (
    StoreError,
    first_line,
    open_engine,
    sqlalchemy,
    tables,
)
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FINDING = ("host", "check", "control", "role", "aspect", "status", "reason", "observed_at")


class Store:
    """An open store."""

    def __init__(self, url: str) -> None:
        self._sa = sqlalchemy()
        self._engine = open_engine(url)
        _meta, self._tables = tables()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except self._sa.exc.SQLAlchemyError as problem:
            raise StoreError(f"the store does not answer as it should: {first_line(problem)}") from problem

    def digests(self) -> dict[str, str]:
        """The runs that are there, with the hash of the manifest each was read from."""
        runs = self._tables["runs"]
        with self._transaction() as connection:
            rows = connection.execute(self._sa.select(runs.c.run, runs.c.manifest_sha256))
            return {row.run: row.manifest_sha256 for row in rows}

    def add(self, sealed: SealedBundle) -> None:
        """Put a bundle in, in one transaction; what was there of its run goes."""
        manifest = canonical.read(f"{sealed.path}/{chain.MANIFEST}")
        rows: dict[str, list[dict[str, Any]]] = {
            "findings": [_finding(sealed.name, record, one) for record, one in sealed.findings()],
            "verdicts": [
                {"run": sealed.name, "kind": kind, "id": str(row["id"]), "evidence": row["evidence"]}
                for kind, listed in (("requirement", sealed.requirements), ("claim", sealed.claims))
                for row in listed
            ],
        }
        with self._transaction() as connection:
            runs = self._tables["runs"]
            connection.execute(runs.delete().where(runs.c.run == sealed.name))
            connection.execute(runs.insert(), _run(sealed, manifest))
            for name, listed in rows.items():
                if listed:
                    connection.execute(self._tables[name].insert(), listed)

    def forget(self, sites: set[str]) -> None:
        """Remove all runs of these sites with all that belongs to them."""
        runs = self._tables["runs"]
        with self._transaction() as connection:
            connection.execute(runs.delete().where(runs.c.site.in_(sorted(sites))))

    def trend(self, site: str | None = None) -> list[dict[str, Any]]:
        """Each run with how many findings have each status, oldest first; of one site or of all."""
        sa, runs, findings = self._sa, self._tables["runs"], self._tables["findings"]
        counts = [
            sa.func.coalesce(sa.func.sum(sa.case((findings.c.status == status, 1), else_=0)), 0).label(status)
            for status in STATUSES
        ]
        columns = [
            runs.c.site,
            runs.c.title,
            runs.c.run,
            runs.c.started_at,
            runs.c.hosts,
            runs.c.observed,
            runs.c.sequence,
        ]
        query = sa.select(*columns, *counts).join(findings, findings.c.run == runs.c.run, isouter=True)
        query = query.group_by(*columns).order_by(runs.c.started_at, runs.c.sequence, runs.c.run)
        if site is not None:
            query = query.where(runs.c.site == site)
        return self._rows(query)

    def verdicts(self, kind: str = "requirement", site: str | None = None) -> list[dict[str, Any]]:
        """What each run said of each requirement or claim, oldest run first: site, run, started_at, id and evidence."""
        sa, runs, verdicts = self._sa, self._tables["runs"], self._tables["verdicts"]
        query = (
            sa.select(runs.c.site, runs.c.run, runs.c.started_at, verdicts.c.id, verdicts.c.evidence)
            .join(verdicts, verdicts.c.run == runs.c.run)
            .where(verdicts.c.kind == kind)
            .order_by(runs.c.started_at, runs.c.sequence, runs.c.run, verdicts.c.id)
        )
        return self._rows(query if site is None else query.where(runs.c.site == site))

    def history(self, host: str, check: str, site: str | None = None) -> list[dict[str, Any]]:
        """What one check said of one host in each run, oldest first: run, started_at, status and reason."""
        sa, runs, findings = self._sa, self._tables["runs"], self._tables["findings"]
        query = (
            sa.select(runs.c.run, runs.c.started_at, findings.c.status, findings.c.reason)
            .join(findings, findings.c.run == runs.c.run)
            .where(findings.c.host == host, findings.c.check == check)
            .order_by(runs.c.started_at, runs.c.sequence, runs.c.run)
        )
        return self._rows(query if site is None else query.where(runs.c.site == site))

    def open_since(self, run: str, site: str, status: Collection[str]) -> list[dict[str, Any]]:
        """What is open in a run of a site, with all that the site's runs ever said of it, oldest run first.

        Rows of host, check, control, and of one run each: run, started_at, status. status: those that are open.
        """
        sa, runs, findings = self._sa, self._tables["runs"], self._tables["findings"]
        now = findings.alias("now")
        query = (
            sa.select(
                findings.c.host,
                findings.c.check,
                findings.c.control,
                runs.c.run,
                runs.c.started_at,
                findings.c.status,
            )
            .join(runs, runs.c.run == findings.c.run)
            .join(now, sa.and_(now.c.host == findings.c.host, now.c.check == findings.c.check))
            .where(now.c.run == run, now.c.status.in_(sorted(status)), runs.c.site == site)
            .order_by(findings.c.host, findings.c.check, runs.c.started_at, runs.c.sequence, runs.c.run)
        )
        return self._rows(query)

    def _rows(self, query: Any) -> list[dict[str, Any]]:
        with self._transaction() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _run(sealed: SealedBundle, manifest: Mapping[str, Any]) -> dict[str, Any]:
    run = sealed.run
    return {
        "run": sealed.name,
        "site": run["site"]["name"],
        "title": run["site"]["title"],
        "started_at": run["started_at"],
        "finished_at": run["finished_at"],
        "manifest_sha256": sealed.manifest_sha256,
        "sequence": manifest["sequence"],
        "version": str(run["collection"]["version"]),
        "hosts": run["population"]["hosts"],
        "observed": run["population"]["observed"],
    }


def _finding(run: str, record: Mapping[str, Any], one: Mapping[str, Any]) -> dict[str, Any]:
    found = {"run": run, "host": record["host"], **{key: one.get(key) for key in _FINDING[1:]}}
    # PostgreSQL's text holds no NUL.
    return {key: value.replace("\0", "\ufffd") if isinstance(value, str) else value for key, value in found.items()}


def synchronise(store: Store, directory: str, *, rebuild: bool = False) -> list[str]:
    """Put those bundles of an evidence folder into a store that are missing there or differ; the runs that changed.

    rebuild: forget first what the store has of the sites of this folder, so that only what has a bundle is left.
    StoreError, or BundleError for a bundle that is not as it was sealed.
    """
    names = chain.sealed(directory)
    there = store.digests()
    if rebuild:
        sites = {str(canonical.read(f"{directory}/{name}/{bundle.RUN}")["site"]["name"]) for name in names}
        store.forget(sites)
        there = {}
    changed = []
    for name in names:
        with open(f"{directory}/{name}/{chain.MANIFEST}", "rb") as stream:
            digest = canonical.sha256(stream.read())
        if there.get(name) != digest:
            store.add(sealed_bundle.read(f"{directory}/{name}"))
            changed.append(name)
    return changed
