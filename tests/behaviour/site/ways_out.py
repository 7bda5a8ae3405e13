# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways out of a workstation, as somebody without rights on it tries them: past the gateway's proxy and through it.

``ROUND`` are commands that end with 0 when the way is open. ``THROUGH`` are commands that ask the proxy for what it
does not give; whether they got it is seen by what they print and by what arrives outside. In both, ``{name}`` is filled
in.
"""

from __future__ import annotations

#: The internet: the last number of each site's addresses. A name server is on all of them.
SITES = {"claims.acme.example": 10, "booking.globex.example": 20, "social.example": 30}
V4, V6 = "198.51.100.", "2001:db8:62::"
NOBODYS = "social.example"
FORBIDDEN, FORBIDDEN6 = f"{V4}{SITES[NOBODYS]}", f"{V6}{SITES[NOBODYS]}"
CA = "/run/ringfence-web.pem"

_CURL = f"curl -s -f -m 4 -o /dev/null --cacert {CA}"
_QUERY = r"printf 'abcdefghijkl\000\000\001\000\001'"
_TLS = "timeout 3 openssl s_client -connect {to} </dev/null 2>&1 | grep -q BEGIN.CERTIFICATE"

ROUND = {
    "http": f"{_CURL} --resolve social.example:80:{FORBIDDEN} http://social.example/",
    "https": f"{_CURL} --resolve social.example:443:{FORBIDDEN} https://social.example/",
    "http over IPv6": f"{_CURL} --resolve social.example:80:[{FORBIDDEN6}] http://social.example/",
    "https over IPv6": f"{_CURL} --resolve social.example:443:[{FORBIDDEN6}] https://social.example/",
    "http by address": f"{_CURL} http://{FORBIDDEN}/",
    "http by IPv6 address": f"{_CURL} http://[{FORBIDDEN6}]/",
    "another port": f"{_CURL} -k https://{FORBIDDEN}:8443/",
    "another port over IPv6": f"{_CURL} -k 'https://[{FORBIDDEN6}]:8443/'",
    "the listed site past the proxy": f"{_CURL} -k https://{V4}{SITES['claims.acme.example']}/",
    "the listed site's name for another's address": f"{_CURL} --resolve {{listed}}:80:{FORBIDDEN} http://{{listed}}/",
    "DNS elsewhere": f"dig +tries=1 +time=2 @{FORBIDDEN} social.example | grep -q NOERROR",
    "DNS elsewhere over TCP": f"dig +tcp +tries=1 +time=2 @{FORBIDDEN} social.example | grep -q NOERROR",
    "DNS elsewhere over IPv6": f"dig +tries=1 +time=2 @{FORBIDDEN6} social.example | grep -q NOERROR",
    "DNS over TLS": _TLS.format(to=f"{FORBIDDEN}:853"),
    "DNS over TLS over IPv6": _TLS.format(to=f"'[{FORBIDDEN6}]:853'"),
    "DNS over HTTPS": f"{_QUERY} | {_CURL} -k --data-binary @- https://{FORBIDDEN}/dns-query",
    "DNS over HTTPS over IPv6": f"{_QUERY} | {_CURL} -k --data-binary @- 'https://[{FORBIDDEN6}]/dns-query'",
    "QUIC": f"echo hello | timeout 3 nc -u -w 1 {FORBIDDEN} 443 | grep -q quic",
    "QUIC over IPv6": f"echo hello | timeout 3 nc -u -w 1 {FORBIDDEN6} 443 | grep -q quic",
    "ping": f"ping -c 1 -W 1 {FORBIDDEN}",
    "ping over IPv6": f"ping -c 1 -W 1 {FORBIDDEN6}",
}

_PROXY = "curl -s -m 6 -k -x http://{proxy}:3128"


def _raw(*requests: str) -> str:
    """Bytes as they are to the proxy, by netcat: a program such as curl would tidy them up."""
    text = "".join(requests).replace("%", "%%")
    return f"printf '{text}' | nc -w 3 {{proxy}} 3128"


def _get(url: str, host: str = "x", version: str = "1.0", more: str = "") -> str:
    return rf"GET {url} HTTP/{version}\r\nHost: {host}\r\n{more}\r\n"


def _connect(to: str, then: str) -> str:
    return rf"CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n{then}"


def _handshake(to: str, name: str) -> str:
    ask = rf"printf 'GET / HTTP/1.0\r\nHost: {name}\r\n\r\n'"
    client = f"openssl s_client -proxy {{proxy}}:3128 -connect {to} -servername {name} -quiet -ign_eof"
    return f"{ask} | timeout 6 {client}"


_NUMBER = int.from_bytes(bytes(int(part) for part in FORBIDDEN.split(".")), "big")
_HEX = ".".join(f"0x{int(part):x}" for part in FORBIDDEN.split("."))
_OCTAL = ".".join(f"0{int(part):o}" for part in FORBIDDEN.split("."))

THROUGH = {
    "Host header": f"{_PROXY} -H 'Host: social.example' http://{{listed}}/",
    "two Host headers": _raw(_get("http://{listed}/", "{listed}", more=r"Host: social.example\r\n")),
    "folded Host header": _raw(_get("http://{listed}/", r"{listed}\r\n social.example")),
    "listed Host header": _raw(_get("http://social.example/", "{listed}")),
    "address with listed Host header": _raw(_get(f"http://{FORBIDDEN}/", "{listed}")),
    "path alone": _raw(_get("/", "social.example")),
    "user before the name": _raw(_get("http://{listed}@social.example/")),
    "user and password before the name": _raw(_get("http://{listed}:80@social.example/")),
    "fragment": _raw(_get("http://social.example#@{listed}/")),
    "question mark": _raw(_get("http://social.example?.{listed}/")),
    "backslash": _raw(_get(r"http://social.example\\.{listed}/")),
    "encoded slash": _raw(_get("http://social.example%2f.{listed}/")),
    "encoded zero": _raw(_get("http://social.example%00.{listed}/")),
    "dot at the end": f"{_PROXY} http://social.example./",
    "capitals": f"{_PROXY} http://SOCIAL.EXAMPLE/",
    "number": _raw(_get(f"http://{_NUMBER}/")),
    "hexadecimal": _raw(_get(f"http://{_HEX}/")),
    "octal": _raw(_get(f"http://{_OCTAL}/")),
    "IPv6": _raw(_get(f"http://[{FORBIDDEN6}]/")),
    "IPv4 in IPv6": _raw(_get(f"http://[::ffff:{FORBIDDEN}]/")),
    "FTP": _raw(_get("ftp://social.example/")),
    "WebSocket": _raw(
        _get("ws://social.example/", "social.example", "1.1", r"Upgrade: websocket\r\nConnection: upgrade\r\n")
    ),
    "header of a proxy": f"{_PROXY} -H 'X-Forwarded-For: {{neighbour}}' http://{{other}}/",
    "the other client's proxy": "curl -s -m 6 -x http://{neighbours_proxy}:3128 http://{other}/",
    "second request": _raw(
        _get("http://{listed}/", "{listed}", "1.1"), _get("http://social.example/", "social.example")
    ),
    "smuggled request": _raw(
        r"POST http://{listed}/ HTTP/1.1\r\nHost: {listed}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n",
        r"0\r\n\r\n",
        _get("http://social.example/", "social.example"),
    ),
    "smuggled length": _raw(
        r"GET http://{listed}/ HTTP/1.1\r\nHost: {listed}\r\nContent-Length: 0\r\nContent-Length: 60\r\n\r\n",
        _get("http://social.example/", "social.example"),
    ),
    "tunnel by address": _raw(_connect(f"{FORBIDDEN}:80", _get("/", "social.example"))),
    "tunnel to a name of nobody": _raw(_connect("social.example:80", _get("/", "social.example"))),
    "tunnel with a user": _raw(_connect("{listed}:443@social.example:80", _get("/", "social.example"))),
    "tunnel without TLS": _raw(_connect("{listed}:443", _get("http://social.example/", "social.example"))),
    "tunnel to another port": _raw(_connect("{listed}:80", _get("/", "social.example"))),
    "handshake with another name": _handshake("{listed}:443", "social.example"),
    "handshake with a listed name": _handshake("social.example:443", "{listed}"),
    "handshake at an address": _handshake(f"{FORBIDDEN}:443", "social.example"),
}
