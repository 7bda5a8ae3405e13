# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that a site gave to a distribution's lines: which of them stay on a line of ours, and which go.

What only records more, asks more, hashes harder, remembers more, or lets an account of another source come in does no
harm and stays. What opens a login (``nullok``), hashes weakly (``md5``), or answers faster (``nodelay``) goes, and is
named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.ringfence.callcenter.plugins.module_utils import pam_text

#: By module. The settings of pam_pwquality that a role sets in its file are not among them: a line would overrule it.
_STAYS = {
    "pam_unix.so": re.compile(
        r"audit|quiet|debug|no_pass_expiry|broken_shadow|nis|shadow|(?:rounds|remember|minlen)=[0-9]+|authtok_type=\S*"
    ),
    "pam_pwquality.so": re.compile(
        r"debug|enforce_for_root|reject_username|authtok_type=\S*|gecoscheck=1"
        r"|(?:difok|minclass|maxsequence|maxclassrepeat)=[1-9][0-9]*"
    ),
}
#: One of them on a line of pam_unix replaces the one that ours has.
_STRONG_HASHES = ("yescrypt", "gost_yescrypt", "blowfish", "sha512")
#: The distribution's own: that they go is what a line of ours is there for, and nobody set them.
_EXPECTED = frozenset({"nullok", "nullok_secure", "try_first_pass", "use_first_pass", "use_authtok", "obscure"})
#: What pam-auth-update says of a line by where it stands: the first of a block asks, the others take over the password.
_BY_PLACE = frozenset({"try_first_pass", "use_first_pass", "use_authtok"})
_PARTS = re.compile(r"^(?P<type>-?[a-z]+\s+)?(?P<control>\[[^]]+\]|\w+)(?P<rest>\s+\S.*)$")


def arguments(line: str) -> list[str]:
    """The options of a stack line."""
    plain = pam_text.plain(line)
    control = re.match(r"\[[^]]+\]|\w+", plain)
    return plain[control.end() :].split()[1:] if control else []


def carried(wanted: str, found: Sequence[str]) -> list[str]:
    """The options of a site's line of the same module that stay beside those of our line, in their order."""
    own, allowed = arguments(wanted), _STAYS.get(pam_text.module_of(wanted))
    hashes = set(own) & set(_STRONG_HASHES)
    stays = [one for one in found if (allowed and allowed.fullmatch(one)) or (hashes and one in _STRONG_HASHES)]
    return list(dict.fromkeys(one for one in stays if one not in own))


def lost(wanted: str, found: Sequence[str]) -> list[str]:
    """The options of a site's line that our line will not have, without those that a distribution sets."""
    stays = {*arguments(wanted), *carried(wanted, found), *_STRONG_HASHES, *_EXPECTED}
    return list(dict.fromkeys(one for one in found if one not in stays))


def with_options(wanted: str, options: Sequence[str]) -> str:
    """Our line with a site's options at its end; a strong hash of the site's takes the place of ours."""
    if not options:
        return wanted
    line = wanted.rstrip()
    if set(options) & set(_STRONG_HASHES):
        line = re.sub(rf"\s+(?:{'|'.join(_STRONG_HASHES)})(?=\s|$)", "", line)
    return " ".join([line, *options])


def is_same(wanted: str, found: str) -> bool:
    """Whether a live line is the wanted one, a site's options aside. Both as pam_text.plain gives them."""
    if wanted == found:
        return True
    module = pam_text.module_of(wanted)
    if module not in _STAYS or module != pam_text.module_of(found):
        return False
    options = carried(wanted, arguments(found))
    control, control_found = (line.split(module)[0] for line in (wanted, found))
    expected = Counter(arguments(with_options(wanted, options)))
    return control == control_found and expected == Counter(arguments(found))


def stack(row: str) -> str:
    """A row of a live file without the type in front."""
    return re.sub(r"^-?(?:auth|account|password|session)\s+", "", row.rstrip("\n"))


def site_options(lines: Iterable[str]) -> dict[str, list[str]]:
    """Module -> all options of its lines among these stack lines, for the modules whose options may stay."""
    found: dict[str, list[str]] = {}
    for line in lines:
        module = pam_text.module_of(line)
        if module in _STAYS:
            found.setdefault(module, []).extend(arguments(line))
    return found


