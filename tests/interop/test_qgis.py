"""A world goes to QGIS and comes back: Debian's own QGIS, without a screen."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from data.worlds.reader import find_world, read_world, with_sha256

pytestmark = pytest.mark.interop
SCRIPTS = Path(__file__).parent
DEBIAN = "/usr/bin/python3"


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """The invented city as a GeoPackage, as the command writes it."""
    path = tmp_path_factory.mktemp("qgis") / "city.gpkg"
    assert cli.main(["export", "merrowhaven", "--to", "gpkg", "--out", str(path)]) == 0
    return path


def in_qgis(home, script, *arguments):
    """Run a script in QGIS; return its report."""
    run = subprocess.run(
        [DEBIAN, str(SCRIPTS / script), *arguments],
        capture_output=True, text=True, timeout=180, check=False,
        env={"PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", "HOME": str(home)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_qgis_opens_edits_and_saves_a_world_that_is_then_read_again(city):
    before = read_world(city)
    assert before == read_world(find_world("merrowhaven"))
    group = next(g for g in before.groups.values() if len(g.suppliers) == 1 and g.autonomy_h == 8)
    report = in_qgis(
        city.parent,
        "qgis_edit.py",
        city,
        "dependencies",
        f"group_id={group.group_id}",
        "autonomy_h=12.25",
    )
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
    report = in_qgis(tmp_path, "qgis_edit.py", path, "assets", "asset_id=nobody", "repair_h=1")
    assert report["edited"] == 0
    assert {"declared", "inferred"} <= set(report["layers"]["links"]["legend"])


@pytest.fixture
def server(tmp_path):
    """The address of a running server with the invented city."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run = subprocess.Popen(
        [sys.executable, "app.py"], cwd=Path(__file__).parents[2],
        env=os.environ | {
            "KNOCKON_PORT": str(port), "KNOCKON_WORLD": "merrowhaven",
            "KNOCKON_DATABASE_URL": f"sqlite:///{tmp_path / 'knockon.db'}",
        },
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert any("Knock-on is at" in line for line in run.stdout)
    yield f"http://127.0.0.1:{port}"
    run.terminate()
    run.communicate(timeout=30)


def test_qgis_connects_and_reads_every_page_of_a_running_server(server, tmp_path):
    read = in_qgis(tmp_path, "qgis_connect.py", f"{server}/ogc")
    world = read_world(find_world("merrowhaven"))
    assets = [a for a, asset in world.assets.items() if not asset.is_junction]
    assert all(layer["valid"] for layer in read.values())
    assert sorted(read["assets"]["ids"]) == assets
    assert sorted(read["links"]["ids"]) == sorted(world.links)
    assert sorted(read["dependencies"]["ids"]) == sorted(world.groups)
    assert {"autonomy_h", "k", "suppliers"} <= set(read["dependencies"]["columns"])
    assert {"state", "level"} <= set(read["outcome"]["columns"])
