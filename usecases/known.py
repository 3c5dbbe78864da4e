"""What a user may know of a scenario by now: an exercise that is running holds the rest back.

``models/exercise/reached.py`` cuts a scenario. All reading (``reading.py``), changing
(``editing/``) and computing (``asking.py``) of scenarios goes through here.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.access import NotAllowedError
from models.exercise.reached import Reached
from models.units import to_ms
from models.wording import N_, _
from usecases.desk import Desk
from usecases.ports import Plain, Saved, Unsaved
from usecases.seat import Seat

AHEAD = N_(
    "Not available while an exercise is running on this scenario: it would reveal what comes next."
)


@dataclass(frozen=True, slots=True)
class Known:
    """A scenario up to the hour that a user may know, to be computed."""

    plain: Plain
    #: whether an exercise holds hours of it back
    is_cut: bool = False

    def require_reached(self, at_ms: int) -> None:
        """Refuse an hour that is still held back."""
        if self.is_cut and at_ms > to_ms(float(self.plain["horizon_h"])):
            raise NotAllowedError(_(AHEAD))


async def reached(seat: Seat, scenario_id: str | None) -> Reached | None:
    """Return how far an exercise lets this user see; None for all of it."""
    return None if seat.who.leads else await room_reached(seat.desk, scenario_id)


async def room_reached(desk: Desk, scenario_id: str | None) -> Reached | None:
    """Return how far an exercise lets its room see; None for all of it."""
    if desk.curtain is None or not scenario_id:
        return None
    return await desk.curtain.reached(scenario_id)


async def held_back_h(seat: Seat, scenario_id: str | None) -> float | None:
    """Return the last hour that an exercise lets them see; None for all of them."""
    now = await reached(seat, scenario_id)
    return None if now is None else now.hour


async def require_nothing_ahead(seat: Seat, scenario_id: str | None) -> None:
    """Refuse an answer about all hours of a scenario that an exercise still holds back."""
    if await reached(seat, scenario_id) is not None:
        raise NotAllowedError(_(AHEAD))


async def known(seat: Seat, saved: Saved) -> Known:
    """Return a scenario, to be computed, as far ahead as this user may look."""
    return up_to(await reached(seat, saved.id), saved.plain)


def up_to(now: Reached | None, plain: Plain) -> Known:
    """Return a scenario, to be computed, as far as an exercise has come."""
    return Known(plain) if now is None else Known(now.up_to_now(plain), is_cut=True)


async def as_known(seat: Seat, saved: Saved) -> Saved:
    """Return a revision, to be looked at, without the events that are still to come."""
    now = await reached(seat, saved.id)
    if now is None:
        return saved
    rest = (saved.id, saved.revision, saved.can_undo, saved.can_redo, saved.name, saved.signature)
    return Unsaved(now.known(saved.plain), *rest)
