# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the station under test as an ordinary user: opens pages in a headless Chromium through chromedriver.

Reads a JSON request from stdin and prints a JSON answer:
    arguments  of the browser besides the usual ones
    pages      addresses to open; answers {address: text of the page}
    policies   true to read what chrome://policy says of each policy that is set
    download   an address that is offered as a file; answers the names that came
The answer also has "remembered", the pages that are in the profile's history afterwards. It is {"refused": reason} when
the browser lets nobody drive it.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any

PORT = 9515
USUAL = [
    "--headless=new",
    "--no-sandbox",  # a container has no user namespaces to build one from
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
POLICIES = """
const rows = [];
const walk = (root) => {
  for (const element of root.querySelectorAll('*')) {
    if (element.tagName === 'POLICY-ROW') {
      const text = (name) => {
        const found = element.shadowRoot.querySelector(name);
        return found ? found.textContent.trim() : '';
      };
      const said = element.shadowRoot.textContent;
      rows.push([text('.name'), text('.value'), text('.messages'), said.includes('Not set.')]);
    } else if (element.shadowRoot) walk(element.shadowRoot);
  }
};
walk(document);
return rows;
"""


class Refused(Exception):
    """The driver said no."""


def call(method: str, path: str, body: dict | None = None) -> Any:
    """One request of the WebDriver protocol."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        value = json.load(answer)["value"]
    except OSError as error:
        raise Refused(str(error)) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise Refused(value["message"].splitlines()[0])
    return value


def text_of(session: str, page: str) -> str:
    """What a page says once it is there."""
    try:
        call("POST", session + "/url", {"url": page})
        script = {"script": "return document.body ? document.body.innerText : ''", "args": []}
        return str(call("POST", session + "/execute/sync", script))
    except Refused as error:
        return f"refused: {error}"


def downloaded(folder: str) -> list[str]:
    """The files that came whole: those a browser begins with go again when it refuses."""
    return [name for name in os.listdir(folder) if not name.startswith(".") and not name.endswith(".crdownload")]


def drive(session: str, request: dict, home: str) -> dict:
    """Do what the request asks for."""
    answer: dict = {"pages": {page: text_of(session, page) for page in request.get("pages", [])}}
    if request.get("download"):
        text_of(session, request["download"])
        until = time.monotonic() + 3
        while not downloaded(home) and time.monotonic() < until:
            time.sleep(0.1)
        answer["download"] = os.listdir(home)
    if request.get("policies"):
        text_of(session, "chrome://policy")
        rows: list = []
        until = time.monotonic() + 8
        while not rows and time.monotonic() < until:
            time.sleep(0.3)
            rows = call("POST", session + "/execute/sync", {"script": POLICIES, "args": []})
        answer["policies"] = {name: [value, status] for name, value, status, unset in rows if not unset}
    return answer


def remembered(profile: str, pages: list[str]) -> list[str]:
    """The pages that are in the history of the profile on the disk: none of a private window or a guest are."""
    try:
        with open(os.path.join(profile, "Default", "History"), "rb") as history:
            content = history.read()
    except FileNotFoundError:
        return []
    return [page for page in pages if page.encode() in content]


def main() -> None:
    """Start driver and browser, do the work, stop both."""
    request = json.load(sys.stdin)
    profile, home = tempfile.mkdtemp(), tempfile.mkdtemp()
    with subprocess.Popen(
        ["chromedriver", f"--port={PORT}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as driver:
        try:
            until = time.monotonic() + 10
            while time.monotonic() < until:
                try:
                    call("GET", "/status")
                    break
                except Refused:
                    time.sleep(0.1)
            options = {
                "args": [*USUAL, f"--user-data-dir={profile}", *request.get("arguments", [])],
                "prefs": {"download.default_directory": home},
            }
            capabilities = {"acceptInsecureCerts": True, "goog:chromeOptions": options}
            try:
                made = call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
            except Refused as error:
                print(json.dumps({"refused": str(error)}))
                return
            session = f"/session/{made['sessionId']}"
            answer = drive(session, request, home)
            call("DELETE", session)
            answer["remembered"] = remembered(profile, request.get("pages", []))
            print(json.dumps(answer))
        finally:
            driver.terminate()
            shutil.rmtree(profile, ignore_errors=True)
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