def less(options: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Options without those that are known."""
    return {module: [one for one in found if one not in known.get(module, ())] for module, found in options.items()}


def with_site_options(
    live_text: str,
    saved: Sequence[tuple[str, str]],
    kind: str,
    profiles: Iterable[str],
    options: Mapping[str, Sequence[str]],
) -> tuple[str, list[str], list[str]]:
    """A live text in which the lines of these profiles have a site's options; "MODULE OPTION" that stay, that go."""
    heirs = set(profiles)
    rows = live_text.splitlines(keepends=True)
    stays: list[str] = []
    goes: list[str] = []
    for index, profile in _owners(live_text, saved, kind).items():
        line = stack(rows[index])
        module = pam_text.module_of(line)
        if profile not in heirs or module not in options:
            continue
        stay = carried(line, options[module])
        stays += [f"{module} {one}" for one in stay]
        goes += [f"{module} {one}" for one in lost(line, options[module])]
        rows[index] = with_options(rows[index].rstrip("\n"), stay) + "\n" if stay else rows[index]
    return "".join(rows), list(dict.fromkeys(stays)), list(dict.fromkeys(goes))


def _owners(text: str, saved: Sequence[tuple[str, str]], kind: str) -> dict[int, str]:
    """Index of a row in the blocks of a live file -> its profile."""
    return pam_text.align(pam_text.parse_live(text, kind) or [], saved, ()).matched


def as_written(row: str, before: str) -> str:
    """A row as somebody wrote it before, with the jumps that it has now. Both whole rows of a live file."""
    now, was = _PARTS.match(row.rstrip("\n")), _PARTS.match(before.rstrip("\n"))
    if now is None or was is None:
        return row
    return f"{was['type'] or ''}{now['control']}{was['rest']}\n"


def _with_arguments(row: str, wanted: Sequence[str]) -> str:
    """A row with these options: those that go are cut out, those that come stand at its end, the rest is untouched."""
    has, wants = Counter(arguments(stack(row))), Counter(wanted)
    text = row.rstrip("\n")
    for option in (has - wants).elements():
        text = re.sub(rf"\s+{re.escape(option)}(?=\s|$)", "", text, count=1)
    bare = text.rstrip()
    return " ".join([bare, *(option for option in wanted if option in wants - has)]) + text[len(bare) :] + "\n"


@dataclass(frozen=True)
class Written:
    """A row in a live file's blocks: whose it is, what pam-auth-update knows it by, and its text."""

    profile: str
    key: str
    row: str


def written(text: str, saved: Sequence[tuple[str, str]], kind: str) -> list[Written]:
    """The rows in the blocks of a live file that some profile wrote."""
    rows = text.splitlines(keepends=True)
    return [
        Written(profile, pam_text.key(stack(rows[index])), rows[index])
        for index, profile in _owners(text, saved, kind).items()
    ]


def as_generated(text: str, saved: Sequence[tuple[str, str]], kind: str) -> str:
    """A live text with the spaces that pam-auth-update itself writes: it knows no line with others."""
    rows = text.splitlines(keepends=True)
    found = pam_text.align(pam_text.parse_live(text, kind) or [], saved, ()).matched
    left = list(saved)
    for index, profile in found.items():
        line = stack(rows[index])
        key = pam_text.key(line)
        while left:
            owner, wanted = left.pop(0)
            generated, now = _PARTS.match(wanted.strip()), _PARTS.match(line.strip())
            if generated and now and (owner, pam_text.key(wanted)) == (profile, key):
                space = generated["rest"][: len(generated["rest"]) - len(generated["rest"].lstrip())]
                words = " ".join([now["rest"].split()[0], *arguments(line)])
                rows[index] = f"{kind.replace('-noninteractive', '')}\t{now['control']}{space}{words}\n"
                break
    return "".join(rows)


def with_rows(text: str, saved: Sequence[tuple[str, str]], kind: str, before: Iterable[Written], *, exact: bool) -> str:
    """A live text in which rows are as somebody wrote them: pam-auth-update sorts options and evens out spaces.

    exact: with the options that they had, but for those that go by the place of a line; otherwise with those that they
    have now.
    """
    left = list(before)
    rows = text.splitlines(keepends=True)
    for index, profile in _owners(text, saved, kind).items():
        line = stack(rows[index])
        was = next((one for one in left if (one.profile, one.key) == (profile, pam_text.key(line))), None)
        if was is None:
            continue
        left.remove(was)
        now = arguments(line)
        if exact:
            had = arguments(stack(was.row))
            now = [one for one in had if one not in _BY_PLACE or one in now] + [
                one for one in now if one in _BY_PLACE and one not in had
            ]
        rows[index] = as_written(rows[index], _with_arguments(was.row, now))
    return "".join(rows)
