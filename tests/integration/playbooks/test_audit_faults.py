# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong while a person's audit runs: it is killed, the disk is full, a host hangs, lies or dies, two at once.

Each is a real ansible-playbook run. A bundle is whole or it is not there, `latest` names a whole one, the next audit
works. What a host that is cut off looks like is for tests/behaviour/site/test_audit.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import verify_bundle
from tests.support.programs import missing

CONTROLS = """
kinds: all
controls:
  - id: sample.root
    title: A folder
    pci_dss: ['1.2.1']
    checks:
      - {id: type, aspect: running, probe: file_attributes, with: {path: /}, expect: {type: directory}}
"""
PROBES_UNDER_A_CLOCK = (
    "'%s' -c 'import sys, time; now = time.time; time.time = lambda: now() - 10800;"
    ' exec(compile(sys.stdin.read(), "probes", "exec"))\' #'
)
#: Answers by the protocol, with what no probe says: the mark is in the program, and all else is made up.
LIAR = """#!%s
import base64, json, re, sys, zlib
program = sys.stdin.read()
job = json.loads(zlib.decompress(base64.b64decode(re.findall(r'answer\\("([^"]+)"\\)', program)[-1])))
finding = {"check": job["checks"][0]["id"], "status": "splendid", "observed": [], "source": 7, "reason": None}
answer = {"schema": 1, "started": 1, "finished": 2, "findings": [finding, "nonsense"]}
print(job["mark"] + "<" + json.dumps(answer) + ">" + job["mark"])
"""
#: A connection that cannot carry a program on standard input: the probes go there as a module.
PLAIN = '''
DOCUMENTATION = """
name: plain
short_description: local, without pipelining
description: For a test.
author: nobody
"""
from ansible.plugins.connection.local import Connection as Local


class Connection(Local):
    transport = "plain"
    has_pipelining = False
'''


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of one host that answers; a folder of its own for every test."""
    controls = tmp_path / "roles" / "sample" / "meta" / "controls.yml"
    controls.parent.mkdir(parents=True)
    controls.write_text(CONTROLS)
    inventory(tmp_path, good={})
    return tmp_path


def inventory(folder: Path, **hosts: dict[str, Any]) -> None:
    """Write the site's hosts."""
    own = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    (folder / "hosts.yml").write_text(json.dumps({"all": {"vars": own, "hosts": hosts}}))


