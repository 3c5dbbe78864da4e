"""Asking the computer from a seat: answers as that user may see them.

While an exercise is running, participants get answers up to the hour that it has reached.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from layouts.feed.payloads.comparison import ComparisonTable
from layouts.feed.payloads.picture import Picture
from layouts.feed.picture import addressed
from models.access import NotAllowedError
from models.errors import KnockOnError
from models.explain.savings import Saving
from models.explain.why import Explanation
from models.wording import N_, _
from usecases.compute.computer import SupersededError
from usecases.compute.jobs import Row
from usecases.ports import Plain, Saved
from usecases.seat import Seat

AHEAD = N_(
    "Not available while an exercise is running on this scenario: it would reveal what comes next."
)
T = TypeVar("T")


async def picture(seat: Seat, saved: Saved) -> Picture:
    """Return the picture of one revision."""
    answerable = await _known(seat, saved)
    drawn = await _redacted(seat, seat.desk.computer.picture(answerable, seat.seen.clearance))
    return addressed(drawn, saved.id or None, saved.revision)


async def why(seat: Seat, saved: Saved, asset_id: str, at_ms: int) -> Explanation:
    """Return why an asset is what it is at an hour.

    Parameters
    ----------
    seat
        The seat of the user.
    saved
        The revision that their page shows.
    asset_id, at_ms
        The asset, and the time since the start in milliseconds.
    """
    arguments = (await _known(seat, saved), asset_id, at_ms, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.why(*arguments))


async def savings(
    seat: Seat, saved: Saved, asset_id: str, viewer: str, number: int
) -> tuple[Saving, ...]:
    """Return the changes that would have kept an asset.

    Parameters
    ----------
    seat, saved, asset_id
        As for :func:`why`.
    viewer, number
        The page, and the number of its request: only the newest is computed.

    Raises
    ------
    SupersededError
        If a newer request of the same page replaced this one.
    """
    arguments = (await _known(seat, saved), asset_id, viewer, number, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.savings(*arguments))


def forget_savings(seat: Seat, viewer: str) -> None:
    """Note that a page no longer waits for savings."""
    seat.desk.computer.forget_savings(viewer)


async def extras(seat: Seat, saved: Saved, at_ms: int, names: list[str]) -> list[Row]:
    """Return what each of a few more knock-outs takes beyond the scenario, at once.

    Parameters
    ----------
    seat, saved
        As for :func:`why`.
    at_ms
        When they fail, in milliseconds since the start.
    names
        The ids of the assets.
    """
    arguments = (saved.plain, at_ms, names, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.extras(*arguments, quick=True))


async def compared(seat: Seat, futures: Sequence[tuple[str, Plain, str]]) -> ComparisonTable:
    """Return named scenarios side by side, the first against the second.

    Raises
    ------
    NotAllowedError
        If something of the world is hidden from this person: tables and words are of all.
    """
    seat.require_whole()
    return await seat.desk.computer.compared(futures)


async def file(seat: Seat, saved: Saved, request: Plain) -> bytes:
    """Return one kind of file about one revision.

    Parameters
    ----------
    seat, saved
        As for :func:`why`.
    request
        Which kind of file, and what it contains.

    Raises
    ------
    NotAllowedError
        As for :func:`compared`: only users who see the whole world may export it.
    """
    seat.require_whole()
    await require_nothing_ahead(seat, saved.id)
    return await seat.desk.computer.file(saved.plain, request)


async def held_back_h(seat: Seat, scenario_id: str | None) -> float | None:
    """Return the last hour that an exercise lets them see; None for all of them."""
    if seat.desk.curtain is None or seat.who.leads or not scenario_id:
        return None
    return await seat.desk.curtain.known_h(scenario_id)


async def require_nothing_ahead(seat: Seat, scenario_id: str | None) -> None:
    """Refuse an answer about all hours of a scenario that an exercise still holds back."""
    if await held_back_h(seat, scenario_id) is not None:
        raise NotAllowedError(_(AHEAD))


async def _known(seat: Seat, saved: Saved) -> Plain:
    """Return a scenario as far ahead as they may look: an exercise may hold them back."""
    until_h = await held_back_h(seat, saved.id)
    if until_h is None or until_h >= float(saved.plain["horizon_h"]):
        return saved.plain
    return saved.plain | {"horizon_h": until_h}


async def _redacted(seat: Seat, answer: Awaitable[T]) -> T:
    """Return an answer; the text of an error about the whole world is redacted."""
    try:
        return await answer
    except SupersededError:
        raise
    except KnockOnError as error:
        raise seat.redacted(error) from None
