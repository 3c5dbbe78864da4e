"""What a change was, in the page's words: the reason that the log keeps beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from layouts.words import Labels, event_words, measure_words
from models.scenario import Event, Scenario
from models.units import hours_text, to_ms
from models.world import World

#: how many single things are named before it is only said how many more there are
NAMED = 2
_Thing = TypeVar("_Thing")


def what_changed(world: World, before: Scenario, after: Scenario, labels: Labels) -> str:
    """Say in one line what makes ``after`` of ``before``, such as 'Substation fails at 0 h'."""

    def told(event: Event) -> str:
        sentence = event_words(world, event, labels).sentence
        return f"{sentence} at {hours_text(to_ms(event.at_h))}"

    came, gone = _missing(after.events, before.events), _missing(before.events, after.events)
    built = _missing(after.measures, before.measures)
    dropped = _missing(before.measures, after.measures)
    parts = [
        *map(told, came),
        *(f"no longer: {told(event)}" for event in gone),
        *(measure_words(world, measure, labels) for measure in built),
        *(f"no longer: {measure_words(world, measure, labels)}" for measure in dropped),
        *_settings(before, after),
    ]
    more = f"; {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return "; ".join(parts[:NAMED]) + more


def _missing(some: Sequence[_Thing], others: Iterable[_Thing]) -> list[_Thing]:
    """Return those of some that are not among the others, in their order."""
    there = set(others)
    return [one for one in some if one not in there]


def _settings(before: Scenario, after: Scenario) -> Iterator[str]:
    if after.title != before.title:
        yield f"title '{after.title}'" if after.title else "no title"
    if after.horizon_h != before.horizon_h:
        yield f"looks {hours_text(to_ms(after.horizon_h))} ahead"
    if after.repairs != before.repairs:
        yield "typical repairs" if after.repairs == "typical" else "no repairs"
