"""What is installed is what was pinned; nothing pinned has an advisory without a decision."""

import base64
import csv
import hashlib
import io
import re
import sys
import tarfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from data import scripts
from data.prepare import map_library
from data.scripts import NPM_PACKAGE

ROOT = Path(__file__).resolve().parent.parent
ADVISORIES = ROOT / "requirements-advisories.csv"
#: what a package carries inside, under the name that advisories use for it; served without npm
CARRIED = {"maplibre-gl": "5.3.0"}


def pins(name):
    """Return the requirements of a file, by package; those of files it includes as well."""
    versions = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            versions |= pins(line.removeprefix("-r "))
        elif line and not line.startswith(("#", " ")):
            requirement = Requirement(line.rstrip("\\ "))
            versions[requirement.name.lower()] = requirement
    return versions


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_holds_what_is_asked_for(name):
    locked = pins(f"{name}.lock")
    for package, pinned in pins(f"{name}.txt").items():
        assert locked[package].specifier == pinned.specifier, f"{package}: run 'make lock'"


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_locked_version_has_hashes_and_no_address(name):
    text = (ROOT / f"{name}.lock").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(f"{name}.lock"))
    for block in blocks:
        assert "==" in block.splitlines()[0]
        assert "--hash=sha256:" in block
    assert "://" not in text


def test_both_locks_agree():
    production, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert all(development[name].specifier == value.specifier for name, value in production.items())


def test_no_locked_version_has_an_advisory_without_a_decision():
    versions = {name: next(iter(pin.specifier)).version
                for name, pin in pins("requirements-dev.lock").items()} | CARRIED  # fmt: skip
    with ADVISORIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        affected = SpecifierSet(row["affected"])
        if versions.get(row["package"]) in affected:
            assert row["decision"].startswith("accepted: "), row


def test_the_map_library_is_the_version_that_advisories_are_looked_up_for():
    from importlib.util import find_spec

    folder = Path(find_spec("maplibre").submodule_search_locations[0])
    head = (folder / "srcjs" / "maplibre-gl.js").read_text(encoding="utf-8")[:400]
    assert f"v{CARRIED['maplibre-gl']}/" in head


def test_the_map_library_that_npm_brings_has_no_advisory():
    version = NPM_PACKAGE.partition("@")[2]
    with ADVISORIES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["package"] == "maplibre-gl"]
    assert rows
    assert not [row for row in rows if version in SpecifierSet(row["affected"])]
    assert f"npm pack {NPM_PACKAGE} " in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_precondition_of_the_advisory_is_reached_nowhere():
    """GHSA-jrc7-96c5-q579 needs an attribution that the library makes markup of."""
    sources = {p: p.read_text(encoding="utf-8") for p in (ROOT / "assets").rglob("*.js")}
    maps = [text for text in sources.values() if ".Map({" in text]
    assert len(maps) == 2
    assert all("attributionControl: false" in text for text in maps)
    for name in ("AttributionControl(", "setHTML("):
        assert not [path for path, text in sources.items() if name in text], name


def package_of(files):
    """Return an npm package with these files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/dist/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def test_another_package_than_the_pinned_one_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(map_library, "installed_folder", lambda: tmp_path / "share" / "map")
    file = tmp_path / "package.tgz"
    file.write_bytes(package_of(dict.fromkeys(map_library.FILES, b"another")))
    assert map_library.main([str(file)]) == 2
    assert "this is not maplibre-gl@" in capsys.readouterr().err
    assert not (tmp_path / "share").exists()


def test_the_pinned_package_is_served_and_without_npm_what_pip_installed(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert map_library.main([]) == 0
    assert "there is no npm, so the page is served" in capsys.readouterr().err
    assert f"v{CARRIED['maplibre-gl']}/".encode() in scripts.map_library()["maplibre-gl.js"]
    package = package_of({name: name.encode() for name in map_library.FILES})
    digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
    monkeypatch.setattr(map_library, "SHA512", digest)
    file = tmp_path / "package.tgz"
    file.write_bytes(package)
    assert map_library.main([str(file)]) == 0
    assert scripts.map_library() == {name: name.encode() for name in scripts.MEDIA_TYPES}
    assert (scripts.installed_folder() / "LICENSE.txt").is_file()
    assert map_library.main([]) == 0  # it is there
