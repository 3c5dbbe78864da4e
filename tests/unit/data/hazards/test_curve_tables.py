"""Workbooks of curves: the layout of Nirandjan et al., with its oddities, and what is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from data.documents.curves import curve_list, curve_plain
from data.hazards.curve_tables import read_curve_table
from data.hazards.curves import curve_of_id
from models.errors import BadInputError

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data" / "fragility"

DEPTH = [
    ["ID number", "F1.1", "F1.2"],
    ["Infrastructure description", "plant", "road"],
    ["Additional characteristics", "small", "N/A"],
    [],
    ["Depth (m)", "Damage factor", None],
    [0, 0, 0.1],
    [1, 0.4, None],
    [2, 1, 0.5],
]
STATES = [
    ["ID number", "E1.1", None, "E1.2"],
    ["Infrastructure type", "Power plant", None, "Power plant"],
    ["Infrastructure type details", None, None, "x"],
    [],
    ["Peak Ground Acceleration (g)", "Slight", "Moderate", "Structural failure"],
    [0, 0, 0, 0],
    [1, 0.8, 0.5, 0.2],
]
RATIOS = [["ID number", "E1.1", "E1.1"], ["t", "p", "q"], [],
          ["PGA [g]", "Damage factor", "Damage factor"], [0, 0, 0], [1, 0.3, 0.6]]  # fmt: skip
WORDS = [
    ["ID number", None, "L1", None, "L2", "L3"],
    ["Infrastructure type", None, "Roads", None, "Roads", "Rail"],
    [],
    [None, "Magnitude", "Damage factor", None, "Damage factor", "Damage factor"],
    [None, "Low ", 0.2, "If it occurs", 0.9, 0.7],
    [None, "High", 0.6, None, None, None],
]


@pytest.fixture
def table(tmp_path):
    """Return the curves of a small workbook."""
    book = Workbook()
    book.active.append(["About this file"])
    for title, rows in {"F_Vuln_Depth": DEPTH, "E_Frag_PGA": STATES, "E_Vuln_PGA": RATIOS,
                        "L_Categorical": WORDS, "X_Vuln_New": DEPTH}.items():  # fmt: skip
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row or [None])
    book.save(tmp_path / "t.xlsx")
    return read_curve_table(tmp_path / "t.xlsx")


def test_every_id_of_every_sheet_can_be_chosen(table):
    ids = [(c.sheet, c.curve_id) for c in table]
    assert len(ids) == 11
    assert {item["hazard"] for item in curve_list(table)} == {
        "flood", "earthquake", "landslide", "x",
    }  # fmt: skip
    for number, curve in enumerate(table):
        nth = sum(item_id == ids[number] for item_id in ids[: number + 1])
        name = f"{curve.sheet}/{curve.curve_id}"
        found = curve_of_id(name if nth == 1 else f"{name}#{nth}", table)
        assert found is curve


def test_values_lie_between_the_points_and_stay_beyond_them(table):
    plain = curve_plain(curve_of_id("F1.1", table), ["-1", "0.5", "1.5", "9"])
    assert [row["damage"] for row in plain["values"]] == pytest.approx([0, 0.2, 0.7, 1])
    assert (plain["im"], plain["unit"], plain["kind"]) == ("Depth", "m", "damage")
    road = curve_plain(curve_of_id("F_Vuln_Depth/F1.2", table), ["1"])  # a cell is empty
    assert road["values"] == [{"im": 1.0, "damage": pytest.approx(0.3)}]


def test_an_id_of_both_kinds_gives_both(table):
    plain = curve_plain(curve_of_id("E1.1", table), ["0.5"])
    assert plain["kind"] == "damage"
    assert plain["values"] == [
        {"im": 0.5, "damage": 0.15, "p_states": {"slight": 0.4, "moderate": 0.25}}
    ]
    assert curve_of_id("E_Frag_PGA/E1.1", table).kind == "states"
    assert curve_of_id("E1.1#3", table) is not curve_of_id("E1.1#2", table)


def test_intensities_in_words(table):
    curve = curve_of_id("L1", table)
    assert curve_plain(curve, ["high", "LOW"])["values"] == [
        {"im": "High", "damage": 0.6}, {"im": "Low", "damage": 0.2},
    ]  # fmt: skip
    assert curve_of_id("L3", table).damage(np.zeros(1)) == pytest.approx([0.7])
    with pytest.raises(BadInputError, match="by words: 'Low', 'High'"):
        curve_plain(curve, ["3"])


@pytest.mark.parametrize("wrong", ["", "F1.1#0", "F1.1#x", "X/F1.1", "nope"])
def test_no_such_curve(table, wrong):
    with pytest.raises(BadInputError, match="no curve"):
        curve_of_id(wrong, table)


def test_intensities_that_are_none(table):
    with pytest.raises(BadInputError) as caught:
        curve_plain(curve_of_id("F1.1", table), ["x", "nan", "1"])
    assert len(caught.value.problems) == 2


def test_files_that_are_no_table(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 no")
    (tmp_path / "b.xlsx").write_text("a,b")
    book = Workbook()
    book.active.append(["ID number", "Amount"])
    book.active.append([1, 3.0])
    book.save(tmp_path / "c.xlsx")
    for name in ("a.xlsx", "b.xlsx", "c.xlsx", "none.xlsx"):
        with pytest.raises(BadInputError) as caught:
            read_curve_table(tmp_path / name)
        assert len(caught.value.problems) == 1


def test_all_curves_of_the_published_table():
    path = SHARED / "nirandjan_table_d2_v1.1.0.xlsx"
    if not path.exists():
        pytest.skip("the published table is not here")
    table = read_curve_table(path)
    assert len(table) == 1153
    assert len({c.sheet for c in table}) == 29
    for curve in table:
        assert curve.source
        assert curve.responses
        plain = curve_plain(curve, [])
        assert json.dumps(plain, allow_nan=False)
        assert re.match(r"\w", plain["id"])
