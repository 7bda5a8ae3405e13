# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sealed bundle of a call centre with three clients, the name of one of which begins like another's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.write import Pack, make
from tests.support.call_centre import CallCentre

STATUS = {
    ("ws-acme-1", "door.closed.now"): "fail",
    ("ws-globex-1", "door.bolted.now"): "fail",
    ("ws-globex-2", "door.watched.now"): "error",
    ("gw1", "door.watched.now"): "fail",
    ("db1", "door.bolted.now"): "not_observed",
}


@pytest.fixture(autouse=True)
def _without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here cuts the power."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="session")
def centre() -> CallCentre:
    return CallCentre(
        {"acme": "Acme Insurance", "globex": "Globex Travel", "globex-two": "Globex Two & Sons"}, status=STATUS
    )


@pytest.fixture(scope="session")
def sealed(centre: CallCentre, pci: Any, tmp_path_factory: pytest.TempPathFactory) -> bundle.SealedFolder:
    """The bundle. Packs of it go into folders of their own."""
    return centre.seal(tmp_path_factory.mktemp("centre") / "evidence", pci)


@pytest.fixture
def packed(centre: CallCentre, sealed: bundle.SealedFolder, tmp_path: Path) -> Callable[..., Pack]:
    """What makes a pack of it by the client's name."""

    def pack(client: str, **more: Any) -> Pack:
        return make(sealed.path, centre.inventory(), client, **{"directory": str(tmp_path / "packs"), **more})

    return pack
