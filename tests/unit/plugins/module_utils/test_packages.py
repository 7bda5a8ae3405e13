# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages with a made-up dpkg and a made-up apt-get that plays a site: a mirror, lists, a lock, a firewall."""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils import apt_commands, dpkg_status
from ansible_collections.ringfence.callcenter.plugins.module_utils.apt_commands import Apt
from ansible_collections.ringfence.callcenter.plugins.module_utils.apt_failures import Failure
from ansible_collections.ringfence.callcenter.plugins.module_utils.packages import Outcome, Packages, PackagesError
from ansible_collections.ringfence.callcenter.plugins.modules import packages as module

#: Reads what it shall play from play.json beside it, and writes down how it was called.
PROGRAM = r"""#!%s
import json, os, pathlib, sys

here = pathlib.Path(__file__).parent
play = json.loads((here / "play.json").read_text())
words = sys.argv[1:]
options = dict(word.removeprefix("--option=").split("=", 1) for word in words if word.count("=") > 1)
lists = pathlib.Path(options.get("Dir::State::lists", play["lists"]))
with (here / "calls").open("a") as calls:
    calls.write(json.dumps([pathlib.Path(sys.argv[0]).name, *words]) + "\n")


def end(rc, err="", out=""):
    print(out, end="")
    print(err, end="", file=sys.stderr)
    sys.exit(rc)


if sys.argv[0].endswith("apt-config"):
    if "dump" in words:
        end(0, out=play.get("settings", ""))
    end(0, out="LISTS='%%(lists)s'\nSOURCES='%%(sources)s'\nPARTS='%%(parts)s'\n" %% play)
if (here / "locked").exists():
    (here / "locked").unlink()
    end(100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\n")
if "update" in words:
    if play.get("update"):
        end(100, play["update"])
    for name, packages in play["mirror"].items():
        (lists / (name + "_Packages")).write_text(" ".join(packages))
    end(0)
names = words[words.index("--") + 1:]
known = {one for file in lists.glob("*_Packages") for one in file.read_text().split()}
gone = [name for name in names if name not in known]
if gone:
    end(100, "".join("E: Unable to locate package %%s\n" %% name for name in gone))
if play.get("plan"):
    end(100, play["plan"])
if "--simulate" in words:
    out = "".join("Inst %%s (1.0 Site:1/stable [all])\n" %% name for name in names)
    end(0, out=out + "".join("Remv %%s [2]\n" %% name for name in play.get("removes", [])))
files = pathlib.Path(play["archives"])
uris = {name: "http://mirror.site:8080/debian" + "/pool/%%s_1.0_all.deb" %% name for name in names}
if "--print-uris" in words:
    end(0, out="".join("'%%s' %%s_1.0_all.deb 100 SHA256:0\n" %% (uri, name) for name, uri in uris.items()
                       if not (files / name).exists()))
mirrored = {one for packages in play["mirror"].values() for one in packages}
failed = ["E: Failed to fetch %%s  %%s\n" %% (uris[name], play.get("fetch") or "404  Not Found")
          for name in names if not (files / name).exists() and (play.get("fetch") or name not in mirrored)]
if failed:
    end(100, "".join(failed) + "E: Unable to fetch some archives, maybe run apt-get update?\n")
for name in names:
    if "--download-only" in words:
        (files / name).touch()
    elif name not in play.get("broken", []):
        with open(play["status"], "ab") as status:
            status.write(b"Package: %%s\nStatus: install ok installed\nVersion: 1.0\n\n" %% name.encode())
if play.get("broken"):
    end(100, "E: Sub-process /usr/bin/dpkg returned an error code (1)\n")
"""


