# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells whether evidence bundles are as they were sealed. Needs Python 3.9 or later, no network and nothing else.

    python3 verify.py [BUNDLE | EVIDENCE-FOLDER] [--signers FILE] [--newest SHA256]
    python3 verify.py [BUNDLE] --sample NUMBER --seed TEXT     # draws hosts of each kind, the same for the same seed

Found is every altered, missing or added file of a bundle, and every bundle that is missing from the chain, was put in
another place or replaced. That the newest bundles were removed can only be told with --newest, the hash that somebody
noted. Signatures are checked by ssh-keygen where it is there; whose they are is told with --signers.

A copy of this file is in every bundle. One that might have been altered with it is no witness: take the copy of a
bundle or a checkout that you trust. A bundle from before the chain was signed is as sealed and not signed, which is
not wrong; one without a signature after that is.

Exit status: 0 nothing is wrong, 1 something is, 2 called in a wrong way.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
SUMS = "SHA256SUMS"
PARTIAL = ".partial"
#: The file that makes a bundle a client's pack: drawn from another bundle, and no link of a chain.
PACK = "pack.json"
_PACK_KEY = "pack"
NAMESPACE = "manifest@ringfence.callcenter"
#: What the manifest cannot list: itself, and what is made of it.
_UNLISTED = (MANIFEST, SIGNATURE, SUMS)


def _read(*parts: str) -> bytes:
    with open(os.path.join(*parts), "rb") as stream:
        return stream.read()


def sha256(data: bytes) -> str:
    """The hash in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def listing(bundle: str) -> tuple[list[str], list[str]]:
    """The files of a bundle as sorted relative paths, and what is neither a file nor a folder that holds one."""
    files, strange = [], []
    for folder, folders, names in os.walk(bundle):
        paths = [os.path.join(folder, name) for name in [*folders, *names]]
        for path in paths:
            relative = os.path.relpath(path, bundle)
            if os.path.islink(path) or not (os.path.isdir(path) or os.path.isfile(path)):
                strange.append(relative)
            elif os.path.isfile(path):
                files.append(relative)
            elif not os.listdir(path):
                strange.append(relative)
    return sorted(files), sorted(strange)


def rows(bundle: str) -> list[dict[str, Any]]:
    """Path, hash and size of every file that a manifest lists."""
    found = []
    for path in listing(bundle)[0]:
        if path not in _UNLISTED:
            data = _read(bundle, path)
            found.append({"path": path, "sha256": sha256(data), "size": len(data)})
    return found


def sums(files: list[dict[str, Any]], manifest: bytes, signature: bytes | None) -> bytes:
    """The text of SHA256SUMS."""
    lines = [(str(row["sha256"]), str(row["path"])) for row in files] + [(sha256(manifest), MANIFEST)]
    if signature is not None:
        lines.append((sha256(signature), SIGNATURE))
    return "".join(f"{digest}  {path}\n" for digest, path in lines).encode("utf-8", errors="surrogateescape")


def load(bundle: str) -> dict[str, Any]:
    """A bundle's manifest; ValueError when it is none."""
    try:
        manifest = json.loads(_read(bundle, MANIFEST).decode("utf-8"))
        for key, kind in (("run", str), ("sequence", int), ("files", list)):
            if not isinstance(manifest[key], kind):
                raise ValueError(f"{key} is not valid")
        if any(not isinstance(row, dict) or set(row) != {"path", "sha256", "size"} for row in manifest["files"]):
            raise ValueError("files is not valid")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"{MANIFEST} cannot be read: {problem}") from problem
    return dict(manifest)


def check_bundle(bundle: str) -> list[str]:
    """What is wrong with the files of one bundle, in words."""
    try:
        manifest = load(bundle)
    except ValueError as problem:
        return [str(problem)]
    stated = {str(row["path"]): (row["sha256"], row["size"]) for row in manifest["files"]}
    there = {row["path"]: (row["sha256"], row["size"]) for row in rows(bundle)}
    signed = os.path.isfile(os.path.join(bundle, SIGNATURE))
    problems = [
        *(f"{path} is missing" for path in sorted(set(stated) - set(there))),
        *(f"{path} was added" for path in sorted(set(there) - set(stated))),
        *(f"{path} was changed" for path in sorted(set(there) & set(stated)) if there[path] != stated[path]),
        *(f"{path} is neither a file nor a folder with files" for path in listing(bundle)[1]),
    ]
    if signed != bool(manifest.get("signer")):
        problems.append(f"{SIGNATURE} {'was added' if signed else 'is missing'}")
    expected = sums(manifest["files"], _read(bundle, MANIFEST), _read(bundle, SIGNATURE) if signed else None)
    if not os.path.isfile(os.path.join(bundle, SUMS)):
        problems.append(f"{SUMS} is missing")
    elif _read(bundle, SUMS) != expected:
        problems.append(f"{SUMS} and {MANIFEST}{f' or {SIGNATURE}' if signed else ''} do not belong together")
    return problems


