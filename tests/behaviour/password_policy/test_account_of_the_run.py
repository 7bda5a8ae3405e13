# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible comes in by an account that only the ssh configuration names, and its password is old: it is not shut out."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator

import pytest

from tests.support.administrator import ACCOUNT, Administrator
from tests.support.lab import REPOSITORY, Completed, Lab
from tests.support.observed import Observed

CONVERGE = REPOSITORY / "molecule" / "password_policy" / "converge.yml"
RECORD = {"name": ACCOUNT, "reason": "Automation comes in by it", "owner": "Platform team", "expires": "2199-12-31"}


@pytest.fixture(scope="module")
def administrator(lab: Lab, name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    """The account, for as long as the tests of this file take."""
    one = Administrator(lab, name, tmp_path_factory.mktemp("administrator"))
    one.arrive()
    yield one
    one.leave()


def ages(administrator: Administrator) -> list[str]:
    """The days that /etc/shadow has of the account: last change, least, most, warning."""
    return administrator.run(f"getent shadow {ACCOUNT}").split(":")[2:6]


def said(done: Completed) -> str:
    """What a run said, on one line."""
    return " ".join((done.stdout + done.stderr).split())


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
def test_an_expired_password_shuts_out_the_key_and_sudo(administrator: Administrator) -> None:
    """What the next test is about really happens: real expiry, set by hand."""
    administrator.password_changed(90)
    assert administrator.logs_in().stdout == "ENTERED\n"
    administrator.run(f"chage -M 60 {ACCOUNT}")
    refused = administrator.logs_in()
    assert refused.rc != 0
    assert "ENTERED" not in refused.stdout, refused
    administrator.run(f"chage -M 99999 {ACCOUNT}")
    assert administrator.logs_in().stdout == "ENTERED\n"


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
@pytest.mark.parametrize("days", [90, 400])
def test_a_run_does_not_have_its_own_password_expire(administrator: Administrator, days: int) -> None:
    """Refused in check mode and without it, before anything is changed, with day and ways out."""
    administrator.password_changed(days)
    before = ages(administrator)
    day = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).date().isoformat()
    for words in (["--check"], []):
        done = administrator.playbook(CONVERGE, *words)
        text = said(done)
        assert done.rc == 2, text
        assert f"{administrator.name}: nothing was changed. This run came in as {ACCOUNT} (ssh, then sudo, from" in text
        assert f"was last changed on {day}, {days} days ago, and may get 90 days old: it would expire" in text, text
        assert f"change the password of {ACCOUNT} on the host; or name {ACCOUNT} with reason, owner and expires" in text
        assert "or list rf-deploy in password_policy_age_exempt" in text, text
        assert "changed=0" in text, text
    assert ages(administrator) == before
    assert administrator.logs_in().stdout == "ENTERED\n"


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
def test_a_record_that_ran_out_exempts_nobody(administrator: Administrator) -> None:
    administrator.password_changed(90)
    done = administrator.playbook(CONVERGE, ringfence_administration_accounts=[{**RECORD, "expires": "2026-01-31"}])
    assert done.rc == 2, done.stdout
    assert "in administration.accounts, which expired on 2026-01-31" in said(done), done.stdout


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
def test_an_account_on_record_does_not_age_and_the_audit_names_it(administrator: Administrator) -> None:
    """The others of the host age as ever."""
    administrator.password_changed(90)
    before = ages(administrator)
    administrator.run(
        "useradd -m rf-person && echo rf-person:Kraal-Voet-77-zuil | chpasswd && chage -M 99999 rf-person"
    )
    told = {"ringfence_administration_accounts": [RECORD]}
    try:
        done = administrator.playbook(CONVERGE, **told)
        assert done.rc == 0, done.stdout
        assert ages(administrator) == before
        assert administrator.run("getent shadow rf-person").split(":")[4] == "90"
        assert administrator.logs_in().stdout == "ENTERED\n"
        findings = administrator.folder / "findings"
        Observed.place(findings, "after")
        variables = {**told, "contract_role": "password_policy", "contract_findings": str(findings)}
        audit = REPOSITORY / "tests" / "behaviour" / "contract" / "audit.yml"
        audited = administrator.playbook(audit, **variables)
        assert audited.rc == 0, audited.stdout
        seen = exempt_of(administrator)
        assert seen == [ACCOUNT], seen
    finally:
        administrator.run("userdel --force --remove rf-person 2>&1; sed -i '/^rf-person:/d' /etc/security/opasswd")


def exempt_of(administrator: Administrator) -> list[str]:
    """Who is exempt from ageing, as the finding of the audit says."""
    path = administrator.folder / "findings" / "after" / "hosts" / f"{administrator.name}.json"
    findings = json.loads(path.read_text(encoding="utf-8"))["findings"]
    found = next(one for one in findings if one["check"] == "password_policy.age.accounts")
    assert found["status"] == "pass", found
    exempt: list[str] = found["observed"]["exempt"]
    return exempt


@pytest.mark.claim("stronger-passwords")
@pytest.mark.control("password_policy.age")
def test_the_last_days_bring_a_warning_with_the_ways_out(administrator: Administrator) -> None:
    administrator.password_changed(86)
    done = administrator.playbook(CONVERGE, "--check")
    assert done.rc == 0, done.stdout
    assert f"the password of {ACCOUNT}, by which this run came in, was last changed on" in said(done), done.stdout
    assert "and expires in 4 days. Ways out: change" in said(done), done.stdout
