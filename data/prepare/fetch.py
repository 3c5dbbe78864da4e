"""Fetches the raw files of the embedded region from the packages that carry them.

The OpenStreetMap extract lies in a Debian source package. The mirror and its key come from the
system's own apt sources; only a private list, state and cache are used, so the system's apt stays
as it is.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "josm=0.0.svn18646+dfsg-1"
SUITE = "bookworm"
TARBALL = "josm_0.0.svn18646+dfsg.orig.tar.gz"
MEMBER = "josm-0.0.svn18646/nodist/data/neubrandenburg.osm.bz2"
OSM_SHA256 = "adee8159029bb2e218d68e85dbe98291b1802d286f92ffbcb97327017f27f3fc"
#: ``powerplants.csv`` in the source distribution of PyPI's powerplantmatching 0.9.1.
POWERPLANTS_SHA256 = "ceccce02edd33813216a264fe6c8e3281ce2249435a259c1b1a1b729ce4f3d78"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DEFAULT_MIRROR = "http://deb.debian.org/debian"


def sha256(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verified(path: Path, expected: str) -> Path:
    """Return the path if its content is the expected one.

    Raises
    ------
    SystemExit
        With what was found and what to do.
    """
    found = sha256(path)
    if found != expected:
        raise SystemExit(
            f"{path.name} has sha256 {found}, expected {expected}. It is another state of the "
            "data: fetch the file again, or update the checksum together with all tables."
        )
    return path


def fetch_osm(folder: Path) -> Path:
    """Download the Debian source package with apt and unpack the extract into ``folder``."""
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    sources, config = folder / "sources.list", folder / "apt.conf"
    sources.write_text(f"deb-src [signed-by={KEYRING}] {system_mirror()} {SUITE} main\n")
    config.write_text(
        f'Dir::Etc::sourcelist "{sources}";\nDir::Etc::sourceparts "-";\n'
        f'Dir::State::lists "{folder / "lists"}";\nDir::Cache "{folder / "cache"}";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(config)}
    for command in (["apt-get", "update"], ["apt-get", "source", "--download-only", PACKAGE]):
        subprocess.run([*command, "-qq"], check=True, cwd=folder, env=environment)
    with tarfile.open(folder / TARBALL) as package:
        package.extract(MEMBER, folder, filter="data")
    return verified(folder / MEMBER, OSM_SHA256)


def system_mirror() -> str:
    """Return the Debian mirror that this system is set up with."""
    for path in sorted(Path("/etc/apt").glob("sources.list*")):
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            found = re.search(r"\bhttps?://\S+/debian(?=\s|$)", file.read_text(errors="replace"))
            if found:
                return found[0]
    return DEFAULT_MIRROR
