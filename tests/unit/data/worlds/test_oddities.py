"""Valid content that is probably unintended is told, and a name that is there twice is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.documents.scenarios import read_scenario
from data.worlds.reader import check_world
from models.errors import BadInputError
from models.world import World


def with_rows(folder: Path, table: str, *rows: str) -> list[str]:
    """Return the warnings of a world with further rows in a table."""
    file = folder / table
    text = file.read_text(encoding="utf-8").rstrip("\n")
    file.write_text("\n".join([text, *rows]) + "\n", encoding="utf-8")
    checked = check_world(folder)
    assert not checked.problems
    return list(checked.warnings)


def asset_row(folder: Path, asset_id: str, lon: str, lat: str) -> str:
    """Return a row of assets.csv in the columns of the folder."""
    header = (folder / "assets.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    values = {"asset_id": asset_id, "asset_type": "substation_mv", "sector": "energy"}
    return ",".join((values | {"lon": lon, "lat": lat}).get(column, "") for column in header)


def test_ids_that_differ_only_in_capitals_are_told(tiny_world_folder: Path) -> None:
    row = asset_row(tiny_world_folder, "GRID", "13.2", "53.5")
    told = with_rows(tiny_world_folder, "assets.csv", row)
    assert any("'grid' and 'GRID' differ only in capitals" in line or
               "'GRID' and 'grid' differ only in capitals" in line for line in told)  # fmt: skip


def test_an_asset_without_a_place_is_told(tiny_world_folder: Path) -> None:
    row = asset_row(tiny_world_folder, "lost", "0", "0")
    told = with_rows(tiny_world_folder, "assets.csv", row)
    assert "tiny: 'lost' at longitude 0, latitude 0: is the place missing?" in told


def test_a_name_twice_in_world_json_is_refused(tiny_world_folder: Path) -> None:
    (tiny_world_folder / "world.json").write_text('{"id": "a", "id": "b", "title": "x"}')
    told = "world.json: 'id' is there twice in one object. Leave one of them."
    assert told in check_world(tiny_world_folder).problems


@pytest.mark.parametrize(
    "text",
    [
        '{"world": "tiny", "events": [], "events": [{"at_h": 0, "do": "fail", "asset": "grid"}]}',
        '{"world": "tiny", "events": [{"at_h": 0, "at_h": 5, "do": "fail", "asset": "grid"}]}',
    ],
)
def test_a_name_twice_in_a_scenario_is_refused(tiny_world: World, tmp_path: Path, text: str):
    file = tmp_path / "twice.json"
    file.write_text(text, encoding="utf-8")
    assert json.loads(text)
    with pytest.raises(BadInputError, match="is there twice in one object"):
        read_scenario(file, tiny_world)
