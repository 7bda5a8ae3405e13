# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files beside a role's have a say, and which of them are a package's own, a role's, or accepted."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _packaged, foreign_files
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotObservable

FOLDER = "/etc/unbound/unbound.conf.d"
IN_FOLDER = {"folders": [{"path": FOLDER, "names": "*.conf"}]}


class FakeHost(Host):
    """A root of its own, and what dpkg-query and systemctl say."""

    def __init__(self, root: Path) -> None:
        super().__init__(root=str(root))
        self.owned: dict[str, str] = {}
        self.conffiles: dict[str, str] = {}
        self.units = ""
        self.depends = ""
        self.asked: list[tuple[str, ...]] = []

    def has(self, command: str) -> bool:
        return command == "dpkg-query"

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        del stdin, needs_root
        self.asked.append(argv)
        if argv[0] == "systemctl":
            return Completed(0, self.units, "")
        if argv[1] == "--search":
            lines = [f"{self.owned[path]}: {path}" for path in argv[2:] if path in self.owned]
            return Completed(1, "\n".join(["diversion by x from: /etc/y", *lines, ""]), "no path found")
        if "Depends" in argv[3]:
            return Completed(1, f"{self.depends}\n", "no package found")
        lines = [f" {path} {digest}" for path, digest in self.conffiles.items()]
        return Completed(0, "\n" + "\n".join(lines) + "\n", "")

    def put(self, path: str, text: str, package: str = "", *, conffile: bool = False) -> None:
        """Write a file, and say that a package brought it so."""
        place = Path(self.at(path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        self._texts.clear()
        if not package:
            return
        self.owned[path] = package
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        if conffile:
            self.conffiles[path] = digest
        else:
            sums = Path(self.at(f"/var/lib/dpkg/info/{package}.md5sums"))
            sums.parent.mkdir(parents=True, exist_ok=True)
            with sums.open("a") as stream:
                stream.write(f"{digest}  {path[1:]}\n")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return FakeHost(tmp_path)


def look(host: FakeHost, **parameters: Any) -> dict[str, Any]:
    return foreign_files.observe(host, {**IN_FOLDER, **parameters}).value


def test_a_folder_that_is_empty_or_not_there(host: FakeHost) -> None:
    assert look(host) == {"foreign": [], "reload_needed": [], "outdated": [], "open_folders": [], "altered": []}
    assert host.asked == []


def test_a_file_of_others(host: FakeHost) -> None:
    host.put(f"{FOLDER}/zz.conf", "forward-zone:\n")
    host.put(f"{FOLDER}/README", "read me\n")
    assert look(host)["foreign"] == [f"{FOLDER}/zz.conf"]


def test_what_a_package_brought_until_it_is_edited(host: FakeHost) -> None:
    host.put(f"{FOLDER}/first.conf", "a\n", "unbound", conffile=True)
    host.put(f"{FOLDER}/second.conf", "b\n", "unbound")
    assert look(host)["foreign"] == []
    host.put(f"{FOLDER}/second.conf", "c\n")
    assert look(host)["foreign"] == [f"{FOLDER}/second.conf"]


def test_what_a_role_keeps_and_what_the_site_accepts(host: FakeHost) -> None:
    index = {"version": 1, "paths": {f"{FOLDER}/ours.conf": {}, f"{FOLDER}/theirs.conf": {"block": True}}}
    host.put("/var/lib/ringfence/originals/some_role/index.json", json.dumps(index))
    for name in ("ours", "theirs", "vetted"):
        host.put(f"{FOLDER}/{name}.conf", "x\n")
    accepted = [{"path": f"{FOLDER}/vetted.conf", "reason": "The monitoring asks by it", "owner": "Operations"}]
    # A file of others in which only a block is a role's is still theirs.
    assert look(host, accepted=accepted)["foreign"] == [f"{FOLDER}/theirs.conf"]


def test_a_link_is_judged_by_where_it_leads(host: FakeHost) -> None:
    host.put("/usr/share/unbound/good.conf", "a\n", "unbound")
    host.put("/var/tmp/bad.conf", "b\n")
    Path(host.at(FOLDER)).mkdir(parents=True)
    Path(host.at(f"{FOLDER}/bad.conf")).symlink_to(host.at("/var/tmp/bad.conf"))
    assert look(host)["foreign"] == [f"{FOLDER}/bad.conf"]


def test_what_is_no_regular_file_is_foreign_and_is_not_read(host: FakeHost) -> None:
    Path(host.at(FOLDER)).mkdir(parents=True)
    os.mkfifo(host.at(f"{FOLDER}/pipe.conf"))
    host.owned[f"{FOLDER}/pipe.conf"] = "unbound"
    assert look(host)["foreign"] == [f"{FOLDER}/pipe.conf"]


@pytest.mark.parametrize("entry", ["/etc/x", {"path": "/etc/x"}, {"path": "/etc/x", "reason": " "}, {"reason": "x"}])
def test_an_entry_without_a_reason_accepts_nothing(host: FakeHost, entry: Any) -> None:
    good = {"path": "/etc/y", "reason": "It is known"}
    with pytest.raises(ValueError, match="ringfence_accepted_files, entry 2: needs a path and a reason"):
        look(host, accepted=[good, entry])
    with pytest.raises(ValueError, match="ringfence_accepted_files must be a list"):
        look(host, accepted="/etc/x")


UNITS = """\
EnvironmentFiles=/etc/default/squid (ignore_errors=yes)
EnvironmentFiles=/etc/default/more (ignore_errors=no)
Id=squid.service
LoadState=loaded
FragmentPath=/usr/lib/systemd/system/squid.service
DropInPaths=/etc/systemd/system/squid.service.d/ours.conf /etc/systemd/system/squid.service.d/zz.conf
NeedDaemonReload=yes

Id=gone.service
LoadState=not-found
FragmentPath=
NeedDaemonReload=no
"""


def test_what_units_are_made_of(host: FakeHost) -> None:
    host.units = UNITS
    # Before the folders were merged the package named it so.
    host.put("/lib/systemd/system/squid.service", "[Unit]\n", "squid")
    host.put("/usr/lib/systemd/system/squid.service", "[Unit]\n")
    drop_ins = "/etc/systemd/system/squid.service.d"
    host.put("/var/lib/ringfence/originals/web_filter/index.json", json.dumps({"paths": {f"{drop_ins}/ours.conf": {}}}))
    host.put(f"{drop_ins}/ours.conf", "[Service]\n")
    host.put(f"{drop_ins}/zz.conf", "[Service]\nExecStart=\n")
    host.put("/etc/default/squid", "# nothing\n\n")
    host.put("/etc/default/more", "SQUID_CONFIG=/etc/squid/other.conf\n")
    found = look(host, units=["squid.service", "gone.service"])
    assert found == {
        "foreign": ["/etc/default/more (squid.service)", f"{drop_ins}/zz.conf (squid.service)"],
        "reload_needed": ["squid.service"],
        "outdated": [],
        "open_folders": [],
        "altered": [],
    }


@pytest.mark.parametrize(
    ("state", "ago", "outdated"), [("active", -10, False), ("active", 10, True), ("dead", 10, False)]
)
def test_a_daemon_that_is_older_than_its_files(host: FakeHost, state: str, ago: int, outdated: bool) -> None:
    """By the time of the inode, which nobody sets back with the file's own."""
    host.put("/etc/squid/squid.conf", "a\n")
    os.utime(host.at("/etc/squid/squid.conf"), (0, 0))
    since = int(os.stat(host.at("/etc/squid/squid.conf")).st_ctime) - ago
    host.units = f"Id=squid.service\nLoadState=loaded\nActiveState={state}\nStateChangeTimestamp=@{since}\n"
    reloads = [{"units": ["squid.service"], "paths": ["/etc/squid/squid.conf", "/etc/squid/gone.conf"]}]
    found = look(host, reloads=reloads)
    assert found["outdated"] == (["squid.service: /etc/squid/squid.conf"] if outdated else [])
    assert found["foreign"] == []


def test_a_folder_in_which_others_may_replace_a_file(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sticky bit keeps what is there from being replaced; a file of another role is that role's."""
    monkeypatch.setattr(foreign_files, "_PEOPLE", os.getuid() + 1)
    for role, path in (("one", "/srv/a/b/x"), ("two", "/srv/c/y")):
        host.put(f"/var/lib/ringfence/originals/{role}/index.json", json.dumps({"paths": {path: {}}}))
        host.put(path, "x")
    assert look(host, managed_by="one")["open_folders"] == []
    Path(host.at("/srv/a")).chmod(0o775)
    Path(host.at("/srv/a/b")).chmod(0o757)
    Path(host.at("/srv/c")).chmod(0o777)
    assert look(host, managed_by="one")["open_folders"] == ["/srv/a", "/srv/a/b"]
    Path(host.at("/srv/a")).chmod(0o1777)
    assert look(host, managed_by="one")["open_folders"] == ["/srv/a/b"]
    monkeypatch.setattr(foreign_files, "_PEOPLE", os.getuid())
    assert look(host, managed_by="two")["open_folders"] == ["/srv", "/srv/c"]


def test_what_a_script_of_a_package_writes_until_it_is_edited(host: FakeHost) -> None:
    folder = "/etc/systemd/system/clamav-daemon.service.d"
    text = "[Service]\nExecStartPre=-/bin/mkdir -p /run/clamav\nExecStartPre=/bin/chown clamav /run/clamav\n"
    host.put(f"{folder}/extend.conf", text)
    folders = [{"path": folder, "names": "*.conf"}]
    assert look(host, folders=folders)["foreign"] == []
    host.put(f"{folder}/extend.conf", text + "ExecStart=\n")
    assert look(host, folders=folders)["foreign"] == [f"{folder}/extend.conf"]


def test_only_root_can_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotObservable, match="needs root"):
        foreign_files.observe(FakeHost(tmp_path), IN_FOLDER)


def test_a_package_that_dpkg_knows_by_its_architecture(host: FakeHost) -> None:
    host.put("/etc/pam.d/x", "a\n", "libpam-modules:amd64")
    assert _packaged.delivered(host, ["/etc/pam.d/x"]) == {"/etc/pam.d/x"}
    assert _packaged.delivered(host, []) == set()


def touched_later(host: FakeHost, package: str, path: str) -> None:
    """Have a file's inode be changed after its package was unpacked, as far as a test can tell times apart."""
    sums = Path(host.at(f"/var/lib/dpkg/info/{package}.md5sums"))
    while os.lstat(host.at(path)).st_ctime <= sums.stat().st_ctime:
        Path(host.at(path)).chmod(0o755)


def altered(host: FakeHost, *packages: str, **parameters: Any) -> list[str]:
    """What is altered of packages, looked at anew."""
    host._texts.clear()
    host.kept.clear()
    found: list[str] = look(host, packages=list(packages), **parameters)["altered"]
    return found


def test_a_program_that_is_not_as_it_was_delivered(host: FakeHost) -> None:
    host.put("/usr/sbin/nft", "nft", "nftables")
    host.put("/usr/share/doc/nftables/README", "read me", "nftables")
    host.put("/lib/libx.so.1", "lib", "nftables:amd64")
    assert altered(host, "nftables", "not-there") == []
    # Taken away and put back: the same bytes.
    touched_later(host, "nftables", "/usr/sbin/nft")
    assert altered(host, "nftables") == []
    for path in ("/usr/sbin/nft", "/usr/share/doc/nftables/README"):
        host.put(path, "other")
    touched_later(host, "nftables", "/usr/sbin/nft")
    Path(host.at("/lib/libx.so.1")).unlink()
    assert altered(host, "nftables") == ["/lib/libx.so.1", "/usr/sbin/nft"]
    assert altered(host, "nftables:amd64") == ["/lib/libx.so.1", "/usr/sbin/nft"]
    assert altered(host, "nftables", accepted=[{"path": "/usr/sbin/nft", "reason": "Built here"}]) == ["/lib/libx.so.1"]
    assert altered(host) == []


def test_a_link_or_a_mount_to_an_older_file(host: FakeHost) -> None:
    """Neither has an inode that is younger than the sums of the package."""
    host.put("/usr/bin/true", "true", "coreutils")
    host.put("/usr/sbin/nft", "nft", "nftables")
    host.put("/usr/bin/true", "true")
    Path(host.at("/usr/sbin/nft")).unlink()
    Path(host.at("/usr/sbin/nft")).symlink_to(host.at("/usr/bin/true"))
    assert altered(host, "nftables") == ["/usr/sbin/nft"]
    Path(host.at("/usr/sbin/nft")).unlink()
    os.link(host.at("/usr/bin/true"), host.at("/usr/sbin/nft"))
    touched_later(host, "nftables", "/usr/sbin/nft")
    assert altered(host, "nftables") == ["/usr/sbin/nft"]


def test_what_is_mounted_over_a_program_is_read_however_old(host: FakeHost) -> None:
    host.put("/usr/sbin/nft", "other")
    host.put("/usr/bin/x", "x", "nftables")
    # The sums are younger than what stands there.
    sums = Path(host.at("/var/lib/dpkg/info/nftables.md5sums"))
    sums.write_text(sums.read_text(encoding="ascii") + f"{'0' * 32}  usr/sbin/nft\n", encoding="ascii")
    while sums.stat().st_ctime < os.lstat(host.at("/usr/sbin/nft")).st_ctime:
        sums.chmod(0o644)
    assert altered(host, "nftables") == []
    host.put("/proc/self/mountinfo", "36 35 98:0 /usr/bin/true /usr/sbin/nft rw - ext4 /dev/x rw\n")
    assert altered(host, "nftables") == ["/usr/sbin/nft"]


def test_a_folder_of_programs_that_is_a_link(host: FakeHost) -> None:
    """But for those that were merged below /usr."""
    host.put("/usr/lib/postfix/smtpd", "smtpd", "postfix")
    host.put("/usr/lib/libx.so.1", "lib")
    host.put("/lib/y", "y", "postfix")
    for file in Path(host.at("/lib")).iterdir():
        file.rename(host.at(f"/usr/lib/{file.name}"))
    Path(host.at("/lib")).rmdir()
    Path(host.at("/lib")).symlink_to("usr/lib")
    assert altered(host, "postfix") == []
    Path(host.at("/usr/lib/postfix")).rename(host.at("/usr/lib/elsewhere"))
    Path(host.at("/usr/lib/postfix")).symlink_to("elsewhere")
    assert altered(host, "postfix") == ["/usr/lib/postfix/smtpd"]


def divert(host: FakeHost, by: str) -> None:
    """The record of a diversion."""
    host.put("/var/lib/dpkg/diversions", f"/usr/sbin/halt\n/usr/sbin/halt.real\n{by}\n")


@pytest.mark.parametrize("by", ["nobody-has-it", ":"])
def test_a_diversion_of_no_package_hides_nothing(host: FakeHost, by: str) -> None:
    host.put("/usr/sbin/halt", "halt", "systemd-sysv")
    host.put("/usr/sbin/halt", "asks first")
    touched_later(host, "systemd-sysv", "/usr/sbin/halt")
    divert(host, by)
    assert altered(host, "systemd-sysv") == ["/usr/sbin/halt"]


def test_what_another_package_put_in_its_place(host: FakeHost) -> None:
    host.put("/usr/sbin/halt", "halt", "systemd-sysv")
    host.put("/usr/sbin/halt.real", "halt")
    host.put("/usr/sbin/halt", "asks first", "molly-guard")
    divert(host, "molly-guard")
    assert altered(host, "systemd-sysv") == []
    host.put("/usr/sbin/halt.real", "other")
    assert altered(host, "systemd-sysv") == ["/usr/sbin/halt.real"]
    host.put("/usr/sbin/halt", "other")
    assert altered(host, "systemd-sysv") == ["/usr/sbin/halt", "/usr/sbin/halt.real"]


def test_a_package_whose_sums_are_gone(host: FakeHost) -> None:
    host.put("/usr/sbin/nft", "nft")
    host.put("/var/lib/dpkg/info/nftables.list", "/.\n/usr\n/usr/sbin\n/usr/sbin/nft\n")
    host.put("/var/lib/dpkg/info/names-only.list", "/.\n/usr\n/usr/share/doc/names-only\n")
    assert altered(host, "nftables", "names-only") == ["/var/lib/dpkg/info/nftables.list"]


def test_libraries_that_a_package_needs_and_what_is_loaded_before_them(host: FakeHost) -> None:
    host.put("/usr/sbin/nft", "nft", "nftables")
    host.put("/usr/lib/libnftables.so.1.1.0", "lib", "libnftables1")
    host.depends = "libc6 (>= 2.34), libnftables1 (= 1.0.6-2+deb12u2), debconf | cdebconf"
    host.put("/usr/local/lib/libmine.so", "mine")
    assert altered(host, "nftables") == []
    host.put("/usr/lib/libnftables.so.1.1.0", "other")
    touched_later(host, "libnftables1", "/usr/lib/libnftables.so.1.1.0")
    host.put("/usr/local/lib/x86_64-linux-gnu/libnftables.so.1", "first")
    host.put("/etc/ld.so.preload", "/usr/local/lib/libmine.so\n")
    assert altered(host, "nftables") == [
        "/etc/ld.so.preload",
        "/usr/lib/libnftables.so.1.1.0",
        "/usr/local/lib/x86_64-linux-gnu/libnftables.so.1",
    ]


def test_the_package_of_a_unit_is_one_that_the_role_rests_on(host: FakeHost) -> None:
    host.units = UNITS
    host.put("/lib/systemd/system/squid.service", "[Unit]\n", "squid")
    host.put("/usr/sbin/squid", "squid", "squid")
    host.put("/usr/sbin/squid", "other")
    touched_later(host, "squid", "/usr/sbin/squid")
    assert "/usr/sbin/squid" in altered(host, units=["squid.service"])
