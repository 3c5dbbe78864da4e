"""A new revision: the list of what happens, and the charts of people."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from callbacks import given
from callbacks.desk import Desk
from layouts import ids
from layouts.happenings import happenings_list
from layouts.people_charts import people_rows
from models.scenario import Scenario


def register(app: Dash, desk: Desk) -> None:
    """Connect the panels that follow the scenario."""

    @app.callback(
        Output(ids.HAPPENINGS_LIST, "children"),
        Output(ids.UNDO, "disabled"),
        Output(ids.REDO, "disabled"),
        Input(ids.SCENARIO, "data"),
        prevent_initial_call=True,
    )
    async def on_events(stored: object) -> tuple[Any, bool, bool]:
        seat = desk.seat()
        saved = await seat.shown(given.shown(stored))
        scenario = Scenario.from_dict(saved.plain)
        listed = happenings_list(seat.world, scenario, seat.labels)
        return listed, not saved.can_undo, not saved.can_redo

    @app.callback(
        Output(ids.PEOPLE_ROWS, "children"),
        Input(ids.SCENARIO, "data"),
        prevent_initial_call=True,
    )
    async def on_people(stored: object) -> Any:
        seat = desk.seat()
        saved = await seat.shown(given.shown(stored))
        return people_rows(await seat.picture(saved), seat.labels)
