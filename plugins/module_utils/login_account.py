# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which account, which way and from where whoever runs this came to the host, from the tree of processes.

The session of sshd says whose it is. Without one: the audit id of the login, sudo's and doas' own variables, and at
last the outermost process. Environments are read as their owner, which root can do in a container without SYS_PTRACE.
"""

from __future__ import annotations

import contextlib
import grp
import ipaddress
import os
import pwd
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Host, NotObservable

_SESSIONS = ("sshd", "sshd-session")
#: Programs by which one account becomes another, by the name of their process.
_BECOME = {"sudo": "sudo", "sudo-rs": "sudo", "su": "su", "doas": "doas", "runuser": "runuser", "pkexec": "pkexec"}
_LOGIN_VARIABLES = {"SUDO_USER": "sudo", "DOAS_USER": "doas"}
_NO_LOGIN = 0xFFFFFFFF
#: A chain longer than this is no chain.
_MOST = 200


@dataclass(frozen=True)
class Process:
    """One process of the way in."""

    pid: int
    parent: int
    name: str
    uid: int
    gid: int
    terminal: bool


@dataclass(frozen=True)
class Login:
    """Who came in. way: from the outside in, such as ssh, sudo. address, server_port: '' and None without ssh."""

    account: str
    uid: int
    way: tuple[str, ...]
    address: str = ""
    server_port: int | None = None
    terminal: bool = False

    @property
    def said(self) -> str:
        """The way in words."""
        text = ", then ".join(self.way)
        if self.address:
            text += f", from {self.address}"
        if self.server_port:
            text += f" to port {self.server_port}"
        return text


@dataclass(frozen=True)
class Entry:
    """An account as the name service knows it."""

    name: str
    uid: int
    gid: int
    shell: str


def entries(host: Host) -> list[Entry]:
    """The accounts of /etc/passwd."""
    lines = (line.split(":") for line in (host.read("/etc/passwd") or "").splitlines())
    return [
        Entry(fields[0], int(fields[2]), int(fields[3]), fields[6])
        for fields in lines
        if len(fields) == 7 and fields[2].isdigit() and fields[3].isdigit()
    ]


def _known(host: Host, *, name: str = "", uid: int | None = None) -> Entry | None:
    """An account by its name, else by its number; directories are asked on a real host."""
    for entry in entries(host):
        if entry.name == name or (not name and entry.uid == uid):
            return entry
    if host.root == "/":
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name) if name else pwd.getpwuid(-1 if uid is None else uid)
            return Entry(found.pw_name, found.pw_uid, found.pw_gid, found.pw_shell)
    return None


def account(host: Host, name: str) -> Entry | None:
    """An account by its name."""
    return _known(host, name=name)


def groups(host: Host, entry: Entry) -> list[str]:
    """The sorted names of an account's groups."""
    if host.root == "/":
        found = set()
        for number in os.getgrouplist(entry.name, entry.gid):
            with contextlib.suppress(KeyError):
                found.add(grp.getgrgid(number).gr_name)
        return sorted(found)
    lines = [line.split(":") for line in (host.read("/etc/group") or "").splitlines()]
    return sorted(
        fields[0]
        for fields in lines
        if len(fields) == 4 and (entry.name in fields[3].split(",") or fields[2] == str(entry.gid))
    )


def _process(host: Host, pid: int) -> Process | None:
    try:
        with open(host.at(f"/proc/{pid}/status"), encoding="utf-8", errors="replace") as stream:
            pairs = dict(line.split(":", 1) for line in stream if ":" in line)
        with open(host.at(f"/proc/{pid}/stat"), encoding="utf-8", errors="replace") as stream:
            fields = stream.read().rpartition(")")[2].split()
        return Process(
            pid,
            int(pairs["PPid"]),
            pairs["Name"].strip(),
            int(pairs["Uid"].split()[0]),
            int(pairs["Gid"].split()[0]),
            len(fields) > 4 and fields[4] != "0",
        )
    except (OSError, KeyError, ValueError, IndexError):
        return None


def chain(host: Host, pid: int) -> list[Process]:
    """A process and all above it."""
    found: list[Process] = []
    while pid > 0 and len(found) < _MOST:
        process = _process(host, pid)
        if process is None:
            break
        found.append(process)
        pid = process.parent
    return found


@contextlib.contextmanager
def _as_owner(host: Host, process: Process) -> Iterator[None]:
    """With the rights of the one whose process it is, where this is root of that host."""
    if os.geteuid() != 0 or process.uid == 0 or host.root != "/":
        yield
        return
    own = os.getegid()
    os.setegid(process.gid)
    try:
        os.seteuid(process.uid)
        try:
            yield
        finally:
            os.seteuid(0)
    finally:
        os.setegid(own)


