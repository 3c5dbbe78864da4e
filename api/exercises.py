"""HTTP for exercises: design, run, and what leaves the room: cards, debrief, the plan as file."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from pydantic import Field

from api.forms import plain, problem, read, takes, takes_anything, unreadable
from layouts.paper import exercise_sheets as sheets
from models.access import NotAllowedError
from models.errors import KnockOnError
from models.wording import _
from models.world import World
from usecases.exercise.papers import ExercisePapers
from usecases.exercise.plans import Exercises, Plans
from usecases.exercise.runs import Runs
from usecases.forms import Strict
from usecases.redaction import text_of

_PLANS, _RUNS = "/api/exercises", "/api/runs"


class _Begin(Strict):
    ready: Annotated[str, Field(max_length=200)] | None = None
    plan: dict[str, Any] | None = None


class _Change(Strict):
    base: Annotated[int, Field(ge=0, lt=2**31)]
    change: dict[str, Any]


def register(
    server: FastAPI,
    world: World,
    exercises: Exercises,
    plans: Plans,
    runs: Runs,
    papers: ExercisePapers,
) -> None:
    """Connect the addresses."""
    _register_listing(server, exercises, plans)
    _register_plans(server, world, plans, runs)
    _register_runs(server, runs)
    _register_sheets(server, world, runs, papers)


def _register_listing(server: FastAPI, exercises: Exercises, plans: Plans) -> None:
    @server.get(_PLANS)
    async def what_there_is() -> Response:
        return await _answer(exercises.listed())

    @server.post(_PLANS, openapi_extra=takes(_Begin))
    async def begin(request: Request) -> Response:
        payload = await read(request, _Begin)
        if isinstance(payload, Response):
            return payload
        return await _answer(plans.begin(payload.ready, payload.plan), 201)


def _register_plans(server: FastAPI, world: World, plans: Plans, runs: Runs) -> None:
    @server.get(_PLANS + "/{name}")
    async def look(name: str) -> Response:
        return await _answer(plans.look(name))

    @server.post(_PLANS + "/{name}", openapi_extra=takes(_Change))
    async def change(request: Request, name: str) -> Response:
        payload = await read(request, _Change)
        if isinstance(payload, Response):
            return payload
        return await _answer(plans.change(name, payload.base, payload.change))

    @server.post(_PLANS + "/{name}/runs", openapi_extra=takes_anything())
    async def run(request: Request, name: str) -> Response:
        payload = await _posted(request)
        return payload if isinstance(payload, Response) else await _answer(runs.open(name), 201)

    @server.get(_PLANS + "/{name}/exercise.json")
    async def as_file(name: str) -> Response:
        async def made() -> Response:
            text = json.dumps((await plans.standing(name)).to_dict(), ensure_ascii=False, indent=1)
            return _file(text, "application/json", "exercise.json")

        return await _made(made())

    @server.get(_PLANS + "/{name}/cards.html")
    async def cards(name: str, notes: bool = False) -> Response:
        async def made() -> Response:
            return _page(sheets.cards(world, await plans.standing(name), notes=notes))

        return await _made(made())


def _register_runs(server: FastAPI, runs: Runs) -> None:
    @server.get(_RUNS + "/{name}")
    async def look_at_run(
        name: str, line: int | None = None, rev: int | None = None, room: bool = False
    ) -> Response:
        seen = None if line is None or rev is None else (line, rev)
        return await _answer(runs.look(name, seen, as_room=room))

    @server.post(_RUNS + "/{name}", openapi_extra=takes_anything())
    async def act(request: Request, name: str, room: bool = False) -> Response:
        payload = await _posted(request)
        if isinstance(payload, Response):
            return payload
        return await _answer(runs.act(name, payload, as_room=room))


def _register_sheets(server: FastAPI, world: World, runs: Runs, papers: ExercisePapers) -> None:
    @server.get(_RUNS + "/{name}/debrief.{form}")
    async def debrief(name: str, form: str) -> Response:
        async def made() -> Response:
            if form == "pdf":
                return _file(await papers.debrief(name), "application/pdf", "debrief.pdf")
            debrief_data = await runs.debrief(name)
            if form == "html":
                return _page(sheets.debrief_page(world, debrief_data, papers.service_words))
            if form == "csv":
                # with a byte order mark, or spreadsheets guess the letters wrong
                text = "\ufeff" + sheets.debrief_csv(world, debrief_data)
                return _file(text, "text/csv; charset=utf-8", "debrief.csv")
            if form == "json":
                text = json.dumps(debrief_data.to_dict(), ensure_ascii=False, indent=1)
                return _file(text, "application/json", "debrief.json")
            return problem(_("There is a debrief as .html, .pdf, .csv and .json."), 404)

        return await _made(made())

    @server.get(_RUNS + "/{name}/cards.html")
    async def run_cards(name: str, notes: bool = False) -> Response:
        async def made() -> Response:
            return _page(sheets.cards(world, await runs.plan_of(name), notes=notes))

        return await _made(made())


async def _posted(request: Request) -> Any:
    """Return the body as it is, for who checks it later; or the answer that refuses it."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return unreadable()


async def _answer(work: Awaitable[Mapping[str, object]], status: int = 200) -> Response:
    async def made() -> Response:
        return plain(await work, status)

    return await _made(made())


async def _made(work: Awaitable[Response]) -> Response:
    try:
        return await work
    except NotAllowedError as error:
        return problem(text_of(error), 403)
    except KnockOnError as error:
        return problem(text_of(error), 409)


def _page(text: str) -> Response:
    return Response(text, media_type="text/html", headers={"Cache-Control": "no-store"})


def _file(text: str | bytes, media_type: str, name: str) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Response(text, media_type=media_type, headers=headers)
