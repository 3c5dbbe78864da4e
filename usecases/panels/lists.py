"""The panels that depend on the scenario only, made from one revision: events and options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from layouts.panels.happenings import happenings_list
from layouts.panels.options import options_list
from usecases import page_input, reading
from usecases.ports import Saved
from usecases.seat import Seat


@dataclass(frozen=True, slots=True)
class Panels:
    """Panels of a revision, as components; none of them needs the engine."""

    happenings: Any
    can_undo: bool
    can_redo: bool
    options: Any


async def panels(seat: Seat, scenario: object) -> Panels:
    """Return the panels of the revision that a page shows; ``scenario`` is its store, as sent."""
    return await panels_of(seat, await reading.shown(seat, page_input.shown(scenario)))


async def panels_of(seat: Seat, saved: Saved) -> Panels:
    """Return the panels of a revision, as this user may see and use them."""
    family = await reading.family(seat, saved.id) if saved.id else ()
    may = seat.who.may_change
    return Panels(
        happenings=happenings_list(seat.world, seat.scenario(saved), seat.labels, seat.who),
        can_undo=may and saved.can_undo,
        can_redo=may and saved.can_redo,
        options=options_list(reading.option_names(seat, family), saved.id or None),
    )
