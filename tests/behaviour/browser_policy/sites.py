# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on the peer: web sites that tell which host and path they were asked for, over http and https.

Arguments: the file that each request is noted in, the certificate and its key. Answers on ports 80, 8080 and 443.
"""

from __future__ import annotations

import http.server
import socket
import socketserver
import ssl
import sys
import threading

LOG, CERTIFICATE = sys.argv[1], sys.argv[2]
# Goes to another site in a frame, and two seconds later asks its own site for something.
FRAME = """<iframe src="http://mail.example.test/MARK"></iframe>
<script>setTimeout(() => { new Image().src = "/later/MARK"; }, 2000);</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every request."""

    def do_GET(self) -> None:
        """Answer with a page, or below /file with something to download."""
        asked = f"{self.headers.get('Host', '')}{self.path}"
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(asked + "\n")
        page = f"CONTENT-OF {asked}"
        if self.path.startswith("/frame/"):
            page = FRAME.replace("MARK", self.path.removeprefix("/frame/"))
        body = f"<!doctype html><title>site</title><body>{page}</body>".encode()
        self.send_response(200)
        if self.path.startswith("/file"):
            self.send_header("Content-Disposition", "attachment; filename=customers.bin")
            self.send_header("Content-Type", "application/octet-stream")
        else:
            self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # pylint: disable=redefined-builtin  # the name of http.server
        """Say nothing on stderr."""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Answers over IPv4 and IPv6, each request in a thread of its own."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self) -> None:
        """Take both families."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


def main() -> None:
    """Serve until stopped."""
    servers = [Server(("::", port), Handler) for port in (80, 8080, 443)]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    servers[2].socket = context.wrap_socket(servers[2].socket, server_side=True)
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
