"""Suppliers that share what takes them together."""

from __future__ import annotations

from dataclasses import replace

from models.criticality.redundancy import false_redundancies
from models.world import CommonCause, ServiceArea, Supplier
from tests.strategies import asset, needs, world_of


def _found(world, **rest):
    return {
        (finding.basis, finding.what, finding.suppliers)
        for finding in false_redundancies(world, **rest)
    }


def _at(name, lon, **fields):
    return replace(asset(name, **fields), lon=lon, lat=50.0)


def test_each_cause_that_suppliers_share_is_found():
    world = world_of(
        [
            _at("A", 1.0, operator="North", product="RTU 2"),
            _at("B", 1.0005, operator="North"),  # 36 m east of A
            _at("C", 3.0, product="RTU 2"),
            _at("X", 4.0),
            _at("shop", 5.0),
        ],
        [
            needs("pair", "shop", "A B"),
            needs("far", "shop", "A C"),
            needs("a", "A", "X"),
            needs("b", "C", "X"),
        ],
        common_causes={"trench": CommonCause("trench", "corridor", asset_ids=("A", "C"))},
        service_areas=(ServiceArea("shop", "food", 30),),
    )
    assert _found(world) == {
        ("operator", "North", ("A", "B")),
        ("site", "A", ("A", "B")),
        ("common cause", "trench", ("A", "C")),
        ("product", "RTU 2", ("A", "C")),
        ("upstream", "X", ("A", "C")),
    }
    assert {finding.people for finding in false_redundancies(world)} == {30}
    assert ("field", "flood", ("A", "C")) in _found(world, hit={"flood": ["A", "C"]})
    assert not {match for match in _found(world, upstream=False) if match[0] == "upstream"}


def test_what_has_no_spare_and_what_has_enough_is_not_told():
    causes = {"t": CommonCause("t", "corridor", asset_ids=("A", "B"))}
    suppliers = [_at(name, n) for n, name in enumerate("ABCS")]
    both = world_of(suppliers, [needs("g", "S", "A B", k=2)], common_causes=causes)
    assert not _found(both)  # nobody took it for redundant
    three = world_of(suppliers, [needs("g", "S", "A B C")], common_causes=causes)
    assert not _found(three)  # C is left
    of_three = world_of(suppliers, [needs("g", "S", "A B C", k=2)], common_causes=causes)
    assert _found(of_three) == {("common cause", "t", ("A", "B"))}


def test_shares_that_leave_too_little():
    shared = replace(needs("g", "S", "A B C"), min_supply_fraction=0.5, suppliers=tuple(
        Supplier(name, 0.4) for name in "ABC"))  # fmt: skip
    causes = {"t": CommonCause("t", "corridor", asset_ids=("A", "B"))}
    world = world_of([_at(n, i) for i, n in enumerate("ABCS")], [shared], common_causes=causes)
    assert _found(world) == {("common cause", "t", ("A", "B"))}
    enough = replace(shared, min_supply_fraction=0.3)
    assert not _found(world_of(list(world.assets.values()), [enough], common_causes=causes))
