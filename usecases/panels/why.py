"""Panels of a selection: why the asset is lost, and changes that would have kept it."""

from __future__ import annotations

from typing import Any

from layouts.panels.why import (
    saved_by,
    saved_looking,
    saved_problem,
    why_asset,
    why_nothing,
    why_problem,
)
from models.errors import KnockOnError
from usecases import asking, page_input, reading
from usecases.compute.computer import SupersededError
from usecases.redaction import text_of
from usecases.seat import Seat


async def explain(seat: Seat, scenario: object, selection: object, clock: object) -> Any:
    """Return the why panel's content for the first selected asset.

    Parameters
    ----------
    seat
        The seat of the user.
    scenario, selection, clock
        The page's stores, as they were sent.

    Returns
    -------
    Any
        Components; a message about the cause if there is no explanation.
    """
    asset_id = _first(seat, selection)
    if asset_id is None:
        return why_nothing()
    try:
        saved = await reading.shown(seat, page_input.shown(scenario))
        why = await asking.why(seat, saved, asset_id, page_input.clock_ms(clock))
    except KnockOnError as error:
        return why_problem(seat.world, asset_id, text_of(error))
    return why_asset(seat.world, why, seat.labels)


def begin_savings(
    seat: Seat, scenario: object, selection: object, before: object
) -> tuple[Any, str]:
    """Return the placeholder for the savings until they are computed, and the request's mark.

    Savings are changes of one scenario for one asset: another one clears them.

    Parameters
    ----------
    seat
        The seat of the user.
    scenario, selection
        The page's stores, as they were sent.
    before
        The mark of the page's request before this one, as it was sent.

    Returns
    -------
    tuple
        Components, and the mark: the page and the number of its request.
    """
    viewer, number = page_input.viewer(before)
    # the answer to an earlier request is obsolete
    asking.forget_savings(seat, viewer)
    changed = isinstance(scenario, dict) and scenario.get("id") is not None
    looking = saved_looking() if changed and _first(seat, selection) is not None else []
    return looking, f"{viewer}:{number + 1}"


async def find_savings(seat: Seat, scenario: object, selection: object, mark: object) -> Any | None:
    """Return the changes that would have kept the first selected asset.

    Parameters
    ----------
    seat
        The seat of the user.
    scenario, selection
        The page's stores, as they were sent.
    mark
        Of the request, from :func:`begin_savings`, as it was sent.

    Returns
    -------
    Any or None
        Components; None if a newer request of the page replaced this one.
    """
    asset_id = _first(seat, selection)
    if asset_id is None:
        return []
    viewer, number = page_input.viewer(mark)
    try:
        saved = await reading.shown(seat, page_input.shown(scenario))
        return saved_by(await asking.savings(seat, saved, asset_id, viewer, number))
    except SupersededError:
        return None
    except KnockOnError as error:
        return saved_problem(text_of(error))


def _first(seat: Seat, selection: object) -> str | None:
    return next((a for a in page_input.selected(selection) if a in seat.world.assets), None)
