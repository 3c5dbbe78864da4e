"""The lists that follow the scenario: what happens in it, and the options beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from layouts.panels.happenings import happenings_list
from layouts.panels.options import options_list
from usecases import given
from usecases.seat import Seat


@dataclass(frozen=True, slots=True)
class Happenings:
    """What happens in a scenario, as components, and what this user may take back or repeat."""

    listed: Any
    can_undo: bool
    can_redo: bool


async def happenings(seat: Seat, scenario: object) -> Happenings:
    """Return the list of what happens; ``scenario`` is the page's store, as it was sent."""
    saved = await seat.shown(given.shown(scenario))
    listed = happenings_list(seat.world, seat.scenario(saved), seat.labels, seat.who)
    may = seat.who.may_change
    return Happenings(listed, may and saved.can_undo, may and saved.can_redo)


async def options(seat: Seat, scenario: object) -> Any:
    """Return the list of options; ``scenario`` is the page's store, as it was sent."""
    scenario_id = given.scenario_id(scenario)
    if scenario_id is None:
        return options_list([], None)
    family = await seat.family(scenario_id)
    return options_list(seat.option_names(family), scenario_id)
