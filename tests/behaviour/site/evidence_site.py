# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that is the site of this lab, with registers and an evidence folder of its own, to break and to audit.

The registers are signed by the playbook that people sign them with, under a key that is made here.
"""

from __future__ import annotations

import datetime
import fnmatch
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical, signing
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.registers import reading, signed
from tests.support.lab import REPOSITORY
from tools.model.controls import activities
from tools.repository import Repository

if TYPE_CHECKING:
    from tests.support.lab import Completed, Lab

PLAYBOOKS = REPOSITORY / "playbooks"
JANE = "jane@callcenter.example"
#: The host that breaks a control, and what somebody has accepted about it.
HOST, ACCEPTED = "ws-acme-2", "password_policy.as_declared"
#: Since how many days the site asks for an audit a day.
ASKED_DAYS = 10

_EXCEPTIONS = ("HOST", "EARLY", "UNSIGNED", "EDITED", "FORGED", "UNKNOWN", "CHANGED", "MISSING")
ATTESTED = {
    "physical-access": ["9.2.1", "9.3.1"],
    "screening-training": ["12.7.1"],
    "paper-shredded": ["9.4.6"],
    "security-officer": ["12.1.4"],
    "risk-assessment": ["12.3.2"],
    "contracts": ["12.8.1"],
}
_SCRIPTS = {
    "sign": 'printf "%s\\n" "$@" >> .sign',
    "forge": 'printf "%s\\n" "$@" >> .forge',
    # An activity takes place: record ACTIVITY OUTCOME DUE
    "record": """\
folder=evidence/records/$1 run=$(date -u +%Y%m%dT%H%M%SZ-%N) at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
mkdir -p "$folder"
printf '{"schema":1,"activity":"%s","run":"%s","site":"demo","started_at":"%s","finished_at":"%s",' \\
  "$1" "$run" "$at" "$at" > "$folder/$run.json"
printf '"outcome":"%s","summary":"As the test says","due":"%s"}\\n' "$2" "$(date -ud "$3" +%F)" >> "$folder/$run.json"
""",
}


def day(offset: int) -> str:
    """A day in UTC, so many days from today."""
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=offset)).isoformat()


@dataclass(frozen=True)
class Audit:
    """A finished audit: how it ended and the bundle it left."""

    done: Completed
    bundle: Path

    def part(self, name: str) -> Any:
        """One of the bundle's JSON files."""
        return json.loads((self.bundle / f"{name}.json").read_text(encoding="utf-8"))

    def findings(self, name: str = "site") -> dict[str, dict[str, Any]]:
        """The findings of the site, or of a host (``hosts/NAME``), by check."""
        return {one["check"]: one for one in self.part(name)["findings"]}

    def red(self, name: str = "site") -> set[str]:
        """The checks that are not green."""
        return {check for check, one in self.findings(name).items() if one["status"] not in ("pass", "not_applicable")}

    def claims(self) -> dict[str, str]:
        """What the evidence says of each claim."""
        return {row["id"]: row["evidence"] for row in self.part("claims")}

    def requirements(self) -> dict[str, str]:
        """What the evidence says of each requirement."""
        return {row["id"]: row["evidence"] for row in self.part("requirements")}

    def activity(self, name: str) -> dict[str, Any]:
        """The ledger's row of an activity."""
        row: dict[str, Any] = next(one for one in self.part("ledger")["activities"] if one["activity"] == name)
        return row