def bundles(directory: str, packs: bool = False) -> list[str]:
    """The names of the bundles in an evidence folder, or those of the packs."""
    return sorted(
        name
        for name in os.listdir(directory)
        if not name.startswith(".")
        and not name.endswith(PARTIAL)
        and not os.path.islink(os.path.join(directory, name))
        and os.path.isfile(os.path.join(directory, name, MANIFEST))
        and os.path.isfile(os.path.join(directory, name, PACK)) == packs
    )


def check_chain(directory: str, newest: str | None = None) -> list[str]:
    """What is wrong with the order of the bundles in an evidence folder, in words.

    newest: the hash of the manifest of a bundle that must be there, noted when it was the newest.
    """
    problems, links = [], []
    for name in bundles(directory):
        try:
            manifest = load(os.path.join(directory, name))
        except ValueError as problem:
            problems.append(f"{name}: {problem}")
            continue
        if manifest["run"] != name:
            problems.append(f"{name}: its manifest is that of {manifest['run']}")
        links.append((manifest["sequence"], name, manifest, sha256(_read(directory, name, MANIFEST))))
    links.sort(key=lambda link: (link[0], link[1]))
    before: tuple[int, str | None, str | None] = (0, None, None)
    for sequence, name, manifest, digest in links:
        if sequence == before[0]:
            problems.append(f"{name}: number {sequence} is there twice, also as {before[1]}")
        elif sequence != before[0] + 1:
            problems.append(f"{name}: number {sequence} follows number {before[0]}: bundles between are missing")
        elif manifest.get("previous") != before[2] or manifest.get("previous_run") != before[1]:
            problems.append(
                f"{name}: it was sealed after another bundle than {before[1] or 'none'}, or that was changed"
            )
        before = (sequence, name, digest)
    if newest is not None and newest not in [link[3] for link in links]:
        problems.append(f"no bundle has a manifest with the hash {newest}: the newest ones are missing or were changed")
    return problems


