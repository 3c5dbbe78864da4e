"""Real extracts become worlds: counts as in the tags, networks that hold together, people."""

from __future__ import annotations

import json

import pytest

from cli import main
from data.worlds.reader import read_world
from tests.osm_counts import SHARED, count_by_tags

EXTRACTS = SHARED / "osm"
FILES = {
    name: EXTRACTS / file
    for name, file in {
        "malta": "malta_2018-08-27.osm.pbf",
        "andorra": "andorra_2025-01-19.osm.pbf",
        "rutland": "rutland_2022-07-20.osm.pbf",
        "kampen": "kampen_2023-01-30.osm.pbf",
    }.items()
}
needs_extracts = pytest.mark.skipif(
    not EXTRACTS.is_dir(), reason="the extracts are not part of the repository"
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Import an extract once; return the folder of its world and the report."""
    done = {}

    def get(name):
        if name not in done:
            out = tmp_path_factory.mktemp("worlds") / name
            report = out.with_suffix(".json")
            code = main(["import", str(FILES[name]), "--out", str(out), "--report", str(report)])
            assert code == 0
            done[name] = out, json.loads(report.read_text("utf-8"))
        return done[name]

    return get


@needs_extracts
@pytest.mark.parametrize("name", FILES)
def test_counts_are_within_five_percent_of_the_tags(name, imported):
    _, report = imported(name)
    for kind, count in count_by_tags(FILES[name]).items():
        found = report["assets_by_type"].get(kind, 0)
        assert abs(found - count) <= max(1, 0.05 * count), f"{kind}: {found} of {count}"


@needs_extracts
@pytest.mark.parametrize("name", FILES)
def test_every_station_of_high_voltage_is_energised_from_the_start(name, imported):
    out, _ = imported(name)
    world = read_world(out)
    scenario = out.parent / f"{name}-nothing.json"
    plain = {"world": name, "seed": 1, "horizon_h": 1, "repairs": "none", "events": [],
             "measures": []}  # fmt: skip
    scenario.write_text(json.dumps(plain))
    outcome = out.parent / f"{name}-nothing-outcome.json"
    assert main(["run", str(out), str(scenario), "--out", str(outcome)]) == 0
    lost = json.loads(outcome.read_text("utf-8"))["assets"]
    dark = [a for a in lost if not world.assets[a].is_junction]
    assert dark == []


@needs_extracts
def test_water_of_malta_fails_when_both_of_its_supplies_of_power_do(imported):
    out, _ = imported("malta")
    world = read_world(out)
    sources = [a for a, x in world.assets.items() if "electricity" in x.source_of]
    assert {world.assets[a].asset_type for a in sources} == {"power_plant", "substation_ehv"}
    scenario = out.parent / "dark.json"
    plain = {"world": "malta", "seed": 1, "horizon_h": 168, "repairs": "none", "measures": [],
             "events": [{"at_h": 0, "do": "fail", "asset": a} for a in sources]}  # fmt: skip
    scenario.write_text(json.dumps(plain))
    outcome = out.parent / "dark-outcome.json"
    assert main(["run", str(out), str(scenario), "--out", str(outcome)]) == 0
    found = json.loads(outcome.read_text("utf-8"))
    works = [a for a, x in world.assets.items() if x.asset_type == "water_works"]
    assert {found["assets"][a]["state_end"] for a in works} == {"failed-cascade"}
    assert min(found["assets"][a]["first_loss_h"] for a in works) > 0
    assert found["people"]["drinking_water"]["peak"] == sum(c.people for c in world.cells.values())


@needs_extracts
def test_two_imports_give_the_same_world(imported, tmp_path):
    out, _ = imported("kampen")
    again = tmp_path / "kampen"
    assert main(["import", str(FILES["kampen"]), "--out", str(again)]) == 0
    assert read_world(again).sha256 == read_world(out).sha256
