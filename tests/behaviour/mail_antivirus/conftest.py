# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail server under test, a mailbox on it, and ways to send mail to it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Callable

import pytest

from tests.support.lab import Completed, Lab

SEND = (Path(__file__).parent / "send.py").read_text(encoding="utf-8")
BOX = "rf-box"


def mail(text: str = "Hello", attachment: str | bytes | None = None, subject: str = "test") -> bytes:
    """A mail with an attachment or without."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "sender@peer.example", f"{BOX}@localhost", subject
    message.set_content(text)
    if attachment is not None:
        data = attachment if isinstance(attachment, bytes) else attachment.encode()
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename="attachment.bin")
    return message.as_bytes()


class MailServer:
    """The host under test."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.name = lab, name

    def run(self, command: str) -> str:
        """Run a shell line as root, which must work; its output."""
        done = self.lab.run(self.name, command, timeout=120)
        assert done.rc == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def attempt(self, command: str, stdin: str = "") -> Completed:
        """Run a shell line as root that may fail."""
        return self.lab.run(self.name, command, stdin=stdin, timeout=120)

    def wait(self, condition: Callable[[], bool], seconds: float = 20) -> bool:
        """Whether a condition comes true in time."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.3)
        return True

    def smtp(self, content: bytes, *, login: str = "", more: int = 0) -> tuple[int, str]:
        """Send a mail from another host; the server's last answer.

        login: as an authenticated sender. more: so many bytes of text at its end.
        """
        words = f"{self.lab.address(self.name)} sender@peer.example {BOX}@localhost {more} {login}"
        command = f"MAIL={base64.b64encode(content).decode()} python3 - {words}"
        done = self.lab.run(self.lab.peer(self.name), command, stdin=SEND, timeout=90)
        assert done.rc == 0, done.stderr
        answer = json.loads(done.stdout)
        return answer["code"], answer["text"]

    def sendmail(self, content: bytes) -> Completed:
        """Send a mail with the program sendmail of the host itself."""
        return self.attempt(f"base64 -d | sendmail -i -f root {BOX}", stdin=base64.b64encode(content).decode())

    def box(self) -> str:
        """All mail in the mailbox."""
        return self.attempt(f"cat /var/mail/{BOX}").stdout

    def arrives(self, subject: str) -> bool:
        """Whether a mail that waits arrives, once Postfix is told to try again what it would try by itself later."""

        def there() -> bool:
            self.run("postfix reload 2>&1; sleep 1; postqueue -f")
            return subject in self.box()

        return self.wait(there, 40)

    def log(self, since: str) -> str:
        """The mail log since a cursor."""
        return self.run(f"journalctl --sync; journalctl --no-pager -o cat --facility=mail --after-cursor='{since}'")

    def now(self) -> str:
        """The journal's cursor now."""
        return self.run("journalctl -n 1 --show-cursor --no-pager -o cat | sed -n 's/^-- cursor: //p'").strip()

    def answers(self) -> bool:
        """Whether scanner and filter are there."""
        return self.attempt("clamdscan --ping 1 && test -S /var/spool/postfix/clamav/milter.sock").rc == 0


@pytest.fixture(scope="module")
def server(lab: Lab, name: str) -> Iterator[MailServer]:
    """The mail server with a mailbox, which believes the peer what it says about authenticated senders."""
    it = MailServer(lab, name)
    it.run(
        f"id {BOX} >/dev/null 2>&1 || useradd --shell /usr/sbin/nologin {BOX}; "
        "cp -p /etc/postfix/main.cf /var/tmp/rf-main.cf; "
        f"postconf -e 'smtpd_authorized_xclient_hosts={lab.address(lab.peer(name))}' && postfix reload 2>&1"
    )
    assert it.wait(it.answers)
    yield it
    it.run(f"cat /var/tmp/rf-main.cf > /etc/postfix/main.cf; postfix reload 2>&1; userdel {BOX}; rm -f /var/mail/{BOX}")
