"""The expression language and which type wins; tags as found in real extracts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.importers.osm_tags import Classifier, classify, needs_review
from data.knowledge.reader import asset_types, rules, services
from models.knowledge.expressions import largest, parse
from models.knowledge.rules import ANY, SELF


@pytest.mark.parametrize(
    ("expression", "tags", "holds"),
    [
        ("power=plant", {"power": "plant"}, True),
        ("power=plant", {"power": "tower"}, False),
        ("power=plant", {}, False),
        ("power=plant|power=station", {"power": "station"}, True),
        ("power=plant&name=*", {"power": "plant"}, False),
        ("power=plant&name=*", {"power": "plant", "name": "West"}, True),
        ("fuel=gas", {"fuel": "oil; gas"}, True),
        ("voltage>=60000", {"voltage": "110000;20000"}, True),
        ("voltage>=60000&voltage<220000", {"voltage": "380000;110000"}, False),
        ("voltage<60000", {"voltage": "20000"}, True),
        ("voltage<=20000", {"voltage": "20000"}, True),
        ("voltage>20000", {"voltage": "medium"}, False),
        ("voltage<60000", {}, False),
        ("frequency!=16.67", {"frequency": "50"}, True),
        ("frequency!=16.67", {}, True),
        ("frequency!=*", {}, True),
        ("frequency!=*", {"frequency": "50"}, False),
        ("", {"power": "plant"}, False),
    ],
)
def test_expression(expression: str, tags: dict[str, str], holds: bool) -> None:
    assert parse(expression).holds(tags) is holds


@pytest.mark.parametrize("text", ["power", "voltage>=high", "=plant"])
def test_an_unreadable_condition_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=text.split(">")[0]):
        parse(text)


def test_largest_of_a_list() -> None:
    assert largest("110000; 20000;low") == 110000
    assert largest("low") is None
    assert largest(None) is None


@pytest.mark.parametrize(
    ("tags", "asset_type"),
    [
        ({"power": "substation", "voltage": "110000;20000"}, "substation_hv"),
        ({"power": "substation", "voltage": "380000;110000"}, "substation_ehv"),
        ({"power": "sub_station"}, "substation_mv"),
        ({"power": "sub_station", "substation": "traction"}, "rail_traction_substation"),
        ({"power": "plant", "plant:source": "battery"}, "battery_storage"),
        ({"man_made": "MDF"}, "telecom_exchange"),
        ({"man_made": "pipeline", "substance": "heat"}, "heat_pipeline"),
        ({"amenity": "nursing_home"}, "care_home"),
        ({"amenity": "kindergarten"}, "school"),
        ({"highway": "primary", "bridge": "yes"}, "road_bridge"),
        ({"highway": "path", "bridge": "yes"}, None),
        ({"power": "abandoned", "abandoned": "line"}, None),
        ({"amenity": "bench"}, None),
    ],
)
def test_highest_priority_wins(tags: dict[str, str], asset_type: str | None) -> None:
    matched = classify(tags)
    assert (matched.asset_type if matched else None) == asset_type


def test_ambiguous_tags_ask_for_a_look() -> None:
    assert needs_review({"man_made": "mast"})
    assert needs_review({"telecom": "exchange"})
    tower = {"man_made": "tower", "tower:type": "communication"}
    assert needs_review(tower)
    assert not needs_review(tower | {"communication:mobile_phone": "yes"})
    assert not needs_review({"amenity": "hospital"})


def test_the_knowledge_tables_fit_each_other() -> None:
    types, known = asset_types(), services()
    named = {t for rule in rules() for t in (*rule.dependents, *rule.suppliers)}
    assert named - set(types) == {ANY, SELF}
    assert {rule.service for rule in rules()} <= set(known)
    assert len({rule.rule_id for rule in rules()}) == len(rules())
    displayed = {t.display_sector for t in types.values()}
    assert displayed == {
        "energy", "water", "telecom", "transport", "health", "public", "finance", "food"
    }  # fmt: skip
    assert [s.service for s in known.values() if s.people_panel] == [
        "electricity", "drinking_water", "waste_water", "heat", "fixed_telecom",
        "mobile_telecom", "acute_care",
    ]  # fmt: skip


def test_buffers_are_ordered_low_mode_high() -> None:
    for rule in rules():
        low, mode, high = rule.autonomy_h
        assert 0 <= low <= mode <= high, rule.rule_id


def test_an_empty_store_refills_in_its_own_length_and_at_least_four_hours() -> None:
    """Assumption of the project's standards, written out row by row."""
    for rule in rules():
        mode = rule.autonomy_h[1]
        assert rule.recharge_h == (max(4.0, mode) if mode else 0.0), rule.rule_id


def test_who_is_a_special_user_and_who_could_feed_a_network() -> None:
    types = asset_types().values()
    assert {t.asset_type for t in types if t.special_user} == {
        "hospital", "care_home", "school", "dialysis"
    }  # fmt: skip
    assert {t.asset_type for t in types if t.can_feed} == {
        "power_plant", "power_generator", "battery_storage", "heat_plant"
    }  # fmt: skip


CONDITIONS = [
    condition
    for kind in asset_types().values()
    for joined in kind.tags.alternatives
    for condition in joined
]
#: Tags that the table asks for, alone or in a list, beside values that it does not know.
TAGS = st.dictionaries(
    st.sampled_from(sorted({c.key for c in CONDITIONS} | {"disused", "abandoned"})),
    st.sampled_from(sorted({c.value for c in CONDITIONS if c.value != "*"} | {"yes", "disused"}))
    | st.sampled_from(["110000;20000", "hospital;clinic", "tower; mast", "other"]),
    max_size=6,
)
CLASSIFIER = Classifier()


@given(TAGS)
def test_the_fast_classifier_says_what_the_plain_one_says(tags: dict[str, str]) -> None:
    assert CLASSIFIER(tags) == classify(tags)


@pytest.mark.parametrize("kind", asset_types().values(), ids=lambda k: k.asset_type)
def test_the_fast_classifier_knows_every_alternative(kind) -> None:
    for joined in kind.tags.alternatives:
        tags = {c.key: c.value for c in joined if c.operator in ("=", ">=", "<=")}
        tags |= {c.key: str(float(c.value) + 1) for c in joined if c.operator == ">"}
        tags = {key: "some" if value == "*" else value for key, value in tags.items()}
        assert CLASSIFIER(tags) == classify(tags)
