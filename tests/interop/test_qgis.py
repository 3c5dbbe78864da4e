"""A world goes to QGIS and comes back: Debian's own QGIS, without a screen."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from data.worlds.reader import find_world, read_world, with_sha256

pytestmark = pytest.mark.interop
SCRIPT = Path(__file__).with_name("qgis_edit.py")
DEBIAN = "/usr/bin/python3"


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """The invented city as a GeoPackage, as the command writes it."""
    path = tmp_path_factory.mktemp("qgis") / "city.gpkg"
    assert cli.main(["export", "merrowhaven", "--to", "gpkg", "--out", str(path)]) == 0
    return path


def in_qgis(path, *edit):
    """Run the script in QGIS; return its report."""
    run = subprocess.run(
        [DEBIAN, str(SCRIPT), str(path), *edit],
        capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", "HOME": str(path.parent)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_qgis_opens_edits_and_saves_a_world_that_is_then_read_again(city):
    before = read_world(city)
    assert before == read_world(find_world("merrowhaven"))
    group = next(g for g in before.groups.values() if len(g.suppliers) == 1 and g.autonomy_h == 8)
    report = in_qgis(city, "dependencies", f"group_id={group.group_id}", "autonomy_h=12.25")
    assert report["edited"] == 1
    layers = report["layers"]
    assert all(layer["valid"] for layer in layers.values())
    assert layers["assets"]["rows"] == len(before.assets)
    assert (layers["assets"]["renderer"], layers["assets"]["labels"]) == ("RuleRenderer", True)
    assert {"electricity", "heat", "rail"} <= set(layers["links"]["legend"])
    widgets = layers["dependencies"]["widgets"]
    assert (widgets["kind"], widgets["service"]) == ("ValueMap", "ValueMap")
    assert layers["assets"]["widgets"]["sector"] == "ValueMap"
    changed = replace(group, autonomy_h=12.25)
    expected = replace(before, groups={**before.groups, group.group_id: changed})
    assert read_world(city) == with_sha256(expected)


def test_what_is_inferred_looks_different_in_qgis(tmp_path):
    path = tmp_path / "region.gpkg"
    assert cli.main(["export", "neubrandenburg", "--to", "gpkg", "--out", str(path)]) == 0
    report = in_qgis(path, "assets", "asset_id=nobody", "repair_h=1")
    assert report["edited"] == 0
    assert {"declared", "inferred"} <= set(report["layers"]["links"]["legend"])
