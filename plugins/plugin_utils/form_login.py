# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login by the form of a web page: whether it opens. Runs on the controller.

A page has no word for "wrong password". So a login counts as taken when what follows has no form for a password any
more, and a login that nobody can have, sent the same way, is turned away. Pages that log in by a script are unanswered.
"""

from __future__ import annotations

import http.client
import http.cookies
import secrets
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.database_logins import (
    Unanswered,
    unverified_tls_context,
)

_TLS_PORTS = (443, 4343, 8443)
_HOPS = 3
_LARGEST = 1_000_000
_TEXT = ("text", "email", "")


@dataclass
class Form:
    """A form with a field for a password. fields: what a browser sends besides."""

    action: str
    method: str
    account: str = ""
    password: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the last one."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
            self._inside = True
        elif tag in ("input", "button") and self._inside and given.get("name"):
            self._field(self.forms[-1], given)

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        self._inside = self._inside and tag != "form"

    @staticmethod
    def _field(form: Form, given: dict[str, str]) -> None:
        kind = given.get("type", "").lower()
        if kind == "password":
            form.password = form.password or given["name"]
        elif kind in _TEXT:
            form.account = form.account or given["name"]
        elif kind in ("hidden", "submit"):
            form.fields.setdefault(given["name"], given.get("value", ""))


def login_form(page: str) -> Form | None:
    """The first form of a page that asks for a password."""
    parser = _Forms()
    parser.feed(page)
    return next((form for form in parser.forms if form.password), None)


@dataclass
class Page:
    """What came of a request and the redirections that followed. path: where it ended."""

    status: int
    path: str
    text: str


class Visit:
    """One visitor with cookies, who never leaves this address and port."""

    def __init__(self, address: str, port: int, seconds: float) -> None:
        self.address, self.port, self.seconds = address, port, seconds
        self.cookies: dict[str, str] = {}

    def _once(self, method: str, path: str, body: str | None) -> tuple[http.client.HTTPResponse, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if not self.cookies:
            headers = {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.port in _TLS_PORTS:
            link: http.client.HTTPConnection = http.client.HTTPSConnection(
                self.address, self.port, timeout=self.seconds, context=unverified_tls_context()
            )
        else:
            link = http.client.HTTPConnection(self.address, self.port, timeout=self.seconds)
        try:
            link.request(method, path, body=body, headers=headers)
            answer = link.getresponse()
            text = answer.read(_LARGEST).decode("utf-8", errors="replace")
        except http.client.HTTPException as problem:
            raise Unanswered(f"no web server: {type(problem).__name__}") from problem
        finally:
            link.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie(line)
            self.cookies.update({name: one.value for name, one in jar.items()})
        return answer, text

    def go(self, method: str, path: str, body: str | None = None) -> Page:
        """One request and where it leads to."""
        for _hop in range(_HOPS + 1):
            answer, text = self._once(method, path, body)
            where = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not where:
                return Page(answer.status, path, text)
            there = urllib.parse.urlsplit(urllib.parse.urljoin(f"//{self.address}{path}", where))
            if there.hostname not in (None, self.address) or (there.port or self.port) != self.port:
                raise Unanswered("it sends visitors to another place, which is not tried")
            path = there.path + (f"?{there.query}" if there.query else "")
            if answer.status in (301, 302, 303):
                method, body = "GET", None
        raise Unanswered("it sends visitors round and round")

    def log_in(self, account: str, password: str) -> Page:
        """Fill in the login form and send it; the page that follows."""
        start = self.go("GET", "/")
        form = login_form(start.text)
        if form is None:
            raise Unanswered("its first page has no login form; one that a script makes is not tried")
        values = dict(form.fields)
        if form.account:
            values[form.account] = account
        values[form.password] = password
        sent = urllib.parse.urlencode(values)
        there = urllib.parse.urlsplit(urllib.parse.urljoin(f"//{self.address}{start.path}", form.action))
        if there.hostname not in (None, self.address) or (there.port or self.port) != self.port:
            raise Unanswered("its login form goes to another place, which is not tried")
        path = there.path or "/"
        if form.method == "post":
            return self.go("POST", path + (f"?{there.query}" if there.query else ""), sent)
        return self.go("GET", f"{path}?{sent}")


def _looks_in(page: Page) -> bool:
    return page.status < 400 and login_form(page.text) is None


def http_form(address: str, port: int, account: str, password: str, seconds: float) -> bool:
    """Whether a web page takes a login by its form."""
    if not _looks_in(Visit(address, port, seconds).log_in(account, password)):
        return False
    # A fresh visitor whom nobody can know: if this one comes in as well, the pages tell nothing. No account is at risk.
    stranger = secrets.token_hex(8)
    if _looks_in(Visit(address, port, seconds).log_in(f"rf-{stranger}", stranger)):
        raise Unanswered("its pages do not tell a right login from a wrong one")
    return True
