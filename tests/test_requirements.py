"""What is installed is what was pinned; nothing pinned has an advisory without a decision."""

import csv
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
ADVISORIES = ROOT / "requirements-advisories.csv"
#: what a package carries inside, under the name that advisories use for it
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
    assert all(development[name].specifier == one.specifier for name, one in production.items())


def test_no_locked_version_has_an_advisory_without_a_decision():
    versions = {name: next(iter(one.specifier)).version
                for name, one in pins("requirements-dev.lock").items()} | CARRIED  # fmt: skip
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