class Site:
    """A host with its apt and dpkg, and the mirror that it would reach."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.lists = folder / "lists"
        self.parts = folder / "sources.list.d"
        self.dpkg = folder / "dpkg"
        self.archives = folder / "archives"
        for path in (self.bin, self.lists / "partial", self.parts, self.dpkg / "updates", self.archives):
            path.mkdir(parents=True)
        for name in ("apt-get", "apt-config"):
            (self.bin / name).write_text(PROGRAM % sys.executable, encoding="utf-8")
            (self.bin / name).chmod(0o755)
        self.status(b"")
        self.play: dict[str, Any] = {
            "lists": str(self.lists),
            "parts": str(self.parts),
            "sources": str(folder / "sources.list"),
            "status": str(self.dpkg / "status"),
            "archives": str(self.archives),
            "mirror": {"main": ["fail2ban", "nftables"]},
        }

    def status(self, content: bytes) -> None:
        """What dpkg has."""
        (self.dpkg / "status").write_bytes(content)

    def have_lists(self, *names: str, age: float = 0) -> None:
        """Package lists that name these packages, fetched so many seconds ago."""
        (self.lists / "main_Packages").write_text(" ".join(names), encoding="utf-8")
        os.utime(self.lists, (time.time() - age, time.time() - age))

    def run(self, *names: str, check: bool = False, download_only: bool = False) -> Outcome:
        """One call of the module's work."""
        (self.bin / "play.json").write_text(json.dumps(self.play), encoding="utf-8")
        with apt_commands.scratch_folder(check) as scratch:
            apt = Apt(lock_timeout=4, scratch=scratch, path=str(self.bin))
            read = functools.partial(dpkg_status.read, str(self.dpkg))
            return Packages(names, apt, download_only=download_only, read=read).run()

    def fails(self, *names: str, check: bool = False) -> list[str]:
        """The sentences of a call that fails."""
        with pytest.raises(PackagesError) as caught:
            self.run(*names, check=check)
        assert str(caught.value) == " ".join(caught.value.errors)
        return caught.value.errors

    def calls(self) -> list[str]:
        """What was run: the verb of each call of apt-get."""
        try:
            lines = (self.bin / "calls").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        verbs = {"update", "--simulate", "--print-uris", "--download-only", "install"}
        asked = [json.loads(line) for line in lines]
        return [next(word for word in words if word in verbs) for words in asked if words[0] == "apt-get"]

    def snapshot(self) -> dict[str, bytes]:
        """Every file of the host but the record of calls."""
        paths = [path for path in self.folder.rglob("*") if path.is_file() and path.parent != self.bin]
        return {str(path): path.read_bytes() for path in paths}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A host without any package of ours and without lists."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Site(tmp_path)


def test_nothing_is_run_when_nothing_is_missing(site: Site) -> None:
    """A converged host costs the reading of one file, also where it is not UTF-8 and a package is only provided."""
    site.status(
        b"Package: fail2ban\nStatus: hold ok installed\nMaintainer: J\xfcrgen\nVersion: 1\n\n"
        b"Package: sudo-ldap\nStatus: install ok triggers-pending\nProvides: sudo (= 1), other\n"
    )
    assert site.run("fail2ban", "sudo") == Outcome()
    assert site.calls() == []


@pytest.mark.parametrize("state", ["deinstall ok config-files", "install ok half-configured", "install ok unpacked"])
def test_what_does_not_work_counts_as_missing(site: Site, state: str) -> None:
    """Files that are left of a package, or were only unpacked, are no program."""
    site.status(f"Package: fail2ban\nStatus: {state}\nVersion: 1\n\n".encode())
    assert site.run("fail2ban").missing == ["fail2ban"]


def test_a_young_folder_without_lists_is_not_trusted(site: Site) -> None:
    """What a freshly built host has: /var/lib/apt/lists, young and empty."""
    outcome = site.run("fail2ban")
    assert outcome.reason == "there are no package lists"
    assert (outcome.updated_lists, outcome.installed) == (True, {"fail2ban": "1.0"})
    assert site.calls() == ["update", "--simulate", "--print-uris", "install"]
    assert site.run("fail2ban") == Outcome()


def test_lists_that_are_there_are_used(site: Site) -> None:
    """No list is fetched without need, however old the mirror's files are."""
    site.have_lists("fail2ban")
    os.utime(site.lists / "main_Packages", (1, 1))
    assert not site.run("fail2ban").updated_lists


@pytest.mark.parametrize("place", ["sources.list", "sources.list.d/site.sources"])
def test_lists_older_than_the_sources_are_fetched(site: Site, place: str) -> None:
    """Somebody added a source since."""
    site.have_lists("fail2ban", age=100)
    (site.folder / place).write_text("deb http://mirror.site/debian x main\n", encoding="utf-8")
    os.utime(site.folder / place, (1, 1))  # as `cp -p` and `tar` leave it
    assert site.run("fail2ban").reason == f"the package lists are older than {site.folder / place}"


def test_lists_without_a_candidate_are_fetched_once(site: Site) -> None:
    """A package that the lists do not know may be new; one that is in no source is said so."""
    site.have_lists("nftables")
    assert site.run("fail2ban").reason == "the package lists do not have fail2ban"
    assert site.fails("nosuchthing") == [
        "No source of this host (/etc/apt/sources.list.d) has nosuchthing.",
        "Not installed: nosuchthing. Nothing was installed.",
    ]
    assert site.calls().count("update") == 2


