"""Whatever a panel says can be translated: nothing is left of it but names, numbers and units."""

import json
import re

import pytest
from dash.development.base_component import Component

from data.languages import PSEUDO
from layouts.doors.doorway import doorway
from layouts.doors.public_page import public_page
from layouts.feed.comparison import compared_plain
from layouts.feed.picture import picture
from layouts.graph.dependency_graph import affected, neighbourhood, nothing_chosen, sectors
from layouts.graph.needs import graph_of
from layouts.page import page
from layouts.panels.happenings import happenings_list
from layouts.panels.options import options_list
from layouts.panels.why import saved_by, saved_looking, saved_problem, why_asset, why_nothing
from layouts.paper.subject import Subject
from layouts.paper.timeline_chart import timeline
from layouts.words import Labels
from models.cascade.reference.engine import run
from models.explain.causes import Case
from models.explain.savings import Saving
from models.explain.why import why
from models.impact.comparison import options_of
from models.scenario import Event, Measure, Scenario
from models.wording import speaking
from tests.unit.layouts.panels.test_panels import data, text

LABELS = Labels()
#: what is no text of ours: what options are called, units, names
KNOWN = {"A", "B", "h", "d", "min", "km", "Knock", "on", "OpenStreetMap"}
SAID = ("title", "aria-label", "placeholder", "label")
SCENARIO = Scenario(
    "tiny",
    events=(
        Event(0, "fail", asset="grid"),
        Event(1, "degrade", asset="works", to=0.25, p=0.5),
        Event(2, "supply", "works", service="electricity", until_h=4),
        Event(3, "repair", link="line"),
    ),
    measures=(
        Measure("add_autonomy", "works", "electricity", hours=4, cost_eur=12_000),
        Measure("add_supplier", "works", "electricity", supplier="plant"),
        Measure("add_source", "plant", "electricity", supply=70),
    ),
    horizon_h=48,
)


def unmarked(world, said):
    """Return the words outside of brackets that are no names of the world."""
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", " ", said)) != said:
        said = inner
    names = " ".join(
        [
            *(f"{a.name} {a.asset_id} {a.sector} {a.asset_type}" for a in world.assets.values()),
            *(f"{link.name} {link.link_id}" for link in world.links.values()),
            *(f"{g.service} {g.origin} {g.source}" for g in world.groups.values()),
            *(area.service for area in world.service_areas),
            f"{world.title} {world.attribution} {world.world_id}",
        ]
    )
    known = KNOWN | {word.lower() for word in re.findall(r"[^\W\d_]+", names)}
    return {word for word in re.findall(r"[^\W\d_]+", said) if not {word, word.lower()} & known}


def spoken_of(component: Component | list[Component]) -> str:
    """Return what a component says, its attributes too."""
    attributes = [item for name in SAID for item in data(component, name) if isinstance(item, str)]
    return " ".join([text(component), *attributes])


def panels(world):
    """Yield what each panel says."""
    outcome = run(world, SCENARIO)
    drawn = picture(world, SCENARIO, outcome, LABELS)
    listed = happenings_list(world, SCENARIO, LABELS)
    yield spoken_of(listed)
    for row in json.loads(data(listed, "data-events")[0]):
        yield f"{row['who']} {row['verb']} {row['detail']}"
    yield spoken_of(happenings_list(world, Scenario("tiny"), LABELS))
    yield spoken_of(options_list([("a", ""), ("b", "B")], "b"))
    yield spoken_of([*why_nothing(), *saved_looking(), *saved_problem("")])
    yield spoken_of(saved_by([Saving("", event=Event(3, "repair", link="line"), until_ms=0)]))
    for asset in world.assets:
        yield spoken_of(why_asset(world, why(Case(world, SCENARIO, outcome), asset), LABELS))
    yield " ".join(
        item["text"] for name in ("losses", "marks", "deadlocks") for item in drawn[name]
    )
    yield re.sub(r"<[^>]*>", " ", timeline(drawn, 0, LABELS))
    yield from graphs(world, drawn)
    named = options_of(world, [("A", Scenario("tiny")), ("B", SCENARIO)])
    compared = compared_plain(world, named, LABELS)
    rows = [cell for row in compared["rows"] for cell in row]
    yield " ".join([*rows, *compared["changed"], *compared["outcome"]])
    subject = Subject(world, SCENARIO, outcome, LABELS, at_ms=0, run_id="")
    yield f"{subject.title} {subject.lead} {subject.map_words}"
    yield re.sub(r"<[^>]*>", " ", subject.map({}))


def graphs(world, drawn):
    graph = graph_of(world)
    for part in (
        nothing_chosen(),
        neighbourhood(world, graph, LABELS, ["works"], 2),
        affected(world, graph, LABELS, drawn),
        sectors(world, graph, LABELS),
    ):
        yield " ".join(
            [part.note, *(str(element["data"].get("label", "")) for element in part.elements)]
        )


def test_every_text_of_the_panels_is_marked(tiny_world):
    with speaking(PSEUDO):
        said = list(panels(tiny_world))
    assert "⟦" in "".join(said)
    assert not [(words, item) for item in said if (words := unmarked(tiny_world, item))]


def test_every_text_of_the_page_is_marked(tiny_world):
    with speaking(PSEUDO):
        shown = page(tiny_world, LABELS, [], "")
        said = spoken_of(shown)
        grids = [json.loads(part)["props"] for part in data(shown, "data-later")]
        assert len(grids) == 2
        columns = [column for grid in grids for column in grid["columnDefs"]]
        said += " ".join(column["headerName"] for column in columns)
        options = [grid["dashGridOptions"] for grid in grids]
        said += " ".join(word for option in options for word in option["localeText"].values())
    assert not unmarked(tiny_world, said)


@pytest.mark.parametrize("organisation", [True, False])
def test_every_text_of_the_pages_of_their_own_is_marked(tiny_world, organisation):
    with speaking(PSEUDO):
        made = doorway("", "", organisation=organisation) + public_page(tiny_world, "", [], "", "")
    assert made.count("⟦") > 10
    attributes = re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', made)
    assert not unmarked(tiny_world, " ".join([re.sub(r"<[^>]*>", " ", made), *attributes]))
