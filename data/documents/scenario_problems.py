"""What can be wrong with a scenario of the right form: unknown things, needs, ranges, triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.knowledge.synonyms import meanings
from data.worlds.tables import hint
from models.scenario import EVENT_KINDS, Details, Event, Scenario
from models.wording import N_, _, number
from models.world import World


def problems_of(scenario: Scenario, world: World) -> Iterator[str]:
    """Yield each problem of a scenario that has the right form, with its place."""
    for n, event in enumerate(scenario.events):
        place = f"events[{n}]"
        either_of = len(EVENT_KINDS[event.do].things) > 1
        if either_of and (event.asset is None) == (event.link is None):
            either = _("'{do}' needs either an asset or a link.").format(do=event.do)
            yield f"{place}: {either}"
        yield from _unknown(f"{place}.asset", "asset", event.asset, world.assets)
        yield from _unknown(f"{place}.link", "link", event.link, world.links)
        yield from _unknown(f"{place}.sector", "sector", event.sector, world.staffed)
        yield from _range_problems(place, event)
        yield from _trigger_problems(place, event, scenario.events[:n])
        if event.until_h is not None and event.until_h <= event.at_h:
            late = _("{until} is not after at_h ({at}).")
            said = late.format(until=f"{event.until_h:g}", at=f"{event.at_h:g}")
            yield f"{place}.until_h: {said}"
        if event.service is not None and event.asset in world.assets:
            yield from _unneeded(f"{place}.service", str(event.asset), event.service, world)
    for n, measure in enumerate(scenario.measures):
        place = f"measures[{n}]"
        yield from _unknown(f"{place}.asset", "asset", measure.asset, world.assets)
        yield from _unknown(f"{place}.supplier", "asset", measure.supplier, world.assets)
        if measure.do == "add_source":
            yield from _unlinked(f"{place}.service", measure.service, world)
        elif measure.asset in world.assets:
            yield from _unneeded(f"{place}.service", measure.asset, measure.service, world)


def _trigger_problems(place: str, event: Event, before: Sequence[Event]) -> Iterator[str]:
    """Yield what is wrong with what brings an event about."""
    names = {item.name: item for item in before if item.name is not None}
    if event.name is not None and event.name in names:
        said = _("another event has this name.")
        yield f"{place}.name: {said}"
    if event.triggered_by is None:
        return
    trigger = names.get(event.triggered_by)
    if trigger is None:
        text = _("no event before it has the name '{name}'.").format(name=event.triggered_by)
        other = hint(event.triggered_by, names, _("Give the event that triggers it a 'name'."))
        yield f"{place}.triggered_by: {text} {other}"
    elif trigger.at_h > event.at_h:
        said = _("it happens later than this.")
        yield f"{place}.triggered_by: {said}"


def _range_problems(place: str, event: Event) -> Iterator[str]:
    """Yield what is wrong with the ranges of an event: a number, or low, mode and high."""
    for field in EVENT_KINDS[event.do].fields:
        held = getattr(event, field.name)
        if field.unit != "range" or not isinstance(held, Details):
            continue
        numbers = held.plain if isinstance(held.plain, list) else [held.plain]
        sound = len(numbers) in (1, 3) and all(
            isinstance(n, int | float) and not isinstance(n, bool) and field.low <= n <= field.high
            for n in numbers
        )
        if not sound:
            text = _("neither a number nor [low, mode, high] from {low} to {high}.")
            said = text.format(low=bound_text(field.low), high=bound_text(field.high))
            yield f"{place}.{field.name}: {said}"
        elif numbers != sorted(numbers):
            said = _("not in the order low, mode, high.")
            yield f"{place}.{field.name}: {said}"


_MISSING = {
    "asset": N_("no asset '{id}' in this world."),
    "link": N_("no link '{id}' in this world."),
    "sector": N_("no asset of the sector '{id}' in this world."),
}


def _unknown(
    place: str, thing: str, wrong: str | None, known: Mapping[str, object]
) -> Iterator[str]:
    if wrong is not None and wrong not in known:
        other = hint(wrong, known, _("Is the scenario for another world?"))
        text = _(_MISSING[thing]).format(id=wrong)
        yield f"{place}: {text} {other}"


def _unneeded(place: str, asset: str, service: str, world: World) -> Iterator[str]:
    """Yield a problem if no group of the asset needs the service."""
    needed = sorted({group.service for group in world.groups_of.get(asset, ())})
    if service not in needed:
        other = _("It needs nothing in this world.")
        if needed:
            other = _("It needs {services}.").format(services=", ".join(needed))
        text = _("'{asset}' has no dependency on '{service}'.")
        problem = text.format(asset=asset, service=service)
        meant = meanings("service", service)
        yield f"{place}: {problem} {hint(service, needed, other, meant)}"


def _unlinked(place: str, service: str, world: World) -> Iterator[str]:
    if service not in world.link_services:
        other = _("Links carry nothing.")
        if world.link_services:
            carried = ", ".join(world.link_services)
            other = _("Links carry {services}.").format(services=carried)
        text = _("no link carries '{service}'.").format(service=service)
        meant = meanings("service", service)
        yield f"{place}: {text} {hint(service, world.link_services, other, meant)}"


def bound_text(limit: Any) -> str:
    """Return a limit of pydantic, formatted for users."""
    if not isinstance(limit, float):
        return str(limit)
    return number(limit, 0 if limit.is_integer() else 2)
