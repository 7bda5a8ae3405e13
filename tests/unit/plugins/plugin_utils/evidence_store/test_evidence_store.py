# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store says what the bundles say, in SQLite and in PostgreSQL, and can be made from them again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, chain
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.contents import Material
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.schema import StoreError, url_of
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.evidence_store.store import Store, synchronise

ABOUT = {"collection": {"name": "ringfence.callcenter", "version": "0.1.0", "commit": None}, "ansible": None}


@pytest.fixture
def evidence(tmp_path: Path, pci: Any, sample: Any) -> Path:
    """Two runs of one site: the second has a failure."""
    folder = tmp_path / "evidence"
    for status in ("pass", "fail"):
        partial = bundle.open_run(str(folder), {"name": "demo", "title": "Demo"})
        records = [sample.record("gw1", {**sample.good, "door.closed.now": status})]
        bundle.seal(partial, Material(records=records, controls=sample.controls, catalog=pci, about=ABOUT))
    return folder


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The URL of a database on a server of our own, reached by its socket."""
    folder = programs()
    if folder is None:
        pytest.skip("this machine has no PostgreSQL server")
    # Not below pytest's own folder: its server does not run as root, and nobody else may look in there.
    base = Path(tempfile.mkdtemp(prefix="rf-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(base, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = base / "data"

    def server(*argv: object) -> None:
        done = [*as_user, *map(str, argv)]
        subprocess.run(done, check=True, capture_output=True, timeout=120, cwd="/")

    server(folder / "initdb", "-D", data, "-A", "trust", "-U", "rf", "--no-sync")
    options = f"-k {base} -c listen_addresses= -c fsync=off"
    server(folder / "pg_ctl", "-D", data, "-w", "-l", base / "log", "-o", options, "start")
    yield f"postgresql://rf@/postgres?host={base}"
    server(folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    shutil.rmtree(base)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, evidence: Path) -> str:
    """A store's address in each kind of database."""
    return url_of("sqlite" if request.param == "sqlite" else request.getfixturevalue("postgresql"), str(evidence))


def test_a_store_says_what_the_bundles_say(url: str, evidence: Path) -> None:
    store = Store(url)
    assert len(synchronise(store, str(evidence))) == 2
    runs = [json.loads((evidence / name / "run.json").read_text()) for name in chain.sealed(str(evidence))]
    trend = store.trend()
    assert sorted((row["run"], row["pass"], row["fail"]) for row in trend) == sorted(
        (run["run"], run["counts"]["pass"], run["counts"]["fail"]) for run in runs
    )
    assert [(row["site"], row["fail"], row["hosts"]) for row in trend] == [("demo", 0, 1), ("demo", 1, 1)]
    assert [row["status"] for row in store.history("gw1", "door.closed.now")] == ["pass", "fail"]
    assert store.trend("another") == []
    assert synchronise(Store(url), str(evidence)) == []


def test_what_has_no_bundle_any_more_goes_with_a_rebuild(url: str, evidence: Path) -> None:
    store = Store(url)
    synchronise(store, str(evidence))
    first, second = chain.sealed(str(evidence))
    shutil.rmtree(evidence / first)
    assert synchronise(store, str(evidence)) == []
    assert synchronise(store, str(evidence), rebuild=True) == [second]
    assert [row["run"] for row in store.trend()] == [second]


def test_a_changed_bundle_never_gets_in(evidence: Path) -> None:
    store = Store(url_of("sqlite", str(evidence)))
    record = next(evidence.glob("2*/hosts/gw1.json"))
    record.write_bytes(record.read_bytes().replace(b'"pass"', b'"fail"'))
    with pytest.raises(bundle.BundleError, match="not as it was sealed"):
        synchronise(store, str(evidence))


def test_the_file_is_not_for_everybody(evidence: Path) -> None:
    Store(url_of("sqlite", str(evidence)))
    assert (evidence / "evidence.sqlite").stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    ("store", "words"),
    [
        ("postgresql://rf:secret@db1/evidence", "has a password in it"),
        ("mysql://db1/evidence", "mysql is not supported; valid stores: sqlite,"),
        ("nonsense", "this is no URL"),
        ("sqlite://", "names no file"),
    ],
)
def test_bad_addresses_are_refused_without_their_password(store: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as refused:
        url_of(store, "/nowhere")
    assert "secret" not in str(refused.value)


def test_a_file_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened: No such file or directory"):
        Store(f"sqlite:///{tmp_path}/missing/evidence.sqlite")
