# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that write site models, as people run them: new_site, onboard_client, offboard_client."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model.build import load_site

REPOSITORY = Path(__file__).resolve().parents[3]
DEMO = REPOSITORY / "inventories" / "demo" / "site.yml"
ANSWERS = {
    "site": "porto",
    "title": 'Porto "call" centré: #1',
    "domain": "callcenter.example",
    "prefix4": "10.30",
    "prefix6": "fd12:3456:789a",
    "account": "automation",
    "ssh_ports": "2222, 22",
    "clients": "acme, globex-2",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    collections = tmp_path / "collections" / "ansible_collections" / "ringfence"
    collections.mkdir(parents=True)
    (collections / "callcenter").symlink_to(REPOSITORY)
    (tmp_path / "site.yml").write_text(DEMO.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def play(home: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    binaries = Path(sys.executable).parent
    return subprocess.run(
        [str(binaries / "ansible-playbook"), f"ringfence.callcenter.{name}", *arguments],
        cwd=home,
        env={
            "HOME": str(home),
            "PATH": f"{binaries}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_a_new_site_loads_and_its_playbook_can_be_run(home: Path) -> None:
    answers = json.dumps({**ANSWERS, "folder": "porto"})
    done = play(home, "new_site", "-e", answers)
    assert done.returncode == 0, done.stdout + done.stderr
    model = home / "porto" / "site.yml"
    site = load_site(model.read_text(encoding="utf-8"), "site.yml")
    assert (site.name, site.title, list(site.clients)) == ("porto", ANSWERS["title"], ["acme", "globex-2"])
    assert {str(network) for network in site.segments["globex-2"].networks} == {
        "10.30.102.0/24",
        "fd12:3456:789a:102::/64",
    }
    assert [account.name for account in site.administration.accounts] == ["automation"]
    assert site.administration.ports == (2222, 22)
    assert site.warnings == ()
    assert (home / "porto" / "ansible.cfg").is_file()
    assert play(home, "site", "-i", "porto/site.yml", "--syntax-check").returncode == 0
    before = model.read_bytes()
    again = play(home, "new_site", "-e", answers)
    assert again.returncode != 0
    assert "is there already and is not overwritten" in again.stdout
    assert model.read_bytes() == before


def test_answers_that_make_no_sense_are_all_named_and_nothing_is_written(home: Path) -> None:
    wrong = {"site": "Porto", "title": "Foo {{ x }}", "domain": "x", "prefix4": "11.30", "prefix6": "fe80"}
    wrong |= {"account": "a b", "ssh_ports": "ssh", "clients": "Acme"}
    (home / "answers.yml").write_text(f"{json.dumps(wrong, indent=1)[:-2]},\n folder: porto,\n prefix6: 10.20\n}}\n")
    done = play(home, "new_site", "-e", "@answers.yml")
    assert done.returncode != 0
    assert "ok=" not in done.stdout
    for line, key in enumerate(wrong, 2):
        if key != "prefix6":
            assert re.search(rf"answers\.yml:{line}: {key}(\[0\])?: (expected|'Foo)", done.stderr), (key, done.stderr)
    assert re.search(r"answers\.yml:11: prefix6: .*found the number 10\.2: put it in quotes", done.stderr)
    assert not (home / "porto").exists()


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (["client=", "title="], ["-e: client: empty; expected ", "-e: title: empty; expected "]),
        (["client=x", "title=X Y"], ["-e title=X Y: a value with spaces needs quotes of its own: -e 'title=\"X Y\"'"]),
        (["client=x", "title=X", "segment=vlan20"], ["segment: expected a mapping with the keys name, title, vlan"]),
        (["client=x", "title=X", "segment=vlan=y"], ["segment.vlan: expected a whole number from 1 to 4094"]),
    ],
)
def test_wrong_answers_are_refused_before_anything_runs(home: Path, answers: list[str], says: list[str]) -> None:
    done = play(home, "onboard_client", "-i", "site.yml", *(part for one in answers for part in ("-e", one)))
    assert done.returncode != 0
    assert "ok=" not in done.stdout
    for words in says:
        assert words in done.stderr
    assert (home / "site.yml").read_bytes() == DEMO.read_bytes()


def test_a_client_comes_and_goes(home: Path) -> None:
    model = home / "site.yml"
    before = model.read_text(encoding="utf-8")
    answers = ("-i", "site.yml", "-e", "client=initech", "-e", "title=Initech", "-e", "like=acme")
    tried = play(home, "onboard_client", *answers, "--check", "--diff")
    assert "+  initech:" in tried.stdout, tried.stdout + tried.stderr
    assert model.read_text(encoding="utf-8") == before
    done = play(home, "onboard_client", *answers, "-e", '{"retention": {"data": 10, "reason": "Contract"}}')
    assert "VLAN 11, 10.60.11.0/24" in done.stdout, done.stdout + done.stderr
    assert "changed=1" in done.stdout
    assert "changed=0" in play(home, "onboard_client", *answers).stdout
    let_go = ("-i", "site.yml", "-e", "client=initech")
    tried = play(home, "offboard_client", *let_go, "--check", "--diff")
    assert "-  initech:" in tried.stdout
    assert not (home / "evidence").exists()
    done = play(home, "offboard_client", *let_go, "-e", "by='Ana Example'")
    assert "Nothing has been erased" in done.stdout, done.stdout + done.stderr
    assert model.read_text(encoding="utf-8") == before
    (record,) = (home / "evidence" / "offboarding").glob("initech-*.json")
    found = json.loads(record.read_text(encoding="utf-8"))
    assert (found["by"], found["client"]["name"]) == ("Ana Example", "initech")
    assert found["model"]["sha256_after"] == hashlib.sha256(before.encode()).hexdigest()
    page = record.with_suffix(".txt").read_text(encoding="utf-8")
    assert hashlib.sha256(record.read_bytes()).hexdigest() in page
    again = play(home, "offboard_client", *let_go)
    assert "changed=0" in again.stdout
    assert again.returncode == 0
    record.unlink()
    never = play(home, "offboard_client", *let_go)
    assert never.returncode != 0
    assert "client: there is no client 'initech' in" in never.stdout + never.stderr
    assert "Valid: acme, globex." in never.stdout + never.stderr


def test_a_client_that_cannot_go_leaves_everything_as_it_was(home: Path) -> None:
    done = play(home, "offboard_client", "-i", "site.yml", "-e", "client=acme")
    assert done.returncode != 0
    assert "ws-acme-1" in done.stdout
    assert (home / "site.yml").read_bytes() == DEMO.read_bytes()
    assert not (home / "evidence").exists()
