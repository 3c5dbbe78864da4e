"""A selection: why the asset is what it is, and what would have kept it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from callbacks import given
from callbacks.desk import Desk
from layouts import ids
from layouts.why_panel import why_asset, why_nothing, why_working
from models.errors import KnockOnError


async def explained(desk: Desk, scenario: object, selection: object) -> Any:
    """Return the why panel's content for the first selected asset."""
    known = [asset for asset in given.selected(selection) if asset in desk.world.assets]
    if not known:
        return why_nothing()
    try:
        saved = await desk.current(given.scenario_id(scenario))
        why = await desk.why(saved, known[0])
    except KnockOnError as error:
        return why_working(desk.world, known[0], desk.labels, str(error))
    return why_asset(desk.world, known[0], why.explanation, why.savings, desk.labels)


def register(app: Dash, desk: Desk) -> None:
    """Connect the selection with the why panel."""

    @app.callback(
        Output(ids.WHY_BODY, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SCENARIO, "data"),
    )
    async def on_selection(selection: object, scenario: object) -> Any:
        return await explained(desk, scenario, selection)