def test_lists_that_the_mirror_has_overtaken_are_fetched(site: Site) -> None:
    """A 404 for a package is what lists of months ago end in."""
    site.have_lists("fail2ban")
    site.play["fetch"] = "404  Not Found [IP: 10.0.0.9 8080]"
    errors = site.fails("fail2ban")
    assert site.calls()[-3:] == ["install", "update", "install"]
    assert "the lists of the host or the mirror are outdated" in errors[0]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("reason", "lacks"),
    [
        (
            "Temporary failure resolving 'mirror.site'",
            "needs a name server that knows mirror.site and a flow to it (port 53), or a proxy (Acquire::http::Proxy)",
        ),
        (
            "Could not connect to mirror.site:8080 (10.0.0.9). - connect (111: Connection refused)",
            "needs a flow to mirror.site:8080 (protocol tcp), or a proxy (Acquire::http::Proxy)",
        ),
        (
            "Could not connect to mirror.site:8080 (10.0.0.9), connection timed out",
            "needs a flow to mirror.site:8080 (protocol tcp), or a proxy (Acquire::http::Proxy)",
        ),
        (
            "Cannot initiate the connection to mirror.site:8080 (fd00::9). - connect (101: Network is unreachable)",
            "needs a flow to mirror.site:8080 (protocol tcp), or a proxy (Acquire::http::Proxy)",
        ),
        ("404 Not Found [IP: 10.0.0.9 8080]", "suite is misspelt"),
        (
            "Certificate verification failed: The certificate is NOT trusted",
            "trust the certificate of mirror.site:8080",
        ),
        ("No space left on device", ""),
    ],
)
def test_what_cannot_be_fetched_is_said_in_the_same_words(site: Site, check: bool, reason: str, lacks: str) -> None:
    """Package, source, host and port, apt's own reason and what is missing; in check mode nothing is written."""
    uri = "http://mirror.site:8080/debian/dists/x/InRelease"
    site.play["update"] = f"W: Failed to fetch {uri}  {reason}\nE: Some index files failed to download.\n"
    before = site.snapshot()
    errors = site.fails("fail2ban", check=check)
    assert errors[0].startswith(
        "The package lists (for fail2ban) could not be fetched from http://mirror.site:8080/debian "
        f"(mirror.site:8080, no proxy is set): {reason}."
    )
    assert lacks in errors[0]
    assert errors[-1] == "Not installed: fail2ban. Nothing was installed."
    if check:
        assert site.snapshot() == before


@pytest.mark.parametrize(
    ("uri", "source", "package"),
    [
        ("http://m.site/debian/dists/trixie/InRelease", "http://m.site/debian", ""),
        ("http://m.site/debian/pool/main/g/gcc/g%2b%2b_1_all.deb", "http://m.site/debian", "g++"),
        ("http://m.site:8099/./InRelease", "http://m.site:8099", ""),
        ("http://m.site/flat/Packages.xz", "http://m.site/flat", ""),
        ("http://m.site/flat/./tree_1_all.deb", "http://m.site/flat", "tree"),
        ("http://m.site/debian", "http://m.site/debian", ""),
    ],
)
def test_sources_of_addresses(uri: str, source: str, package: str) -> None:
    """With suites and without."""
    failure = Failure(uri, "")
    assert (failure.source, failure.package) == (source, package)


def test_signatures_and_clocks(site: Site) -> None:
    """What apt says about a repository as a whole."""
    site.play["update"] = (
        "W: GPG error: http://m.site/debian x InRelease: The following signatures couldn't be verified because the "
        "public key is not available: NO_PUBKEY 0E98404D386FA1D9\n"
        "E: The repository 'http://m.site/debian x InRelease' is not signed.\n"
        "E: Release file for http://s.site/debian/dists/x/InRelease is not valid yet (invalid for another 2d).\n"
    )
    errors = site.fails("fail2ban")
    assert ["NO_PUBKEY" in errors[0], "Signed-By" in errors[0], "needs a time server" in errors[1]] == [True] * 3
    assert len(errors) == 4  # two sources, no candidate, what was not installed


