"""A selection: why the asset is what it is, and what would have kept it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output

from callbacks import given
from callbacks.desk import Desk
from layouts import ids
from layouts.why_panel import saved_by, why_asset, why_nothing, why_problem
from models.errors import KnockOnError


async def explained(desk: Desk, scenario: object, selection: object, clock: object) -> Any:
    """Return the why panel's content for the first selected asset."""
    asset_id = _first(desk, selection)
    if asset_id is None:
        return why_nothing()
    try:
        saved = await desk.current(given.scenario_id(scenario))
        why = await desk.why(saved, asset_id, given.clock_ms(clock))
    except KnockOnError as error:
        return why_problem(desk.world, asset_id, str(error))
    return why_asset(desk.world, why, desk.labels)


async def kept(desk: Desk, scenario: object, selection: object) -> Any:
    """Return what would have kept the first selected asset."""
    asset_id = _first(desk, selection)
    if asset_id is None:
        return []
    saved = await desk.current(given.scenario_id(scenario))
    return saved_by(await desk.savings(saved, asset_id))


def _first(desk: Desk, selection: object) -> str | None:
    return next((a for a in given.selected(selection) if a in desk.world.assets), None)


def register(app: Dash, desk: Desk) -> None:
    """Connect the selection with the why panel; the search for savings comes after the reason."""

    @app.callback(
        Output(ids.WHY_BODY, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SCENARIO, "data"),
        Input(ids.CLOCK, "data"),
        prevent_initial_call=True,
    )
    async def on_selection(selection: object, scenario: object, clock: object) -> Any:
        return await explained(desk, scenario, selection, clock)

    @app.callback(
        Output(ids.WHY_SAVED, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SCENARIO, "data"),
        prevent_initial_call=True,
    )
    async def on_savings(selection: object, scenario: object) -> Any:
        return await kept(desk, scenario, selection)
