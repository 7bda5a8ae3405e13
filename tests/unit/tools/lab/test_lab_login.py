# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are reached as on a real site, and the package mirror that they install from."""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tools.lab import access, account, images, mirror, paths, plan, recipe, spec
from tools.lab.run import LabError

LOGIN = {"user": "automation", "shell": "/bin/tcsh", "port": 2222, "become": "su", "through": "gw"}
DATA: dict[str, Any] = {
    "name": "office",
    "networks": [{"name": "agents", "subnets": ["10.9.1.0/24"]}],
    "hosts": [
        {"name": "gw", "image": "debian12", "interfaces": [{"network": "agents", "addresses": ["10.9.1.1"]}]},
        {
            "name": "ws",
            "image": "debian13-minimal",
            "login": LOGIN,
            "interfaces": [{"network": "agents", "addresses": ["10.9.1.11"]}],
        },
    ],
}


def changed(**login: Any) -> spec.Spec:
    data = copy.deepcopy(DATA)
    data["hosts"][1]["login"] = login
    return spec.parse(data)


def test_a_login_is_read_and_survives_its_own_json() -> None:
    lab = spec.parse(DATA)
    assert lab.hosts[0].login == spec.Login() == spec.Login(user="root", port=22)
    assert lab.hosts[1].login == spec.Login("automation", "/bin/tcsh", 2222, "su", "gw")
    assert spec.parse(json.loads(lab.as_json())) == lab


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ({"become": "doas"}, ["'doas'", "sudo, nopasswd, su"]),
        ({"port": 0}, ["port 0"]),
        ({"port": "2222"}, ["port '2222'"]),
        ({"through": "nobody"}, ["'nobody' is no other host"]),
        ({"through": "ws"}, ["'ws' is no other host"]),
        ({"user": "a b"}, ["user 'a b'"]),
        ({"password": "x"}, ["unknown key password", "become, port, shell, through, user"]),
    ],
)
def test_a_login_that_cannot_be_is_refused(login: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(LabError) as refused:
        changed(**login)
    for word in ["host ws", *words]:
        assert word in refused.value.sentence


def test_hosts_without_a_login_are_made_from_what_they_were() -> None:
    lab = spec.parse(DATA)
    networks = {network.name: network for network in lab.networks}
    gateway = lab.hosts[0]
    plain = plan.mark_host(gateway, networks, "id", [])
    # As it was before labs knew logins: whoever has a lab running keeps its hosts.
    assert plain == "1f975dcc420e5281"
    assert plan.mark_host(replace(gateway, login=spec.Login(port=2222)), networks, "id", []) != plain
    assert plan.mark_host(replace(gateway, mirror=True), networks, "id", []) != plain


def test_ssh_comes_in_by_the_account_its_port_and_the_host_between() -> None:
    text = access.ssh_config(spec.parse(DATA), Path("/x"), Path("/c"))
    assert "Host ws 10.9.1.11\n  HostKeyAlias ws\n  User automation\n  Port 2222\n  ProxyJump gw\n" in text
    assert "Host gw 10.9.1.1\n  HostKeyAlias gw\n\n" in text
    assert access.host_variables(spec.parse(DATA).hosts[1])["ansible_port"] == 2222
    assert "ansible_user" not in access.host_variables(spec.parse(DATA).hosts[0])


def test_a_password_is_made_once_and_is_for_nobody_elses_eyes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "CACHE", tmp_path)
    host = spec.parse(DATA).hosts[1]
    password = access.become_password("office", host)
    assert len(password) > 16
    assert access.become_password("office", host) == password
    assert access.become_password("elsewhere", host) != password
    kept = tmp_path / "office" / "host_vars" / "ws.yml"
    assert kept.stat().st_mode & 0o777 == 0o600
    variables = json.loads(kept.read_text(encoding="utf-8"))
    assert variables == {"ansible_become_method": "su", "ansible_become_password": password}
    assert access.become_password("office", spec.parse(DATA).hosts[0]) == ""
    assert access.become_password("office", changed(user="automation", become="nopasswd").hosts[1]) == ""


def test_what_the_account_is_made_from_is_quoted_for_the_shell() -> None:
    text = account.variables(spec.Login("automation", "/bin/tcsh", 2222, "su", "gw"), "it's $(a) `secret`")
    shown = subprocess.run(
        ["sh", "-s"],
        input=text + 'printf "%s|" "$user" "$shell" "$port" "$become" "$password"',
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "automation|/bin/tcsh|2222|su|it's $(a) `secret`|"


def test_a_minimal_image_has_no_package_of_a_role() -> None:
    for name in ("debian12-minimal", "debian13-minimal"):
        build = images.plan_build(name, ["deb http://m.example/debian trixie main"], [])
        option = next(word for word in build.command if word.startswith("--include="))
        included = set(option.removeprefix("--include=").split(","))
        assert included == set(recipe.MINIMAL)
        # An account becomes root by it, so it is there on most machines; the lab takes it away where su is the way.
        assert included & set(recipe.MIRROR) == {"sudo"}
        assert not any("definitions" in word for word in build.command)


def test_a_mirror_is_made_anew_for_another_image_or_other_packages() -> None:
    one = mirror.digest("sha256:a", ["nftables", "sudo"])
    assert one == mirror.digest("sha256:a", ["sudo", "nftables"])
    assert len({one, mirror.digest("sha256:b", ["nftables", "sudo"]), mirror.digest("sha256:a", ["sudo"])}) == 3


@pytest.mark.skipif(shutil.which("gpg-agent") is None, reason="signing takes gpg-agent, which the lab installs")
def test_a_mirror_says_what_it_has_and_signs_it(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        control = tmp_path / "source" / name / "DEBIAN" / "control"
        control.parent.mkdir(parents=True)
        text = f"Package: {name}\nVersion: 1.0\nArchitecture: amd64\nMaintainer: a <a@b.example>\nDescription: {name}\n"
        control.write_text(text, encoding="ascii")
        (tmp_path / "pool").mkdir(exist_ok=True)
        build = ["dpkg-deb", "--root-owner-group", "--build", str(control.parents[1]), str(tmp_path / "pool")]
        subprocess.run(build, check=True, capture_output=True)
    mirror.publish(tmp_path, "trixie")
    folder = tmp_path / "dists" / "trixie"
    index = folder / "main" / "binary-amd64" / "Packages"
    stanzas = index.read_text(encoding="utf-8").strip().split("\n\n")
    assert [stanza.splitlines()[0] for stanza in stanzas] == ["Package: alpha", "Package: beta"]
    package = tmp_path / "pool" / "alpha_1.0_amd64.deb"
    assert f"SHA256: {hashlib.sha256(package.read_bytes()).hexdigest()}" in stanzas[0]
    assert "Filename: pool/alpha_1.0_amd64.deb" in stanzas[0]
    assert gzip.decompress(index.with_suffix(".gz").read_bytes()) == index.read_bytes()
    release = (folder / "Release").read_text(encoding="utf-8")
    sums = f" {hashlib.sha256(index.read_bytes()).hexdigest()} {index.stat().st_size} main/binary-amd64/Packages\n"
    assert sums in release
    keyring = tmp_path / "keyring.gpg"
    gpg = ["gpg", "--homedir", str(tmp_path), "--batch", "--quiet"]
    subprocess.run([*gpg, "--output", str(keyring), "--dearmor", str(tmp_path / mirror.KEY)], check=True)
    told = subprocess.run(
        ["gpgv", "--keyring", str(keyring), "--output", "-", str(folder / "InRelease")], capture_output=True, check=True
    )
    assert told.stdout.decode() == release
