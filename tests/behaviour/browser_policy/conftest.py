# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A station with real browsers, the web sites they are sent to on the peer, and three states of the policies.

as told   what the role wrote
unlocked  the same without the keys that keep anybody from driving a browser, so that a test can look inside
open      no policy file at all: shows that a test can fail
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import ipaddress
import json
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.lab import Completed, Lab

HERE = Path(__file__).parent
PLACE = "/var/tmp/ringfence-browsers"
USER = "rf-agent"
FILES = {
    "chromium": "/etc/chromium/policies/managed/zz-ringfence.json",
    "firefox": "/etc/firefox/policies/policies.json",
}
NAMES = (
    "crm.acme.test www.crm.acme.test desk.acme.test a.b.desk.acme.test paths.acme.test ports.acme.test "
    "xn--bcher-kva.acme.test mail.example.test"
)
ALLOWED = "http://crm.acme.test/"
FORBIDDEN = "http://mail.example.test/"
DOWNLOAD = "http://crm.acme.test/file"
EXTENSION = {
    "name": "Of no use",
    "version": "1",
    "content_scripts": [{"matches": ["<all_urls>"], "js": ["mark.js"]}],
    "browser_specific_settings": {"gecko": {"id": "of-no-use@example.com"}},
}


def certificate() -> str:
    """A key and a certificate of its own signing, as PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sites of the tests")])
    today = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return (private + made.public_bytes(serialization.Encoding.PEM)).decode()


class Station:
    """The host under test, as its ordinary user sees it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        # The ports of web sites are in use on the peer by tests of other roles, which run at the same time.
        self.peer = f"{lab.peer(name)}-web"
        self.log = f"{PLACE}/{name}.log"

    def do(self, command: str, *, host: str = "", stdin: str = "", timeout: float = 60) -> Completed:
        """Run a command as root, which must work."""
        done = self.lab.run(host or self.name, command, stdin=stdin, timeout=timeout)
        assert done.rc == 0, f"{command}: {done.stdout}{done.stderr}"
        return done

    def put(self, path: str, text: str, *, host: str = "") -> None:
        """Write a file in one step, as the role does."""
        self.do(f"cat > {path}.new && mv {path}.new {path}", host=host, stdin=text)

    def asked(self) -> list[str]:
        """What the sites were asked for: host and path of each request."""
        return self.do(f"cat {self.log}", host=self.peer).stdout.splitlines()

    def wait_for(self, request: str, seconds: float = 60) -> None:
        """Return once the sites were asked for this."""
        until = time.monotonic() + seconds
        while request not in self.asked():
            assert time.monotonic() < until, f"nobody asked for {request}"
            time.sleep(0.3)

    def told(self, browser: str) -> dict[str, Any]:
        """The policies that the role wrote for a browser."""
        document: dict[str, Any] = json.loads(self.do(f"cat {FILES[browser]}").stdout)
        policies: dict[str, Any] = document["policies"] if browser == "firefox" else document
        return policies

    def unlocked(self, browser: str) -> dict[str, Any]:
        """The same without the keys that keep anybody from driving the browser."""
        keys = {"RemoteDebuggingAllowed", "DeveloperToolsAvailability", "DisableDeveloperTools"}
        return {key: value for key, value in self.told(browser).items() if key not in keys}

    @contextlib.contextmanager
    def policies(self, browser: str, policies: dict[str, Any] | None) -> Iterator[None]:
        """Other policies, or none, for a while."""
        path = FILES[browser]
        before = self.do(f"cat {path}").stdout
        try:
            if policies is None:
                self.do(f"rm {path}")
            else:
                self.change(browser, policies)
            yield
        finally:
            self.put(path, before)

    def change(self, browser: str, policies: dict[str, Any]) -> None:
        """Write policies."""
        self.put(FILES[browser], json.dumps({"policies": policies} if browser == "firefox" else policies))

    def drive(self, browser: str, **request: Any) -> dict[str, Any]:
        """Have a browser do something, as the ordinary user; what came of it."""
        command = (
            f"systemd-run --quiet --pipe --wait --collect --uid={USER} --setenv=HOME=/home/{USER} "
            f"--working-directory=/home/{USER} --property=RuntimeMaxSec=170 python3 {PLACE}/{browser}.py"
        )
        done = self.do(command, stdin=json.dumps(request), timeout=200)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    @contextlib.contextmanager
    def started(self, *argv: str) -> Iterator[str]:
        """A program of the ordinary user that runs meanwhile; gives the file with what it says."""
        said = f"{PLACE}/{USER}.out"
        self.do(f"rm -f {said}")
        unit = "ringfence-browser"
        properties = f"--property=StandardError=file:{said} --property=StandardOutput=file:{said}"
        self.do(
            f"systemd-run --quiet --collect --unit={unit} --uid={USER} --setenv=HOME=/home/{USER} "
            f"--working-directory=/home/{USER} {properties} {shlex.join(argv)}"
        )
        try:
            yield said
        finally:
            self.lab.run(self.name, f"systemctl stop {unit}")

    # What is asked of a browser once and looked at by several tests. -------------------------------------------------

    @functools.cached_property
    def pages(self) -> list[str]:
        """Addresses that a list with each form of a site lets through or not."""
        six = self.lab.address6(self.peer)
        return [
            ALLOWED,
            "https://crm.acme.test/secure",
            "http://www.crm.acme.test/",
            "http://desk.acme.test/",
            "http://a.b.desk.acme.test/",
            "http://paths.acme.test/Open/case",
            "http://paths.acme.test/other",
            "http://ports.acme.test:8080/",
            "http://ports.acme.test/",
            "http://xn--bcher-kva.acme.test/",
            f"http://[{six}]:8080/",
            f"http://[{six}]/",
            f"http://{self.lab.address(self.peer)}/",
            FORBIDDEN,
            "file:///etc/passwd",
            "data:text/html,<body>CONTENT-OF data",
        ]

    @functools.cache  # noqa: B019  # pylint: disable=method-cache-max-size-none  # goes with the module
    def chromium(self, state: str) -> dict[str, Any]:
        """What Chromium shows of the pages, of its policies, of a download and of an extension."""
        arguments = [f"--load-extension={PLACE}/extension-3"]
        with self.policies("chromium", self.unlocked("chromium") if state == "unlocked" else None):
            return self.drive("chromium", pages=self.pages, policies=True, download=DOWNLOAD, arguments=arguments)

    @functools.cache  # noqa: B019  # pylint: disable=method-cache-max-size-none  # goes with the module
    def firefox(self, state: str) -> dict[str, Any]:
        """What Firefox shows of the pages, of its policies, of a download and of an extension."""
        abouts = [f"about:{page}" for page in ("config", "addons", "profiles", "logins", "privatebrowsing", "support")]
        services = {
            "status": "Services.policies.status",
            "active": "Services.policies.getActivePolicies()",
            "problems": PROBLEMS,
            "private": f"{PRIVATE}.PrivateBrowsingUtils.enabled",
        }
        for name in ("print.enabled", "network.trr.mode", "network.proxy.type", "signon.rememberSignons"):
            services[name] = f"[Services.prefs.prefIsLocked('{name}'), {preference(name)}]"
        with self.policies("firefox", self.unlocked("firefox") if state == "unlocked" else None):
            return self.drive(
                "firefox",
                pages=[*self.pages, *abouts],
                download=DOWNLOAD,
                extension=f"{PLACE}/extension-2",
                chrome=services,
            )


