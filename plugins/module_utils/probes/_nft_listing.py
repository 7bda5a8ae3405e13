# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two listings that the nft probes look at: of the running table, and of a ruleset file."""

from __future__ import annotations

from . import _nft
from .base import Host, NotObservable


def running(host: Host, family: str, table: str) -> str | None:
    """The JSON listing of a table of the kernel, None when there is none."""
    done = host.run("nft", "-j", "list", "table", family, table, needs_root=True)
    if done.rc == 0:
        return done.stdout
    if _nft.no_such_table(done.stderr):
        return None
    raise NotObservable(f"nft list table {family} {table}: {done.stderr.strip() or done.rc}")


def declared(host: Host, path: str, family: str, table: str) -> str | None:
    """The JSON listing of a table as a ruleset file would load it, None when there is no such file or table.

    Raises NotObservable when the file cannot be loaded or this host allows no network namespace.
    """
    text = host.read(path)
    if text is None:
        return None
    done = host.run(*_nft.scratch_argv(family, table), stdin=text, needs_root=True)
    if done.rc == 0:
        return done.stdout
    if _nft.scratch_refused(done.stderr):
        raise NotObservable(f"{path} cannot be compared: no network namespace here: {done.stderr.strip()}")
    if _nft.no_such_table(done.stderr):
        return None
    raise ValueError(f"{path} does not load: {done.stderr.strip()}")
