# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password verifiers of databases, computed without asking the database: no failed login is ever made."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac


class UnknownVerifier(Exception):
    """A scheme that cannot be computed here."""


def postgresql_matches(password: str, role: str, verifier: str) -> bool:
    """Whether a password has this value of pg_authid.rolpassword. Raises UnknownVerifier."""
    if verifier.startswith("md5") and len(verifier) == 35:
        # The database's own scheme; nothing of ours is protected by it.
        digest = hashlib.md5((password + role).encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(verifier[3:], digest)
    try:
        scheme, parameters, keys = verifier.split("$")
        iterations, salt = parameters.split(":")
        stored = base64.b64decode(keys.split(":")[0])
        if scheme != "SCRAM-SHA-256":
            raise UnknownVerifier
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    except (ValueError, binascii.Error) as problem:
        raise UnknownVerifier from problem
    client = hmac.new(salted, b"Client Key", hashlib.sha256).digest()
    return hmac.compare_digest(hashlib.sha256(client).digest(), stored)


def mysql_matches(password: str, plugin: str, verifier: str) -> bool:
    """Whether a password has this authentication_string. Raises UnknownVerifier."""
    if plugin not in ("mysql_native_password", ""):
        raise UnknownVerifier
    if not verifier:
        return password == ""
    if len(verifier) != 41 or not verifier.startswith("*"):
        # "invalid" and the like: no password has it.
        return False
    if not password:
        return False
    inner = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return hmac.compare_digest(verifier[1:].upper(), hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper())