def test_a_proxy_is_what_needs_a_flow(site: Site) -> None:
    """With a proxy set the host talks to nobody else; its password is not repeated."""
    site.play["settings"] = 'Acquire::http::Proxy "http://host1:geheim@proxy.site:3128";\nAcquire::x "";\n'
    site.play["update"] = (
        "W: Failed to fetch http://user:geheim@mirror.site/debian/dists/x/InRelease  Could not connect to "
        "proxy.site:3128 (10.0.0.8), connection timed out\n"
    )
    said = " ".join(site.fails("fail2ban"))
    assert "by the proxy http://proxy.site:3128, set in Acquire::http::Proxy" in said
    assert "So this host needs a flow to proxy.site:3128 (protocol tcp)." in said
    assert "geheim" not in said


def test_one_broken_source_does_not_stop_what_others_have(site: Site) -> None:
    """It is a warning."""
    site.have_lists("fail2ban", age=100)
    (site.parts / "other.list").touch()
    site.play["update"] = "W: Failed to fetch http://other.site/dists/x/InRelease  Connection refused\n"
    outcome = site.run("fail2ban")
    assert outcome.installed == {"fail2ban": "1.0"}
    assert "flow to other.site:80" in outcome.warnings[0]


def test_check_mode_finds_what_it_would_install_and_writes_nothing(site: Site) -> None:
    """Lists are fetched into a folder of its own."""
    before = site.snapshot()
    outcome = site.run("fail2ban", "nftables", check=True)
    assert outcome.installed == {"fail2ban": "1.0", "nftables": "1.0"}
    assert site.snapshot() == before
    assert "install" not in site.calls()


def test_downloads_only_once(site: Site) -> None:
    """What was downloaded is not fetched again, and is installed without the mirror."""
    assert site.run("fail2ban", check=True, download_only=True).downloaded == ["fail2ban"]
    first = site.run("fail2ban", download_only=True)
    assert (first.downloaded, first.installed) == (["fail2ban"], {})
    assert site.run("fail2ban", download_only=True).downloaded == []
    site.play["fetch"] = "Connection refused"
    assert site.run("fail2ban").installed == {"fail2ban": "1.0"}


def test_part_of_it_was_installed(site: Site) -> None:
    """What is there and what is not is said when dpkg fails."""
    site.play["broken"] = ["nftables"]
    errors = site.fails("fail2ban", "nftables")
    assert errors == [
        "apt says: Sub-process /usr/bin/dpkg returned an error code (1)",
        "Not installed: nftables. Installed: fail2ban.",
    ]


def test_nothing_is_taken_away(site: Site) -> None:
    """An installation that would remove a package is refused, in check mode too."""
    site.play["removes"] = ["exim4-base"]
    for check in (True, False):
        assert "To install fail2ban would remove exim4-base" in site.fails("fail2ban", check=check)[0]


def test_an_interrupted_dpkg_is_said_with_the_way_out(site: Site) -> None:
    """Before anything is tried."""
    (site.dpkg / "updates" / "0001").touch()
    assert "`dpkg --configure -a`" in site.fails("fail2ban")[0]
    assert site.calls() == []


def test_half_installed_and_held_packages_are_named(site: Site) -> None:
    """With what apt says and the way out."""
    site.status(
        b"Package: mta\nStatus: install ok half-configured\nVersion: 1\n\n"
        b"Package: libc6\nStatus: hold ok installed\nVersion: 1\n\n"
    )
    site.play["plan"] = " fail2ban : Depends: libc6 (>= 2) but 1 is to be installed\nE: Unmet dependencies.\n"
    errors = site.fails("fail2ban")
    assert errors[0] == "apt says: Unmet dependencies."
    assert errors[1].startswith("mta is not completely installed: see `dpkg --audit`")
    assert errors[2] == "libc6 is held on this host: `apt-mark unhold` lets it go."


def test_a_lock_is_waited_for(site: Site) -> None:
    """apt-get itself waits for dpkg's lock only."""
    (site.bin / "locked").touch()
    assert site.run("fail2ban").installed == {"fail2ban": "1.0"}
    assert site.calls()[:2] == ["update", "update"]


def test_no_debian(site: Site) -> None:
    """A clear word where there is no apt, and where there is no dpkg."""
    (site.bin / "apt-config").unlink()
    assert "This host has no apt-config" in site.fails("fail2ban")[0]
    (site.dpkg / "status").unlink()
    assert "it is no Debian" in site.fails("fail2ban")[0]


def test_names_that_are_none() -> None:
    """They are refused before apt could take them for something else."""
    assert module.wrong(["nftables", "-o=x", "a/sid", "g++"]) == ["-o=x", "a/sid"]
