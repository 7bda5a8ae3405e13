# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A block of ours in a file of others: set, replaced and taken out as bytes, whatever the rest of the file looks like.

The block stands between two lines that name its role. A new one goes to the end of the file; one that is there is
replaced where it is, so that what others add before or after it stays in its order. A mark that lost its partner takes
with it only lines that are known to be ours.
"""

from __future__ import annotations

from collections.abc import Sequence

_BEGIN, _END = b"# BEGIN Ansible (ringfence.callcenter.%s)", b"# END Ansible (ringfence.callcenter.%s)"


def _marks(managed_by: str) -> tuple[bytes, bytes]:
    return _BEGIN % managed_by.encode(), _END % managed_by.encode()


def rendered(managed_by: str, text: str) -> bytes:
    """The block with its marks, each line ended."""
    begin, end = _marks(managed_by)
    body = text.encode()
    return begin + b"\n" + body + (b"" if not body or body.endswith(b"\n") else b"\n") + end + b"\n"


def _is(line: bytes, mark: bytes) -> bool:
    # Somebody's editor may have given the whole file other line ends.
    return line.rstrip(b"\r\n \t") == mark


def _split(content: bytes, managed_by: str, known: Sequence[bytes]) -> tuple[list[bytes], int | None]:
    """The lines of others, and before which of them our block stands. known: lines that may be ours."""
    begin, end = _marks(managed_by)
    lines = _lines(content)
    others: list[bytes] = []
    place: int | None = None
    position = 0
    while position < len(lines):
        line = lines[position]
        if _is(line, begin):
            place = len(others) if place is None else place
            position = _after(lines, position + 1, (begin, end), known)
        elif _is(line, end):
            position += 1
        else:
            others.append(line)
            position += 1
    return others, place


def _lines(content: bytes) -> list[bytes]:
    """Lines by newline only: a carriage return alone is content."""
    parts = content.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _after(lines: Sequence[bytes], start: int, marks: tuple[bytes, bytes], known: Sequence[bytes]) -> int:
    """The position behind a block whose first mark stands before ``start``."""
    begin, end = marks
    for position in range(start, len(lines)):
        if _is(lines[position], end):
            return position + 1
        if _is(lines[position], begin):
            break
    position = start
    while position < len(lines) and lines[position].rstrip(b"\r\n") in known:
        position += 1
    return position


def with_block(content: bytes, managed_by: str, text: str) -> bytes:
    """The file with the block."""
    block = rendered(managed_by, text)
    others, place = _split(content, managed_by, [line for line in text.encode().split(b"\n") if line])
    if place is None:
        place = len(others)
    before, after = others[:place], others[place:]
    if before and not before[-1].endswith(b"\n"):
        before[-1] += b"\n"
    return b"".join(before) + block + b"".join(after)


def without_block(content: bytes, managed_by: str) -> bytes:
    """The file without any block of this role."""
    return b"".join(_split(content, managed_by, [])[0])


def restored(now: bytes, original: bytes, managed_by: str) -> bytes:
    """The file without the block; exactly as it was before when nobody else has changed it since.

    The one thing that a block adds outside its marks is the end of a last line that had none.
    """
    left = without_block(now, managed_by)
    if original and not original.endswith(b"\n") and left == original + b"\n":
        return original
    return left
