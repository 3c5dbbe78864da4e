"""What the panels show is asked of the use cases, without Dash's callbacks and without HTTP."""

import asyncio
import json

import pytest

from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from layouts.words import Labels
from models.access import LOCAL_USER, as_asked_by
from models.errors import BadInputError
from usecases.compute.computer import Computer
from usecases.desk import Desk
from usecases.editing.write import act
from usecases.opening import open_address
from usecases.panels.graph import graph_part
from usecases.panels.lists import panels
from usecases.panels.why import begin_savings, explain, find_savings
from usecases.seat import take_seat


@pytest.fixture
def seat(tiny_world, tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    computer = Computer(tiny_world, Labels(), workers=0)
    with as_asked_by(LOCAL_USER):
        yield take_seat(Desk(tiny_world, Labels(), store, computer, parse_scenario))
    computer.close()
    store.close()


def ask(work):
    return asyncio.run(work)


def text(components):
    return json.dumps(components, default=lambda component: component.to_plotly_json())


@pytest.fixture
def scenario(seat):
    """The substation is knocked out: the works follow after 8 h."""
    answer = ask(act(seat, None, {"do": "fail", "assets": ["grid"], "base_rev": 0}))
    return answer.scenario


def test_an_address_opens_what_it_names_and_anything_else_opens_an_empty_scenario(seat, scenario):
    named = ask(open_address(seat, f"?s={scenario['id']}"))
    assert (named.scenario["id"], named.scenario["rev"]) == (scenario["id"], scenario["rev"])
    assert named.text == ""
    wrong = ask(open_address(seat, "?s=../../etc"))
    assert wrong.scenario["id"] is None
    assert "is not valid" in wrong.text


def test_the_lists_follow_the_revision_that_the_page_shows(seat, scenario):
    shown = ask(panels(seat, scenario))
    assert "Substation" in text(shown.happenings)
    assert (shown.can_undo, shown.can_redo) == (True, False)
    assert scenario["id"] in text(shown.options)
    empty = ask(panels(seat, None))
    assert "Substation" not in text(empty.happenings)
    assert (empty.can_undo, empty.can_redo) == (False, False)
    assert scenario["id"] not in text(empty.options)


def test_the_first_selected_asset_is_explained_at_the_clocks_hour(seat, scenario):
    clock = {"t_ms": 10 * 3_600_000}
    result = text(ask(explain(seat, scenario, {"assets": ["works", "grid"]}, clock)))
    assert "Water works" in result
    nothing = text(ask(explain(seat, scenario, {"assets": ["no such"]}, clock)))
    assert nothing == text(ask(explain(seat, scenario, "not a selection", clock)))
    assert "Water works" not in nothing


def test_savings_of_an_older_request_are_not_answered(seat, scenario, monkeypatch):
    chosen = {"assets": ["works"]}
    looking, first = begin_savings(seat, scenario, chosen, None)
    assert looking
    _, second = begin_savings(seat, scenario, chosen, first)
    viewer, number = second.rsplit(":", 1)
    assert first == f"{viewer}:{int(number) - 1}"
    assert ask(find_savings(seat, scenario, chosen, second))

    async def both():
        begun, held, ask_computer = asyncio.Event(), asyncio.Event(), seat.desk.computer._ask

        async def hold(*args, **more):
            begun.set()
            await held.wait()
            return await ask_computer(*args, **more)

        # the newer request is under way, and stays so, when the older one arrives
        monkeypatch.setattr(seat.desk.computer, "_ask", hold)
        newer = asyncio.create_task(find_savings(seat, scenario, {"assets": ["clinic"]}, second))
        await begun.wait()
        older = await find_savings(seat, scenario, {"assets": ["grid"]}, first)
        held.set()
        return older, await newer

    older, newer = ask(both())
    assert older is None
    assert newer


def test_each_mode_shows_its_part_of_the_graph(seat, scenario):
    def shown(mode, selection=None):
        part = ask(graph_part(seat, scenario, {"assets": selection or []}, mode, 1))
        return {
            element["data"]["id"] for element in part.elements if "source" not in element["data"]
        }

    assert shown("neighbourhood") == set()
    assert {"asset:works", "asset:grid"} <= shown("neighbourhood", ["works"])
    assert {"asset:grid", "asset:works"} <= shown("affected")
    assert shown("no such mode") == shown("neighbourhood")


def test_a_revision_that_cannot_be_one_is_refused(seat):
    with pytest.raises(BadInputError):
        ask(panels(seat, {"id": "abc", "rev": "1; drop"}))
