# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run on a lab host: a small internet. Web sites, name servers, DNS over TLS and HTTPS, and QUIC's port, until stopped.

usage: python3 outside.py CERTIFICATE KEY NAMES ADDRESSES LOG

NAMES is JSON: {host name: [address, ...]}; ADDRESSES is JSON: those of this machine that answer datagrams.

Every server answers on all addresses. A web site says which name and path it was asked for; /long sends a line every
tenth of a second for ever. What a name server is asked is written to LOG, one name a line.
"""

import http.server
import json
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time

TYPES = {1: socket.AF_INET, 28: socket.AF_INET6}


def name_of(query):
    """The name and type that a DNS query asks for, and where its question ends."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    return ".".join(labels).lower(), struct.unpack("!H", query[at + 1 : at + 3])[0], at + 5


def answered(query, names):
    """The answer to a DNS query: the addresses of a name, also of one below it; NXDOMAIN for others."""
    name, kind, end = name_of(query)
    with open(sys.argv[5], "a", encoding="utf-8") as log:
        log.write(f"{name}\n")
    labels = name.split(".")
    known = next((suffix for at in range(len(labels)) if (suffix := ".".join(labels[at:])) in names), None)
    found = []
    for address in names.get(known, []) if kind in TYPES else []:
        if (":" in address) == (kind == 28):
            data = socket.inet_pton(TYPES[kind], address)
            found.append(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(data)) + data)
    head = query[:2] + struct.pack("!HHHHH", 0x8580 if known else 0x8583, 1, len(found), 0, 0)
    return head + query[12:end] + b"".join(found)


class Site(http.server.BaseHTTPRequestHandler):
    """A web site of any name; /dns-query is DNS over HTTPS."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Say what was asked for."""
        if self.path == "/long":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"still here\n")
                self.wfile.flush()
                time.sleep(0.1)
        self._answer(f"site {self.headers.get('Host', '')} path {self.path}\n".encode())

    def do_POST(self):
        """DNS over HTTPS, as RFC 8484 has it."""
        query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(answered(query, self.server.names), "application/dns-message")

    def _answer(self, body, kind="text/plain"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep quiet."""


class Web(http.server.ThreadingHTTPServer):
    """IPv4 and IPv6."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def __init__(self, port, names, context=None):
        self.names, self.context = names, context
        super().__init__(("::", port), Site)

    def finish_request(self, request, client_address):
        """Do the TLS handshake in the connection's own thread."""
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        """Who goes away is no error."""


class Stream(socketserver.BaseRequestHandler):
    """DNS over TCP, and over TLS where the server has a context."""

    def handle(self):
        """Answer one query."""
        context = self.server.context
        line = context.wrap_socket(self.request, server_side=True) if context else self.request
        (length,) = struct.unpack("!H", line.recv(2))
        answer = answered(line.recv(length), self.server.names)
        line.sendall(struct.pack("!H", len(answer)) + answer)


class Tcp(socketserver.ThreadingTCPServer):
    """IPv4 and IPv6."""

    address_family = socket.AF_INET6
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port, names, context=None):
        self.names, self.context = names, context
        super().__init__(("::", port), Stream)

    def handle_error(self, request, client_address):
        """Who goes away is no error."""


def datagrams(address, port, answer):
    """Answer every datagram to one address and port."""
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(
        socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
    )  # another test's listener may have the port on all addresses
    server.bind((address, port))
    while True:
        data, sender = server.recvfrom(2048)
        server.sendto(answer(data), sender)


def main():
    """Serve until stopped."""
    certificate, key, names = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    servers = [Web(80, names), Web(443, names, context), Web(8443, names, context), Tcp(53, names)]
    servers.append(Tcp(853, names, context))
    jobs = [(server.serve_forever, ()) for server in servers]
    # One socket an address: an answer has to come from where the question went.
    for address in json.loads(sys.argv[4]):
        jobs += [
            (datagrams, (address, 53, lambda data: answered(data, names))),
            (datagrams, (address, 443, lambda data: b"quic " + data)),
        ]
    for job, args in jobs:
        threading.Thread(target=job, args=args, daemon=True).start()
    threading.Event().wait()


main()
