"""Each way of finding a supplier, on worlds small enough to draw."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from models.knowledge.dependencies import (
    Inferred,
    Region,
    co_located,
    infer,
    services_provided,
)
from models.knowledge.expressions import parse
from models.knowledge.rules import Override, Rule
from models.space.areas import Sites, largest_remainder, owner, utm_crs
from models.world import ASSUMPTION, Asset, Link

#: About 1 km in degrees of longitude at 53.5 N.
KM = 0.0151
CLINIC_POWER = Rule(
    "R1", ("clinic",), ("station", "kiosk"), "electricity", "nearest", n=1, min_supply_fraction=0.6
)


def asset(asset_id: str, asset_type: str, km: float = 0.0, **more: object) -> Asset:
    """Return an asset ``km`` east of a fixed place."""
    return Asset(asset_id, asset_id, asset_type, "energy", 13.2 + km * KM, 53.5, **more)  # type: ignore[arg-type]


def region(*assets: Asset, **more: object) -> Region:
    return Region({a.asset_id: a for a in assets}, **more)  # type: ignore[arg-type]


def suppliers(inferred: Inferred, group_id: str) -> list[str]:
    group = next(g for g in inferred.groups if g.group_id == group_id)
    return [s.asset_id for s in group.suppliers]


@pytest.fixture
def street() -> Region:
    """S1 --- clinic -k- ------- S2 (km 0, 2, 2.2, 6): the kiosk k is close to the clinic."""
    return region(
        asset("S1", "station", 0),
        asset("clinic", "clinic", 2),
        asset("k", "kiosk", 2.2),
        asset("S2", "station", 6),
    )


def test_nearest_takes_the_nearest_of_all_alternatives(street: Region) -> None:
    inferred = infer(street, [CLINIC_POWER])
    assert suppliers(inferred, "R1:clinic") == ["k"]
    assert inferred.groups[0].origin == "R1"
    assert inferred.groups[0].suppliers[0].distance_m == pytest.approx(200, rel=0.02)


def test_out_of_reach_is_unknown_and_hides_the_state_of_a_tight_physical_need(
    street: Region,
) -> None:
    inferred = infer(street, [replace(CLINIC_POWER, reach_m=100.0)])
    assert inferred.groups == ()
    assert [(u.asset_id, u.hides_state) for u in inferred.unknown_needs] == [("clinic", True)]


def test_a_loose_need_without_supplier_hides_nothing(street: Region) -> None:
    inferred = infer(street, [replace(CLINIC_POWER, suppliers=("depot",), tight=False)])
    assert [u.hides_state for u in inferred.unknown_needs] == [False]


def test_k_nearest_counts_upstreams_not_kiosks() -> None:
    """S1 feeds k1 and k2 beside the clinic, S2 is far: 2 of 2 means k1 and S2."""
    world = region(
        asset("S1", "station", 0),
        asset("k1", "kiosk", 1.0),
        asset("k2", "kiosk", 1.3),
        asset("clinic", "clinic", 1.1),
        asset("S2", "station", 6),
    )
    inferred = infer(world, [replace(CLINIC_POWER, assignment="k_nearest", n=2, k=2)])
    assert suppliers(inferred, "R1:clinic") == ["k1", "S2"]
    assert inferred.groups[0].k == 2


def test_k_never_asks_for_more_suppliers_than_were_found() -> None:
    world = region(asset("S1", "station", 0), asset("clinic", "clinic", 1))
    inferred = infer(world, [replace(CLINIC_POWER, assignment="k_nearest", n=3, k=3)])
    assert inferred.groups[0].k == 1


def test_service_area_prefers_a_local_stage_of_the_same_area(street: Region) -> None:
    rule = replace(CLINIC_POWER, assignment="nearest_in_service_area")
    far, near_only = (replace(street, local_reach_m=reach) for reach in (300.0, 100.0))
    assert suppliers(infer(far, [rule]), "R1:clinic") == ["k"]
    assert suppliers(infer(near_only, [rule]), "R1:clinic") == ["S1"]
    assert suppliers(infer(street, [rule]), "R1:clinic") == ["S1"]


def test_a_kiosk_of_the_neighbouring_area_does_not_count() -> None:
    """The border between S1 and S2 (km 3) runs between clinic (2.9) and kiosk (3.1)."""
    world = region(
        asset("S1", "station", 0),
        asset("clinic", "clinic", 2.9),
        asset("k", "kiosk", 3.1),
        asset("S2", "station", 6),
        local_reach_m=300.0,
    )
    rule = replace(CLINIC_POWER, assignment="service_area")
    assert suppliers(infer(world, [rule]), "R1:clinic") == ["S1"]


def test_a_declared_polygon_goes_before_distance(street: Region) -> None:
    sites = street.sites()
    x, y = sites.point("clinic")
    around = {"S2": shapely.box(x - 10, y - 10, x + 10, y + 10)}
    rule = replace(CLINIC_POWER, assignment="service_area", suppliers=("station",))
    inferred = infer(replace(street, polygons=around), [rule])
    assert suppliers(inferred, "R1:clinic") == ["S2"]


def test_within_radius_keeps_its_reach(street: Region) -> None:
    rule = replace(CLINIC_POWER, assignment="within_radius", reach_m=250.0, n=9)
    assert suppliers(infer(street, [rule]), "R1:clinic") == ["k"]


LINKS = (
    Link("a", "S1", "j", "electricity", length_m=3000),
    Link("b", "j", "sub", "electricity", length_m=1000),
    Link("c", "S2", "sub", "electricity", length_m=9000),
    Link("d", "S3", "other", "electricity", length_m=10),
)


def test_grid_topology_follows_links_not_the_crow() -> None:
    """S1 - j - sub - S2 are joined; S3 stands beside sub without a line."""
    world = region(
        asset("S1", "station", 0),
        asset("S2", "station", 5),
        asset("S3", "station", 1.1),
        asset("j", "junction", 0.5),
        asset("other", "junction", 2),
        asset("sub", "clinic", 1),
        links=LINKS,
    )
    rule = replace(CLINIC_POWER, assignment="grid_topology", suppliers=("station",), n=2)
    assert suppliers(infer(world, [rule]), "R1:sub") == ["S1", "S2"]


def test_an_asset_that_passes_the_service_on_gets_no_group_its_links_speak() -> None:
    world = region(
        asset("S1", "station", 0),
        asset("j", "junction", 0.5),
        asset("sub", "clinic", 1, provides=("electricity",)),
        links=LINKS[:2],
    )
    rule = replace(CLINIC_POWER, assignment="grid_topology", suppliers=("station",))
    inferred = infer(world, [rule])
    assert (inferred.groups, inferred.unknown_needs) == ((), ())


def test_path_exists_gives_the_place_where_the_network_is_entered() -> None:
    world = region(
        asset("clinic", "clinic", 0),
        asset("j1", "junction", 1),
        asset("j2", "junction", 3),
        links=(Link("r", "j1", "j2", "road", length_m=2000),),
    )
    rule = Rule("R2", ("clinic",), ("road_primary",), "road", "path_exists", reach_m=5000.0)
    assert suppliers(infer(world, [rule]), "R2:clinic") == ["j1"]


def test_self_and_global() -> None:
    world = region(asset("clinic", "clinic", 0), asset("time", "gnss", 900))
    own = Rule("R3", ("clinic",), ("@self",), "electricity", "self")
    everyone = Rule("R4", ("clinic",), ("gnss",), "time", "global", reach_m=1.0)
    inferred = infer(world, [own, everyone])
    assert suppliers(inferred, "R3:clinic") == ["clinic"]
    assert suppliers(inferred, "R4:clinic") == ["time"]


def test_explicit_is_never_guessed(street: Region) -> None:
    inferred = infer(street, [replace(CLINIC_POWER, assignment="explicit")])
    assert inferred.groups == ()
    assert [u.hides_state for u in inferred.unknown_needs] == [False]


def test_a_condition_is_asked_of_the_facts() -> None:
    rule = Rule("R5", ("plant",), ("net",), "gas", "nearest", condition=parse("fuel=gas"))
    world = region(asset("gas", "plant"), asset("sun", "plant", 1), asset("net", "net", 2))
    inferred = infer(
        replace(world, facts={"gas": {"fuel": "gas;oil"}, "sun": {"fuel": "sun"}}), [rule]
    )
    assert [g.consumer_id for g in inferred.groups] == ["gas"]


def test_overrides_in_order_and_by_id_or_type(street: Region) -> None:
    rules = [CLINIC_POWER, replace(CLINIC_POWER, rule_id="R9")]
    inferred = infer(
        street,
        rules,
        [
            Override("skip", rule_id="R9"),
            Override("supplier_types", "station", service="electricity", consumer="clinic"),
            Override("autonomy_h", "12", consumer="clinic", confidence="D", note="assumed"),
            Override("recharge_h", "9", consumer="clinic"),
        ],
    )
    (group,) = inferred.groups
    assert suppliers(inferred, "R1:clinic") == ["S1"]
    assert (group.autonomy_h, group.recharge_h, group.confidence) == (12.0, 9.0, "D")
    assert group.source.endswith("assumed")


def test_a_store_refills_as_its_rule_says_and_only_where_there_is_one(street: Region) -> None:
    battery = replace(CLINIC_POWER, autonomy_h=(1.0, 2.0, 4.0), recharge_h=4.0)
    none = replace(CLINIC_POWER, rule_id="R9", recharge_h=4.0)
    inferred = infer(street, [battery, none])
    assert [(g.autonomy_h, g.recharge_h) for g in inferred.groups] == [(2.0, 4.0), (0.0, 0.0)]


def test_named_suppliers_are_an_assumption(street: Region) -> None:
    inferred = infer(street, [CLINIC_POWER], [Override("suppliers", "S1|S2", rule_id="R1")])
    assert suppliers(inferred, "R1:clinic") == ["S1", "S2"]
    assert inferred.groups[0].origin == ASSUMPTION


def test_unknown_by_override(street: Region) -> None:
    inferred = infer(street, [CLINIC_POWER], [Override("unknown", "shows", rule_id="R1")])
    assert [(u.rule_id, u.hides_state) for u in inferred.unknown_needs] == [("R1", False)]


def test_the_order_of_assets_and_rules_changes_nothing(street: Region) -> None:
    rules = [CLINIC_POWER, replace(CLINIC_POWER, rule_id="R0", assignment="service_area")]
    turned = replace(street, assets=dict(reversed(list(street.assets.items()))))
    assert infer(street, rules) == infer(turned, rules[::-1])


def test_what_a_type_provides() -> None:
    assert services_provided([CLINIC_POWER]) == {
        "kiosk": ("electricity",),
        "station": ("electricity",),
    }


def test_co_location_chains_close_steps() -> None:
    close = [asset("a", "kiosk", 0), asset("b", "kiosk", 0.04), asset("c", "kiosk", 0.08)]
    (group,) = co_located([*close, asset("far", "kiosk", 1)], 50.0)
    assert (group.basis, group.asset_ids) == ("location", ("a", "b", "c"))


def test_owner_without_any_supplier() -> None:
    assert owner((0.0, 0.0), Sites.of([]), {}) is None


def test_utm_zone() -> None:
    assert utm_crs(13.25, 53.5) == "EPSG:32633"


def test_largest_remainder_keeps_the_sum() -> None:
    assert largest_remainder(10, [1, 1, 1]) == [4, 3, 3]
    assert sum(largest_remainder(76966, [0.1 * n for n in range(1, 300)])) == 76966
    assert largest_remainder(5, []) == []