def rounds(cases: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Which cases are broken together: as many as possible, but none that turns another one's finding red too.

    Cases whose ``alone`` says the same share a round with each other only, and it comes first: what other cases
    remove, people do not put back.
    """
    planned: list[list[dict[str, Any]]] = []
    for case in cases:
        for chosen in planned:
            alike = all(one.get("alone") == case.get("alone") for one in chosen)
            if alike and not any(_meet(case["check"], one["check"]) for one in chosen):
                chosen.append(case)
                break
        else:
            planned.append([case])
    return sorted(planned, key=lambda chosen: "alone" not in chosen[0])


def _meet(one: str, other: str) -> bool:
    return fnmatch.fnmatchcase(one, other) or fnmatch.fnmatchcase(other, one)


class EvidenceSite:
    """The folder."""

    def __init__(self, lab: Lab, folder: Path, model: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.evidence = folder / "evidence"
        self.keys = folder / "keys"
        self._site(yaml.safe_load(model.read_text(encoding="utf-8")))
        self._registers()
        for name, text in _SCRIPTS.items():
            path = folder / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"#!/bin/sh -e\n{text}\n", encoding="utf-8")
            path.chmod(0o755)
        self.good = folder / "good"

    def _site(self, model: dict[str, Any]) -> None:
        asked = {"audit": {"every": "1 day", "since": day(-ASKED_DAYS)}}
        # All roles are audited elsewhere; what is shown here needs the one that is broken and one that is not.
        own = {**model.pop("vars", {}), "audit_periods": asked, "audit_roles": ["firewall", "password_policy"]}
        text = yaml.safe_dump({**model, "vars": own}, sort_keys=False)  # at the end, for cases to add to
        (self.folder / "site.yml").write_text(text, encoding="utf-8")

    def _registers(self) -> None:
        folder = self.folder / "registers"
        (folder / "evidence").mkdir(parents=True)
        self.keys.mkdir(mode=0o700)
        for name in ("jane", "mallory"):
            key = self.keys / name
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        jane = (self.keys / "jane.pub").read_text(encoding="utf-8")
        (folder / "signers").write_text(f"{JANE} {jane}", encoding="utf-8")
        entries: dict[str, dict[str, Any]] = {"exceptions": {}, "attestations": {}}
        for name in _EXCEPTIONS:
            hosts = [HOST] if name == "HOST" else "all"
            control = ACCEPTED if name == "HOST" else "firewall.default_deny_inbound"
            entries["exceptions"][f"EX-{name}"] = {
                "control": control,
                "hosts": hosts,
                "reason": "An example of the tests",
                "compensating_measure": "None, it is an example",
            }
        for claim, requirements in ATTESTED.items():
            entries["attestations"][f"AT-{claim}"] = {
                "claims": claim,
                "requirements": requirements,
                "statement": "An example of the tests",
            }
        for kind, listed in entries.items():
            for name, entry in listed.items():
                evidence = f"Evidence of {name}\n"
                (folder / "evidence" / f"{name}.txt").write_text(evidence, encoding="utf-8")
                dates = {
                    "made_on": datetime.date.fromisoformat(day(-30)),
                    "expires": datetime.date.fromisoformat(day(30)),
                }
                digest = canonical.sha256(evidence.encode())
                entry.update(owner="tests", evidence=f"evidence/{name}.txt", sha256=digest, **dates, signed_by=JANE)
            text = yaml.safe_dump({kind: listed}, sort_keys=False, width=200)
            (folder / f"{kind}.yml").write_text(text, encoding="utf-8")

    def play(self, name: str, *arguments: str) -> Completed:
        """Run a playbook of the collection over this site."""
        more = [word for path in sorted(self.folder.glob("beside*.yml")) for word in ("-i", str(path))]
        inventory = self.folder / "site.yml"
        return self.lab.playbook(*more, str(PLAYBOOKS / f"{name}.yml"), *arguments, inventory=inventory, timeout=300)

    def sign(self, *entries: str) -> None:
        """Sign entries as people do."""
        told = json.dumps({"entry": list(entries), "key": str(self.keys / "jane")})
        done = self.play("sign_register", "-e", told)
        assert done.rc == 0, done.stdout + done.stderr

    def sign_all(self) -> None:
        """Sign every entry, and remember how everything is when it is good."""
        self.sign(*(f"EX-{name}" for name in _EXCEPTIONS), *(f"AT-{claim}" for claim in ATTESTED))
        shutil.copytree(self.folder / "registers", self.good / "registers")
        shutil.copy(self.folder / "site.yml", self.good)

    def audit(self) -> Audit:
        """Audit the site; the bundle is where the site says."""
        done = self.play("audit")
        told = re.search(r"^Report: (.+)/report\.html$", done.stdout, re.MULTILINE)
        assert told, done.stdout[-4000:] + done.stderr
        return Audit(done, Path(told[1]))

    def run(self, command: str) -> None:
        """A command of a case, in this folder."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        subprocess.run(["/bin/sh", "-ec", command], cwd=self.folder, env={**os.environ, "PATH": path}, check=True)

    def breaks(self, cases: list[dict[str, Any]]) -> None:
        """What these cases do."""
        for case in cases:
            self.run(case["command"])
        asked = self._asked(".sign")
        if asked:
            self.sign(*asked)
        registers = reading.read(str(self.folder / "registers"))
        for name in self._asked(".forge"):
            entry = signed.find(registers, name)
            made = signing.sign(entry.content, str(self.keys / "mallory"), signing.REGISTER_NAMESPACE)
            Path(entry.signature_path).write_bytes(made)

    def _asked(self, name: str) -> list[str]:
        path = self.folder / name
        names = path.read_text(encoding="utf-8").split() if path.exists() else []
        path.unlink(missing_ok=True)
        return names

    def put_right(self) -> None:
        """What people do: put back what was good, throw away records that break off, do again what went wrong."""
        shutil.rmtree(self.folder / "registers")
        shutil.copytree(self.good / "registers", self.folder / "registers")
        shutil.copy(self.good / "site.yml", self.folder)
        for path in self.folder.glob("beside*.yml"):
            path.unlink()
        for path in self.evidence.glob("records/*/*.json"):
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                path.unlink()
        self.take_place(*(row["id"] for row in activities(Repository()) if row["id"] != "audit"))

    def take_place(self, *names: str) -> None:
        """Activities take place, and end well."""
        self.run("".join(f"record {name} pass 'next month'\n" for name in names))
