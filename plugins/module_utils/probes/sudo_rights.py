# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe ``sudo_rights``: who may run a command as root through sudo, and where sudo logs it.

Parameters: ``command`` (absolute path) and ``logged_as`` (a command line as sudoers names it; optional). Observes
``people``: the sorted login names other than root that a rule of sudoers lets run the command with any arguments at
all, groups expanded (``ALL`` and net groups stay as written); ``through_others``: those that a rule lets run, with any
arguments they like, a program by which one becomes root (a shell, an editor, an interpreter, what starts, copies or
installs), and those who are root by another name; and ``logfiles``: the log files set for every command or for
``logged_as``. A rule that takes a right away (``!command``) is not subtracted: that never is a safe restriction.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from typing import Any

from ._principals import accounts, group_people
from .base import Host, NotObservable, Observation

_SUDOERS = "/etc/sudoers"
_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/local/sbin")
#: Programs that do as root whatever their arguments say.
_PROGRAMS = (
    # Shells, and what starts another program.
    *("sh", "bash", "dash", "zsh", "ksh", "fish", "su", "sudo", "env", "nice", "nohup", "setpriv", "timeout", "watch"),
    *("xargs", "find", "git", "make", "ssh", "chroot", "unshare", "nsenter", "start-stop-daemon", "at", "screen"),
    *("systemctl", "systemd-run", "machinectl", "docker", "podman", "busybox", "man", "less", "more", "ip"),
    # Editors and interpreters.
    *("vi", "vim", "view", "nano", "ed", "ex", "emacs", "visudo", "crontab", "awk", "gawk", "mawk", "sed"),
    *("tc", "tmux", "python3", "perl", "ruby", "lua", "node", "php", "expect", "tclsh", "gdb", "strace"),
    # What writes or installs any file, or gives rights.
    *("cp", "mv", "ln", "dd", "tee", "install", "tar", "rsync", "chmod", "chown", "mount", "setcap"),
    *("apt", "apt-get", "dpkg", "aptitude", "snap", "pip", "pip3", "kexec", "insmod", "modprobe"),
    *("passwd", "chpasswd", "usermod", "useradd", "gpasswd", "vipw", "vigr", "newusers", "pam-auth-update"),
)


def _sudoers(host: Host) -> dict[str, Any]:
    # -e expands aliases; included files are read with it.
    argv = ("cvtsudoers", "-e", "-f", "json", _SUDOERS)
    done = host.run(*argv, needs_root=True)
    if done.rc != 0:
        raise NotObservable(f"{' '.join(argv)}: {done.stderr.strip() or done.rc}")
    parsed: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
    return parsed


def _covers(pattern: str, command: str) -> bool:
    """Whether the command of a sudoers rule can be ``command``, whatever its arguments."""
    path = pattern.split(" ", 1)[0]
    if path == "ALL" or path.startswith("^"):
        # A regular expression as a path is rare enough to be looked at by a person.
        return True
    if path.endswith("/"):
        return command.startswith(path)
    return fnmatch.fnmatchcase(command, path)


def _leads_to_root(pattern: str) -> bool:
    """Whether a rule's command lets somebody run a program that does whatever it is told."""
    path, _space, arguments = pattern.partition(" ")
    # With arguments written out it does what the rule's author chose; what they are worth is for people to see.
    if arguments and not set("*?[") & set(arguments) and not arguments.startswith("^"):
        return False
    return any(_covers(path, f"{folder}/{name}") for folder in _FOLDERS for name in _PROGRAMS)


def _as_root(spec: Mapping[str, Any]) -> bool:
    users = spec.get("runasusers")
    if users is None:
        return True
    return any(user.get("username") in ("root", "ALL") or user.get("userid") == 0 for user in users)


def _people(host: Host, principals: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for principal in principals:
        if principal.get("negated"):
            continue
        if "usergroup" in principal or "usergid" in principal:
            found |= group_people(host, str(principal.get("usergroup", principal.get("usergid")))) or set()
        elif "userid" in principal:
            found |= {name for name, (uid, _gid) in accounts(host).items() if uid == principal["userid"]}
        else:
            found.update(str(value) for value in principal.values())
    return found


def observe(host: Host, params: Mapping[str, Any]) -> Observation:
    """Read sudoers with everything it includes."""
    command = str(params["command"])
    rules = _sudoers(host)
    people: set[str] = set()
    through_others = {name for name, (uid, _gid) in accounts(host).items() if uid == 0}
    for user_spec in rules.get("User_Specs", []):
        allowed = [
            str(item.get("command", ""))
            for spec in user_spec["Cmnd_Specs"]
            if _as_root(spec)
            for item in spec["Commands"]
            if not item.get("negated")
        ]
        if any(_covers(pattern, command) for pattern in allowed):
            people |= _people(host, user_spec["User_List"])
        if any(map(_leads_to_root, allowed)):
            through_others |= _people(host, user_spec["User_List"])
    logfiles: set[str] = set()
    for default in rules.get("Defaults", []):
        bound = [str(item.get("command", "")) for item in default.get("Binding", [])]
        if not default.get("Binding") or str(params.get("logged_as", "")) in bound:
            logfiles.update(option["logfile"] for option in default.get("Options", []) if option.get("logfile"))
    value = {
        "people": sorted(people - {"root"}),
        "through_others": sorted(through_others - {"root"}),
        "logfiles": sorted(logfiles),
    }
    return Observation(value, f"cvtsudoers {_SUDOERS}")
