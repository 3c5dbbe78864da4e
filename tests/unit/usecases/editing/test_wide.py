"""What a client sends as a hazard, an attack or a shortage: bounded, or refused in words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from models.errors import BadInputError
from usecases.editing.actions import parse_action
from usecases.editing.wide import MAX_CORNERS, plain_of, require_bounded

NAN = float("nan")
RING = [[13.0, 53.0], [13.1, 53.0], [13.1, 53.1], [13.0, 53.0]]
DRAWN = {"polygon": {"type": "Polygon", "coordinates": [RING]}, "intensity": 0.8}
FLOOD = {"at_h": 6, "do": "hazard", "hazard": "flood", "field": DRAWN, "threshold": 0.5}
ATTACK = {
    "at_h": 2, "do": "attack", "select": {"operator": "Netz"}, "access": [0.1, 0.3, 0.6],
    "exploit": [0.2, 0.5, 0.9], "effect": "T0826", "duration_h": [4, 24, 72],
}  # fmt: skip
SHORTAGE = {"at_h": 0, "do": "shortage", "of": "staff", "sector": "health", "share": 0.3}


def _sent(event: dict[str, Any]) -> Any:
    return parse_action({"do": "add_wide", "event": event})


def _polygon(ring: object) -> dict[str, Any]:
    return {"polygon": {"type": "Polygon", "coordinates": [ring]}, "intensity": 1}


@pytest.mark.parametrize("event", [FLOOD, ATTACK, SHORTAGE])
def test_what_the_page_sends_comes_out_as_a_scenario_file_has_it(event):
    assert plain_of(_sent(deepcopy(event)).event) == event


@pytest.mark.parametrize(
    "field",
    [
        {"file": "depth.tif"},
        {"file": "x_100 (2).nc", "variable": "gust"},
        {"magnitude": 6.1, "lon": 13.2, "lat": 53.5},
        {**DRAWN, "steps": [{"after_h": 0, "intensity": 0.2}, {"after_h": 6, "intensity": 0.8}]},
    ],
)
def test_files_of_the_world_quakes_and_rising_areas_are_fields(field):
    assert _sent({**FLOOD, "field": field}).event.field is not None


@pytest.mark.parametrize(
    "name",
    ["../x.tif", "a/b.tif", "/etc/passwd", "a\\b", "C:x", ".hidden", "", "a\0b", "x" * 300,
     "http://x", "/vsicurl/x"],
)  # fmt: skip
def test_a_file_of_a_field_is_a_plain_name(name):
    with pytest.raises(BadInputError) as refused:
        _sent({**FLOOD, "field": {"file": name}})
    assert "passwd" not in str(refused.value)


@pytest.mark.parametrize(
    "field",
    [
        5, None, [], {}, {"track": "x"}, {"cap": "x"}, {"shakemap": "x"},
        {**DRAWN, "crs": "EPSG:25833"}, {**DRAWN, "intensity": NAN}, {**DRAWN, "intensity": "1"},
        {**DRAWN, "steps": []}, {**DRAWN, "file": "depth.tif"},
        {"magnitude": NAN, "lon": 13, "lat": 53}, {"magnitude": 6, "lon": 181, "lat": 53},
        _polygon([[NAN, 53.0], *RING[1:]]), _polygon([[13.0, float("inf")], *RING[1:]]),
        _polygon([[13.0, 91.0], *RING[1:]]), _polygon(RING[:3]), _polygon([[1.0, 2.0, 3.0]] * 4),
        _polygon([[13.0, 53.0]] * (MAX_CORNERS + 1)),
        {"polygon": {"type": "Polygon", "coordinates": [RING] * 1000}, "intensity": 1},
    ],
)  # fmt: skip
def test_what_no_drawing_could_have_made_is_refused(field):
    with pytest.raises(BadInputError):
        _sent({**FLOOD, "field": field})


@pytest.mark.parametrize(
    "event",
    [
        {**FLOOD, "hazard": "zombies"}, {**FLOOD, "at_h": NAN}, {**FLOOD, "threshold": NAN},
        {**ATTACK, "effect": "T9999"}, {**ATTACK, "access": [0.1, 0.3]},
        {**ATTACK, "exploit": [0.1, NAN, 0.3]}, {**ATTACK, "select": {"exploit": "x"}},
        {**ATTACK, "duration_h": [-1, 2, 3]}, {**SHORTAGE, "share": 1.5},
        {**SHORTAGE, "of": "bread"}, {"at_h": 0, "do": "fail", "asset": "A"}, {},
    ],
)  # fmt: skip
def test_events_out_of_bounds_are_refused(event):
    with pytest.raises(BadInputError):
        _sent(event)


def test_an_edit_keeps_the_field_of_a_file_and_brings_in_none_that_no_drawing_makes():
    held = {**FLOOD, "field": {"cap": "alert.xml", "intensity": 0.6}}
    require_bounded({**held, "at_h": 9}, held)
    with pytest.raises(BadInputError):
        require_bounded({**held, "field": {"cap": "other.xml"}}, held)
    with pytest.raises(BadInputError):
        require_bounded({**held, "tables": "../table.xlsx"}, held)
