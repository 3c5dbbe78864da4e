"""Who may change what is judged by the difference that a change makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.access import LOCAL_USER, NOBODY, NotAllowedError, Who
from models.change import difference
from models.rights.permission import require_leads, require_may_change, require_may_edit

WATER = Who("w (1)", "Wim", "participant", frozenset({"water"}), "GREEN", "s")
OBSERVER = Who("o (1)", "Ola", "observer", frozenset(), "GREEN", "s")
PUBLIC = Who("p", "", "public", frozenset({"water"}), "CLEAR", "s")
SECTOR = {"plant": "energy", "grid": "energy", "works": "water", "clinic": "health"}


def plain(*events, measures=(), **more):
    return {
        "world": "tiny",
        "horizon_h": 48,
        "events": list(events),
        "measures": list(measures),
    } | more


def fails(asset, at_h=0):
    return {"at_h": at_h, "do": "fail", "asset": asset}


def allowed(who, world, before, after):
    try:
        require_may_change(who, world, difference(before, after))
    except NotAllowedError as error:
        text = str(error)
        assert not any(name in text for name in ("grid", "clinic", "plant", "line", "energy"))
        return False
    return True


@given(data=st.data())
def test_a_participant_changes_exactly_what_is_of_their_sectors(data, tiny_world_for_all):
    entries = st.builds(fails, st.sampled_from(sorted(SECTOR)), st.integers(0, 3))
    before, after = (data.draw(st.lists(entries, max_size=6)) for _ in range(2))
    gone_or_come = [e for e in (*before, *after) if before.count(e) != after.count(e)]
    expected = all(SECTOR[e["asset"]] == "water" for e in gone_or_come)
    found = allowed(WATER, tiny_world_for_all, plain(*before), plain(*after))
    assert found == expected


@pytest.fixture(scope="module")
def tiny_world_for_all(tmp_path_factory):
    from data.worlds.reader import read_world
    from tests.conftest import TABLES, WORLD

    folder = tmp_path_factory.mktemp("tiny")
    import json

    (folder / "world.json").write_text(json.dumps(WORLD), encoding="utf-8")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_world(folder)


@pytest.mark.parametrize(
    "after",
    [
        plain(title="New"),
        plain(horizon_h=72),
        plain({"at_h": 0, "do": "fail", "link": "line"}),
        plain({"at_h": 0, "do": "fail", "link": "unknown"}),
        plain({"at_h": 0, "do": "fail", "asset": "unknown"}),
        plain(measures=[{"do": "add_supplier", "asset": "works", "supplier": "grid"}]),
        plain(measures=[{"do": "add_autonomy", "asset": "clinic", "hours": 3}]),
    ],
)
def test_what_belongs_to_all_or_to_others_is_refused(tiny_world, after):
    assert not allowed(WATER, tiny_world, plain(), after)
    assert allowed(LOCAL_USER, tiny_world, plain(), after)


def test_to_change_ones_event_into_anothers_is_refused_both_ways(tiny_world):
    mine, theirs = plain(fails("works")), plain(fails("grid"))
    assert not allowed(WATER, tiny_world, mine, theirs)
    assert not allowed(WATER, tiny_world, theirs, mine)
    assert allowed(WATER, tiny_world, mine, plain(fails("works", 5)))


@pytest.mark.parametrize("who", [OBSERVER, PUBLIC, NOBODY])
def test_who_looks_on_changes_nothing(tiny_world, who):
    assert not allowed(who, tiny_world, plain(), plain(fails("works")))
    for require in (require_may_edit, require_leads):
        with pytest.raises(NotAllowedError):
            require(who)


def test_a_participant_does_not_lead():
    require_may_edit(WATER)
    with pytest.raises(NotAllowedError, match="Only the facilitator"):
        require_leads(WATER)
