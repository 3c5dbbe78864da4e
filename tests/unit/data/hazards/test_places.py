"""Files of fields: an answer from a file that changed since is not given again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from data.documents.scenarios import with_effects
from data.hazards.places import Places
from layouts.words import Labels
from usecases.compute.computer import Computer


def test_the_fingerprint_is_that_of_the_content(tmp_path: Path):
    fields = tmp_path / "fields"
    fields.mkdir()
    places = Places.of(None, tmp_path)
    empty = places.fingerprint()
    (fields / "a.tif").write_bytes(b"one")
    first = places.fingerprint()
    (fields / "a.tif").write_bytes(b"two")
    second = places.fingerprint()
    (fields / "a.tif").write_bytes(b"one")
    assert len({empty, first, second}) == 3
    assert places.fingerprint() == first


def test_a_changed_field_is_computed_anew_and_an_equal_one_is_not(tiny_world, tmp_path: Path):
    fields = tmp_path / "fields"
    fields.mkdir()
    ring = [[-179, -89], [179, -89], [179, 89], [-179, 89], [-179, -89]]
    shape = {"type": "Polygon", "coordinates": [ring]}

    def write(gust: float) -> None:
        feature = {"type": "Feature", "geometry": shape, "properties": {"gust": gust}}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        (fields / "gusts.geojson").write_text(text, encoding="utf-8")

    places = Places.of(None, tmp_path)
    event = {"at_h": 2.0, "do": "hazard", "hazard": "wind", "threshold": 20.0,
             "field": {"file": "gusts.geojson", "column": "gust", "unit": "m/s"}}  # fmt: skip
    plain = {"world": tiny_world.world_id, "seed": 1, "horizon_h": 24, "repairs": "none",
             "events": [event], "measures": []}  # fmt: skip
    computer = Computer(
        tiny_world,
        Labels(),
        workers=0,
        strike=lambda scenario, world: with_effects(scenario, world, places),
        fields_mark=places.fingerprint,
    )

    async def story():
        write(10.0)
        calm = await computer.picture(plain)
        write(30.0)
        storm = await computer.picture(plain)
        return calm, storm, await computer.picture(plain)

    try:
        calm, storm, again = asyncio.run(story())
    finally:
        computer.close()
    assert calm["summary"]["direct"] == 0 < storm["summary"]["direct"]
    assert again is storm


def test_a_workbook_that_is_a_link_to_elsewhere_is_none_of_the_world(tmp_path: Path):
    world, elsewhere = tmp_path / "world", tmp_path / "secret.xlsx"
    (world / "fields").mkdir(parents=True)
    elsewhere.write_bytes(b"PK")
    own = world / "fields" / "own.xlsx"
    own.write_bytes(b"PK")
    (world / "fields" / "link.xlsx").symlink_to(elsewhere)
    assert [path.name for path in Places.of(None, world).workbooks()] == ["own.xlsx"]