def audit(playbook: Any, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """An audit of that site."""
    done: subprocess.CompletedProcess[str] = playbook(
        "audit", folder, "-e", f"audit_roles_path={folder / 'roles'}", *arguments
    )
    return done


def whole(folder: Path) -> list[str]:
    """The bundles that are there, by sealing; each as it was sealed, in one chain, and ``latest`` is the last one."""
    evidence = folder / "evidence"
    problems, _notes = verify_bundle.check(str(evidence))
    assert problems == []
    named = {
        name: verify_bundle.load(str(evidence / name))["sequence"] for name in verify_bundle.bundles(str(evidence))
    }
    names = sorted(named, key=lambda name: int(named[name]))
    assert [named[name] for name in names] == list(range(1, len(names) + 1))
    assert os.readlink(evidence / "latest") == names[-1]
    return names


def part(folder: Path, name: str) -> Any:
    """A file of the newest bundle."""
    return json.loads((folder / "evidence" / "latest" / f"{name}.json").read_text())


def wait(what: Any) -> None:
    """Until something is there, and fail when it never is."""
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def kill(parent: int) -> None:
    """SIGKILL a process and all that it has started: Ansible's workers have sessions of their own."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    doomed = [parent]
    for one in doomed:
        doomed += [child for child, above in parents.items() if above == one]
    for one in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


#: When it is killed: while a host is being asked, and once the first or the last file of the seal is there.
MOMENTS = {
    "asking": "asked",
    "sealing": "evidence/*.partial/controls.json",
    "sealed": "evidence/*.partial/manifest.json",
}


def test_killed_in_the_middle(site: Path, start_playbook: Any, playbook: Any) -> None:
    """SIGKILL to ansible-playbook and all its children: no bundle or a whole one, and the next audit is chained."""
    assert audit(playbook, site).returncode == 0
    before = whole(site)
    for moment, sign in MOMENTS.items():
        if moment == "asking":
            inventory(site, good={}, slow={"ansible_python_interpreter": f"touch {site}/asked; sleep 60 #"})
        running = start_playbook("audit", site, "-e", f"audit_roles_path={site / 'roles'}")
        wait(lambda sign=sign, running=running: any(site.glob(sign)) or running.poll() is not None)
        kill(running.pid)
        assert running.wait() in (-signal.SIGKILL, 0)  # it may have come to its end before
        there = whole(site)
        assert there[: len(before)] == before
        if moment == "asking":
            assert there == before
            assert len(list((site / "evidence").glob("*.partial"))) == 1
        inventory(site, good={})
        done = audit(playbook, site)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(whole(site)) == len(there) + 1
        for left in site.glob(sign):
            shutil.rmtree(left.parent) if left.parent.suffix == ".partial" else left.unlink()
        before = whole(site)


@pytest.fixture
def small_disk(site: Path) -> Iterator[Path]:
    """An evidence folder on a disk of one and a half MB."""
    folder = site / "evidence"
    folder.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size=1500k,mode=0750,uid={os.geteuid()},gid={os.getegid()}"
    mounted = [*as_root, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        subprocess.run(mounted, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        missing("a right to mount a small disk")
    yield folder
    subprocess.run([*as_root, "umount", "-l", str(folder)], check=True)


def test_the_disk_is_full(site: Path, small_disk: Path, playbook: Any) -> None:
    """One clear sentence and no bundle while it is full; once there is room again, the next audit works."""
    assert audit(playbook, site).returncode == 0
    before = whole(site)
    filler = small_disk / "filler"
    fill = ["dd", "if=/dev/zero", f"of={filler}", "bs=4096"]
    assert "No space left" in subprocess.run(fill, capture_output=True, text=True, check=False).stderr
    for room in (0, 100_000):
        # Without any room it cannot begin; with some it observes the host and cannot seal.
        os.truncate(filler, filler.stat().st_size - room)
        done = audit(playbook, site)
        assert done.returncode == 2, done.stdout
        assert "No space left on device" in done.stdout + done.stderr
        assert ("no evidence bundle can be begun" if room == 0 else "cannot be sealed") in done.stdout + done.stderr
        assert whole(site) == before
    filler.unlink()
    done = audit(playbook, site)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(whole(site)) == len(before) + 1


def test_two_audits_at_once(site: Path, start_playbook: Any) -> None:
    """Both bundles are whole, and one is chained to the other in the order in which they were sealed."""
    running = [start_playbook("audit", site, "-e", f"audit_roles_path={site / 'roles'}") for _number in range(2)]
    assert [one.wait(120) for one in running] == [0, 0]
    first, second = whole(site)
    assert verify_bundle.load(str(site / "evidence" / second))["previous_run"] == first
    assert not list((site / "evidence").glob("*.partial"))


#: What stands where a module's result is expected, and what becomes of the host's findings.
RESULTS = {
    "rubbish": ("who is there?", "not_observed", "the probes could not be run: "),
    "nothing": ("{}", "not_observed", "the probes could not be run: the module's result holds no answer"),
    "text": ('{"answer": "all is well"}', "error", "the answer is not a JSON object"),
    "old": ('{"answer": {"schema": 0, "findings": []}}', "error", "the answer's schema is 0, 1 is expected"),
    "timeless": (
        '{"answer": {"schema": 1, "findings": [], "started": "noon"}}',
        "error",
        "the answer has no time started",
    ),
    "empty": (
        '{"answer": {"schema": 1, "findings": [], "started": 1, "finished": 2}}',
        "error",
        "the host's answer has no",
    ),
}


def test_results_of_a_module_that_are_not_valid(site: Path, playbook: Any) -> None:
    """Each host's findings are what can be said of them; the one whose module works is seen."""
    (site / "ansible.cfg").write_text("[defaults]\nconnection_plugins = connection\n")
    (site / "connection").mkdir()
    (site / "connection" / "plain.py").write_text(PLAIN)
    hosts: dict[str, dict[str, Any]] = {"good": {"ansible_connection": "plain"}}
    for name, (said, _status, _reason) in RESULTS.items():
        program = site / f"python-{name}"
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
        hosts[name] = {"ansible_connection": "plain", "ansible_python_interpreter": str(program)}
    inventory(site, **hosts)
    assert audit(playbook, site).returncode == 2
    whole(site)
    assert part(site, "hosts/good")["findings"][0]["status"] == "pass"
    for name, (_said, status, reason) in RESULTS.items():
        (found,) = part(site, f"hosts/{name}")["findings"]
        assert found["status"] == status, name
        assert found["reason"].startswith(reason), name


def test_a_site_on_which_nobody_answers(site: Path, playbook: Any) -> None:
    """There is a bundle all the same, and it says so."""
    inventory(site, one={"ansible_python_interpreter": "sleep 60 #"}, two={"ansible_python_interpreter": "sleep 60 #"})
    done = audit(playbook, site, "-e", "audit_host_timeout=2")
    assert done.returncode == 2
    whole(site)
    assert [row["host"] for row in part(site, "run")["population"]["not_observed"]] == ["one", "two"]


def test_hosts_that_hang_lie_or_live_in_the_past(site: Path, playbook: Any) -> None:
    """One bundle has all of them by name: what was not believable is an error, what never came is not observed."""
    liar = site / "liar"
    liar.write_text(LIAR % sys.executable)
    liar.chmod(0o755)
    inventory(
        site,
        hanging={"ansible_python_interpreter": "sleep 60 #"},  # the first: another one seals in its place
        good={},
        lying={"ansible_python_interpreter": str(liar)},
        late={"ansible_python_interpreter": PROBES_UNDER_A_CLOCK % sys.executable},
    )
    started = time.monotonic()
    done = audit(playbook, site, "-e", "audit_host_timeout=5")
    assert time.monotonic() - started < 45
    assert done.returncode == 2
    whole(site)
    found = {name: part(site, f"hosts/{name}")["findings"][0] for name in ("good", "hanging", "lying", "late")}
    assert {name: one["status"] for name, one in found.items()} == {
        "good": "pass",
        "hanging": "not_observed",
        "lying": "error",
        "late": "pass",
    }
    assert found["hanging"]["reason"] == "the audit of this host ended without a result"
    assert found["lying"]["reason"] == "the host's answer to this check is not valid"
    assert [row["host"] for row in part(site, "run")["population"]["not_observed"]] == ["hanging"]
    assert -10_830 < part(site, "hosts/late")["look"]["clock_offset_seconds"] < -10_770
    clocks = next(one for one in part(site, "site")["findings"] if one["control"] == "evidence.clocks")
    assert re.search(r", late by 10[78]\d\d s behind$", clocks["reason"])
    assert set(clocks["observed"]["skewed"]) == {"lying", "late"}
    assert "evidence.clocks" in done.stdout
