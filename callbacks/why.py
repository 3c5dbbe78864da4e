"""A selection: why the asset is what it is, and what would have kept it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from layouts import ids
from layouts.panels.why import (
    saved_by,
    saved_looking,
    saved_problem,
    why_asset,
    why_nothing,
    why_problem,
)
from models.errors import KnockOnError
from usecases import asking, given, reading
from usecases.compute.computer import SupersededError
from usecases.desk import Desk
from usecases.seat import Seat, take_seat

#: what the panel notes on the page: who asks, and how often they have
ASKED = "data-asked"


async def explained(seat: Seat, scenario: object, selection: object, clock: object) -> Any:
    """Return the why panel's content for the first selected asset."""
    asset_id = _first(seat, selection)
    if asset_id is None:
        return why_nothing()
    try:
        saved = await reading.shown(seat, given.shown(scenario))
        why = await asking.why(seat, saved, asset_id, given.clock_ms(clock))
    except KnockOnError as error:
        return why_problem(seat.world, asset_id, str(error))
    return why_asset(seat.world, why, seat.labels)


def asked(seat: Seat, scenario: object, selection: object, before: object) -> tuple[Any, str]:
    """Return what stands in for the savings until they are known, and the next question's mark.

    Savings are changes of one scenario for one asset: under another one, they must be gone.
    """
    viewer, number = given.viewer(before)
    # whatever was asked before this is of no use any more
    asking.forget_savings(seat, viewer)
    changed = isinstance(scenario, dict) and scenario.get("id") is not None
    looking = saved_looking() if changed and _first(seat, selection) is not None else []
    return looking, f"{viewer}:{number + 1}"


async def kept(seat: Seat, scenario: object, selection: object, mark: object) -> Any:
    """Return what would have kept the first selected asset."""
    asset_id = _first(seat, selection)
    if asset_id is None:
        return []
    viewer, number = given.viewer(mark)
    try:
        saved = await reading.shown(seat, given.shown(scenario))
        return saved_by(await asking.savings(seat, saved, asset_id, viewer, number))
    except SupersededError:
        return no_update
    except KnockOnError as error:
        return saved_problem(str(error))


def _first(seat: Seat, selection: object) -> str | None:
    return next((a for a in given.selected(selection) if a in seat.world.assets), None)


def register(app: Dash, desk: Desk) -> None:
    """Connect the selection with the why panel; the search for savings comes after the reason."""

    @app.callback(
        Output(ids.WHY_BODY, "children"),
        Input(ids.SELECTION, "data"),
        Input(ids.SHOWN, "data"),
        Input(ids.CLOCK, "data"),
        prevent_initial_call=True,
    )
    async def on_selection(selection: object, scenario: object, clock: object) -> Any:
        return await explained(take_seat(desk), scenario, selection, clock)

    # two steps, so that what is cleared is cleared before the answer can come
    @app.callback(
        Output(ids.WHY_SAVED, "children"),
        Output(ids.WHY_SAVED, ASKED),
        Input(ids.SELECTION, "data"),
        Input(ids.SHOWN, "data"),
        State(ids.WHY_SAVED, ASKED),
        prevent_initial_call=True,
    )
    async def on_other(selection: object, scenario: object, before: object) -> tuple[Any, str]:
        return asked(take_seat(desk), scenario, selection, before)

    @app.callback(
        Output(ids.WHY_SAVED, "children", allow_duplicate=True),
        Input(ids.WHY_SAVED, ASKED),
        State(ids.SELECTION, "data"),
        State(ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    async def on_savings(mark: object, selection: object, scenario: object) -> Any:
        return await kept(take_seat(desk), scenario, selection, mark)
