"""Fields at places and along lines: exact where cells and areas end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from models.hazards.fields import Areas, Grid, Smooth
from models.hazards.lines import Lines, lines_of, summary
from models.world import Link
from tests.strategies import asset, world_of


def _grid(seed: int) -> Grid:
    values = np.random.default_rng(seed).integers(0, 5, (20, 30)).astype(float)
    return Grid(values, (2.0, 0, 0, 0, -2.0, 20.0))  # x 0 to 15, y 10 to 0


def _lines(seed: int, n: int) -> Lines:
    draw = np.random.default_rng(seed)
    ends = draw.uniform(-3, 18, (n, 4))
    ends[::7, 2] = ends[::7, 0]  # upright ones, too
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    return Lines(tuple(map(str, range(n))), np.arange(n), *ends.T.copy(), length)


def _at_many(field, lines, steps=4000):
    t = (np.arange(steps) + 0.5) / steps
    lon = lines.lon0[:, None] + t * (lines.lon1 - lines.lon0)[:, None]
    lat = lines.lat0[:, None] + t * (lines.lat1 - lines.lat0)[:, None]
    return field.at(lon.ravel(), lat.ravel()).reshape(len(lines.ids), steps)


@pytest.mark.parametrize(
    "field",
    [_grid(1), Areas([box(0, 0, 5, 5), box(3, 3, 8, 8)], [1.0, 2.0])],
    ids=["grid", "areas"],
)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_along_lines_equals_many_points(field, seed):
    lines = _lines(seed, 40)
    found, values = summary(field.along(lines), lines, 1.5), _at_many(field, lines)
    assert found["mean"] == pytest.approx(values.mean(axis=1), abs=0.05)
    hit = (values > 1.5).mean(axis=1) * lines.length_m
    assert found["hit_m"] == pytest.approx(hit, abs=0.05)
    assert (found["max"] >= values.max(axis=1) - 1e-12).all()
    assert (found["hit_m"] <= found["length_m"]).all()


def test_a_line_on_a_border_and_one_of_no_length():
    lines = Lines(("a", "b"), np.array([0, 1]), np.array([1.0, 3.0]), np.array([0.0, 3.0]),
                  np.array([1.0, 3.0]), np.array([10.0, 3.0]), np.array([10.0, 0.0]))  # fmt: skip
    grid = Grid(np.ones((10, 10)), (1.0, 0, 0, 0, -1.0, 10.0))
    found = summary(grid.along(lines), lines, 0.0)
    assert found["hit_m"] == pytest.approx([10.0, 0.0])
    assert found["mean"] == pytest.approx([1.0, 0.0])


def test_no_value_is_no_intensity():
    grid = Grid(np.array([[np.nan, 2.0]]), (1.0, 0, 0, 0, -1.0, 1.0))
    assert grid.at(np.array([0.5, 1.5, 7.0, np.nan]), np.full(4, 0.5)).tolist() == [0, 2, 0, 0]
    assert not Grid(np.zeros((0, 0)), (1, 0, 0, 0, 1, 0)).at(np.zeros(2), np.zeros(2)).any()
    lines = _lines(3, 5)
    assert not len(Grid(np.zeros((0, 0)), (1, 0, 0, 0, 1, 0)).along(lines).of)


def test_a_smooth_field_is_taken_along_the_way():
    lines = Lines(("a",), np.array([0]), *(np.array([v]) for v in (0.0, 0.0, 10.0, 0.0, 10_000.0)))
    found = summary(Smooth(lambda lon, lat: lon + 0 * lat).along(lines), lines, 5.0)
    assert found["mean"][0] == pytest.approx(5.0)
    assert found["hit_m"][0] == pytest.approx(5_000)


def test_links_without_geometry_are_straight_and_lengths_are_geodesic():
    ends = [asset("a"), asset("b")]
    world = world_of([ends[0], type(ends[1])("b", "b", "thing", "energy", 1.0, 0.0)], [],
                     [Link("l", "a", "b", "road")])  # fmt: skip
    assert lines_of(world, ["l"]).total_m[0] == pytest.approx(111_319.49, abs=0.01)
    assert len(lines_of(world, []).ids) == 0
