# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a host of the lab: a desktop session of a user who works, tries to keep the screen open, and leaves.

Argument: mate or xfce. The session runs on a screen of its own in memory, with the keyboard of xdotool. Writes JSON:
``attempts`` (what the user tried, with the program's words), ``early`` (locked while somebody typed), ``locked``
(seconds without a key until the screensaver says that it is active, null when it never did), and ``after``: whether it
still is after a key, after a wrong password and after the right one.
"""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
import time

DESKTOPS = {
    "mate": {
        "display": ":71",
        "session": "mate-session",
        "command": "mate-screensaver-command",
        "attempts": [
            ["gsettings", "set", "org.mate.screensaver", "lock-enabled", "false"],
            ["gsettings", "set", "org.mate.screensaver", "idle-activation-enabled", "false"],
            ["gsettings", "set", "org.mate.session", "idle-delay", "600"],
            ["dconf", "write", "/org/mate/desktop/lockdown/disable-lock-screen", "true"],
        ],
    },
    "xfce": {
        "display": ":72",
        "session": "xfce4-session",
        "command": "xfce4-screensaver-command",
        "attempts": [
            ["xfconf-query", "-c", "xfce4-screensaver", "-p", name, "-s", value]
            for name, value in (
                ("/saver/enabled", "false"),
                ("/saver/idle-activation/enabled", "false"),
                ("/saver/idle-activation/delay", "400"),
                ("/lock/enabled", "false"),
                ("/lock/saver-activation/enabled", "false"),
            )
        ],
    },
}
PASSWORD = "the right one"
#: How long somebody works, and how long the screen is then watched.
WORK, WATCH = 24, 150


class Desk:
    """The user, and the session in which all runs."""

    def __init__(self, kind: str) -> None:
        self.about = DESKTOPS[kind]
        self.user = f"rf-{kind}"
        self.units = [f"{self.user}-{part}.service" for part in ("session", "bus", "screen")]
        subprocess.run(["useradd", "--create-home", "--shell", "/bin/sh", self.user], check=True)
        subprocess.run(["chpasswd"], input=f"{self.user}:{PASSWORD}", text=True, check=True)
        home, self.runtime = pwd.getpwnam(self.user).pw_dir, f"/run/{self.user}"
        subprocess.run(["install", "-d", "-o", self.user, "-m", "0700", self.runtime], check=True)
        self.surroundings = {
            "HOME": home,
            "USER": self.user,
            "LOGNAME": self.user,
            "PATH": "/usr/sbin:/usr/bin:/bin",
            "DISPLAY": self.about["display"],
            "XDG_RUNTIME_DIR": self.runtime,
            "XDG_CURRENT_DESKTOP": kind.upper(),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus",
        }

    def start(self, part: str, *argv: str) -> None:
        """Start a part of the session as a unit."""
        words = ["systemd-run", "--quiet", "--collect", f"--uid={self.user}", f"--unit={self.user}-{part}"]
        words += [f"--setenv={name}={value}" for name, value in self.surroundings.items()]
        subprocess.run([*words, *argv], check=True)

    def run(self, *argv: str) -> str:
        """Run a program in the session; what it says."""
        words = ["runuser", "-u", self.user, "--", *argv]
        done = subprocess.run(
            words,
            env=self.surroundings,
            cwd=self.surroundings["HOME"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def key(self, name: str) -> None:
        """Press a key."""
        self.run("xdotool", "key", name)

    def active(self) -> bool:
        """Whether the screensaver says that it covers the screen."""
        return "is active" in self.run(self.about["command"], "--query")

    def begin(self) -> None:
        """Have a session with a screensaver that answers."""
        self.start("screen", "Xvfb", self.about["display"], "-screen", "0", "640x480x24", "-nolisten", "tcp")
        self.start("bus", "dbus-daemon", "--session", "--nofork", f"--address=unix:path={self.runtime}/bus")
        self.wait(
            lambda: os.path.exists(f"{self.runtime}/bus") and self.run("xdotool", "getmouselocation").startswith("x:")
        )
        self.start("session", self.about["session"])
        self.wait(lambda: "is inactive" in self.run(self.about["command"], "--query"))

    @staticmethod
    def wait(condition, seconds: float = 60) -> bool:
        """Whether something comes true in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(1)
        return True

    def end(self) -> None:
        """Leave nothing behind."""
        subprocess.run(["systemctl", "stop", *self.units], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["pkill", "-KILL", "-u", self.user], check=False)
        time.sleep(1)
        subprocess.run(["userdel", "--force", "--remove", self.user], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", self.runtime], check=True)


def main() -> None:
    """One session."""
    desk = Desk(sys.argv[1])
    seen = {"early": False, "locked": None, "after": {}}
    try:
        desk.begin()
        seen["attempts"] = {" ".join(words): desk.run(*words) for words in desk.about["attempts"]}
        begun = time.monotonic()
        while time.monotonic() < begun + WORK:
            desk.key("a")
            seen["early"] = seen["early"] or desk.active()
            time.sleep(4)
        desk.key("a")
        left = time.monotonic()
        if desk.wait(desk.active, WATCH):
            seen["locked"] = time.monotonic() - left
        time.sleep(3)
        desk.key("space")
        time.sleep(5)
        seen["after"]["key"] = desk.active()
        for name, text in (("wrong", "a wrong one"), ("right", PASSWORD)):
            desk.run("xdotool", "type", text)
            desk.key("Return")
            # A wrong password may take its time.
            seen["after"][name] = not desk.wait(lambda: not desk.active(), 12)
    finally:
        desk.end()
    json.dump(seen, sys.stdout)


main()
