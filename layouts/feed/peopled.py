"""The people of a picture: who lacks each service at home, which groups, and where.

Its form is in ``docs/reference/page.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from layouts.feed.payloads.picture import CellStates, GroupOfPeople, People, Spill, UseNeed
from layouts.feed.payloads.picture import Lacking as LackingCourse
from layouts.words import Labels
from models.impact.cells import cell_courses
from models.impact.environment import m3_of
from models.impact.people import AtHome, Lacking
from models.outcome import Outcome
from models.world import World

Steps = Sequence[tuple[int, float]]

#: Bits of a whole number that the browser's operators keep apart.
_BITS = 31


def people_rows(world: World, lacking: Lacking, labels: Labels) -> list[People]:
    """Return who lacks each service at home, in the order of the table of services.

    With what it is called: sums are of the whole world, also of services that somebody's own
    view of it has not.
    """
    return [
        _people(service, lacking, world, labels)
        for service in _in_their_order(lacking.services, labels)
    ]


def _in_their_order(services: Iterable[str], labels: Labels) -> list[str]:
    place = {service: n for n, service in enumerate(labels.services)}
    return sorted(services, key=lambda service: (place.get(service, len(place)), service))


def _people(service: str, lacking: Lacking, world: World, labels: Labels) -> People:
    found = lacking.services[service]
    whole = whole_steps(found.course)
    return {
        "service": service,
        "label": labels.service(service),
        "people_label": labels.people_label(service),
        "in_panel": labels.in_panel(service),
        "t": whole["t"],
        "n": whole["n"],
        "peak": max(whole["n"]),
        "person_hours": round(found.person_hours),
        "needs": _needs(service, found, lacking, world, labels),
    }


def _needs(
    service: str, found: AtHome, lacking: Lacking, world: World, labels: Labels
) -> list[UseNeed]:
    """Return the use needs of a service that people are served with, also those that are met."""
    return [
        {
            "service": need.needs,
            "label": labels.service(need.needs),
            "share": need.share,
            "confidence": need.confidence,
            "source": need.source,
            **whole_steps(found.by_need.get(need.needs, ((0, 0.0),))),
        }
        for need in world.use_needs
        if need.service == service and need.needs in lacking.services
    ]


def whole_steps(course: Steps) -> LackingCourse:
    """Return a course of people as times and whole people, only where the number changes."""
    t: list[int] = []
    n: list[int] = []
    for moment, people in course:
        if not n or round(people) != n[-1]:
            t.append(moment)
            n.append(round(people))
    return {"t": t, "n": n}


def spill_row(world: World, spilled: Steps | None, horizon_ms: int) -> Spill | None:
    """Return the people whose sewage is spilled, and how much; None where nobody can say.

    Parameters
    ----------
    world
        With what a person sends to the sewer.
    spilled
        The people, over time.
    horizon_ms
        When the run ends.
    """
    rate = world.sewage_rate
    if spilled is None or rate is None:
        return None
    return {
        **whole_steps(spilled),
        "m3": round(m3_of(world, tuple(spilled), horizon_ms)),
        "m3_per_person_d": rate.m3_per_person_d,
        "confidence": rate.confidence,
        "source": rate.source,
    }


def group_rows(world: World, groups: Mapping[str, Lacking]) -> list[GroupOfPeople]:
    """Return who of each group lacks something; a group is named as its column is."""
    people: Counter[str] = Counter()
    for cell in world.cells.values():
        people.update(dict(cell.groups))
    return [
        {
            "name": name.replace("_", " "),
            "people": people[name],
            **whole_steps(found.course),
        }
        for name, found in sorted(groups.items())
        if people[name]
    ]


def cell_states(world: World, outcome: Outcome, services: Sequence[str]) -> CellStates:
    """Return what cells lack over time, as columns.

    Parameters
    ----------
    world, outcome
        Who lives where, and what became of those who serve them.
    services
        What the bits of ``s`` stand for; services beyond the first 31 have none.
    """
    bit = {service: 1 << n for n, service in enumerate(services[:_BITS])}
    place = {cell_id: n for n, cell_id in enumerate(world.cells)}
    rows = sorted(
        (
            now.t_ms,
            place[cell_id],
            sum(bit.get(service, 0) for service in now.services),
            round(world.cells[cell_id].people * now.part, 2),
        )
        for cell_id, course in cell_courses(world, outcome).items()
        for now in course
    )
    return {
        "t": [row[0] for row in rows],
        "c": [row[1] for row in rows],
        "s": [row[2] for row in rows],
        "n": [row[3] for row in rows],
    }
