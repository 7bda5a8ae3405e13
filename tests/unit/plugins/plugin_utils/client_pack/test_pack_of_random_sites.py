# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the clients are called and wherever they are named: a pack names its own client, whole, and nobody else."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import bundle, verify_bundle
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack import selfcheck
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.withhold import Withholder
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.client_pack.write import Pack, make
from tests.support.call_centre import ALL_STATUSES, CONTROLS, CallCentre, everything, part
from tests.support.call_centre_records import SHARED

# Letters in an order that no text of ours has, so that a plain search of the bytes says the truth.
NAMES = st.text("qxzjwkv", min_size=5, max_size=9)
SECOND = st.one_of(NAMES, st.text("qxz", min_size=3, max_size=3))


@st.composite
def centres(draw: Any) -> CallCentre:
    """A call centre with two to four clients; the names of two of them may begin alike."""
    names = draw(st.lists(NAMES, min_size=2, max_size=3, unique=True))
    if draw(st.booleans()):
        names.append(f"{names[0]}-{draw(SECOND)}")
    names = [one for one in dict.fromkeys(names) if not any(one != other and other in one for other in names)] or names
    clients = {name: f"{name.capitalize().replace('-', ' ')} & Partners" for name in names}
    checks = [control["checks"][0]["id"] for control in CONTROLS]
    hosts = [*SHARED, *(f"ws-{name}-{number}" for name in clients for number in (1, 2))]
    status = {(host, check): draw(st.sampled_from(ALL_STATUSES)) for host in hosts for check in checks}
    return CallCentre(clients, status=status, title=draw(st.sampled_from(["The centre", f"Centre of {names[-1]}"])))


def forms(text: str) -> list[str]:
    """A name as a plain search can find it."""
    return [text, text.replace("-", "_"), text.replace("-", " "), text.replace("-", "")]


def named(said: str, other: str, own: str) -> bool:
    """Whether a text names another client, other than within the own one's name."""
    for form in sorted(forms(own), key=len, reverse=True):
        if any(one in form for one in forms(other)):
            said = said.replace(form, "(own)")
    return any(form in said for form in forms(other))


def statuses(records: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {(record["host"], one["check"]): one["status"] for record in records for one in record["findings"]}


def assert_fit(centre: CallCentre, pack: Pack, client: str) -> None:
    """The pack of a client names nobody else, and holds what the client's own hosts showed."""
    said = everything(Path(pack.path))
    for at, other in enumerate(centre.clients, 1):
        if other != client:
            assert not named(said, other, client)
            assert not re.search(rf"10\.78\.{at}\.\d|fd78:{at}:", said)
    hosts = [json.loads(path.read_text()) for path in (Path(pack.path) / "hosts").iterdir()]
    seen = statuses(hosts)
    own = {key: status for key, status in seen.items() if key[0].startswith("ws-")}
    gone = f"ws-{list(centre.clients)[-1]}-2"
    wanted = {key: centre.status[key] for key in centre.status if key[0].startswith(f"ws-{client}-") and key[0] != gone}
    wanted = {key: status for key, status in wanted.items() if re.fullmatch(rf"ws-{re.escape(client)}-\d", key[0])}
    assert own == wanted
    assert len(hosts) == len({host for host, _check in wanted}) + len(SHARED)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(centre=centres(), data=st.data())
def test_a_pack_is_of_its_client_alone(pci: Any, centre: CallCentre, data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sealed: bundle.SealedFolder = centre.seal(Path(folder) / "evidence", pci)
        held = [make(sealed.path, centre.inventory(), client) for client in centre.clients]
        for client, pack in zip(centre.clients, held):
            assert_fit(centre, pack, client)
            assert verify_bundle.check(pack.path)[0] == []
            assert part(pack.path, "pack.json")["manifest_sha256"] == sealed.manifest_sha256
        assert verify_bundle.check(str(Path(folder) / "evidence"))[0] == []
        victim = Path(data.draw(st.sampled_from(held)).path)
        path = data.draw(st.sampled_from(sorted(one for one in victim.rglob("*") if one.is_file())))
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(bytes(content))
        assert verify_bundle.check(str(victim))[0]


def test_this_test_can_fail(pci: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the filter and the last look both broken, the plain search finds what is there."""
    centre = CallCentre({"qxzjw": "Qxzjw", "vkxqz": "Vkxqz"})
    sealed = centre.seal(tmp_path / "evidence", pci)
    monkeypatch.setattr(Withholder, "names_others", lambda self, text: False)
    monkeypatch.setattr(selfcheck, "leaks", lambda folder, matcher: [])
    pack = make(sealed.path, centre.inventory(), "qxzjw")
    with pytest.raises(AssertionError):
        assert_fit(centre, pack, "qxzjw")
