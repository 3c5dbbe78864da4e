"""The library of worlds over HTTP: what each user sees of it and may do with it."""

from dataclasses import replace

import pytest

import app
from data.exchange.exports import write_world_folder
from data.store.worlds import WorldStore
from data.worlds.bases import Bases
from models.access import Who
from models.errors import BadInputError, KnockOnError
from tests.integration.people import SETTINGS, House
from usecases.worlds.library import Library

WHERE = "/api/library"


@pytest.fixture
def house(tiny_world, tiny_scenario, tmp_path):
    settings = replace(SETTINGS, data_dir=tmp_path)
    house = House(tiny_world, f"sqlite:///{tmp_path / 'shared.db'}", tiny_scenario, settings)
    yield house
    house.close()


@pytest.fixture
def add(house, tiny_world, tmp_path):
    write_world_folder(tiny_world, tmp_path / "source")
    library = Library(WorldStore(house.database), Bases(tmp_path / "library"))

    def added(person, title):
        session = person.me["session"]["id"]
        owner = Who("who imported it", "", "facilitator", None, "RED", session)
        return library.add(tmp_path / "source", title, owner).id

    return added


def titles(person):
    return [world["title"] for world in person.get(WHERE).json()["worlds"]]


def test_an_empty_library_still_names_the_world_that_is_served(house, tiny_world):
    answer = house.leader(session="Storm").get(WHERE).json()
    assert answer["worlds"] == []
    assert answer["served"]["title"] == tiny_world.title


@pytest.mark.parametrize(
    "body",
    [
        {"id": "nothing", "do": "delete"},
        {"id": "nothing", "do": "copy", "title": "x"},
        {"id": "x" * 65, "do": "delete"},
        {"id": "../..", "do": "delete"},
        {"id": "a", "do": "drop"},
        {"id": "a", "do": "rename", "title": "x" * 1_000},
        {"id": "a", "do": "delete", "more": 1},
        {},
    ],
)
def test_what_cannot_be_done_is_said(house, body):
    answer = house.leader(session="Storm").post(WHERE, **body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]


def test_what_happens_to_an_entry_is_seen_by_its_session_alone(house, add):
    mara, other = house.leader(session="Storm"), house.leader("Olga", session="Flood")
    jonas = house.guest(mara)
    world = add(mara, "Harbour")
    assert titles(mara) == titles(jonas) == ["Harbour"]
    assert titles(other) == []
    assert mara.post(WHERE, id=world, do="rename", title="Port").json()["title"] == "Port"
    assert jonas.post(WHERE, id=world, do="delete").status_code == 403
    assert other.post(WHERE, id=world, do="delete").status_code == 403
    assert mara.post(WHERE, id=world, do="copy", title="Draft").json()["origin"] == "copied"
    assert mara.post(WHERE, id=world, do="delete").json()["standing"] == "deleted"
    assert mara.post(WHERE, id=world, do="archive").status_code == 409
    assert mara.post(WHERE, id=world, do="restore").json()["standing"] == "open"
    did = [line["did"] for line in mara.get(f"{WHERE}/{world}/history").json()]
    assert did == ["added", "renamed", "deleted", "restored"]
    assert sorted(titles(jonas)) == ["Draft", "Port"]
    assert other.get(f"{WHERE}/{world}/history").status_code == 403


def test_a_world_of_the_library_is_served_by_its_id_unless_it_is_deleted(house, add):
    leader = house.leader(session="Storm")
    world_id = add(leader, "Ours")
    settings = replace(
        SETTINGS, data_dir=house.settings.data_dir, database_url=house.settings.database_url,
        world=f"library:{world_id}",
    )  # fmt: skip
    assert [path.name for path in app.folder_of(settings).glob("assets.csv")] == ["assets.csv"]
    leader.post(WHERE, id=world_id, do="delete")
    with pytest.raises(BadInputError, match="this world is deleted"):
        app.folder_of(settings)
    with pytest.raises(KnockOnError):
        app.folder_of(replace(settings, world="library:nothing"))
