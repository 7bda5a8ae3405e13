# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends one mail over SMTP and prints the server's last answer as JSON: {"code": 250, "text": "2.0.0 Ok …"}.

Run with: python3 - HOST SENDER RECIPIENT BYTES [LOGIN], the mail (headers and body) being the value of MAIL, base64.
BYTES: how many to add at its end. LOGIN: the authenticated sender to be, told by XCLIENT.
"""

from __future__ import annotations

import base64
import json
import os
import smtplib
import sys


def main() -> None:
    """Send it."""
    host, sender, recipient, more = sys.argv[1:5]
    login = sys.argv[5] if len(sys.argv) > 5 else ""
    mail = base64.b64decode(os.environ["MAIL"]) + b"0123456789abcde\n" * (int(more) // 16)
    with smtplib.SMTP(host, 25, timeout=40) as smtp:
        smtp.ehlo("peer.example")
        if login:
            code, text = smtp.docmd("XCLIENT", f"LOGIN={login}")
            assert code == 220, (code, text)
            smtp.ehlo("peer.example")
        for words in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            code, text = smtp.docmd(words)
            if code >= 300:
                print(json.dumps({"code": code, "text": text.decode()}))
                return
        code, text = smtp.data(mail)
        print(json.dumps({"code": code, "text": text.decode()}))


if __name__ == "__main__":
    main()
