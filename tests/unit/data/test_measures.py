"""The table of measures: every service says what can be done, and nothing impossible is offered."""

from __future__ import annotations

import csv

import pytest

from data.knowledge.reader import FOLDER, asset_types, measures, services

MEASURES = ("supply", "add_autonomy", "add_supplier", "add_source")


def _rows() -> list[dict[str, str]]:
    with (FOLDER / "measures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_name_what_there_is_and_where_it_comes_from() -> None:
    for row in _rows():
        assert row["measure"] in MEASURES and row["service"] in services()
        assert row["asset_type"] == "*" or row["asset_type"] in asset_types()
        assert row["possible"] in ("true", "false") and row["confidence"] in "ABCD"
        assert row["source"] and row["note"]


def test_every_service_says_what_can_be_done() -> None:
    named = {(row["measure"], row["service"]) for row in _rows()}
    assert {(m, s) for m in MEASURES[:3] for s in services()} <= named


@pytest.mark.parametrize(
    ("measure", "service", "asset_type", "possible"),
    [
        ("supply", "electricity", "hospital", True),
        ("supply", "electricity", "substation_hv", False),
        ("add_autonomy", "backhaul", "mobile_site", False),
        ("add_supplier", "backhaul", "mobile_site", True),
        ("add_autonomy", "unheard_of", "hospital", False),
    ],
)
def test_the_most_special_row_decides(
    measure: str, service: str, asset_type: str, possible: bool
) -> None:
    assert measures()(measure, service, asset_type) is possible
