# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes that look for well-known passwords on a host made of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import (
    _accounts,
    _crypt,
    default_account_passwords,
    empty_passwords,
    pam_arguments,
)
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotApplicable, NotObservable

CATALOGUE: dict[str, Any] = {
    "entries": [
        {"product": "Raspberry Pi OS", "service": "login", "account": "pi", "password": "raspberry"},
        {"product": "An appliance", "service": "ssh", "account": "root", "password": "toor"},
        {"product": "Asks for none", "service": "login", "account": "root", "password": ""},
    ],
    "common": ["changeme"],
}

#: Made by libxcrypt 4.4 from "raspberry", one of each scheme it knows that is quick enough for a test.
RASPBERRY = {
    "yescrypt": "$y$j9T$4iyKBFx9UmbWkIviiNFHZ1",
    "gost-yescrypt": "$gy$j9T$bqil8G7mnCStHTAFEvez4.",
    "sha512": "$6$XnLGcXpCYRGlwWTZ",
    "sha256": "$5$/RxYVLSRtWAsT9N0",
    "bcrypt": "$2b$05$rukhQnCedqghpSmDW/8gee",
    "md5": "$1$OCQE5rWg",
    "extended DES": "_J9..pJAA",
    "DES": ".r",
}


def host(root: Path, fields: dict[str, str], *, expires: str = "", outer: str = "x") -> Host:
    """A host with these accounts: name -> password field of /etc/shadow."""
    (root / "etc").mkdir(exist_ok=True)
    lines = [f"{name}:{outer}:{1000 + number}:1000::/home/{name}:/bin/sh" for number, name in enumerate(fields)]
    (root / "etc/passwd").write_text("\n".join([*lines, "+nis::::::", "broken"]) + "\n", encoding="utf-8")
    shadows = [f"{name}:{field}:20000:0:99999:7::{expires}:" for name, field in fields.items()]
    (root / "etc/shadow").write_text("\n".join(shadows) + "\n", encoding="utf-8")
    return Host(root=str(root))


def look(this: Host, **params: Any) -> dict[str, Any]:
    return default_account_passwords.observe(this, {"catalogue": CATALOGUE, **params}).value


@pytest.mark.parametrize("scheme", RASPBERRY)
def test_every_scheme_of_libcrypt_is_tried(tmp_path: Path, scheme: str) -> None:
    hashed = _crypt.LibCrypt().hash("raspberry", RASPBERRY[scheme])
    seen = look(host(tmp_path, {"pi": hashed}))
    assert seen["accounts_with_default_password"] == ["pi (Raspberry Pi OS)"]


def test_the_own_name_and_the_common_ones_are_tried_with_everybody(tmp_path: Path) -> None:
    crypt = _crypt.LibCrypt()
    fields = {name: crypt.hash(password, "$1$OCQE5rWg") for name, password in (("ann", "ann"), ("bob", "changeme"))}
    fields["cid"] = crypt.hash("raspberry", "$1$OCQE5rWg")  # pi's password, and cid is not pi
    assert look(host(tmp_path, fields))["accounts_with_default_password"] == [
        "ann (the account's own name)",
        "bob (a password that many products come with)",
    ]


@pytest.mark.parametrize("field", ["*", "!", "!*", "!!", "x", "", "!HASH"])
def test_a_locked_account_is_closed(tmp_path: Path, field: str) -> None:
    hashed = _crypt.LibCrypt().hash("raspberry", "$1$OCQE5rWg")
    seen = look(host(tmp_path, {"pi": field.replace("HASH", hashed)}))
    assert (seen["accounts_with_default_password"], seen["accounts_checked"]) == ([], 0)


@pytest.mark.parametrize(("expires", "is_open"), [("1", False), ("99999", True), ("", True)])
def test_an_expired_account_is_closed(tmp_path: Path, expires: str, *, is_open: bool) -> None:
    hashed = _crypt.LibCrypt().hash("raspberry", "$1$OCQE5rWg")
    this = host(tmp_path, {"pi": hashed}, expires=expires)
    assert bool(look(this)["accounts_with_default_password"]) is is_open