PRIVATE = "ChromeUtils.importESModule('resource://gre/modules/PrivateBrowsingUtils.sys.mjs')"
# What about:policies shows under Errors.
PROBLEMS = (
    "Cc['@mozilla.org/consoleAPI-storage;1'].getService(Ci.nsIConsoleAPIStorage).getEvents()"
    ".filter(event => /polic/i.test(event.prefix || '')).map(event => event.prefix + ': ' + event.arguments.join(' '))"
)


def preference(name: str) -> str:
    """The expression for the value of a preference of Firefox."""
    kind = "Bool" if re.search(r"enabled|remember", name) else "Int"
    return f"Services.prefs.get{kind}Pref('{name}', null)"


@pytest.fixture(scope="module")
def station(lab: Lab, name: str) -> Iterator[Station]:
    """The host under test with an ordinary user, and the sites on the peer."""
    made = Station(lab, name)
    address, six = lab.address(made.peer), lab.address6(made.peer)
    unit = f"ringfence-sites-{name}"
    made.do(f"mkdir -p {PLACE} && : > {made.log}", host=made.peer)
    lab.run(made.peer, "systemctl stop 'ringfence-sites-*'")
    made.put(f"{PLACE}/sites.py", (HERE / "sites.py").read_text(encoding="utf-8"), host=made.peer)
    made.put(f"{PLACE}/sites.pem", certificate(), host=made.peer)
    serve = f"python3 {PLACE}/sites.py {made.log} {PLACE}/sites.pem"
    made.do(f"systemd-run --quiet --collect --unit={unit} {serve}", host=made.peer)
    made.do(f"mkdir -p {PLACE}/extension-2 {PLACE}/extension-3 && chmod 1777 {PLACE}; cp /etc/hosts {PLACE}/hosts")
    made.do(f"echo '{ipaddress.ip_address(address)} {NAMES}' >> /etc/hosts; echo '{six} six.acme.test' >> /etc/hosts")
    made.do(f"id {USER} >/dev/null 2>&1 || useradd --create-home {USER}")
    for program in ("chromium.py", "firefox.py"):
        made.put(f"{PLACE}/{program}", (HERE / program).read_text(encoding="utf-8"))
    # Each browser takes one of the two versions of the manifest.
    for version in (2, 3):
        manifest = json.dumps({**EXTENSION, "manifest_version": version})
        made.put(f"{PLACE}/extension-{version}/manifest.json", manifest)
        made.put(f"{PLACE}/extension-{version}/mark.js", "document.body.append(' EXTENSION-WAS-HERE');")
    try:
        yield made
    finally:
        lab.run(name, f"cat {PLACE}/hosts > /etc/hosts; pkill -KILL -u {USER}; userdel -r {USER}; rm -rf {PLACE}")
        lab.run(made.peer, f"systemctl stop {unit}; rm -rf {PLACE}")