def _ssh_keygen(*arguments: str, data: bytes = b"") -> tuple[bool, str]:
    done = subprocess.run(
        ["ssh-keygen", *arguments],
        input=data,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    return done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace").strip()


def signed_since(directory: str) -> tuple[int, str] | None:
    """The number of the first signed bundle of a chain, and its day and name in words; None where none is signed."""
    first: tuple[int, str] | None = None
    for name in bundles(directory):
        bundle = os.path.join(directory, name)
        try:
            manifest = load(bundle)
        except ValueError:
            continue
        if manifest.get("signer") and (first is None or manifest["sequence"] < first[0]):
            first = (manifest["sequence"], f"{_day(bundle, name)} ({name})")
    return first


def _day(bundle: str, name: str) -> str:
    """The day on which a bundle was sealed, or what its name begins with where it does not say."""
    try:
        return str(json.loads(_read(bundle, "run.json").decode("utf-8"))["finished_at"])[:10]
    except (OSError, ValueError, KeyError, TypeError):
        return name[:8]


def _unsigned(manifest: Mapping[str, Any], signers: str | None, since: tuple[int, str] | None) -> tuple[list[str], str]:
    """What is wrong with a bundle that nobody signed.

    Nothing where the chain was not signed yet: whoever signed a later bundle signed the hashes of those before it.
    """
    if manifest.get(_PACK_KEY) or since is None:
        return (["it is not signed"] if signers else []), "not signed"
    if manifest["sequence"] < since[0]:
        return [], f"not signed: the chain is signed since {since[1]}"
    return [f"it is not signed, and the chain is signed since {since[1]}"], "not signed"


def check_signature(
    bundle: str, signers: str | None = None, since: tuple[int, str] | None = None
) -> tuple[list[str], str]:
    """What is wrong with the signature of a bundle, and one sentence about it.

    since: of its chain, as ``signed_since`` returns it.
    """
    manifest, path = load(bundle), os.path.join(bundle, SIGNATURE)
    if not manifest.get("signer") or not os.path.isfile(path):
        return _unsigned(manifest, signers, since)
    data = _read(bundle, MANIFEST)
    try:
        good, said = _ssh_keygen("-Y", "check-novalidate", "-n", NAMESPACE, "-s", path, data=data)
        if not good or str(manifest["signer"].get("key")) not in said.split():
            return [f"the signature is not one of this manifest by the key that it names: {said}"], "wrongly signed"
        key = manifest["signer"]["key"]
        if signers is None:
            return [], f"signed by the key {key}; whose it is can be told with --signers"
        good, names = _ssh_keygen("-Y", "find-principals", "-f", signers, "-s", path)
        for name in names.splitlines() if good else []:
            arguments = ("-Y", "verify", "-f", signers, "-I", name, "-n", NAMESPACE, "-s", path)
            if _ssh_keygen(*arguments, data=data)[0]:
                return [], f"signed by {name} with the key {key}"
        return [f"it is signed by the key {key}, which {signers} does not list"], "signed by somebody unknown"
    except FileNotFoundError:
        text = "the signature cannot be checked: ssh-keygen is not installed"
        return ([text] if signers else []), text


def check(path: str, signers: str | None = None, newest: str | None = None) -> tuple[list[str], list[str]]:
    """All that is wrong with a bundle and its chain, or with an evidence folder; and what can be said besides."""
    alone = os.path.isfile(os.path.join(path, MANIFEST))
    path = os.path.realpath(path)
    directory = os.path.dirname(path) if alone else path
    problems, notes, since = [], [], signed_since(directory)
    names = [os.path.basename(path)] if alone else bundles(directory) + bundles(directory, packs=True)
    for name in names:
        found = check_bundle(os.path.join(directory, name))
        said = ""
        if os.path.isfile(os.path.join(directory, name, MANIFEST)) and not (found and "cannot be read" in found[0]):
            wrong, said = check_signature(os.path.join(directory, name), signers, since)
            found += wrong
            said += _drawn_from(os.path.join(directory, name))
        problems += [f"{name}: {one}" for one in found]
        notes.append(f"{name}: {'NOT as it was sealed' if found else 'as it was sealed'}{said and ', '}{said}")
    chained = bundles(directory)
    problems += check_chain(directory, newest) if len(chained) > 1 or newest or not alone else []
    if not names:
        problems.append(f"{path} holds no bundle")
    elif len(chained) > 1:
        last = max(chained, key=lambda name: _sequence(os.path.join(directory, name)))
        notes.append(
            f"{len(chained)} bundles in the chain; newest: {sha256(_read(directory, last, MANIFEST))} ({last})"
        )
    return problems, notes


def _drawn_from(bundle: str) -> str:
    """What a pack says of the bundle that it was drawn from; nothing of a bundle."""
    pack = load(bundle).get(_PACK_KEY)
    told = [pack.get(key) for key in ("client", "bundle", "manifest_sha256")] if isinstance(pack, dict) else []
    return "; for client {} from bundle {}, manifest {}".format(*told) if told else ""


def _sequence(bundle: str) -> int:
    try:
        return int(load(bundle)["sequence"])
    except ValueError:
        return 0


def by_kind(records: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The names of the hosts by kind; those without one are of kind ``none``."""
    kinds: dict[str, list[str]] = {}
    for record in records:
        for kind in record["attributes"].get("kinds") or ["none"]:
            kinds.setdefault(str(kind), []).append(str(record["host"]))
    return kinds


def draw(kinds: Mapping[str, Iterable[str]], size: int, seed: str) -> list[dict[str, Any]]:
    """A sample of each kind: the hosts for which the SHA-256 of ``SEED:KIND:HOST`` is smallest."""
    drawn = []
    for kind in sorted(kinds):
        hosts = sorted(set(kinds[kind]), key=lambda host: sha256(f"{seed}:{kind}:{host}".encode()))
        drawn.append({"kind": kind, "hosts": len(hosts), "drawn": sorted(hosts[:size])})
    return drawn


def _print_sample(bundle: str, size: int, seed: str) -> None:
    folder = os.path.join(bundle, "hosts")
    records = [json.loads(_read(folder, name).decode("utf-8")) for name in sorted(os.listdir(folder))]
    for row in draw(by_kind(records), size, seed):
        print(f"{row['kind']}: {', '.join(row['drawn'])} ({len(row['drawn'])} of {row['hosts']})")


def main(arguments: list[str] | None = None) -> int:
    """Check what is asked for and say it."""
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="Tells whether evidence bundles are as they were sealed.")
    parser.add_argument("path", nargs="?", default=here, help="a bundle or an evidence folder (default: %(default)s)")
    parser.add_argument("--signers", help="file of allowed signers (man ssh-keygen), kept apart from the bundles")
    parser.add_argument("--newest", metavar="SHA256", help="hash of a manifest that must be in the chain")
    parser.add_argument("--sample", type=int, metavar="NUMBER", help="draw so many hosts of each kind; checks nothing")
    parser.add_argument("--seed", metavar="TEXT", help="what the sample is drawn by")
    options = parser.parse_args(arguments)
    if (options.sample is None) != (options.seed is None) or (options.sample is not None and options.sample < 1):
        print("verify: --sample takes a number from 1 and needs --seed", file=sys.stderr)
        return 2
    for path in filter(None, (options.path, options.signers)):
        if not os.path.exists(path):
            print(f"verify: {path} is not there", file=sys.stderr)
            return 2
    if options.sample is not None:
        if not os.path.isfile(os.path.join(options.path, MANIFEST)):
            print(f"verify: a sample is drawn from a bundle, which {options.path} is not", file=sys.stderr)
            return 2
        _print_sample(options.path, options.sample, options.seed)
        return 0
    problems, notes = check(options.path, options.signers, options.newest)
    print("\n".join([*notes, *(f"WRONG: {problem}" for problem in problems)]))
    print(f"{len(problems)} problem{'' if len(problems) == 1 else 's'} found" if problems else "Nothing is wrong.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
