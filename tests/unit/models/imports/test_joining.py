"""Records of two sources are matched once, whatever their order; names become ids."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.importers.numbers import numbers
from models.imports.joining import join
from models.imports.matching import match, merged
from models.imports.staged import LayerReport, Staged
from models.world import Asset, Flow, Group, Link, Supplier

NUMBERS = numbers()
NAMES = st.sampled_from(["", "North Hospital", "Hospital North", "South Clinic", "Mill"])


def asset(asset_id, name="", kind="hospital", lon=14.4, lat=35.9, **more):
    return Asset(asset_id, name, kind, "health", lon, lat, source="a file", **more)


@st.composite
def sources(draw, prefix):
    count = draw(st.integers(0, 6))
    return {
        f"{prefix}{i}": asset(
            f"{prefix}{i}", draw(NAMES), draw(st.sampled_from(["hospital", "clinic", "school"])),
            14.4 + draw(st.integers(0, 5)) * 1e-3,
        )
        for i in range(count)
    }  # fmt: skip


@given(sources("a"), sources("b"))
def test_a_record_is_in_one_match_at_most(one, other):
    found = match(one, other, NUMBERS)
    assert len({m.one for m in found}) == len(found)
    assert len({m.other for m in found}) == len(found)
    assert all(m.reason and m.confidence in "ABCD" for m in found)


@given(sources("a"), sources("b"))
def test_the_order_of_records_makes_no_difference(one, other):
    turned = dict(reversed(one.items())), dict(reversed(other.items()))
    assert set(match(one, other, NUMBERS)) == set(match(*turned, NUMBERS))


def test_the_same_id_settles_it():
    (found,) = match({"x": asset("x", "A")}, {"x": asset("x", "B", lon=15.0)}, NUMBERS)
    assert found.confidence == "A"


def test_what_is_far_or_of_another_kind_is_not_matched():
    known = {"a": asset("a", "North Hospital")}
    assert not match(known, {"b": asset("b", "North Hospital", lon=14.5)}, NUMBERS)
    assert not match(known, {"b": asset("b", "North Hospital", kind="school")}, NUMBERS)


def test_both_values_are_kept():
    one = asset("a", "North Hospital", operator="Town")
    other = asset("b", "Hospital North", operator="State")
    (found,) = match({"a": one}, {"b": other}, NUMBERS)
    whole = merged(one, other, found)
    assert (whole.asset_id, whole.operator) == ("a", "State")
    assert "Town" in whole.note
    assert "'b'" in whole.note


def staged(file, *assets, **tables):
    made = Staged(layers=[LayerReport(file, "CSV", file)], **tables)
    made.assets = {a.asset_id: a for a in assets}
    return made


def test_suppliers_and_ends_may_be_named():
    group = Group("g", "H", "electricity", (Supplier("West"), Supplier("nobody")), k=2)
    link = Link("l", "West", "H", "electricity")
    one = staged("a.csv", asset("U", "West", "substation_hv", 14.5), asset("H", "Hill"),
                 groups=[group], links=[link])  # fmt: skip
    joined = join([one], NUMBERS)
    (kept,) = joined.groups
    assert [s.asset_id for s in kept.suppliers] == ["U"]
    assert kept.k == 1
    assert (joined.links[0].from_id, joined.links[0].to_id) == ("U", "H")
    assert any("nobody" in f.message for f in joined.findings)


def test_what_is_said_of_a_matched_record_is_said_of_the_first():
    first = staged("a.csv", asset("H", "North Hospital"))
    later = staged("b.csv", asset("77", "Hospital North"), flows=[Flow("77", "heat", demand=2.0)])
    joined = join([first, later], NUMBERS)
    assert set(joined.assets) == {"H"}
    assert joined.flows == [Flow("H", "heat", demand=2.0)]
    assert joined.ids == {"H": ("77",)}


@pytest.mark.parametrize("count", [1, 3])
def test_flows_of_one_asset_are_put_together(count):
    flows = [Flow("H", "heat", supply=5.0), Flow("H", "heat", demand=2.0)] * count
    joined = join([staged("a.csv", asset("H"), flows=flows)], NUMBERS)
    assert joined.flows == [Flow("H", "heat", 5.0, 2.0)]


def test_joining_nothing_gives_nothing():
    assert join([], NUMBERS) == replace(Staged())