def _environment(host: Host, process: Process) -> dict[str, str]:
    try:
        with _as_owner(host, process), open(host.at(f"/proc/{process.pid}/environ"), "rb") as stream:
            text = stream.read().decode(errors="replace")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in text.split("\0") if "=" in pair)


def _connection(text: str) -> tuple[str, int] | None:
    """Address and port out of SSH_CONNECTION."""
    words = text.split()
    if len(words) != 4 or not words[3].isdigit():
        return None
    address = words[0].partition("%")[0]
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return None
    return address, int(words[3])


def _of_session(host: Host, session: Process) -> str:
    """The account in the title of a session's process, such as ``sshd: alice@pts/0``; several may share a number."""
    try:
        with open(host.at(f"/proc/{session.pid}/cmdline"), encoding="utf-8", errors="replace") as stream:
            title = stream.read().replace("\0", " ").strip()
    except OSError:
        return ""
    match = re.match(r"sshd(?:-session)?: (\S+)@\S+$", title)
    entry = _known(host, name=match[1]) if match else None
    return entry.name if entry and entry.uid == session.uid else ""


def _login_uid(host: Host, pid: int) -> int | None:
    try:
        with open(host.at(f"/proc/{pid}/loginuid"), encoding="ascii") as stream:
            number = int(stream.read().strip())
    except (OSError, ValueError):
        return None
    return None if number == _NO_LOGIN else number


def _become(below: list[Process], variables: Mapping[str, str]) -> list[str]:
    """The programs by which one account became another, from the outside in."""
    found: list[str] = []
    for process in reversed(below):
        program = _BECOME.get(process.name)
        if program and found[-1:] != [program]:
            found.append(program)
    # One that is not there any more has left its variable.
    left = [program for name, program in _LOGIN_VARIABLES.items() if variables.get(name) and program not in found]
    return found + left


def _without_ssh(host: Host, tree: list[Process], variables: Mapping[str, str]) -> tuple[str, str]:
    """Account and first step of a way without a session of sshd."""
    outermost = tree[-1]
    if outermost.parent == 0 and outermost.pid != 1:
        # A container engine or nsenter put the process here: its audit id, if any, is somebody's of another machine.
        entry = _known(host, uid=outermost.uid)
        return entry.name if entry else str(outermost.uid), "container"
    step = "console" if any(process.name == "login" for process in tree) else "local"
    logged_in = _login_uid(host, tree[0].pid)
    entry = _known(host, uid=logged_in) if logged_in is not None else None
    if entry is None:
        named = next((variables[name] for name in _LOGIN_VARIABLES if variables.get(name)), "")
        entry = _known(host, name=named) if named else None
    if entry is None:
        people = [process for process in tree if process.pid != 1] or tree
        first = next((process for process in reversed(people) if process.uid != 0), people[-1])
        entry = _known(host, uid=first.uid) or Entry(str(first.uid), first.uid, first.uid, "")
    return entry.name, step


def came_in(host: Host, pid: int | None = None, variables: Mapping[str, str] | None = None) -> Login:
    """Who came in, and how. pid: the innermost process. variables: its environment."""
    own = os.environ if variables is None else variables
    tree = chain(host, os.getpid() if pid is None else pid)
    if not tree:
        raise NotObservable("/proc does not show the processes of this run: by which account it came in is not known")
    place = next((index for index, process in enumerate(tree) if process.name in _SESSIONS), None)
    below = tree if place is None else tree[:place]
    connection = None
    if place is None:
        name, step = _without_ssh(host, tree, own)
        connection = _connection(own.get("SSH_CONNECTION", "")) if step != "container" else None
        step = "ssh" if connection else step
    else:
        session, step = tree[place], "ssh"
        entry = _known(host, uid=session.uid)
        name = _of_session(host, session) or (entry.name if entry else str(session.uid))
        # The nearest to sshd first: what it was started with is what sshd gave it.
        for process in reversed(below):
            connection = _connection(_environment(host, process).get("SSH_CONNECTION", ""))
            if connection:
                break
        connection = connection or _connection(own.get("SSH_CONNECTION", ""))
    entry = _known(host, name=name)
    first = below[-1] if below else tree[0]
    address, port = connection or ("", None)
    return Login(name, entry.uid if entry else first.uid, (step, *_become(below, own)), address, port, first.terminal)