def test_a_hash_in_etc_passwd_itself_counts(tmp_path: Path) -> None:
    hashed = _crypt.LibCrypt().hash("raspberry", "$1$OCQE5rWg")
    assert look(host(tmp_path, {"pi": "!"}, outer=hashed))["accounts_with_default_password"]


def test_an_unknown_scheme_is_told(tmp_path: Path) -> None:
    assert look(host(tmp_path, {"pi": "$argon2id$v=19$m=65536"}))["unknown_hashes"] == ["pi"]


def test_what_could_not_be_tried_in_time_is_not_observed(tmp_path: Path) -> None:
    this = host(tmp_path, {"pi": _crypt.LibCrypt().hash("fine", "$1$OCQE5rWg")})
    with pytest.raises(NotObservable, match="1 of 1 accounts could not be tried in 0 s"):
        look(this, seconds=0)


def test_accounts_with_the_same_hash_share_the_work(tmp_path: Path) -> None:
    hashed = _crypt.LibCrypt().hash("changeme", "$1$OCQE5rWg")
    seen = look(host(tmp_path, {f"u{number}": hashed for number in range(20)}))
    assert len(seen["accounts_with_default_password"]) == 20
    assert seen["hashes_made"] <= 21


def test_no_observation_holds_a_password(tmp_path: Path) -> None:
    this = host(tmp_path, {"pi": _crypt.LibCrypt().hash("raspberry", "$1$OCQE5rWg")})
    assert "raspberry" not in repr(default_account_passwords.observe(this, {"catalogue": CATALOGUE}))


def test_a_new_salt_is_of_the_best_scheme_and_differs() -> None:
    crypt = _crypt.LibCrypt()
    assert crypt.setting() != crypt.setting()
    assert crypt.matches("a b", crypt.hash("a b", crypt.setting()))


def test_empty_passwords_in_both_files(tmp_path: Path) -> None:
    assert empty_passwords.observe(host(tmp_path, {"a": "", "b": "!"}), {}).value["accounts_without_password"] == ["a"]
    seen = empty_passwords.observe(host(tmp_path, {"a": "!", "b": "!"}, outer=""), {}).value
    assert seen["accounts_without_password"] == ["a", "b"]


def test_a_host_without_accounts_is_not_observed(tmp_path: Path) -> None:
    with pytest.raises(NotObservable):
        _accounts.accounts(Host(root=str(tmp_path)))


def test_nullok_is_found_wherever_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "etc/pam.d"
    folder.mkdir(parents=True)
    (folder / "common-auth").write_text(
        "# pam_unix.so nullok\nauth [success=1 default=ignore] pam_unix.so nullok # nullok\n@include x\n",
        encoding="utf-8",
    )
    (folder / "vsftpd").write_text("auth required \\\n /usr/lib/security/pam_unix.so try nullok\n", encoding="utf-8")
    (folder / "fine").write_text("auth required pam_unix.so\n\nauth\n", encoding="utf-8")
    seen = pam_arguments.observe(Host(root=str(tmp_path)), {"arguments": ["nullok"]}).value
    assert seen == {
        "lines": ["/etc/pam.d/common-auth: pam_unix.so nullok", "/etc/pam.d/vsftpd: pam_unix.so nullok"],
        "files": 3,
    }


def test_a_host_without_pam(tmp_path: Path) -> None:
    with pytest.raises(NotApplicable):
        pam_arguments.observe(Host(root=str(tmp_path)), {"arguments": ["nullok"]})


def test_two_hundred_accounts_and_a_large_catalogue_cost_a_few_hashes_each(tmp_path: Path) -> None:
    """The count is what matters, and is asserted; how long one takes is the machine's business."""
    crypt = _crypt.LibCrypt()
    fields = {f"user{number}": crypt.hash("fine", f"$1$salt{number:04}") for number in range(200)}
    entries = [
        {"product": f"P{number}", "service": "login", "account": f"account{number % 50}", "password": f"p{number}"}
        for number in range(500)
    ]
    catalogue = {"entries": entries, "common": ["a", "b", "c", "d"]}
    seen = default_account_passwords.observe(host(tmp_path, fields), {"catalogue": catalogue}).value
    assert seen["hashes_made"] == 200 * 5
    assert seen["accounts_checked"] == 200
