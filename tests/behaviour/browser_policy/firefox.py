# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the station under test as an ordinary user: opens pages in a headless Firefox through Marionette.

Reads a JSON request from stdin and prints a JSON answer:
    pages      addresses to open; answers {address: text of the page}
    extension  folder of an extension to load; answers what came of it
    download   an address that is offered as a file; answers the names that came into any folder of the user
    chrome     {name: expression} to evaluate with the browser's own rights
The answer is {"refused": reason} when the browser lets nobody drive it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PORT = 2828
TEXT = "return document.documentURI.startsWith('about:neterror') ? 'blocked' : document.body.innerText"


class Refused(Exception):
    """The browser said no."""


class Marionette:
    """The protocol: a length, a colon and JSON, both ways."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.number = 0
        self._receive()

    def _receive(self) -> list:
        length = b""
        while not length.endswith(b":"):
            got = self.connection.recv(1)
            if not got:
                raise Refused("the browser hung up")
            length += got
        data = b""
        while len(data) < int(length[:-1]):
            data += self.connection.recv(int(length[:-1]) - len(data))
        answer: list = json.loads(data)
        return answer

    def call(self, name: str, **parameters: object) -> object:
        """One command; raises Refused with what the browser says."""
        self.number += 1
        message = json.dumps([0, self.number, name, parameters]).encode()
        self.connection.sendall(b"%d:%s" % (len(message), message))
        _kind, _number, error, result = self._receive()
        if error is not None:
            raise Refused(str(error["message"]))
        return result.get("value", result)


def text_of(browser: Marionette, page: str) -> str:
    """What a page says once it is there."""
    try:
        browser.call("WebDriver:Navigate", url=page)
    except Refused as error:
        return "blocked" if "blockedByPolicy" in str(error) else f"refused: {error}"
    return str(browser.call("WebDriver:ExecuteScript", script=TEXT, args=[]))


def files_below(folder: str) -> list[str]:
    """Names of the files of the user that came from a download."""
    found = []
    for place in (folder, "/tmp", "/var/tmp", "/var/lib/ringfence/no-downloads"):
        for _path, _folders, names in os.walk(place):
            found += [name for name in names if name.startswith("customers")]
    return found


def drive(browser: Marionette, request: dict) -> dict:
    """Do what the request asks for."""
    home = os.path.expanduser("~")
    answer: dict = {"pages": {page: text_of(browser, page) for page in request.get("pages", [])}}
    if request.get("download"):
        # A download is no page: the navigation never ends.
        browser.call("WebDriver:SetTimeouts", pageLoad=2000)
        text_of(browser, request["download"])
        until = time.monotonic() + 3
        while not files_below(home) and time.monotonic() < until:
            time.sleep(0.1)
        answer["download"] = files_below(home)
    if request.get("extension"):
        try:
            answer["extension"] = browser.call("Addon:Install", path=request["extension"], temporary=True)
        except Refused as error:
            answer["extension"] = f"refused: {error}"
    browser.call("Marionette:SetContext", value="chrome")
    answer["chrome"] = {
        name: browser.call("WebDriver:ExecuteScript", script=f"return {expression}", args=[])
        for name, expression in request.get("chrome", {}).items()
    }
    return answer


def main() -> None:
    """Start the browser, do the work, stop it."""
    request = json.load(sys.stdin)
    profile = tempfile.mkdtemp()
    command = ["firefox-esr", "--headless", "--marionette", "--remote-allow-system-access", "--profile", profile]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    connection = socket.create_connection(("127.0.0.1", PORT), 1)
                    break
                except OSError:
                    if time.monotonic() > until or program.poll() is not None:
                        print(json.dumps({"refused": "nothing listens on the port"}))
                        return
                    time.sleep(0.2)
            connection.settimeout(90)
            browser = Marionette(connection)
            browser.call("WebDriver:NewSession", acceptInsecureCerts=True)
            print(json.dumps(drive(browser, request)))
        finally:
            program.kill()
            program.wait()
            shutil.rmtree(profile, ignore_errors=True)


if __name__ == "__main__":
    main()
