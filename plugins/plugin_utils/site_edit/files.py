# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site model's file: read with its line ends, replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.plugin_utils import canonical

from .draft import EditError

_VAULT = "$ANSIBLE_VAULT;"


@dataclass(frozen=True)
class ModelFile:
    """A file as it was read. ``text`` has plain line ends whatever the file has."""

    path: str
    text: str
    content: bytes


def read(path: str) -> ModelFile:
    """Read a model. Raises EditError with the reason when that can't be done."""
    real = os.path.realpath(path)
    try:
        with open(real, "rb") as stream:
            content = stream.read()
        text = content.decode("utf-8")
    except OSError as error:
        raise EditError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise EditError(f"{path} is not UTF-8 text") from error
    if text.startswith(_VAULT):
        raise EditError(f"{path} is encrypted: decrypt it with ansible-vault, change it, and encrypt it again")
    return ModelFile(real, text.replace("\r\n", "\n"), content)


def replace(model: ModelFile, text: str) -> None:
    """Put another text into the place of a model, with the same owner, mode and line ends.

    Raises EditError when somebody has changed the file since it was read.
    """
    if b"\r\n" in model.content:
        text = text.replace("\n", "\r\n")
    folder = os.path.dirname(model.path)
    about = os.stat(model.path)
    handle, draft = tempfile.mkstemp(prefix=f".{os.path.basename(model.path)}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), about.st_mode & 0o7777)
            with contextlib.suppress(PermissionError):
                os.fchown(stream.fileno(), about.st_uid, about.st_gid)
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        with open(model.path, "rb") as stream:
            if stream.read() != model.content:
                raise EditError(f"{model.path} has been changed by somebody else meanwhile; run this again")
        os.replace(draft, model.path)
        canonical.sync_directory(folder)
    finally:
        if os.path.exists(draft):
            os.unlink(draft)


def create(path: str, text: str, mode: int = 0o640) -> None:
    """Write a file that is not there yet, whole. Raises FileExistsError when it is."""
    folder = os.path.dirname(os.path.abspath(path))
    handle, draft = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, path)  # unlike a rename, it never takes the place of a file
        canonical.sync_directory(folder)
    finally:
        os.unlink(draft)
