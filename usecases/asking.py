"""Asking the computer from a seat: answers as that user may see them.

While an exercise is running, participants get answers up to the hour that it has reached
(``known.py``). No other module asks the computer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from layouts.feed.payloads.comparison import ComparisonTable
from layouts.feed.payloads.picture import Picture
from layouts.feed.picture import addressed
from models.errors import KnockOnError
from models.exercise.debrief import Toll
from models.exercise.situation import Situation
from models.explain.savings import Saving
from models.explain.why import Explanation
from models.papers.briefing import Briefing
from models.rights.public_map import CoarseMap, Limits
from usecases.compute.computer import SupersededError
from usecases.compute.jobs import Row
from usecases.desk import Desk
from usecases.known import Known, known, require_nothing_ahead, room_reached, up_to
from usecases.ports import Plain, Saved
from usecases.seat import Seat

T = TypeVar("T")


async def picture(seat: Seat, saved: Saved) -> Picture:
    """Return the picture of one revision."""
    plain = (await known(seat, saved)).plain
    drawn = await _redacted(seat, seat.desk.computer.picture(plain, seat.seen.clearance))
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
    arguments = ((await known(seat, saved)).plain, asset_id, at_ms, seat.seen.clearance)
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
    arguments = ((await known(seat, saved)).plain, asset_id, viewer, number, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.savings(*arguments))


def forget_savings(seat: Seat, viewer: str) -> None:
    """Note that a page no longer waits for savings."""
    seat.desk.computer.forget_savings(viewer)


async def extras(
    seat: Seat, scenario: Known, at_ms: int, names: list[str], *, quick: bool = False
) -> list[Row]:
    """Return what each of a few more knock-outs takes beyond the scenario, at once.

    Parameters
    ----------
    seat, scenario
        The seat of the user, and what they may know of the scenario.
    at_ms
        When they fail, in milliseconds since the start.
    names
        The ids of the assets.
    quick
        Whether somebody waits for it.

    Raises
    ------
    NotAllowedError
        If the hour is still held back by an exercise.
    """
    scenario.require_reached(at_ms)
    arguments = (scenario.plain, at_ms, names, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.extras(*arguments, quick=quick))


async def extra_pairs(
    seat: Seat, scenario: Known, at_ms: int, asset: str
) -> list[tuple[str, Row, Row]]:
    """Return what an asset takes together with each later one, and what neither takes alone.

    Parameters
    ----------
    seat, scenario, at_ms
        As for :func:`extras`.
    asset
        The id of the first asset.

    Raises
    ------
    NotAllowedError
        As for :func:`extras`.
    """
    scenario.require_reached(at_ms)
    arguments = (scenario.plain, at_ms, asset, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.extra_pairs(*arguments))


async def report(seat: Seat, saved: Saved, at_h: float) -> Situation:
    """Return the situation at an hour that a facilitator has released in an exercise.

    Parameters
    ----------
    seat, saved
        As for :func:`why`.
    at_h
        The hour of the report.
    """
    arguments = (saved.plain, at_h, seat.seen.clearance)
    return await _redacted(seat, seat.desk.computer.report(*arguments))


async def fallen(
    seat: Seat, saved: Saved, from_h: float, until_h: float
) -> list[tuple[str, float, float]]:
    """Return what fails in a window of the whole world, for the log of a run: nobody is sent it.

    Parameters
    ----------
    seat, saved
        As for :func:`why`.
    from_h, until_h
        Start and end of the window, in hours.
    """
    answer = seat.desk.computer.fallen(saved.plain, from_h, until_h)
    return list(await _redacted(seat, answer))


async def toll(seat: Seat, saved: Saved) -> Toll:
    """Return what a scenario costs up to its horizon; only for users who see the whole world."""
    seat.require_whole()
    return await seat.desk.computer.toll(saved.plain)


async def paper(seat: Seat, briefing: Briefing) -> bytes:
    """Return a paper about the whole world as tagged PDF."""
    seat.require_whole()
    return await seat.desk.computer.paper(briefing)


async def public_map(desk: Desk, saved: Saved, limits: Limits) -> CoarseMap:
    """Return the safe public map of a scenario, the same for all viewers.

    Everybody may look at it, the people in the room too: it ends at the hour that they know.

    Parameters
    ----------
    desk
        The desk.
    saved
        The revision that the map is of.
    limits
        The numbers that keep it safe.
    """
    scenario = up_to(await room_reached(desk, saved.id), saved.plain)
    return await desk.computer.public_map(scenario.plain, limits)


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


async def _redacted(seat: Seat, answer: Awaitable[T]) -> T:
    """Return an answer; the text of an error about the whole world is redacted."""
    try:
        return await answer
    except SupersededError:
        raise
    except KnockOnError as error:
        raise seat.redacted(error) from None
