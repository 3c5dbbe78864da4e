"""Examples of what an exercise sends: a plan, then a run as its facilitator and its room see it."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import Any

from data.documents.exercises import parse_exercise
from data.store.exercises import ExerciseStore
from data.store.scenarios import Store
from usecases.desk import Desk
from usecases.exercise.plans import Exercises, Plans
from usecases.exercise.runs import Runs

STORM: dict[str, Any] = {
    "world": "tiny",
    "title": "Storm",
    "about": "A storm over the town",
    "note": "Bring coffee",
    "scenario": {"horizon_h": 48},
    "roles": [{"id": "water", "name": "Water", "sectors": ["water"], "card": "You supply water"}],
    "injects": [
        {"id": "hit", "at_min": 0, "kind": "knock_out", "title": "Substation out", "at_h": 0,
         "assets": ["grid"], "links": ["line"], "note": "Wait for silence"},
        {"id": "where", "at_min": 2, "kind": "question", "title": "Where does the generator go?",
         "options": ["Works", "Clinic"], "to": ["water"]},
        {"id": "next", "at_min": 5, "kind": "question", "title": "What next?", "bands_h": [9, 24]},
        {"id": "how", "at_min": 9, "kind": "status_report", "title": "How is it?", "at_h": 12},
        {"id": "spare", "at_min": 12, "kind": "supply", "title": "A generator comes", "at_h": 12,
         "until_h": 30, "service": "electricity", "assets": ["works"],
         "when": {"test": "answered", "inject": "where", "option": "Works"}},
        {"id": "late", "at_min": 20, "kind": "message", "title": "No generator yet", "text": "Why?",
         "when": {"test": "not_done", "do": "supply", "asset": "works", "by_min": 15}},
    ],
}  # fmt: skip
COURSE: tuple[dict[str, Any], ...] = (
    {"do": "start"},
    {"do": "release", "inject": "hit"},
    {"do": "release", "inject": "where"},
    {"do": "answer", "inject": "where", "answer": "Works", "name": "Table 1"},
    {"do": "release", "inject": "next"},
    {"do": "predict", "id": "next", "marks": {"works": 0, "plant": 1}, "name": "Table 1"},
    {"do": "reveal", "id": "next"},
    {"do": "release", "inject": "how"},
    {"do": "decide", "text": "Bring water", "reason": "The works are down", "name": "Table 1"},
    {"do": "note", "text": "Table 1 leads"},
    {"do": "release", "inject": "spare"},
    {"do": "rewind", "inject": "spare"},
    {"do": "skip", "inject": "spare"},
)


async def exercise_examples(desk: Desk, store: Store) -> tuple[dict[str, list[Any]], list[str]]:
    """Return what is sent by payload, and the ids in it, which differ from time to time.

    Parameters
    ----------
    desk
        What all requests share.
    store
        Where scenarios are, whose database holds the exercises, too.
    """
    sent: dict[str, list[Any]] = defaultdict(list)
    minutes = count(1)
    shared = Exercises(
        desk,
        ExerciseStore(store.database),
        parse_exercise,
        {"storm": parse_exercise(STORM, desk.world)},
        now=lambda: 60_000 * next(minutes),
    )
    plans, runs = Plans(shared), Runs(shared)
    plan = await plans.begin("storm", None)
    later = {"do": "time", "inject": "late", "at_min": 25}
    sent["plan"] += [plan, await plans.change(plan["id"], plan["rev"], later)]
    opened = newest = await runs.open(plan["id"])
    for command in COURSE:
        newest = await runs.act(opened["id"], command)
    seen = (newest["line"], newest["rev"])
    of_room = await runs.look(opened["id"], as_room=True)
    sent["run"] += [opened, newest, of_room, await runs.look(opened["id"], seen)]
    sent["exercises"].append(await shared.listed())
    return sent, [plan["id"], opened["id"], newest["scenario"]]
