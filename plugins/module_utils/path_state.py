# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at a path, and how to make it so: the one primitive under saved originals and managed files.

A wanted file and a saved original are both a :class:`PathState`, so that changing and putting back are the same act.
Links are never followed at the last component. Extended attributes and ACLs are not kept.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import stat
from dataclasses import dataclass

ABSENT, FILE, LINK, DIRECTORY, OTHER = "absent", "file", "link", "directory", "other"
#: Bytes. What is kept here is configuration, and no host is to run out of memory over a file that is not.
LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class PathState:
    """kind: one of the five above. mode: permission bits. uid, gid: None = the name is not known on this host yet.

    content: of a file. target: of a link.
    """

    kind: str
    mode: int = 0
    uid: int | None = None
    gid: int | None = None
    content: bytes | None = None
    target: str | None = None

    @property
    def exists(self) -> bool:
        """Whether there is anything at the path."""
        return self.kind != ABSENT


def user_name(uid: int) -> str:
    """The name of a user id, or the number as text."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The name of a group id, or the number as text."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def user_id(name: str) -> int | None:
    """The id of a user name or number, None when this host does not know it."""
    if name.isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def group_id(name: str) -> int | None:
    """The id of a group name or number, None when this host does not know it."""
    if name.isdigit():
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def observe(path: str) -> PathState:
    """What is at a path now. Raises OSError when it cannot be looked at, or has more bytes than a configuration can."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return PathState(ABSENT)
    mode, uid, gid = stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid
    if stat.S_ISLNK(info.st_mode):
        # A link's own mode means nothing on Linux.
        return PathState(LINK, 0, uid, gid, target=os.readlink(path))
    if stat.S_ISDIR(info.st_mode):
        return PathState(DIRECTORY, mode, uid, gid)
    if not stat.S_ISREG(info.st_mode):
        return PathState(OTHER, mode, uid, gid)
    if info.st_size > LARGEST:
        raise OSError(errno.EFBIG, f"{info.st_size} bytes are more than a configuration can have", path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        return PathState(FILE, mode, uid, gid, content=stream.read())


def sync_folder(path: str) -> None:
    """Make the names in a folder durable. A folder that is gone has none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems (FUSE, old overlays) cannot sync a folder; the rename is atomic all the same.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def spare_path(path: str) -> str:
    """Where the next content of a path is written before it goes live.

    The name is always the same, so that a run which died leaves at most one such file, which the next run removes; it
    is hidden and has an ending that no drop-in folder (sudoers.d, sshd_config.d, cron.d …) reads.
    """
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.ringfence-new")


def remove_spare(path: str) -> None:
    """Remove what a run that died left beside a path."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(spare_path(path))


def _write_file(path: str, state: PathState) -> None:
    spare = spare_path(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(spare, flags, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(state.content or b"")
        stream.flush()
        os.fchown(descriptor, -1 if state.uid is None else state.uid, -1 if state.gid is None else state.gid)
        # After chown, which clears the set-user-id bits.
        os.fchmod(descriptor, state.mode)
        os.fsync(descriptor)
    os.rename(spare, path)


def _make_directory(path: str, state: PathState, now: PathState) -> None:
    if now.kind != DIRECTORY:
        os.mkdir(path, 0o700)
    os.chown(
        path, -1 if state.uid is None else state.uid, -1 if state.gid is None else state.gid, follow_symlinks=False
    )
    os.chmod(path, state.mode)


def _remove(path: str, now: PathState) -> bool:
    if now.kind != DIRECTORY:
        os.unlink(path)
        return True
    try:
        os.rmdir(path)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY):
            raise
        return False
    return True


def establish(path: str, state: PathState) -> bool:
    """Make what is at ``path`` equal to ``state``, atomically and durably; whether anything was changed.

    A folder is removed only when it is empty. Raises OSError.
    """
    remove_spare(path)
    now = observe(path)
    if now == state:
        return False
    changed = True
    if state.kind == FILE:
        _write_file(path, state)
    elif state.kind == LINK:
        os.symlink(state.target or "", spare_path(path))
        os.chown(
            spare_path(path),
            -1 if state.uid is None else state.uid,
            -1 if state.gid is None else state.gid,
            follow_symlinks=False,
        )
        os.rename(spare_path(path), path)
    elif state.kind == DIRECTORY:
        _make_directory(path, state, now)
    elif state.kind == ABSENT:
        changed = _remove(path, now)
    else:
        raise OSError(errno.EINVAL, f"{path} was neither a file, a link nor a folder")
    sync_folder(os.path.dirname(path))
    return changed
