# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signed package mirror for hosts that reach nothing else: what the roles install, with all that it depends on.

It is made once and kept below .cache/lab/mirror, a folder for each release: ``pool``, ``dists`` and ``key.asc``, the
key that signed it. A host of a lab with ``"mirror": true`` finds it, read-only, below /srv/mirror.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from . import engine as podman
from . import images, paths, recipe
from .run import LabError, run

FOLDER = paths.CACHE / "mirror"
STAMP = "recipe.sha256"
KEY = "key.asc"
#: Where a host of a lab has it.
MOUNT = "/srv/mirror"
DOWNLOAD_SECONDS = 900

# In a container of the minimal image, which says what is there already: /pool gets what is not.
_DOWNLOAD = """\
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -y -q --no-install-recommends --download-only --reinstall \\
  -o Dir::Cache::archives=/pool -o APT::Sandbox::User=root "$@"
rm -rf /pool/partial /pool/lock
chmod 0644 /pool/*.deb
"""


def digest(image: str, packages: Sequence[str]) -> str:
    """Return the hash of what a mirror is made from.

    :param image: the id of the image whose hosts install from it.
    """
    return hashlib.sha256(json.dumps([_DOWNLOAD, image, sorted(packages)]).encode()).hexdigest()


def ensure(engine: podman.Engine) -> dict[str, str]:
    """Make the mirror of each release that is missing or out of date; ``built`` or ``cached`` for each.

    :raises LabError: when the packages can't be fetched, or the minimal images are not there.
    """
    names = {release: f"{release}-minimal" for release in images.RELEASES}
    found = podman.ids(engine, [images.reference(name) for name in names.values()])
    outcome = {}
    for release, name in names.items():
        image = found.get(images.reference(name))
        if image is None:
            raise LabError(f"There is no image for {name}: run `python3 -m tools.lab images {name}` first.")
        wanted, stamp = digest(image, recipe.MIRROR), FOLDER / release / STAMP
        there = stamp.exists() and stamp.read_text(encoding="ascii").strip() == wanted
        outcome[f"mirror of {release}"] = "cached" if there else "built"
        if not there:
            _make(engine, release, images.reference(name), wanted)
    return outcome


def _make(engine: podman.Engine, release: str, image: str, wanted: str) -> None:
    """Fetch the packages of one release, publish them in a folder beside, and put that in place of the older one."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{release}-", dir=FOLDER))
    try:
        made.chmod(0o755)
        (made / "pool").mkdir(mode=0o755)
        args = ("run", "--rm", "-i", "--network=host", *podman.limits(), f"--volume={made / 'pool'}:/pool", image)
        sentence = f"The packages of the lab's mirror for {release} could not be fetched."
        engine.run(*args, "sh", "-s", *recipe.MIRROR, sentence=sentence, stdin=_DOWNLOAD, timeout=DOWNLOAD_SECONDS)
        publish(made, images.RELEASES[release])
        (made / STAMP).write_text(wanted + "\n", encoding="ascii")
        shutil.rmtree(FOLDER / release, ignore_errors=True)
        made.rename(FOLDER / release)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def publish(folder: Path, suite: str) -> None:
    """Write the index of the packages in ``folder/pool`` and sign it with a key that nobody keeps."""
    packages = sorted((folder / "pool").glob("*.deb"))
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        stanzas = list(pool.map(_stanza, packages))
    architectures = sorted({_field(text, "Architecture") for text in stanzas} - {"all"}) or ["all"]
    index = "\n".join(stanzas).encode()
    root = folder / "dists" / suite
    files = {}
    for architecture in architectures:
        for name, content in (("Packages", index), ("Packages.gz", gzip.compress(index, mtime=0))):
            path = root / "main" / f"binary-{architecture}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            files[str(path.relative_to(root))] = content
    (root / "Release").write_text(release_file(suite, architectures, files), encoding="utf-8")
    _sign(root / "Release", folder / KEY)


def _stanza(package: Path) -> str:
    """Return what an index says of a package."""
    control = run(["dpkg-deb", "--field", str(package)], f"{package.name} is not a Debian package.").rstrip("\n")
    content = package.read_bytes()
    added = {
        "Filename": f"pool/{package.name}",
        "Size": str(len(content)),
        "SHA256": hashlib.sha256(content).hexdigest(),
    }
    return "\n".join([control, *(f"{key}: {value}" for key, value in added.items())]) + "\n"


def _field(stanza: str, name: str) -> str:
    return next(line.partition(":")[2].strip() for line in stanza.splitlines() if line.startswith(f"{name}:"))


def release_file(suite: str, architectures: Sequence[str], files: dict[str, bytes]) -> str:
    """Return the file Release of a suite.

    :param files: {path below the suite's folder: content}.
    """
    about = {
        "Origin": "Debian",
        "Label": "Debian",
        "Suite": suite,
        "Codename": suite,
        "Date": datetime.now(timezone.utc).strftime("%a, %d %b %Y %H:%M:%S UTC"),
        "Architectures": " ".join(architectures),
        "Components": "main",
        "Description": "What the roles of ringfence.callcenter install",
    }
    lines = [f"{key}: {value}" for key, value in about.items()]
    sums = [f" {hashlib.sha256(text).hexdigest()} {len(text)} {name}" for name, text in sorted(files.items())]
    return "\n".join([*lines, "SHA256:", *sums]) + "\n"


def _sign(release: Path, public: Path) -> None:
    """Write InRelease beside a Release, and the key to trust; the secret half does not outlive this call."""
    # Its agent's socket wants a short path, which that of a checkout may not be.
    home = tempfile.mkdtemp(prefix="ringfence-gpg-")
    sentence = "The index of the lab's package mirror could not be signed."
    gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]
    try:
        run([*gpg, "--quick-gen-key", "Package mirror of a ringfence lab", "ed25519", "sign", "never"], sentence)
        run([*gpg, "--clearsign", "--output", str(release.with_name("InRelease")), str(release)], sentence)
        run([*gpg, "--armor", "--output", str(public), "--export"], sentence)
    finally:
        run(["gpgconf", "--homedir", home, "--kill", "all"], sentence)
        shutil.rmtree(home, ignore_errors=True)
