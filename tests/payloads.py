"""The payloads' JSON schema, and real examples of them, for the checks of the page's scripts.

``python -m tests.payloads`` writes both into ``tests/browser_units``.
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from callbacks.answers import message
from data.documents.scenarios import parse_scenario
from data.store.scenarios import Store
from data.worlds.reader import read_world
from layouts.feed.features import features
from layouts.feed.payloads import (
    comparison,
    exercise,
    panels,
    picture,
    public_map,
    scenario,
    screening,
    sharing,
    stream,
)
from layouts.feed.payloads import features as features_payload
from layouts.graph.panel import MODES
from layouts.panels.happenings import event_rows
from layouts.words import Labels, ServiceWords
from models.access import LOCAL_USER, as_asked_by
from models.rights.public_map import Limits
from models.world import World
from tests.conftest import TABLES, WORLD
from tests.exercise_payloads import exercise_examples
from usecases import reading
from usecases.comparing import Comparing
from usecases.compute.computer import Computer
from usecases.desk import Desk
from usecases.editing.write import act, open_scenario
from usecases.live.hub import Hub
from usecases.live.watching import LeadForm, LeadState, PageForm, Watching
from usecases.panels.graph import graph_part
from usecases.ports import nothing_published
from usecases.public import PublicMaps
from usecases.screening import Screenings
from usecases.seat import take_seat
from usecases.sharing import about

FOLDER = Path(__file__).resolve().parent / "browser_units"
SCHEMA, EXAMPLES = FOLDER / "payloads.schema.json", FOLDER / "payloads.json"
LABELS = Labels(services={"electricity": ServiceWords("Electricity", "without electricity")})
#: every payload by the name that its examples go by
PAYLOADS: dict[str, Any] = {
    "features": features_payload.Features,
    "picture": picture.Picture,
    "picture_difference": picture.PictureDifference,
    "scenario": scenario.ShownScenario,
    "scenario_difference": scenario.ScenarioDifference,
    "plain_scenario": scenario.PlainScenario,
    "change": stream.ChangeEvent,
    "people": stream.PeopleEvent,
    "lead": stream.LeadEvent,
    "trouble": stream.TroubleEvent,
    "news": stream.News,
    "choices": comparison.Choices,
    "comparison": comparison.Comparison,
    "screening": screening.ScreeningState,
    "what_if": screening.WhatIf,
    "user": sharing.User,
    "public_map": public_map.PublicMap,
    "exercises": exercise.ExerciseList,
    "plan": exercise.PlanState,
    "run": exercise.RunAnswer,
    "message": panels.Message,
    "event": panels.EventRow,
    "graph": list[panels.Element],
}
PAGE = "pagepage"
LIMITS = Limits(least_told=11, round_to=20, cell_m=2_000, step_h=1)


def schema() -> dict[str, Any]:
    """Return the JSON schema of an object with examples of payloads; unknown fields are refused."""
    adapters = [(name, "serialization", TypeAdapter(kind)) for name, kind in PAYLOADS.items()]
    places, definitions = TypeAdapter.json_schemas(adapters)
    for definition in definitions["$defs"].values():
        if "properties" in definition:
            definition["additionalProperties"] = False
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": definitions["$defs"],
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"type": "array", "items": places[name, "serialization"]} for name in PAYLOADS
        },
    }


def examples(world: World, database: Path) -> dict[str, list[Any]]:
    """Return the payloads that the server sends while a user changes a scenario and leads."""
    store, computer = Store(f"sqlite:///{database}"), Computer(world, LABELS, workers=0)
    with as_asked_by(LOCAL_USER):
        hub = Hub(store)
        desk = Desk(world, LABELS, store, computer, parse_scenario, on_change=hub.made)
        sent = asyncio.run(_story(desk, hub))
        of_exercise, ids = asyncio.run(exercise_examples(desk, store))
    computer.close()
    store.close()
    sent["features"] = [features(world, LABELS, {"water": "/api/worlds/tiny/base/water.geojson"})]
    (name,) = {item["id"] for item in sent["scenario"] if item["id"]}
    text = json.dumps(sent | of_exercise, ensure_ascii=False).replace(name, "SCENARIO")
    for number, own in enumerate(ids):
        text = text.replace(own, f"ID{number}")
    text = re.sub(r'"(at|created)": "2\d{3}-[^"]*"', r'"\1": "NOW"', text)
    kept: dict[str, list[Any]] = json.loads(text)
    return dict(sorted(kept.items()))


async def _story(desk: Desk, hub: Hub) -> dict[str, list[Any]]:
    sent, watching, seat = defaultdict(list), Watching(desk, hub), take_seat(desk)

    async def change(scenario: Any, **action: Any) -> Any:
        action |= {"base_rev": scenario["rev"], "nonce": f"{PAGE}-1"}
        answer = await act(seat, scenario["id"], action)
        assert answer.scenario, answer.text
        sent["scenario"].append(answer.scenario)
        sent["picture"].append(answer.picture)
        return answer.scenario

    empty = await open_scenario(seat, None)
    sent["scenario"].append(empty.scenario)
    now = await change(empty.scenario, do="fail", assets=["grid"])
    page = {"scenario": now["id"], "page": PAGE}
    sent["news"].append(await watching.news(PageForm(**page)))
    viewer = await watching.open(PageForm(**page, name="Ana"))

    async def hear(kind: str, wanted: Any = lambda _: True) -> None:
        async with asyncio.timeout(60):
            while not any(wanted(item) for item in sent[kind]):
                for event in (await viewer.news()).decode().split("\n\n"):
                    if found := re.search(r"^event: (\w+)$.*^data: (.*)$", event, re.M | re.S):
                        sent[found[1]].append(json.loads(found[2]))

    await hear("change")
    add = {"do": "add_autonomy", "asset": "works", "service": "electricity", "hours": 4}
    for action in (
        {"do": "fail", "links": ["line"], "at_h": 3},
        {"do": "add_measure", "measure": add},
    ):
        now = await change(now, **action)
        await hear("change", lambda note, rev=now["rev"]: note["rev"] == rev)
    state = LeadState(
        t_ms=7, playing=False, speed=2, view="map", selection=["works"], at=(13, 53, 9)
    )
    await watching.lead(LeadForm(**page, state=state))
    await watching.lead(LeadForm(**page))
    await hear("lead", lambda person: not person["on"])
    sent["news"].append(await watching.news(PageForm(**page, rev=now["rev"])))
    hub.close()
    sent["user"].append(about(seat.who))
    await _ask_more(desk, (now["id"], now["rev"]), sent)
    return sent


async def _ask_more(desk: Desk, shown: tuple[str, int], sent: dict[str, list[Any]]) -> None:
    comparing, screenings = Comparing(desk), Screenings(desk)
    sent["choices"].append(await comparing.choices(shown))
    sent["comparison"].append(await comparing.compare(shown, [f"option:{shown[0]}", "nothing"]))
    sent["what_if"].append(await screenings.what_if(shown, 0, "plant"))
    seat = take_seat(desk)
    happening = seat.scenario(await reading.shown(seat, shown))
    sent["event"] += event_rows(seat.world, happening, seat.labels, seat.who)
    selected = {"assets": ["grid"]}
    for mode in MODES:
        stored = {"id": shown[0], "rev": shown[1]}
        sent["graph"].append((await graph_part(seat, stored, selected, mode, 2)).elements)
    sent["message"].append({**message("Nothing was changed."), "nonce": 1})
    maps = PublicMaps(desk, LIMITS, nothing_published)
    sent["public_map"].append(await maps.payload(shown[0]))
    for kind in ("single", "pairs"):
        state = await screenings.start(shown, 0, kind)
        async with asyncio.timeout(60):
            while state["state"] == "running":
                await asyncio.sleep(0.01)
                state = screenings.look(state["id"])
        sent["screening"].append({**state, "id": "NAME"})


def written(value: Any) -> str:
    """Return a file's text."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for file, text in {"world.json": json.dumps(WORLD), **TABLES}.items():
            (folder / file).write_text(text, encoding="utf-8")
        made = examples(read_world(folder), folder / "examples.db")
    EXAMPLES.write_text(written(made), encoding="utf-8")
    SCHEMA.write_text(written(schema()), encoding="utf-8")
